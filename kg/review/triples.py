"""The corrections graph: every decision with who, when, why, what was before and what is now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

import pyoxigraph as ox

from kg.graph import write_triples
from kg.graph.literals import encode_segment
from kg.ontology import BASE, resource_iri
from kg.ontology.namespaces import DCTERMS, PROV, RDF, SKOS, XSD
from kg.review.decisions import Codes, Decision

_PK = BASE + "ontology#"


def write_decisions(decisions: Iterable[Decision], *, base: str = BASE) -> tuple[str, list[str]]:
    """Return the IRI of the corrections graph and its sorted N-Quads lines; no decision, no line.

    What became of a decision in a build stands in the graph of its document, under the same IRI;
    neither graph repeats the other, so that queries over both give each decision once.
    """
    graph = resource_iri("graph", "corrections", base=base)
    triples = (triple for decision in decisions for triple in _describe(decision))
    return graph, write_triples(triples, graph, base=base)


def _describe(decision: Decision) -> Iterator[ox.Triple]:
    s = ox.NamedNode(resource_iri("decision", decision.id))
    person = ox.NamedNode(resource_iri("person", _name(decision.by)))
    yield ox.Triple(s, ox.NamedNode(RDF + "type"), ox.NamedNode(PROV + "Activity"))
    yield ox.Triple(s, ox.NamedNode(DCTERMS + "type"), ox.Literal(decision.action))
    yield ox.Triple(s, ox.NamedNode(PROV + "wasAssociatedWith"), person)
    yield ox.Triple(person, ox.NamedNode(RDF + "type"), ox.NamedNode(PROV + "Person"))
    yield ox.Triple(person, ox.NamedNode(SKOS + "prefLabel"), ox.Literal(decision.by))
    yield ox.Triple(s, ox.NamedNode(PROV + "endedAtTime"), _write_time(decision.on))
    texts = [
        ("quote", decision.anchor.quote),
        ("source", decision.anchor.source),
        ("sha256", decision.anchor.sha256),
        ("reason", decision.why),
        ("oldCoding", _write_codes(decision.old)),
        ("newCoding", _write_codes(decision.new)),
        *(("field", name) for name in decision.fields),
    ]
    for name, text in texts:
        if text:
            yield ox.Triple(s, ox.NamedNode(_PK + name), ox.Literal(text))


def _write_time(on: str) -> ox.Literal:
    kind = "dateTime" if "T" in on else "date"
    return ox.Literal(on, datatype=ox.NamedNode(XSD + kind))


def _write_codes(codes: Codes | None) -> str:
    if codes is None:
        return ""
    return json.dumps(asdict(codes), ensure_ascii=False, sort_keys=True)


def _name(person: str) -> str:
    return encode_segment(person).replace("/", "%2F")
