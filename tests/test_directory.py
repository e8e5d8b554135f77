"""The directory: each unit is described once, so that counts and joins need no DISTINCT."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from building import build, read_content
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.graph import (
    check_graph,
    collect_units,
    load_rules,
    load_shapes,
    open_version,
    run_query,
    select,
    validate_graph,
    write_directory,
    write_quads,
)
from kg.model import Document, Extraction, Goal, Measure, Responsibility, Span, Target
from kg.ontology import BASE, Vocabulary, resource_iri

PK = BASE + "ontology#"
UNITS = resource_iri("graph", "units")

PLAIN = {
    "units": "SELECT (COUNT(?unit) AS ?n) { ?unit a pk:Unit }",
    "units with their names": """SELECT (COUNT(?unit) AS ?n) {
      ?unit a pk:Unit ; skos:prefLabel ?name FILTER (LANG(?name) = "zh") }""",
    "units of a kind and place": """SELECT (COUNT(?unit) AS ?n) {
      ?unit a pk:Unit ; pk:unitKind ?kind ; pk:jurisdiction ?place }""",
    "duties by the name of the unit": """SELECT (COUNT(?duty) AS ?n) {
      ?duty a pk:Responsibility ; pk:unit/skos:prefLabel ?name FILTER (LANG(?name) = "zh") }""",
    "duties by the kind of the unit": """SELECT (COUNT(?duty) AS ?n) {
      ?duty a pk:Responsibility ; pk:unit/pk:unitKind ?kind }""",
}


def duty(unit: str, name: str, kind: str = "", place: str = "") -> Responsibility:
    return Responsibility(unit, name, name, "lead", kind, place)


def write(number: int, duties: list[Responsibility], base: str = BASE) -> bytes:
    """Return a document's graph: these units answer for its measure, and each for a goal of its own."""
    document = Document(
        id=f"{number:012x}", source=f"{number}.txt", sha256="0" * 64, form="original",
        digest_of="", title="措施", number="", issuer="", issued="", effective="", expires="",
        expires_basis="", place="310000", level="city", kind="work", raw="给予奖励",
    )  # fmt: skip
    measure = Measure(
        key="0123456789ab-1", span=Span(0, 4), clause=None, places=(), cities=("310000",),
        categories=(), instruments=("RecognitionReward",), status="provided", basis="",
        strength="grant", responsibilities=tuple(duties),
    )  # fmt: skip
    target = Target(1.0, "=", "家", "2025", "1家")
    goals = tuple(Goal(Span(0, 4), None, (target,), unit) for unit in duties)
    extraction = Extraction(document, (measure,), goals, (), ())
    return "".join(write_quads(extraction, categories={}, base=base)).encode()


def describe(graphs: list[bytes], vocabulary: Vocabulary) -> dict[str, set[str]]:
    """Return by id of a unit what the directory says of it: property and value."""
    found: dict[str, set[str]] = {}
    for line in write_directory(collect_units(graphs), vocabulary)[1]:
        subject, path, value = line[: line.rindex(" <")].split(" ", 2)
        part = f"{path[1:-1].rsplit('#')[-1]} {value.removesuffix('>').rsplit('/')[-1]}"
        found.setdefault(subject[1:-1].rsplit("/")[-1], set()).add(part)
    return found


def count(store: ox.Store, query: str) -> object:
    return select(store, query)[0]["n"]


@pytest.mark.parametrize("query", PLAIN.values(), ids=PLAIN)
def test_counts_and_joins_are_right_without_distinct(embedded_graph: Path, query: str) -> None:
    store = open_version(embedded_graph).store()
    variable = query[query.index("?") :].split(")")[0]
    once = query.replace(f"COUNT({variable})", f"COUNT(DISTINCT {variable})")
    assert once != query
    assert count(store, query) == count(store, once)
    assert int(str(count(store, query))) > 200
    printed = run_query(store, query, "csv").split()
    assert printed == [b"n", str(count(store, query)).encode()]


def test_no_triple_stands_in_two_graphs(embedded_graph: Path) -> None:
    quads = ox.parse(path=str(open_version(embedded_graph).quads), format=ox.RdfFormat.N_QUADS)
    graphs = Counter(quad.triple for quad in quads)
    assert [str(triple) for triple, number in graphs.items() if number > 1] == []


def test_every_unit_that_is_named_is_described(embedded_graph: Path) -> None:
    store = open_version(embedded_graph).store()
    unknown = "SELECT (COUNT(*) AS ?n) { ?by pk:unit ?unit FILTER NOT EXISTS { ?unit a pk:Unit } }"
    others = """SELECT (COUNT(*) AS ?n) { ?by pk:unit ?unit ; pk:resolvedName ?name
      FILTER NOT EXISTS { ?unit skos:prefLabel ?name } }"""
    of_goals = "SELECT (COUNT(?g) AS ?n) { ?g a pk:Goal ; pk:unit/skos:prefLabel ?name }"
    assert (count(store, unknown), count(store, others)) == (0, 0)
    assert int(str(count(store, of_goals))) > 20


