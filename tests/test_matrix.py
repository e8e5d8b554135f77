"""Matrix: states of places × groups × instruments, lenses, levels, which documents count."""

from __future__ import annotations

from pathlib import Path

import pytest
from comparing import BEIJING, JINSHAN, PUDONG, SHANGHAI, VOCABULARY, document, project, say

from kg.compare import (
    find_gaps,
    find_matrix,
    find_overlaps,
    list_sources,
    load_lens,
    project_claims,
    read_cells,
    read_states,
)
from kg.compare.matrix import Matrix, MatrixCell
from kg.compare.selection import select_entries
from kg.errors import QueryError
from kg.graph import open_version, select

OPINION = document("意见", SHANGHAI, issued="2021-07-23")
JINSHAN_PLAN = document("金山计划", JINSHAN, "work", issued="2022-07-08", expires="2024-05-14")
PUDONG_PLAN = document("浦东计划", PUDONG, "work")
PAPER = document("论文", SHANGHAI, "study")
ENTRIES = (OPINION, JINSHAN_PLAN, PUDONG_PLAN, PAPER)
CLAIMS = (
    say(OPINION, "LandPriceWaiver", start=1),
    say(OPINION, "TalentRecruitment", start=2),
    say(JINSHAN_PLAN, "RecognitionReward", start=3),
    say(PUDONG_PLAN, "IncubatorDevelopment", start=4),
    say(PAPER, "Talent", city=SHANGHAI, status="lacking", start=5),
    say(PAPER, "PayrollTaxRelief", city=SHANGHAI, status="lacking", start=6),
    say(PAPER, "PayrollTaxRelief", city=BEIJING, start=6),
)


def cell(matrix: Matrix, place: str, column: str) -> MatrixCell:
    row = next(row for row in matrix.rows if row.label == place)
    index = [c.id for c in matrix.columns].index(column)
    return row.cells[index]


def test_find_matrix_counts_measures_and_documents() -> None:
    found = find_matrix(project(CLAIMS, *ENTRIES), VOCABULARY, places=["上海", "北京"])
    location = cell(found, "上海", "Location")
    assert (location.state, location.measures, location.documents) == ("provided", 2, 2)
    reward = cell(found, "上海", "RecognitionReward")
    assert (reward.state, reward.districts) == ("district", ("金山区",))


def test_find_matrix_keeps_denials_with_their_own_column() -> None:
    found = find_matrix(project(CLAIMS, *ENTRIES), VOCABULARY, places=["上海"])
    assert cell(found, "上海", "Talent").state == "contested"
    assert cell(found, "上海", "Talent").bases == ("lacks",)
    assert cell(found, "上海", "TaxRelief").state == "no-coverage"
    assert cell(found, "上海", "PayrollTaxRelief").state == "denied"


def test_find_matrix_agrees_with_read_cells() -> None:
    claims = project(CLAIMS, *ENTRIES)
    found = find_matrix(claims, VOCABULARY)
    for row in found.rows:
        cells = read_cells(claims, VOCABULARY, row.place)
        states = read_states(claims, VOCABULARY, row.place)
        for column, shown in zip(found.columns, row.cells, strict=True):
            wanted = cells[column.id].state
            assert shown.state == wanted, (row.label, column.id)
            assert states.get(column.id, wanted) == wanted


def test_find_matrix_compares_districts_by_their_own_documents() -> None:
    claims = project(CLAIMS, *ENTRIES, level="district")
    found = find_matrix(claims, VOCABULARY)
    assert [row.label for row in found.rows] == ["浦东新区", "金山区"]
    assert cell(found, "金山区", "RecognitionReward").state == "provided"
    assert cell(found, "浦东新区", "RecognitionReward").state == "no-coverage"


def test_level_city_leaves_districts_out() -> None:
    claims = project(CLAIMS, *ENTRIES, level="city")
    states = read_states(claims, VOCABULARY, SHANGHAI)
    assert "RecognitionReward" not in states
    assert states["LandPriceWaiver"] == "provided"
    assert states["PayrollTaxRelief"] == "denied"


def test_documents_of_the_city_apply_to_its_districts() -> None:
    cells = read_cells(project(CLAIMS, *ENTRIES), VOCABULARY, JINSHAN)
    assert cells["LandPriceWaiver"].state == "no-coverage"
    assert [c.document for c in cells["LandPriceWaiver"].applies] == [OPINION.iri]
    assert cells["LandPriceWaiver"].applies[0].evidence.kind == "superior"
    assert cells["IncubatorDevelopment"].applies == ()


