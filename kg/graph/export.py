"""The formats in which a graph leaves: RDF, the coding sheet, a network."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from shutil import copyfileobj
from typing import TYPE_CHECKING, Any, BinaryIO

import pyoxigraph as ox

from kg.errors import GraphError
from kg.graph.query import make_prefixes, select
from kg.graph.sheet import MEASURE_KEYS, read_measures
from kg.graph.version import Version
from kg.ontology import BASE
from kg.ontology.namespaces import XSD

if TYPE_CHECKING:
    import networkx as nx
    import rdflib

SEPARATOR = "；"

# a program set to Chinese takes the wide forms of the signs for the signs
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INSTRUMENTS = """
    SELECT ?iri ?name WHERE {
      ?iri a pk:Instrument ; skos:prefLabel ?name FILTER (lang(?name) = "zh")
    }"""
_LINKS = """
    SELECT ?document ?measure ?title ?quote ?instrument ?unit ?name ?role WHERE {
      ?measure a pk:Measure ; pk:document ?document ; pk:evidence ?evidence .
      ?document dcterms:title ?title .
      ?evidence pk:quote ?quote .
      { ?measure pk:instrument ?instrument }
      UNION
      { ?measure pk:responsibility ?responsibility .
        ?responsibility pk:unit ?unit ; pk:role ?role ; pk:resolvedName ?name }
    }"""


def export_graph(version: Version, format: str, output: BinaryIO, *, base: str = BASE) -> None:
    """Write a version in one of ``FORMATS`` to a binary stream; the same bytes every time.

    The RDF formats other than nquads hold the union of all graphs, and need memory for it.
    Raises GraphError for an unknown format.
    """
    if format not in FORMATS:
        raise GraphError(f"unknown format {format!r}; choose one of {', '.join(FORMATS)}")
    FORMATS[format](version, output, base)


def _export_nquads(version: Version, output: BinaryIO, base: str) -> None:
    with open(version.quads, "rb") as quads:
        copyfileobj(quads, output)


def _export_turtle(version: Version, output: BinaryIO, base: str) -> None:
    _read_union(version, base).serialize(output, format="longturtle", encoding="utf-8")


def _export_jsonld(version: Version, output: BinaryIO, base: str) -> None:
    """Write JSON-LD with its nodes and values sorted, which rdflib leaves in any order."""
    graph = _read_union(version, base)
    content = json.loads(graph.serialize(format="json-ld", context=make_prefixes(base)))
    text = json.dumps(_sort_content(content), ensure_ascii=False, indent=1, sort_keys=True)
    output.write(f"{text}\n".encode())


def _export_jsonl(version: Version, output: BinaryIO, base: str) -> None:
    for row in read_measures(version, base=base):
        output.write(f"{json.dumps(row, ensure_ascii=False)}\n".encode())


def _export_csv(version: Version, output: BinaryIO, base: str) -> None:
    """Write the coding sheet for a spreadsheet program, which takes UTF-8 only with its mark."""
    output.write("\ufeff".encode())
    for cells in (MEASURE_KEYS, *_format_rows(read_measures(version, base=base))):
        line = io.StringIO()
        csv.writer(line).writerow(map(guard_cell, cells))
        output.write(line.getvalue().encode())


def guard_cell(text: str) -> str:
    """Keep a spreadsheet program from taking a cell for a formula.

    >>> guard_cell("=1+1"), guard_cell("20万元")
    ("'=1+1", '20万元')
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def _format_rows(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[str]]:
    for row in rows:
        yield [_format_cell(row[key]) for key in MEASURE_KEYS]


def _format_cell(value: object) -> str:
    """Write a value as the text of one cell; a list joined, its records in short form."""
    if isinstance(value, list):
        return SEPARATOR.join(_format_cell(item) for item in value)
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    if "by" in value:
        return f"{value['by']} ({value['action']} {value['on']})"
    if "name" in value:
        return f"{value['name']} ({value['role']})"
    measured = f"{value['surface']} ({value['op']} {value['value']} {value['unit']})"
    return f"{measured} {value['deadline']}" if value.get("deadline") else measured


def _export_graphml(version: Version, output: BinaryIO, base: str) -> None:
    import networkx as nx

    nx.write_graphml_xml(_make_network(version, base), output, encoding="utf-8")


def _make_network(version: Version, base: str) -> nx.DiGraph:
    """Link documents to their measures, and measures to their instruments and units."""
    import networkx as nx

    names = {r["iri"]: r["name"] for r in select(version.store(), _INSTRUMENTS, base=base)}
    network = nx.DiGraph()
    for row in sorted(select(version.store(), _LINKS, base=base), key=_sort_key):
        measure, document = str(row["measure"]), str(row["document"])
        _add_node(network, document, "document", row["title"])
        _add_node(network, measure, "measure", row["quote"])
        network.add_edge(document, measure, relation="hasMeasure")
        if row["instrument"]:
            instrument = str(row["instrument"])
            _add_node(network, instrument, "instrument", names.get(instrument, instrument))
            network.add_edge(measure, instrument, relation="instrument")
        else:
            _add_node(network, str(row["unit"]), "unit", row["name"])
            network.add_edge(measure, str(row["unit"]), relation=str(row["role"]))
    return network


def _sort_key(row: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(str(value or "") for value in row.values())


def _add_node(network: nx.DiGraph, iri: str, kind: str, label: object) -> None:
    network.add_node(iri, kind=kind, label=_NOT_XML.sub(" ", str(label)))


def _read_union(version: Version, base: str) -> rdflib.Graph:
    """Read every triple once, whatever graphs it stands in."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in make_prefixes(base).items():
        graph.bind(prefix, namespace)
    for quad in ox.parse(path=str(version.quads), format=ox.RdfFormat.N_QUADS):
        subject, value = rdflib.URIRef(quad.subject.value), quad.object
        predicate = rdflib.URIRef(quad.predicate.value)
        graph.add((subject, predicate, _convert_term(value)))
    return graph


def _convert_term(term: ox.NamedNode | ox.Literal) -> rdflib.URIRef | rdflib.Literal:
    """Make an rdflib term that keeps the lexical form."""
    from rdflib import Literal, URIRef

    if isinstance(term, ox.NamedNode):
        return URIRef(term.value)
    if term.language:
        return Literal(term.value, lang=term.language)
    datatype = None if term.datatype.value == XSD + "string" else URIRef(term.datatype.value)
    return Literal(term.value, datatype=datatype, normalize=False)


def _sort_content(content: Any) -> Any:
    """Sort every list of a JSON text; in JSON-LD without lists their order means nothing."""
    if isinstance(content, dict):
        return {key: _sort_content(value) for key, value in content.items()}
    if isinstance(content, list):
        return sorted(
            map(_sort_content, content), key=lambda item: json.dumps(item, sort_keys=True)
        )
    return content


Exporter = Callable[[Version, BinaryIO, str], None]
FORMATS: Mapping[str, Exporter] = {
    "nquads": _export_nquads,
    "turtle": _export_turtle,
    "jsonld": _export_jsonld,
    "jsonl": _export_jsonl,
    "csv": _export_csv,
    "graphml": _export_graphml,
}
