"""Description: what the graph says of one term — an instrument, place, unit, document or IRI."""

from __future__ import annotations

from typing import Any

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph import select
from kg.ontology import BASE, Vocabulary, instrument_iri

_MOST = 50

_FIND = """
SELECT DISTINCT ?iri ?wanted WHERE {
  { ?iri skos:prefLabel ?name } UNION { ?iri skos:altLabel ?name }
  UNION { ?iri dcterms:title ?name } UNION { ?iri schema:legislationIdentifier ?name . ?iri a pk:Document }
  FILTER(LCASE(STR(?name)) = ?wanted)
} ORDER BY ?iri
"""
_UNIT_BY_SURFACE = """
SELECT DISTINCT ?iri ?wanted WHERE { ?duty pk:surface ?name ; pk:unit ?iri . FILTER(STR(?name) = ?wanted) }
ORDER BY ?iri
"""
_PROPERTIES = """
SELECT ?iri ?property ?value ?label (LANG(?value) AS ?language) WHERE {
  ?iri ?property ?value .
  OPTIONAL { ?value skos:prefLabel ?label . FILTER(LANG(?label) = "zh") }
} ORDER BY ?property DESC(?language) ?value
"""
_MEASURES = """
SELECT DISTINCT ?iri ?measure ?title ?number ?source ?start ?end ?quote WHERE {
  { ?measure pk:instrument ?iri } UNION { ?measure pk:city ?iri } UNION { ?measure pk:place ?iri }
  UNION { ?measure pk:document ?iri } UNION { ?measure pk:responsibility/pk:unit ?iri }
  UNION { ?measure pk:clause ?iri }
  ?measure a pk:Measure ; pk:document ?document ; pk:evidence ?evidence .
  ?evidence pk:start ?start ; pk:end ?end ; pk:quote ?quote .
  ?document dcterms:title ?title ; pk:source ?source .
  OPTIONAL { ?document schema:legislationIdentifier ?number }
} ORDER BY ?source ?start ?measure
"""


def describe_term(
    term: str, store: ox.Store, vocabulary: Vocabulary, *, base: str = BASE
) -> dict[str, Any]:
    """Return label, IRI, properties and measures of what ``term`` names.

    ``measures`` holds at most 50 of the ``count`` measures, in the order of the sources.
    Raises QueryError where the graph knows no such term.
    """
    iri = find_term(term, store, vocabulary, base)
    properties: dict[str, list[str]] = {}
    for row in select(store, _PROPERTIES, iri=ox.NamedNode(iri)):
        name = str(row["property"]).rsplit("#", 1)[-1].rsplit("/", 1)[-1]
        value = str(row.get("label") or row["value"])
        properties.setdefault(name, []).append(value)
    measures = select(store, _MEASURES, iri=ox.NamedNode(iri))
    label = (properties.get("prefLabel") or properties.get("title") or [term])[0]
    return {
        "label": label,
        "iri": iri,
        "vocabulary": vocabulary.version,
        "properties": {name: list(dict.fromkeys(values)) for name, values in properties.items()},
        "count": len(measures),
        "measures": [
            {
                "document": row.get("number") or row["title"],
                "place": f"{row['source']}:{row['start']}–{row['end']}",
                "quote": row["quote"],
            }
            for row in measures[:_MOST]
        ],
    }


def find_term(term: str, store: ox.Store, vocabulary: Vocabulary, base: str) -> str:
    """Return the IRI of ``term``: itself, an instrument's id, else the resource with this label, title or number."""
    wanted = term.strip()
    if wanted.startswith(("http://", "https://")):
        return wanted
    if wanted in vocabulary.concepts:
        return instrument_iri(wanted, base=base)
    for query, text in ((_FIND, wanted.lower()), (_UNIT_BY_SURFACE, wanted)):
        found = select(store, query, wanted=ox.Literal(text))
        if found:
            return str(min((str(row["iri"]) for row in found), key=_rank))
    raise QueryError(f"{term!r}: no instrument, place, unit or document of this name; try kg ask")


def _rank(iri: str) -> tuple[int, str]:
    """Prefer instruments, then places, units and documents, where a name is shared."""
    order = ("/id/instrument/", "/id/place/", "/id/unit/", "/id/document/")
    return next((i for i, part in enumerate(order) if part in iri), len(order)), iri
