"""Mixes and networks: what is counted, how it weighs, what leaves as a file."""

from __future__ import annotations

import io
import math
from pathlib import Path

import networkx as nx
import pytest
from comparing import BEIJING, HANGZHOU, JINSHAN, SHANGHAI, VOCABULARY, document, project, say
from hypothesis import given
from hypothesis import strategies as st

from kg.compare import (
    Mix,
    describe_nodes,
    find_mix,
    find_mix_claims,
    measure_spread,
    project_bipartite,
    project_claims,
    project_similarity,
    write_network,
)
from kg.errors import QueryError
from kg.graph import open_version

OPINION = document("意见", SHANGHAI, issued="2021-07-23")
PLAN = document("计划", JINSHAN, "work", issued="2022-07-08")
REPORT = document("总结", SHANGHAI, "report")
PAPER = document("论文", SHANGHAI, "study")
LAW = document("条例", BEIJING, "law", issued="2010-12-23")
ENTRIES = (OPINION, PLAN, REPORT, PAPER, LAW)
CLAIMS = (
    say(OPINION, "RentRelief", start=1, clause="c/1"),
    say(OPINION, "TalentRecruitment", start=1, clause="c/1", main=False),
    say(OPINION, "RentRelief", start=20, clause="c/1"),
    say(PLAN, "RecognitionReward", start=40, clause="c/2"),
    say(PLAN, "RecognitionReward", start=60, repeats="d/计划/measure/40"),
    say(REPORT, "TalentTraining", start=80),
    say(PAPER, "TalentReward", city=SHANGHAI, start=90),
    say(PAPER, "TalentTraining", city=HANGZHOU, start=95),
    say(LAW, "TalentRecruitment", start=100),
)


def mix(**options: object) -> Mix:
    claims = project(CLAIMS, *ENTRIES)
    return find_mix(claims, VOCABULARY, **{"places": ["上海", "北京"], **options})  # type: ignore[arg-type]


def shares(found: Mix) -> dict[str, float]:
    return {share.label: share.share for share in found.places[0].groups if share.n}


@pytest.mark.parametrize(
    ("options", "n", "wanted"),
    [
        ({}, 3, {"财政": 1 / 3, "人才": 1 / 6, "区位": 1 / 2}),
        ({"weights": "main"}, 3, {"财政": 1 / 3, "区位": 2 / 3}),
        ({"weights": "full"}, 3, {"财政": 1 / 4, "人才": 1 / 4, "区位": 1 / 2}),
        ({"unit": "clause"}, 2, {"财政": 1 / 2, "人才": 1 / 4, "区位": 1 / 4}),
        ({"unit": "document"}, 2, {"财政": 1 / 2, "人才": 1 / 4, "区位": 1 / 4}),
        ({"reports": True}, 4, {"财政": 1 / 4, "人才": 3 / 8, "区位": 3 / 8}),
    ],
    ids=["sentence", "main", "full", "clause", "document", "reports"],
)
def test_find_mix_counts_units_with_stated_weights(
    options: dict[str, object], n: int, wanted: dict[str, float]
) -> None:
    rent = VOCABULARY.notation("RentRelief")
    wanted = {rent if label == "区位" else label: share for label, share in wanted.items()}
    found = mix(**options)
    assert found.places[0].n == n
    assert shares(found) == pytest.approx(wanted, abs=1e-4)


def test_find_mix_counts_once_what_a_table_repeats() -> None:
    assert mix().places[0].repeated == 1
    [reward] = [s for s in mix().places[0].instruments if s.id == "RecognitionReward"]
    assert reward.units == ("d/计划/measure/40",)


def test_find_mix_tells_years_and_balance() -> None:
    shanghai, beijing = mix().places
    assert [(year.year, year.n, year.documents) for year in shanghai.years] == [
        ("2021", 2, 1),
        ("2022", 1, 1),
    ]
    talent = next(b for b in beijing.balance if b.label == "人才")
    assert (talent.share, talent.peers) == (1.0, pytest.approx(1 / 6, abs=1e-4))
    assert beijing.distance == pytest.approx(5 / 6, abs=1e-3)
    assert beijing.spread.concentration == 1.0


def test_find_mix_leaves_out_places_that_are_only_told_of() -> None:
    found = find_mix(project(CLAIMS, *ENTRIES), VOCABULARY)
    assert {place.place for place in found.places} == {"上海", "北京"}


