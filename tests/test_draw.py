"""Drawing: one page, nothing from outside, nothing executed from data."""

from __future__ import annotations

import re
from types import SimpleNamespace

import networkx as nx
import pytest

from kg.draw import draw_network
from kg.draw.page import MOST_NODES


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
