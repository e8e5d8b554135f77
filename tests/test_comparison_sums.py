"""What comparisons read from sums is what going through every claim gives."""

from __future__ import annotations

import random
from pathlib import Path

import networkx as nx
import pytest
from comparing import (
    BEIJING,
    HANGZHOU,
    JINSHAN,
    PUDONG,
    SHANGHAI,
    SHENZHEN,
    VOCABULARY,
    document,
    project,
    say,
)

from kg.compare import (
    Claim,
    claim_state,
    find_gaps,
    find_matrix,
    find_overlaps,
    list_sources,
    name_place,
    project_claims,
    read_cells,
    read_place_claims,
)
from kg.compare.cells import denial_basis
from kg.compare.matrix import list_places
from kg.compare.told import STRENGTHS
from kg.graph import open_version
from kg.states import BASES, decide_state

INSTRUMENTS = (
    "TechTransfer",
    "LandFeeWaiver",
    "LandPriceWaiver",
    "InfrastructureFeeWaiver",
    "Location",
)


def draw_claims(seed: int) -> nx.DiGraph:
    """Draw claims of all standings, with repeats, and passages that begin at one place."""
    source = random.Random(seed)
    seats = (SHANGHAI, PUDONG, JINSHAN, BEIJING, SHENZHEN)
    entries = [document(f"own-{place}", place) for place in seats]
    entries += [document("law", "CN", "law"), document("study", SHANGHAI, "study")]
    claims = []
    for start in range(150):
        entry = source.choice(entries)
        about = source.choice((SHANGHAI, BEIJING, SHENZHEN)) if entry.kind == "study" else ""
        status = source.choice(("reported", "lacking", "recommended")) if about else "provided"
        claims.append(
            say(
                entry,
                source.choice(INSTRUMENTS),
                "文" * source.randint(1, 3),
                city=about,
                start=start // 3,
                measure=f"{entry.iri}/measure/{source.randint(0, 99)}",
                status=status,
                strength=source.choice((*STRENGTHS, "")),
                distributed=bool(about) and source.random() < 0.3,
                repeats=f"{entry.iri}/measure/1" if source.random() < 0.2 else "",
            )
        )
    return project(claims, *entries)


@pytest.fixture(scope="module", params=["embedded", 1, 2, 3], ids=str)
def claims(request: pytest.FixtureRequest) -> nx.DiGraph:
    """The claims of the embedded corpus, and small ones drawn at random."""
    if isinstance(request.param, int):
        return draw_claims(request.param)
    graph: Path = request.getfixturevalue("embedded_graph")
    return project_claims(open_version(graph).store(), VOCABULARY)


def order(claim: Claim) -> tuple[object, ...]:
    rank = STRENGTHS.index(claim.strength) if claim.strength in STRENGTHS else len(STRENGTHS)
    place = (claim.evidence.source, claim.evidence.start, claim.measure, claim.instrument)
    return claim.standing != "own", bool(claim.district), rank, *place


def select(claims: nx.DiGraph, place: str, instrument: str, *, denials: bool) -> list[Claim]:
    """Select what credits a place with an instrument or a narrower one, or denies it itself."""
    told = [c for c in read_place_claims(claims, VOCABULARY, place) if c.standing != "superior"]
    if denials:
        found = [c for c in told if c.status in BASES and c.instrument == instrument]
    else:
        narrower = VOCABULARY.narrower(instrument)
        found = [c for c in told if c.status not in BASES and c.instrument in narrower]
    return sorted(found, key=order)


@pytest.mark.parametrize("place", [SHANGHAI, BEIJING, HANGZHOU, PUDONG])
def test_read_cells_gives_every_claim_in_order(claims: nx.DiGraph, place: str) -> None:
    for instrument, cell in read_cells(claims, VOCABULARY, place).items():
        credits, denials = (select(claims, place, instrument, denials=d) for d in (False, True))
        assert cell.positives == tuple(credits), instrument
        assert cell.denials == tuple(denials), instrument
        assert cell.districts == tuple(sorted({c.district for c in credits} - {""}))
        states = {claim_state(claim) for claim in (*credits, *denials)}
        assert cell.state == decide_state(states, covered=bool(cell.covered_by))


def test_find_matrix_counts_every_claim(claims: nx.DiGraph) -> None:
    matrix = find_matrix(claims, VOCABULARY)
    assert [row.place for row in matrix.rows] == list_places(claims, VOCABULARY)
    for row in matrix.rows:
        for column, cell in zip(matrix.columns, row.cells, strict=True):
            credits = select(claims, row.place, column.id, denials=False)
            denials = select(claims, row.place, column.id, denials=True)
            # a denial of what is narrower counts where something is also said to be there
            said = {claim.instrument for claim in credits}
            narrow = [d for i in said for d in select(claims, row.place, i, denials=True)]
            counted = [*credits, *denials, *narrow]
            assert cell.measures == len({c.repeats or c.measure for c in counted}), column.id
            assert cell.documents == len({c.document for c in counted})
            assert cell.bases == tuple(sorted({denial_basis(c) for c in denials}))
            states = {claim_state(claim) for claim in (*credits, *denials)}
            assert cell.state == decide_state(states, covered=bool(cell.covered_by))


def test_find_gaps_shows_the_passages_of_every_claim(claims: nx.DiGraph) -> None:
    codes = {name_place(VOCABULARY, place): place for place in (BEIJING, SHENZHEN, HANGZHOU)}
    gaps = find_gaps(claims, SHANGHAI, list(codes.values()), vocabulary=VOCABULARY).gaps
    assert gaps
    for gap in gaps:
        own = select(claims, SHANGHAI, gap.instrument, denials=False)
        denials = select(claims, SHANGHAI, gap.instrument, denials=True)
        assert gap.own == tuple(dict.fromkeys(c.evidence for c in own))
        assert [(d.basis, d.evidence) for d in gap.denials] == [
            (denial_basis(c), c.evidence) for c in denials
        ]
        held = {h.city: h for h in gap.held_by}
        for name, place in codes.items():
            credits = select(claims, place, gap.instrument, denials=False)
            assert bool(credits) == (name in held)
            if credits:
                assert held[name].evidence == tuple(dict.fromkeys(c.evidence for c in credits))
                strengths = {c.strength for c in credits if c.standing == "own"}
                first = next((s for s in STRENGTHS if s in strengths), "")
                assert held[name].strength == first


def test_find_overlaps_shows_the_passages_of_every_claim(claims: nx.DiGraph) -> None:
    for overlap in find_overlaps(claims, SHANGHAI, BEIJING, vocabulary=VOCABULARY).overlaps:
        for place in (SHANGHAI, BEIJING):
            credits = select(claims, place, overlap.instrument, denials=False)
            sides = [s for s in overlap.sides if s.city == name_place(VOCABULARY, place)]
            assert {e for s in sides for e in s.evidence} == {c.evidence for c in credits}
            shown = sum(side.measures for side in sides)
            assert shown == len({(c.district, c.repeats or c.measure) for c in credits})


@pytest.mark.parametrize("place", [SHANGHAI, BEIJING, PUDONG])
def test_list_sources_counts_every_measure_once(claims: nx.DiGraph, place: str) -> None:
    told = [c for c in read_place_claims(claims, VOCABULARY, place) if not c.repeats]
    for source in list_sources(claims, VOCABULARY, place):
        assert source.measures == len({c.measure for c in told if c.document == source.iri})