@pytest.mark.parametrize(
    "options",
    [{"unit": "word"}, {"weights": "half"}, {"unit": "clause", "weights": "main"}, {"lens": "x"}],
    ids=["unit", "weights", "main-clause", "lens"],
)
def test_find_mix_refuses(options: dict[str, str]) -> None:
    with pytest.raises(QueryError):
        mix(**options)


@pytest.mark.parametrize("lens", ["six", "rothwell", "stip"])
@pytest.mark.parametrize("weights", ["equal", "main", "full"])
def test_shares_of_a_mix_sum_to_one(lens: str, weights: str) -> None:
    for place in mix(lens=lens, weights=weights).places:
        for part in (place.groups, place.instruments):
            assert sum(share.share for share in part) == pytest.approx(1, abs=1e-3)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_measure_spread_lies_between_one_group_and_all_alike(counts: list[int]) -> None:
    spread = measure_spread([n / sum(counts) for n in counts], 6)
    assert 0 <= spread.entropy <= math.log2(6) + 1e-3
    assert 0 <= spread.evenness <= 1
    assert 1 / 6 - 1e-3 <= spread.concentration <= 1


@pytest.mark.originals
def test_the_share_that_the_paper_states_stands_beside_ours(original_graph: Path) -> None:
    store = open_version(original_graph).store()
    claims = project_claims(store, VOCABULARY)
    stated = find_mix_claims(store, claims, VOCABULARY)
    found = find_mix(claims, VOCABULARY, places=["上海"], stated=stated)
    [claim] = found.claims
    assert (claim.place, claim.labels, claim.op, claim.value) == (
        "上海",
        ("财政", "科技"),
        ">=",
        60,
    )
    assert not claim.comparable
    assert len(claim.reasons) == 2
    assert "60%" in "".join(claim.evidence.quote.split())


def test_project_bipartite_links_places_to_what_they_name() -> None:
    network = project_bipartite(project(CLAIMS, *ENTRIES), VOCABULARY)
    assert nx.is_bipartite(network)
    assert network[SHANGHAI]["RentRelief"]["weight"] == 2
    assert network[SHANGHAI]["RecognitionReward"] == {
        "state": "district",
        "weight": 1,
        "documents": 1,
    }


@pytest.mark.parametrize(("own", "linked"), [(False, True), (True, False)])
def test_project_similarity_may_rest_on_own_documents_alone(own: bool, linked: bool) -> None:
    network = project_similarity(project(CLAIMS, *ENTRIES), VOCABULARY, own=own)
    assert network.has_edge(HANGZHOU, SHANGHAI) is linked
    assert network[BEIJING][SHANGHAI]["shared"] == 1


@pytest.mark.parametrize(("format", "read"), [("graphml", nx.read_graphml), ("gexf", nx.read_gexf)])
def test_write_network_gives_the_same_bytes_whatever_the_order(format: str, read: object) -> None:
    outputs = []
    for claims in (CLAIMS, CLAIMS[::-1]):
        network = project_bipartite(project(claims, *ENTRIES), VOCABULARY)
        output = io.BytesIO()
        write_network(describe_nodes(network), format, output)
        outputs.append(output.getvalue())
    assert outputs[0] == outputs[1]
    assert b"lastmodifieddate" not in outputs[0]
    found = read(io.BytesIO(outputs[0]))  # type: ignore[operator]
    assert found.number_of_nodes() == network.number_of_nodes()
    assert found.number_of_edges() == network.number_of_edges()


def test_write_network_survives_characters_that_xml_lacks() -> None:
    network = nx.Graph()
    network.add_node("a", label="坏\x00字\x0b", degree=1)
    output = io.BytesIO()
    write_network(network, "graphml", output)
    assert nx.read_graphml(io.BytesIO(output.getvalue())).nodes["a"]["label"] == "坏 字 "


def test_write_network_refuses_an_unknown_format() -> None:
    with pytest.raises(QueryError, match="gexf"):
        write_network(nx.Graph(), "dot", io.BytesIO())


def test_describe_nodes_parts_what_is_not_linked() -> None:
    found = describe_nodes(nx.Graph([("a", "b"), ("c", "d")]))
    communities = [found.nodes[node]["community"] for node in "abcd"]
    assert communities == [0, 0, 1, 1]
