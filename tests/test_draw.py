"""Drawing: one page, nothing from outside, nothing executed from data."""

from __future__ import annotations

import json
import re
from itertools import permutations
from types import SimpleNamespace
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.draw import draw_network, link_rows
from kg.draw.network import keep_linked, merge_links, place_nodes
from kg.draw.page import MOST_NODES
from kg.errors import QueryError

BASE = "https://w3id.org/policykg/id/"


def network(label: str = "上海") -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_node("310000", kind="place", label=label)
    graph.add_node(
        "LandPriceWaiver", kind="instrument", label="增容不增收土地价款", category="区位"
    )
    evidence = SimpleNamespace(quote="不再\n增收土地价款", number="某府规〔2021〕9号", document="x")
    graph.add_edge("310000", "LandPriceWaiver", status="provided", evidence=evidence)
    return graph


def test_draw_network_holds_nodes_edges_and_quotes() -> None:
    page = draw_network(network(), title="城市与工具")
    assert "<title>城市与工具</title>" in page
    assert "增容不增收土地价款" in page
    assert "不再增收土地价款" in page
    assert "2 nodes, 1 edges" in page


def test_draw_network_loads_nothing_from_outside() -> None:
    page = draw_network(network())
    assert not re.search(r"<(?:script|link|img|iframe)[^>]*\s(?:src|href)\s*=", page)
    assert "@import" not in page


@pytest.mark.parametrize("label", ["</script><script>alert(1)</script>", '"><img src=x onerror=y>'])
def test_draw_network_shows_markup_as_text(label: str) -> None:
    page = draw_network(network(label), title=label)
    assert label not in page


def test_draw_network_takes_rows() -> None:
    page = draw_network([{"city": "北京", "instrument": "创新券"}, {"city": "上海", "x": None}])
    assert "3 nodes, 1 edges" in page


def test_draw_network_is_deterministic_and_leaves_its_input_alone() -> None:
    graph = network()
    before = nx.to_dict_of_dicts(graph)
    assert draw_network(graph) == draw_network(graph)
    assert nx.to_dict_of_dicts(graph) == before


def test_draw_network_says_what_it_leaves_out() -> None:
    page = draw_network(nx.star_graph(MOST_NODES + 10))
    assert "11 nodes with fewer edges are left out" in page


def read_content(page: str) -> dict[str, Any]:
    """Read the nodes, links and legend that a page embeds."""
    found = re.search(r'<script type="application/json" id="content">(.*?)</script>', page, re.S)
    assert found
    content: dict[str, Any] = json.loads(found[1])
    return content


def test_draw_network_names_no_address_outside() -> None:
    page = draw_network(network())
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", page))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert "sourceMappingURL" not in page
    assert "default-src 'none'" in page


@settings(deadline=None, max_examples=15)
@given(text=st.text(alphabet="<>/\"'&$script!-上海\u2028\\", max_size=30))
def test_draw_network_shows_any_text_as_text(text: str) -> None:
    graph = network()
    graph.add_node("x", label=text, title=text, category=text)
    graph.add_edge("x", "310000", status=text, title=text)
    content = read_content(draw_network(graph, title=text))
    shown = {node["id"]: node for node in content["nodes"]}
    assert shown["x"]["category"] == text
    assert len(content["edges"]) == 2


def test_draw_network_puts_words_and_document_in_the_tooltip() -> None:
    content = read_content(draw_network(network()))
    (edge,) = content["edges"]
    assert edge["title"] == "provided\n\n不再增收土地价款\n—— 某府规〔2021〕9号"
    assert edge["quotes"] == [{"quote": "不再增收土地价款", "source": "某府规〔2021〕9号"}]


def test_draw_network_names_categories_and_statuses() -> None:
    graph = network()
    graph.add_node("TalentReward", kind="instrument", label="人才奖励", category="人才")
    graph.add_edge("310000", "TalentReward", status="denied")
    graph.graph.update(categories=("人才", "区位"), statuses={"denied": "被指缺乏"})
    content = read_content(draw_network(graph))
    assert [entry["name"] for entry in content["categories"]] == ["人才", "区位"]
    assert [entry["name"] for entry in content["statuses"]] == ["provided", "被指缺乏"]
    colors = {node["id"]: node["color"] for node in content["nodes"]}
    assert colors["TalentReward"] == content["categories"][0]["color"]


def test_draw_network_has_positions_and_no_physics() -> None:
    page = draw_network(network())
    assert all(isinstance(node[axis], int) for node in read_content(page)["nodes"] for axis in "xy")
    assert "physics: false" in page


def test_place_nodes_does_not_depend_on_the_order_of_nodes() -> None:
    links = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"), ("d", "e")]
    wanted = place_nodes(nx.Graph(links))
    for order in list(permutations(links))[::24]:
        assert place_nodes(nx.Graph(order)) == wanted


def test_merge_links_joins_parallel_links_of_one_status() -> None:
    graph = nx.MultiDiGraph()
    graph.add_edge("b", "a", status="provided", title="two")
    graph.add_edge("a", "b", status="provided", title="one")
    graph.add_edge("a", "b", status="denied")
    found = {key: link for *_, key, link in merge_links(graph).edges(keys=True, data=True)}
    assert {key: (link["count"], link["title"]) for key, link in found.items()} == {
        "provided": (2, "one\ntwo"),
        "denied": (1, ""),
    }


def test_keep_linked_keeps_the_nodes_with_most_links() -> None:
    kept = keep_linked(merge_links(nx.star_graph(5)), 3)
    assert sorted(kept) == [0, 1, 2]


def test_link_rows_takes_iris_as_nodes_and_shows_the_rest() -> None:
    row = {
        "city": BASE + "place/310000",
        "cityLabel": "上海",
        "instrument": BASE + "instrument/LandPriceWaiver",
        "state": "provided",
        "count": 2,
    }
    found = link_rows([row, row])
    assert found.nodes[row["city"]]["label"] == "上海"
    assert found.nodes[row["instrument"]]["label"] == "LandPriceWaiver"
    (link, _) = found.edges(data=True)
    assert (link[2]["status"], "count: 2" in link[2]["title"]) == ("provided", True)


def test_link_rows_takes_triples() -> None:
    found = link_rows([{"s": BASE + "a", "p": BASE + "knows", "o": BASE + "b"}])
    assert list(found.edges()) == [(BASE + "a", BASE + "b")]


def test_link_rows_refuses_an_empty_result() -> None:
    with pytest.raises(QueryError, match="no rows"):
        draw_network([])
