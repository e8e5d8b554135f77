"""Cells: what the derived graph counts is what a query over the measures counts."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
from building import build, write_document, write_documents

from kg.graph import count_cells, open_version, select, write_cells
from kg.ontology import BASE, Vocabulary, resource_iri

MEASURES = """SELECT ?city ?instrument ?status (COUNT(DISTINCT ?m) AS ?n) {
  ?m pk:city ?city ; pk:instrument ?instrument ; pk:status ?status } GROUP BY ?city ?instrument ?status"""
CELLS = """SELECT ?city ?instrument ?status ?n {
  ?cell a pk:Cell ; pk:cellCity ?city ; pk:cellInstrument ?instrument ; pk:cellStatus ?status ; pk:measures ?n }"""


def _rows(store: ox.Store, query: str, base: str) -> set[tuple[object, ...]]:
    return {tuple(row.values()) for row in select(store, query, base=base)}


def test_cells_count_what_the_measures_count(embedded_graph: Path) -> None:
    store = open_version(embedded_graph).store()
    cells = _rows(store, CELLS, BASE)
    assert len(cells) > 100
    assert cells == _rows(store, MEASURES, BASE)


def test_cells_follow_a_changed_document_under_another_base(tmp_path: Path) -> None:
    base, documents, out = "https://example.org/kg/", tmp_path / "documents", tmp_path / "graph"
    write_documents(documents, 2)
    build(documents, out, base=base)
    before = _rows(open_version(out).store(), CELLS, base)
    write_document(documents, "3.txt", number=3)
    build(documents, out, base=base)
    store = open_version(out).store()
    after = _rows(store, CELLS, base)
    assert after == _rows(store, MEASURES, base)
    assert {row[:3] for row in after} == {row[:3] for row in before}
    assert {row[3] for row in before} == {2}
    assert {row[3] for row in after} == {3}


def test_a_measure_counts_in_the_cell_of_each_of_its_cities_and_instruments() -> None:
    pk = "https://w3id.org/policykg/ontology#"
    said = [("city", "a"), ("city", "b"), ("instrument", "X"), ("instrument", "Y"), ("status", "s")]
    one = "".join(f"<m> <{pk}{name}> <id/{value}> <g> .\n" for name, value in said)
    half = f"<n> <{pk}city> <id/a> <g> .\n<n> <{pk}status> <id/s> <g> .\n"
    cells = count_cells([one.encode(), half.encode(), b""])
    assert cells == Counter({(f"id/{c}", f"id/{i}", "id/s"): 1 for c in "ab" for i in "XY"})


def test_cells_leave_alone_what_quotes_say() -> None:
    """A passage may hold what looks like a statement."""
    says = "<m/1> <o#{}> <id/{}> <g> .\n"
    true = "".join(says.format(part, value) for part, value in _SAID)
    quoted = "".join(
        f'<m/2> <o#quote> "<m/2> <{BASE}ontology#{part}> <id/{value}> <g> ." <g> .\n'
        for part, value in _SAID
    )
    graph = (quoted + true.replace("o#", f"{BASE}ontology#")).encode()
    assert count_cells([graph]) == Counter({("id/a", "id/X", "id/s"): 1})


_SAID = (("city", "a"), ("instrument", "X"), ("status", "s"))


def test_a_city_has_what_is_provided_or_reported_and_all_that_is_broader(
    vocabulary: Vocabulary,
) -> None:
    def cell(instrument: str, status: str) -> tuple[str, str, str]:
        names = ("place", "310000"), ("instrument", instrument), ("status", status)
        return tuple(resource_iri(*name) for name in names)  # type: ignore[return-value]

    assert write_cells(Counter(), vocabulary)[1] == []
    counts = Counter(
        {cell("LandPriceWaiver", "reported"): 2, cell("CitizenTreatment", "lacking"): 1}
    )
    lines = write_cells(counts, vocabulary)[1]
    has = [line.split()[2] for line in lines if "hasInstrument" in line]
    expected = vocabulary.ancestors("LandPriceWaiver")
    assert has == sorted(f"<{resource_iri('instrument', i)}>" for i in expected)
    assert "LandFeeWaiver" in expected
    assert sum("ontology#measures" in line for line in lines) == 2