def test_gaps_and_overlaps_compare_districts() -> None:
    claims = project((*CLAIMS, say(PUDONG_PLAN, "RecognitionReward", start=9)), *ENTRIES)
    gaps = find_gaps(claims, "金山区", ["浦东新区"], vocabulary=VOCABULARY)
    assert [gap.instrument for gap in gaps.gaps] == ["IncubatorDevelopment"]
    overlaps = find_overlaps(claims, "金山区", "浦东新区", vocabulary=VOCABULARY).overlaps
    assert [overlap.instrument for overlap in overlaps] == ["RecognitionReward"]
    assert [(s.place, s.level) for s in overlaps[0].sides] == [
        ("浦东新区", "district"),
        ("金山区", "district"),
    ]


def test_districts_and_cities_are_not_compared() -> None:
    with pytest.raises(QueryError, match="name its city 上海"):
        find_gaps(project(CLAIMS, *ENTRIES), "金山区", ["北京"], vocabulary=VOCABULARY)


def test_list_sources_lists_documents_without_measures_too() -> None:
    silent = document("沉默", SHANGHAI)
    found = list_sources(project(CLAIMS, *ENTRIES, silent), VOCABULARY, SHANGHAI)
    assert {(c.title, c.standing, c.measures) for c in found} == {
        ("意见", "own", 2),
        ("金山计划", "own", 1),
        ("浦东计划", "own", 1),
        ("沉默", "own", 0),
        ("论文", "secondary", 2),
    }


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), {"意见", "金山计划", "浦东计划", "论文"}),
        (("official",), {"意见", "金山计划", "浦东计划"}),
        (("研究文献",), {"论文"}),
        (("work", "normative"), {"意见", "金山计划", "浦东计划"}),
        (("work", "金山"), {"金山计划"}),
        (("district",), {"金山计划", "浦东计划"}),
    ],
    ids=lambda value: "+".join(sorted(value)) or "all",
)
def test_select_entries_by_words(words: tuple[str, ...], names: set[str]) -> None:
    found = select_entries(ENTRIES, VOCABULARY, documents=words)
    assert {entry.title for entry in found.values()} == names


def test_select_entries_by_date_keeps_the_undated() -> None:
    found = select_entries(ENTRIES, VOCABULARY, as_of="2025-01-01")
    assert {entry.title for entry in found.values()} == {"意见", "浦东计划", "论文"}


def test_select_entries_refuses_words_that_fit_nothing() -> None:
    with pytest.raises(QueryError, match="part of a title"):
        select_entries(ENTRIES, VOCABULARY, documents=["没有这个"])


@pytest.mark.parametrize(("lens", "tops"), [("six", 6), ("rothwell", 3), ("stip", 5)])
def test_load_lens_maps_every_instrument_or_names_it(lens: str, tops: int) -> None:
    view = load_lens(VOCABULARY, lens)
    assert len(view.tops()) == tops
    mapped = {i for group in view.tops() for i in group.instruments}
    instruments = {c.id for c in VOCABULARY.concepts.values() if c.broader}
    assert mapped | set(view.unmapped) >= instruments
    assert not mapped & set(view.unmapped)
    assert all(view.groups[id].broader == "" for i in mapped for id in view.find(i)[-1:])


def test_six_categories_stand_in_the_order_of_the_scheme() -> None:
    names = [group.zh for group in load_lens(VOCABULARY).tops()]
    assert names == ["组织", "财政", "科技", "人才", "需求", "区位"]


def test_load_lens_refuses_an_unknown_name() -> None:
    with pytest.raises(QueryError, match="rothwell"):
        load_lens(VOCABULARY, "seven")


@pytest.mark.originals
def test_matrix_of_the_originals_counts_what_sparql_counts(original_graph: Path) -> None:
    store = open_version(original_graph).store()
    claims = project_claims(store, VOCABULARY)
    found = find_matrix(claims, VOCABULARY, places=["上海"])
    rows = select(
        store,
        """SELECT (COUNT(DISTINCT ?measure) AS ?n) (COUNT(DISTINCT ?document) AS ?d) WHERE {
          ?measure pk:instrument <https://w3id.org/policykg/id/instrument/RecognitionReward> ;
            pk:city <https://w3id.org/policykg/id/place/310000> ; pk:document ?document
          FILTER NOT EXISTS { ?measure pk:repeats ?other }
        }""",
    )
    shown = cell(found, "上海", "RecognitionReward")
    assert (shown.measures, shown.documents) == (rows[0]["n"], rows[0]["d"])


@pytest.mark.originals
def test_projection_of_some_places_is_part_of_the_whole(original_graph: Path) -> None:
    store = open_version(original_graph).store()
    whole = project_claims(store, VOCABULARY)
    part = project_claims(store, VOCABULARY, places=[BEIJING, SHANGHAI])
    for place in (BEIJING, SHANGHAI):
        assert read_cells(part, VOCABULARY, place) == read_cells(whole, VOCABULARY, place)
