"""Tests of the graph: lines, versions, queries, sheet, exports, shapes."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import math
import os
import random
import re
from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Graph

from kg.errors import GraphError, OntologyError, QueryError
from kg.graph import (
    FORMATS,
    Version,
    Violation,
    check_graph,
    export_graph,
    load_rules,
    load_shapes,
    open_version,
    read_documents,
    read_measures,
    run_query,
    select,
    stage_version,
    validate_graph,
    write_quads,
    write_triples,
)
from kg.graph.literals import (
    encode_segment,
    escape_text,
    format_decimal,
    replace_surrogates,
    unescape_text,
)
from kg.graph.sheet import DOCUMENT_KEYS, MEASURE_KEYS
from kg.model import (
    Amount,
    Citation,
    Clause,
    Document,
    Extraction,
    Goal,
    Indicator,
    Measure,
    Observation,
    Problem,
    Responsibility,
    Span,
    Table,
    Target,
)
from kg.ontology import BASE, PK, document_graph, place_iri, shipped_folder
from kg.ontology.namespaces import XSD

RAW = (
    "关于“双创”的若干意见\r\n五、优化布局\n（二）提高土地资源配置效率\n"
    '现有工业用地提高容积率的，不再增收土地价款。（责任单位：区规土局）对首次认定的给予20万元"奖励"。\n'
    "到2025年高新技术企业达到2.5万家。"
)
SHA256 = hashlib.sha256(RAW.encode()).hexdigest()
CATEGORIES = {"财政": "Fiscal", "区位": "Location"}
GRAPH = BASE + "id/graph/vocabulary"
VOCABULARY = """
    @prefix pk: <https://w3id.org/policykg/ontology#> .
    @prefix skos: <http://www.w3.org/2004/02/skos/core#> .
    @prefix id: <https://w3id.org/policykg/id/> .
    <https://w3id.org/policykg/id/place/310000> a pk:Place ;
      skos:inScheme id:places ; skos:prefLabel "上海"@zh, "Shanghai"@en .
    <https://w3id.org/policykg/id/place/310116> a pk:Place ; skos:notation "310116" ;
      skos:inScheme id:places ; skos:prefLabel "金山区"@zh .
    <https://w3id.org/policykg/id/instrument/Fiscal> a pk:Instrument ; skos:notation "财政" ;
      skos:inScheme id:instruments ; skos:prefLabel "财政引导"@zh .
    <https://w3id.org/policykg/id/instrument/Location> a pk:Instrument ; skos:notation "区位" ;
      skos:inScheme id:instruments ; skos:prefLabel "区位引导"@zh .
    <https://w3id.org/policykg/id/document-kind/normative>
      skos:inScheme id:kinds ; skos:prefLabel "规范性文件"@zh, "normative"@en .