def test_the_directory_conforms_to_the_shapes(embedded_graph: Path) -> None:
    [content] = open_version(embedded_graph).read_graphs([UNITS])
    lines = content.decode().splitlines(keepends=True)
    assert check_graph(lines, load_rules()) == []
    assert validate_graph(lines, load_shapes()) == []


def test_what_the_vocabulary_says_is_not_said_again(vocabulary: Vocabulary) -> None:
    listed = next(unit for unit in vocabulary.units.values() if unit.kind and not unit.group)
    group = next(unit for unit in vocabulary.units.values() if unit.group)
    known = duty(listed.id, listed.name, listed.kind, listed.jurisdiction)
    graph = write(1, [known, duty(group.id, group.name), duty("x-1", "某办")])
    assert describe([graph], vocabulary) == {
        group.id: {"type ontology#Unit"},
        "x-1": {"type ontology#Unit", 'prefLabel "某办"@zh'},
    }


def test_what_the_vocabulary_leaves_open_is_told(vocabulary: Vocabulary) -> None:
    listed = next(u for u in vocabulary.units.values() if not u.kind and not u.group)
    graph = write(1, [duty(listed.id, "别名", "FinanceBureau", listed.jurisdiction)])
    assert describe([graph], vocabulary) == {listed.id: {"unitKind FinanceBureau"}}


def test_what_documents_do_not_agree_on_is_left_out(vocabulary: Vocabulary) -> None:
    one = write(1, [duty("x-1", "某机关", "", "310000"), duty("x-2", "某局", "", "310000")])
    other = write(2, [duty("x-1", "某机关", "", "110000"), duty("x-2", "某局")])
    said = describe([one, other], vocabulary)
    assert said["x-1"] == {"type ontology#Unit", 'prefLabel "某机关"@zh'}
    assert said["x-2"] == {"type ontology#Unit", 'prefLabel "某局"@zh', "jurisdiction 310000"}


def test_words_of_a_document_describe_no_unit(vocabulary: Vocabulary) -> None:
    """A name that holds what the graph's lines hold stays a name."""
    line = f'\n<x:s> <{PK}resolvedName> "甲"@zh <x:g> .\n<x:s> <{PK}unit> <x:u> <x:g> .'
    found = collect_units([write(1, [duty("x-1", line)])])
    assert [unit for unit in found if "x:u" in unit] == []
    assert len(found) == 1


ways = st.builds(
    duty,
    st.sampled_from(["x-1", "x-2", "310000-FinanceBureau"]),
    st.sampled_from(["甲局", "乙局"]),
    st.sampled_from(["", "FinanceBureau", "TaxBureau"]),
    st.sampled_from(["", "310000", "110000"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(ways, max_size=3), max_size=5), st.randoms(use_true_random=False))
def test_the_directory_does_not_depend_on_the_order_of_documents(
    vocabulary: Vocabulary, documents: list[list[Responsibility]], chance: random.Random
) -> None:
    base = "https://example.org/kg/"
    graphs = [write(number, duties, base) for number, duties in enumerate(documents)]
    iri, lines = write_directory(collect_units(graphs, base=base), vocabulary, base=base)
    chance.shuffle(graphs)
    again = write_directory(collect_units(graphs, base=base), vocabulary, base=base)
    assert again == (iri, lines)
    assert lines == sorted(set(lines))
    assert check_graph(lines, load_rules(base=base)) == []
    assert {line.split(" ")[0] for line in lines} == {
        f"<{base}id/unit/{unit.unit}>" for duties in documents for unit in duties
    }


def write_notice(folder: Path, name: str, issuer: str, number: str) -> None:
    """Write a notice for which a unit answers whose name says no place."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(
        f"{issuer}关于促进创新发展的若干措施\n\n{number}\n\n一、重点措施\n\n（一）给予认定奖励。"
        "对首次认定的高新技术企业，给予一次性10万元奖励。（责任单位：国务院码头局、企服局）\n",
        encoding="utf-8",
    )


def test_the_directory_follows_documents_that_come_and_go(tmp_path: Path) -> None:
    documents, out = tmp_path / "documents", tmp_path / "graph"
    places = 'SELECT (COUNT(*) AS ?n) { ?u skos:prefLabel "国务院码头局"@zh ; pk:jurisdiction ?p }'
    write_notice(documents, "a.txt", "杭州市人民政府", "杭政规〔2024〕1号")
    build(documents, out)
    first = read_content(out)
    assert count(open_version(out).store(), places) == 1
    write_notice(documents, "b.txt", "北京市人民政府", "京政规〔2024〕1号")
    assert build(documents, out)[1] == 1
    assert count(open_version(out).store(), places) == 0
    build(documents, tmp_path / "full")
    assert read_content(out) == read_content(tmp_path / "full")
    (documents / "b.txt").unlink()
    build(documents, out)
    assert read_content(out) == first