"""


def span_of(text: str) -> Span:
    start = RAW.index(text)
    return Span(start, start + len(text))


LAND_BUREAU = Responsibility(
    "310116-land", "上海市金山区规划和土地管理局", "区规土局", "lead", "land", "310116"
)
LAND = Measure(
    key="0123456789ab-1",
    span=span_of("现有工业用地提高容积率的，不再增收土地价款。"),
    clause=1,
    places=("310116",),
    cities=("310000",),
    categories=("区位", "财政"),
    instruments=("LandPriceWaiver", "LandIntensification"),
    status="provided",
    basis="",
    strength="grant",
    beneficiaries=("enterprise",),
    object="现有工业用地",
    conditions=("提高容积率", "现有"),
    responsibilities=(
        LAND_BUREAU,
        Responsibility(
            "310116-科委", "上海市金山区科学技术委员会", "科委", "support", repaired_by="prefix"
        ),
    ),
    confidence=0.934,
    rule="head-verb",
)
AWARD = Measure(
    key="fedcba987654-1",
    span=span_of('对首次认定的给予20万元"奖励"。'),
    clause=1,
    places=("310116",),
    cities=("310000",),
    categories=("财政",),
    instruments=("RecognitionAward",),
    status="provided",
    basis="",
    strength="grant",
    distributed=True,
    amounts=(Amount(200000.0, "CNY", "=", "20万元"), Amount(0.5, "%", "<=", "0.5%")),
    targets=(Target(25000.0, ">=", "家", "2025", "2.5万家", "高新技术企业数"),),
    repeats="0123456789ab-1",
)
DOCUMENT = Document(
    id="0a1b2c3d4e5f",
    source="a/意见.txt",
    sha256=SHA256,
    form="original",
    digest_of="",
    title="关于“双创”的若干意见",
    number="沪府规〔2021〕9号",
    issuer="上海市人民政府",
    issued="2021-07-23",
    effective="2021",
    expires="2026-08-31",
    expires_basis="stated",
    place="310116",
    level="district",
    kind="normative",
    raw=RAW,
    clauses=(
        Clause("五、", "优化布局", span_of("五、优化布局"), 0, None),
        Clause("（二）", "提高土地资源配置效率", span_of("（二）提高土地资源配置效率"), 1, 0),
    ),
    tables=(Table((), 4, 12, Span(0, 9)),),
    cites=(Citation("高企认定办法", "国科发火〔2016〕32号", Span(2, 8)),),
    unit_brackets=1,
    problems=(Problem("double-number", "编号重复", Span(3, 5)),),
)
EXTRACTION = Extraction(
    document=DOCUMENT,
    measures=(LAND, AWARD),
    goals=(
        Goal(span_of("到2025年"), 1, (Target(25000, ">=", "家", "2025", "2.5万家"),), LAND_BUREAU),
    ),
    indicators=(
        Indicator(
            span_of("到2025年高新技术企业达到2.5万家。"),
            None,
            (
                Observation(
                    span_of("2.5万家"),
                    "310116",
                    "高新技术企业",
                    "2025",
                    25000.0,
                    "家",
                    op=">=",
                    hedge="达到",
                    change=True,
                    base="2024",
                    surface="2.5万家",
                ),
                Observation(
                    span_of("优化布局"),
                    "310000",
                    "布局",
                    "",
                    None,
                    "",
                    rank=2,
                    scope="全国",
                    among=("110000", "310000"),
                    surface="优化布局",
                ),
            ),
        ),
    ),
    problems=(Problem("missing-row", "缺第3行", Span(6, 7), (Span(8, 9),)),),
)


def write(extraction: Extraction = EXTRACTION, *, base: str = BASE) -> list[str]:
    return write_quads(extraction, categories=CATEGORIES, base=base)


def dump(lines: list[str]) -> list[str]:
    """Return what Oxigraph itself says after loading the lines, sorted."""
    store = ox.Store()
    store.load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    text = (store.dump(format=ox.RdfFormat.N_QUADS) or b"").decode()
    return sorted(line + "\n" for line in text.split("\n") if line)


def write_vocabulary() -> list[str]:
    quads = ox.parse(VOCABULARY, format=ox.RdfFormat.TURTLE)
    return write_triples((quad.triple for quad in quads), GRAPH)


def publish(folder: Path, *, reverse: bool = False) -> Version:
    second = dataclasses.replace(DOCUMENT, id="ffffffffffff", source="Z.txt")
    graphs = {
        document_graph(DOCUMENT.id): write(),
        document_graph(second.id): write(dataclasses.replace(EXTRACTION, document=second)),
        GRAPH: write_vocabulary(),
    }
    with stage_version(folder) as staging:
        for iri in sorted(graphs, reverse=reverse):
            staging.add_graph(iri, graphs[iri])
        staging.add_text(SHA256, RAW)
        return staging.publish({"vocabulary": "abcdefabcdef"})


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return publish(tmp_path_factory.mktemp("graph"))


@pytest.fixture(scope="module")
def store(version: Version) -> ox.Store:
    return version.store()


# Lines


def test_write_quads_equals_oxigraph_dump() -> None:
    assert write() == dump(write())


def test_write_quads_is_sorted_without_repetition() -> None:
    assert write() == sorted(set(write()))


def test_write_quads_ignores_order_of_measures() -> None:
    turned = dataclasses.replace(EXTRACTION, measures=(AWARD, LAND))
    assert write(turned) == write()


def test_write_quads_quotes_the_raw_text() -> None:
    rows = select(load(write()), "SELECT ?s ?e ?q { ?x pk:start ?s ; pk:end ?e ; pk:quote ?q }")
    assert len(rows) == 7
    assert all(RAW[int(str(row["s"])) : int(str(row["e"]))] == row["q"] for row in rows)


def test_write_quads_leaves_out_a_bare_year() -> None:
    text = "".join(write())
    assert '"2021-07-23"^^' in text
    assert "first_date_entry_in_force" not in text


def test_write_quads_moves_everything_under_the_base() -> None:
    lines = write(base="http://example.org/")
    assert BASE not in "".join(lines)
    assert lines == dump(lines)


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (dataclasses.replace(AWARD, key=LAND.key), "0123456789ab-1 comes twice"),
        (dataclasses.replace(AWARD, categories=("教育",)), "unknown category '教育'"),
        (dataclasses.replace(AWARD, amounts=(Amount(math.nan, "CNY", "=", "?"),)), "value nan"),
        (dataclasses.replace(AWARD, amounts=(Amount(math.inf, "CNY", "=", "?"),)), "value inf"),
    ],
    ids=["key", "category", "nan", "infinite"],
)
def test_write_quads_names_what_it_cannot_write(measure: Measure, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        write(dataclasses.replace(EXTRACTION, measures=(LAND, measure)))


ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)  # surrogates too


@given(text=ANY_TEXT, identifier=ANY_TEXT, value=st.floats(allow_nan=False, allow_infinity=False))
def test_write_quads_survives_any_text(text: str, identifier: str, value: float) -> None:
    document = dataclasses.replace(DOCUMENT, title=text, number=text, raw=text, place=identifier)
    measure = dataclasses.replace(
        LAND,
        span=Span(0, len(text)),
        instruments=(identifier or "x",),
        responsibilities=(Responsibility(identifier, text, text, "lead"),),
        amounts=(Amount(value, text, "=", text),),
    )
    lines = write(Extraction(document, (measure,), (), (), ()))
    assert lines == dump(lines)
    quotes = select(load(lines), "SELECT ?q { ?m a pk:Measure ; pk:evidence/pk:quote ?q }")
    assert quotes == [{"q": replace_surrogates(text)}]


@given(ANY_TEXT)
def test_escape_text_is_undone(text: str) -> None:
    assert unescape_text(escape_text(text)) == replace_surrogates(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_format_decimal_keeps_the_value(value: float) -> None:
    text = format_decimal(value)
    assert float(text) == value
    assert re.fullmatch(r"-?(0|[1-9]\d*)(\.\d*[1-9])?", text)


@given(st.lists(ANY_TEXT, unique=True, max_size=5))
def test_encode_segment_keeps_identifiers_apart(identifiers: list[str]) -> None:
    whole = [text for text in identifiers if replace_surrogates(text) == text]
    assert len({encode_segment(text) for text in whole}) == len(whole)


def test_write_triples_refuses_blank_nodes() -> None:
    triple = ox.Triple(ox.BlankNode(), ox.NamedNode(PK + "rule"), ox.Literal("x"))
    with pytest.raises(GraphError, match="blank node"):
        write_triples([triple], GRAPH)


def test_write_triples_is_canonical_and_moves() -> None:
    subject, decimal = ox.NamedNode(BASE + "id/x"), ox.NamedNode(XSD + "decimal")
    triple = ox.Triple(subject, ox.NamedNode(PK + "value"), ox.Literal("20.0", datatype=decimal))
    (line,) = write_triples([triple, triple], "http://b/g", base="http://b/")
    assert line == f'<http://b/id/x> <http://b/ontology#value> "20"^^{decimal} <http://b/g> .\n'


def load(lines: list[str]) -> ox.Store:
    store = ox.Store()
    store.load("".join(lines).encode(), format=ox.RdfFormat.N_QUADS)
    return store


# Versions


def test_publish_writes_what_open_version_reads(version: Version) -> None:
    found = open_version(version.folder.parent.parent)
    quads = found.quads.read_text(encoding="utf-8")
    assert found == version
    assert found.manifest["vocabulary"] == "abcdefabcdef"
    assert found.manifest["triples"] == quads.count("\n") == len(found.store())
    assert found.text(SHA256) == RAW
    for name, digest in found.manifest["outputs"].items():
        assert hashlib.sha256((found.folder / name).read_bytes()).hexdigest() == digest


def test_publish_puts_graphs_in_iri_order(version: Version) -> None:
    lines = version.quads.read_text(encoding="utf-8").split("\n")[:-1]
    graphs = [line.rsplit(" ", 2)[1] for line in lines]
    assert graphs == sorted(graphs)
    assert version.name == hash_graphs(lines)


def hash_graphs(lines: list[str]) -> str:
    content: dict[str, str] = {}
    for line in lines:
        graph = line.rsplit(" ", 2)[1].strip("<>")
        content[graph] = content.get(graph, "") + line + "\n"
    pairs = ((iri, hashlib.sha256(text.encode()).hexdigest()) for iri, text in content.items())
    text = "".join(f"{iri} {digest}\n" for iri, digest in sorted(pairs))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_read_graphs_gives_each_graph(version: Version) -> None:
    iris = [GRAPH, document_graph(DOCUMENT.id)]
    blocks = [block.decode() for block in version.read_graphs(iris)]
    assert blocks == ["".join(write_vocabulary()), "".join(write())]
    with pytest.raises(GraphError, match="no graph http://x/ in this version"):
        list(version.read_graphs(["http://x/"]))


def test_publish_ignores_order_of_graphs(version: Version, tmp_path: Path) -> None:
    other = publish(tmp_path, reverse=True)
    assert other.name == version.name
    assert other.quads.read_bytes() == version.quads.read_bytes()


def test_publish_is_idempotent(tmp_path: Path) -> None:
    first = publish(tmp_path)
    stamp = (first.folder / "manifest.json").stat().st_mtime_ns
    assert publish(tmp_path) == first
    assert (first.folder / "manifest.json").stat().st_mtime_ns == stamp


def test_publish_replaces_an_incomplete_version(tmp_path: Path) -> None:
    first = publish(tmp_path)
    (first.folder / "manifest.json").unlink()
    assert publish(tmp_path).folder == first.folder
    assert len(first.store()) == first.manifest["triples"]


@pytest.mark.parametrize("stop", [True, False], ids=["between", "while loading"])
def test_stage_version_leaves_the_previous_graph_on_failure(tmp_path: Path, stop: bool) -> None:
    first = publish(tmp_path)
    with pytest.raises((ZeroDivisionError, SyntaxError)):
        stage_badly(tmp_path, stop=stop)
    assert open_version(tmp_path) == first
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "CURRENT", "versions"]


def stage_badly(folder: Path, *, stop: bool) -> None:
    with stage_version(folder) as staging:
        staging.add_graph("http://x/g", ["no quad\n"])
        if stop:
            raise ZeroDivisionError
        staging.publish({})


def test_stage_version_clears_what_a_killed_build_left(tmp_path: Path) -> None:
    (tmp_path / ".staging-killed").mkdir()
    publish(tmp_path)
    assert not (tmp_path / ".staging-killed").exists()


def test_stage_version_refuses_a_second_writer(tmp_path: Path) -> None:
    refusal = pytest.raises(GraphError, match=f"process {os.getpid()} ")
    with stage_version(tmp_path), refusal, stage_version(tmp_path):
        pass
    with stage_version(tmp_path):
        pass


def test_stage_version_names_a_folder_it_cannot_make(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(GraphError, match="cannot write here"), stage_version(tmp_path / "file"):
        pass


def test_add_graph_refuses_the_same_graph_twice(tmp_path: Path) -> None:
    with stage_version(tmp_path) as staging:
        staging.add_graph(GRAPH, write_vocabulary())
        with pytest.raises(GraphError, match="comes twice"):
            staging.add_graph(GRAPH, write_vocabulary())


def test_version_text_is_untouched(tmp_path: Path) -> None:
    text = "\ufeff一\r\n二\r三\n\ud800"
    with stage_version(tmp_path) as staging:
        staging.add_text("0" * 64, text)
        version = staging.publish({})
    assert version.text("0" * 64) == text.replace("\ud800", "\ufffd")
    with pytest.raises(GraphError, match="no text with SHA-256"):
        version.text("../manifest")


@pytest.mark.parametrize(
    ("current", "manifest", "message"),
    [
        pytest.param(None, None, "no graph here; run kg build", id="no folder"),
        pytest.param("../..", None, "names no version; run kg build", id="foreign name"),
        pytest.param("0123456789abcdef", None, "cannot be read", id="no manifest"),
        pytest.param("0123456789abcdef", "[]", "format None", id="no object"),
        pytest.param("0123456789abcdef", '{"format": 99}', "format 99", id="other format"),
    ],
)
def test_open_version_says_what_is_wrong(
    tmp_path: Path, current: str | None, manifest: str | None, message: str
) -> None:
    if current is not None:
        (tmp_path / "CURRENT").write_text(current, encoding="utf-8")
    if manifest is not None:
        (tmp_path / "versions" / "0123456789abcdef").mkdir(parents=True)
        (tmp_path / "versions" / "0123456789abcdef" / "manifest.json").write_text(manifest)
    with pytest.raises(GraphError, match=message):
        open_version(tmp_path)


# Queries


def test_select_binds_values_and_reads_the_union(store: ox.Store) -> None:
    sparql = """SELECT ?m ?city ?c ?d {
        ?m pk:city ?city ; pk:confidence ?c OPTIONAL { ?m pk:distributed ?d } }"""
    rows = select(store, sparql, city=place_iri("310000"))
    assert {(row["c"], row["d"]) for row in rows} == {(0.93, None), (1.0, True)}
    assert select(store, sparql, city=place_iri("110000")) == []


def test_select_takes_a_binding_as_a_value_only(store: ox.Store) -> None:
    sparql = "SELECT ?d ?title { ?d dcterms:title ?title }"
    hostile = ox.Literal('" } SERVICE <http://x/> { ?s ?p "', language="zh")
    assert select(store, sparql, title=hostile) == []
    assert len(select(store, sparql, title=ox.Literal(DOCUMENT.title, language="zh"))) == 2


def test_select_names_the_place_of_a_mistake(store: ox.Store) -> None:
    with pytest.raises(QueryError, match="malformed SPARQL: error at 1:"):
        select(store, "SELECT ?s { ?s ?p }")


@pytest.mark.parametrize(
    ("sparql", "format", "expected"),
    [
        (
            "SELECT ?t { ?d pk:source ?t } ORDER BY ?t",
            "table",
            "?t\n----------\nZ.txt\na/意见.txt\n",
        ),
        ("SELECT ?t { ?d pk:source ?t } ORDER BY ?t", "csv", "t\r\nZ.txt\r\na/意见.txt\r\n"),
        ("SELECT ?t { ?d pk:source ?t } ORDER BY ?t", "tsv", '?t\n"Z.txt"\n"a/意见.txt"\n'),
        ("ASK { ?d pk:source 'Z.txt' }", "table", "yes\n"),
        ("ASK { ?d pk:source 'Y.txt' }", "json", '{"head":{},"boolean":false}'),
        ("CONSTRUCT { <x:a> pk:rule '价' } {}", "ntriples", f'<x:a> <{PK}rule> "价" .\n'),
    ],
)
def test_run_query_serializes(store: ox.Store, sparql: str, format: str, expected: str) -> None:
    assert run_query(store, sparql, format).decode() == expected


def test_run_query_draws_graphs_as_turtle(store: ox.Store) -> None:
    text = run_query(store, "CONSTRUCT { <x:a> pk:rule 'x' } {}").decode()
    assert f"@prefix pk: <{PK}>" in text
    assert '<x:a> pk:rule "x" .' in text


def test_run_query_heeds_from(store: ox.Store) -> None:
    graph = document_graph(DOCUMENT.id)
    sparql = f"SELECT (COUNT(*) AS ?n) FROM <{graph}> {{ ?s ?p ?o }}"
    assert run_query(store, sparql, "tsv").decode() == f"?n\n{len(write())}\n"


@pytest.mark.parametrize(
    ("sparql", "format", "message"),
    [
        ("SELECT ?s { ?s ?p", "json", "malformed SPARQL: error at 1:"),
        ("SELECT ?s { ?s ?p ?o }", "turtle", "choose one of table, json, csv, tsv, xml"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "csv", "choose one of table, turtle, ntriples"),
        ("INSERT DATA { <x:a> <x:b> 1 }", "json", "updates are not possible"),
        ("# SELECT\nCLEAR ALL", "json", "updates are not possible"),
    ],
)
def test_run_query_explains(store: ox.Store, sparql: str, format: str, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        run_query(store, sparql, format)


@pytest.mark.parametrize(
    "sparql",
    [
        "SELECT * { SERVICE <http://localhost:9/> { ?s ?p ?o } }",
        "SELECT * { { SELECT ?s { OPTIONAL { service silent ?x { ?s ?p ?o } } } } }",
        "ASK { FILTER NOT EXISTS { SERVICE ?x { ?s ?p ?o } } }",
        "SELECT * { #\rSERVICE <http://localhost:9/> { ?s ?p ?o }\n}",
        "SELECT * { FILTER(?a<'b>')SERVICE<http://localhost:9/>{ ?s ?p ?o } FILTER(?a<'b>') }",
        'SELECT * { ?s ?p "\\u0022#" . SERVICE <http://localhost:9/> { ?s ?p ?o }\n}',
        "SELECT * { LATERAL { SERVICE <http://localhost:9/> { ?s ?p ?o } } }",
    ],
)
def test_run_query_never_opens_the_network(store: ox.Store, sparql: str) -> None:
    with pytest.raises(QueryError, match="SERVICE"):
        run_query(store, sparql)


def test_run_query_lets_the_word_service_stand(store: ox.Store) -> None:
    sparql = "SELECT ?service { ?service <x:service> 'service' } # SERVICE <x:y> {}"
    assert run_query(store, sparql, "tsv") == b"?service\n"


# Sheet


def test_read_measures_keeps_the_contract(store: ox.Store) -> None:
    rows = list(read_measures(store))
    assert [tuple(row) for row in rows] == [MEASURE_KEYS] * 4
    assert [(row["source"], row["start"]) for row in rows] == [
        ("Z.txt", LAND.span.start),
        ("Z.txt", AWARD.span.start),
        ("a/意见.txt", LAND.span.start),
        ("a/意见.txt", AWARD.span.start),
    ]


def test_read_measures_rebuilds_the_coding(store: ox.Store) -> None:
    land, award = list(read_measures(store))[2:]
    document = f"{BASE}id/document/{DOCUMENT.id}"
    assert land == {
        "id": f"{document}/measure/{LAND.key}",
        "source": "a/意见.txt",
        "sha256": SHA256,
        "form": "original",
        "document": document,
        "clause": "五、（二）提高土地资源配置效率",
        "start": LAND.span.start,
        "end": LAND.span.end,
        "text": LAND.span.of(RAW),
        "places": ["金山区"],
        "cities": ["上海"],
        "categories": ["区位", "财政"],
        "instruments": ["LandPriceWaiver", "LandIntensification"],
        "status": "provided",
        "basis": "",
        "strength": "grant",
        "beneficiaries": ["enterprise"],
        "object": "现有工业用地",
        "conditions": ["现有", "提高容积率"],
        "units": [
            {"name": "上海市金山区规划和土地管理局", "surface": "区规土局", "role": "lead"},
            {"name": "上海市金山区科学技术委员会", "surface": "科委", "role": "support"},
        ],
        "amounts": [],
        "targets": [],
        "confidence": 0.93,
        "rule": "head-verb",
        "decided": [],
    }
    assert json.dumps(award["amounts"][0]["value"]) == "200000"
    assert award["amounts"][1] == {"value": 0.5, "unit": "%", "op": "<=", "surface": "0.5%"}
    assert award["targets"] == [
        {"value": 25000, "op": ">=", "unit": "家", "deadline": "2025", "surface": "2.5万家"}
    ]


def test_read_measures_reads_store_and_version_alike(version: Version) -> None:
    assert list(read_measures(version)) == list(read_measures(version.store()))


def test_read_documents_keeps_the_contract(store: ox.Store) -> None:
    documents = read_documents(store)
    assert [document["source"] for document in documents] == ["Z.txt", "a/意见.txt"]
    assert tuple(documents[1]) == DOCUMENT_KEYS
    assert documents[1] == {
        "source": "a/意见.txt",
        "sha256": SHA256,
        "form": "original",
        "title": DOCUMENT.title,
        "number": "沪府规〔2021〕9号",
        "issuer": "上海市人民政府",
        "issued": "2021-07-23",
        "effective": None,
        "expires": "2026-08-31",
        "expires_basis": "stated",
        "place": "金山区",
        "level": "district",
        "kind": "规范性文件",
        "cites": [{"title": "高企认定办法", "number": "国科发火〔2016〕32号"}],
        "unit_brackets": 1,
        "tables": [{"rows": 12, "columns": 4}],
        "problems": [
            {"kind": "double-number", "message": "编号重复", "start": 3, "end": 5},
            {
                "kind": "missing-row",
                "message": "缺第3行",
                "start": 6,
                "end": 7,
                "evidence": [{"start": 6, "end": 7}, {"start": 8, "end": 9}],
            },
        ],
    }


# Exports


def export(version: Version, format: str) -> bytes:
    output = io.BytesIO()
    export_graph(version, format, output)
    return output.getvalue()


@pytest.mark.parametrize("format", FORMATS)
def test_export_graph_gives_the_same_bytes(version: Version, tmp_path: Path, format: str) -> None:
    assert export(publish(tmp_path, reverse=True), format) == export(version, format)


@pytest.mark.parametrize(
    ("format", "syntax"), [("turtle", ox.RdfFormat.TURTLE), ("jsonld", ox.RdfFormat.JSON_LD)]
)
def test_export_graph_keeps_the_union(version: Version, format: str, syntax: ox.RdfFormat) -> None:
    store = ox.Store()
    store.load(export(version, format), format=syntax)
    assert {quad.triple for quad in store} == {quad.triple for quad in version.store()}


def test_export_graph_copies_nquads_and_rows(version: Version) -> None:
    assert export(version, "nquads") == version.quads.read_bytes()
    rows = [json.loads(line) for line in export(version, "jsonl").decode().splitlines()]
    assert rows == list(read_measures(version.store()))


def test_export_graph_writes_csv_for_spreadsheets(version: Version) -> None:
    text = export(version, "csv").decode("utf-8-sig")
    assert export(version, "csv").startswith(b"\xef\xbb\xbf")
    assert text.startswith(",".join(MEASURE_KEYS))
    assert "上海市金山区规划和土地管理局 (lead)；上海市金山区科学技术委员会 (support)" in text
    assert "20万元 (= 200000 CNY)；0.5% (<= 0.5 %)" in text


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_export_graph_guards_formulas(tmp_path: Path, start: str) -> None:
    measure = dataclasses.replace(LAND, object=f"{start}1+1")
    with stage_version(tmp_path) as staging:
        lines = write(Extraction(DOCUMENT, (measure,), (), (), ()))
        staging.add_graph(document_graph(DOCUMENT.id), lines)
        version = staging.publish({})
    assert f"'{start}1+1" in export(version, "csv").decode()


def test_export_graph_writes_a_network(version: Version) -> None:
    network = nx.parse_graphml(export(version, "graphml").decode())
    kinds = nx.get_node_attributes(network, "kind")
    assert sorted(kinds.values()) == sorted(
        ["document"] * 2 + ["measure"] * 4 + ["instrument"] * 3 + ["unit"] * 2
    )
    assert nx.is_directed_acyclic_graph(network)


def test_export_graph_names_the_formats(version: Version) -> None:
    with pytest.raises(GraphError, match="nquads, turtle, jsonld"):
        export(version, "docx")


# Shapes


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return load_shapes()


def find(violations: list[Violation]) -> set[tuple[str, str, str]]:
    return {(v.resource, v.path.removeprefix(PK), v.constraint) for v in violations}


def test_shapes_hold_no_blank_node(shapes: Graph) -> None:
    assert "_:" not in shapes.serialize(format="nt")


@pytest.mark.parametrize("name", ["shapes.ttl", "lines"])
def test_policy_declares_every_term(name: str) -> None:
    declared = (shipped_folder() / "policy.ttl").read_text(encoding="utf-8")
    if name == "lines":
        used = set(re.findall(f"<{PK}([A-Za-z]+)>", "".join(write())))
    else:
        used = set(re.findall(r"\bpk:(\w+)", (shipped_folder() / name).read_text("utf-8")))
    assert used
    assert not {term for term in used if not re.search(rf"^pk:{term} a ", declared, re.M)}


def test_validate_graph_accepts_what_is_written(shapes: Graph) -> None:
    assert validate_graph(write(), shapes) == []
    assert check_graph(write(), load_rules()) == []


def test_check_graph_knows_another_base() -> None:
    lines = write(base="http://example.org/")
    broken = [line for line in lines if "#status>" not in line]
    rules = load_rules(base="http://example.org/")
    assert check_graph(lines, rules) == []
    assert {v.path for v in check_graph(broken, rules)} == {"http://example.org/ontology#status"}


@pytest.mark.parametrize(
    ("pattern", "replacement", "path", "constraint"),
    [
        (r".*ontology#status>.*\n", "", "status", "MinCount"),
        (r"id/status/provided", "id/status/promised", "status", "Pattern"),
        (r".*ontology#evidence>.*\n", "", "evidence", "MinCount"),
        (r"(#confidence>) \"0.93\"", r'\1 "1.5"', "confidence", "MaxInclusive"),
        (r"(#start>) \"\d+\"", r'\1 "99999"', "start", "LessThanOrEquals"),
        (r"(#value>) \"0.5\"\S+", r'\1 "half"', "value", "Datatype"),
        (r"(#sha256>) \"\w+\"", r'\1 "0"', "sha256", "Pattern"),
        (r".*type> \S+Responsibility>.*\n", "", "responsibility", "Class"),
        (r".*ontology#resolvedName>.*\n", "", "resolvedName", "MinCount"),
        (r"(#resolvedPlace>) <\S+>", r"\1 <x:nowhere>", "resolvedPlace", "Pattern"),
        (r"#operator> \"=\"", '#operator> "=="', "operator", "Pattern"),
        (r"(#rank>) \"2\"", r'\1 "0"', "rank", "MinInclusive"),
    ],
)
def test_shapes_catch_a_broken_graph(
    shapes: Graph, pattern: str, replacement: str, path: str, constraint: str
) -> None:
    broken = re.sub(pattern, replacement, "".join(write())).splitlines(keepends=True)
    found = find(check_graph(broken, load_rules()))
    assert {(p, c) for _, p, c in found} >= {(path, f"{constraint}ConstraintComponent")}
    assert find(validate_graph(broken, shapes)) == found


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_check_graph_faults_what_pyshacl_faults(seed: int) -> None:
    chance = random.Random(seed)
    parts = [line[: line.rindex(" <")].split(" ", 2) for line in write()]
    for part in chance.sample(parts, 6):
        part[2] = chance.choice(parts)[2]
    for part in chance.sample(parts, 4):
        parts.remove(part)
    broken = sorted({f"{' '.join(part)} <http://x/g> .\n" for part in parts})
    found = {violation.resource for violation in check_graph(broken, load_rules())}
    assert {violation.resource for violation in validate_graph(broken, load_shapes())} == found


def test_load_rules_names_what_it_does_not_know(tmp_path: Path) -> None:
    path = tmp_path / "shapes.ttl"
    path.write_text(
        """@prefix sh: <http://www.w3.org/ns/shacl#> .
        <x:s> a sh:NodeShape ; sh:targetClass <x:c> ; sh:property <x:p> .
        <x:p> sh:path <x:q> ; sh:hasValue 1 ."""
    )
    with pytest.raises(OntologyError, match="sh:hasValue 1"):
        load_rules(path)
    path.write_text("no turtle")
    with pytest.raises(OntologyError, match=r"shapes\.ttl: cannot be read"):
        load_rules(path)
    with pytest.raises(OntologyError, match="cannot be read"):
        load_shapes(path)


def test_read_codings_keeps_documents_of_one_graph_apart(tmp_path: Path) -> None:
    from kg.graph import read_codings
    from tests.serving import describe_documents, publish_triples

    publish_triples(tmp_path, describe_documents(3, "文件"))
    codings = read_codings(open_version(tmp_path))
    assert len(codings) == 3
    assert all(coding.measure.startswith(coding.document) for coding in codings)
    assert len({coding.document for coding in codings}) == 3
