"""Reported figures and ranks, and contradictions within a source, read from the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyoxigraph as ox

from kg.graph.query import Value, select
from kg.model import Evidence
from kg.ontology import BASE, resource_iri

OBSERVATION_KEYS = (
    "place", "indicator", "year", "value", "unit", "rank", "scope", "op", "hedge", "base",
    "surface", "start", "end", "evidence",
)  # fmt: skip

_SOURCE = """
      ?evidence pk:document ?document ; pk:start ?first ; pk:end ?last ; pk:quote ?quote .
      ?document dcterms:title ?title ; pk:source ?source ; pk:form ?form .
      OPTIONAL { ?document schema:legislationIdentifier ?number }
      OPTIONAL { ?document pk:documentKind ?kind }"""
# The source stands before the optional parts: after them it is joined over and over.
_OBSERVATIONS = f"""
    SELECT * WHERE {{
      ?observation a qb:Observation ; pk:indicatorName ?indicator ; pk:evidence ?evidence ;
        pk:surface ?surface ; pk:start ?start ; pk:end ?end ; pk:order ?order .{_SOURCE}
      OPTIONAL {{
        ?observation pk:place ?place .
        ?place skos:prefLabel ?name FILTER (lang(?name) = "zh")
      }}
      OPTIONAL {{ ?observation pk:year ?year }}
      OPTIONAL {{ ?observation pk:baseYear ?base }}
      OPTIONAL {{ ?observation pk:value ?value ; pk:unitText ?unit ; pk:operator ?op }}
      OPTIONAL {{ ?observation pk:hedge ?hedge }}
      OPTIONAL {{ ?observation pk:rank ?rank }}
      OPTIONAL {{ ?observation pk:scope ?scope }}
    }}"""
_WITHIN = """
    SELECT ?observation ?city WHERE {
      ?observation a qb:Observation ; pk:place/skos:broader* ?city
    }"""
_CONTRADICTIONS = f"""
    SELECT * WHERE {{
      ?problem a pk:Problem ; pk:problemKind "contradiction" ; rdfs:comment ?message ;
        pk:evidence ?evidence .{_SOURCE}
    }}"""

Row = dict[str, Any]


def read_observations(store: ox.Store, *, city: str = "", base: str = BASE) -> list[Row]:
    """Return the observations in the order of their sources; keys are ``OBSERVATION_KEYS``.

    ``city`` is a place id: then only what is told of it and of places within it.  ``place`` is a
    short name, empty where a figure is of no single place; ``start`` and ``end`` are those of the
    figure itself, ``evidence`` is the sentence.
    """
    rows = select(store, _OBSERVATIONS, base=base)
    if city:
        iri = resource_iri("place", city, base=base)
        within = {row["observation"] for row in select(store, _WITHIN, base=base, city=iri)}
        rows = [row for row in rows if row["observation"] in within]
    rows.sort(key=lambda row: (str(row["source"]), _number(row["start"]), _number(row["order"])))
    return [_describe(row, base) for row in rows]


def read_contradictions(store: ox.Store, *, base: str = BASE) -> list[Row]:
    """Return what documents contradict themselves in: message and the evidence on each side."""
    found: dict[Value, Row] = {}
    rows = select(store, _CONTRADICTIONS, base=base)
    rows.sort(key=lambda row: (str(row["source"]), str(row["problem"]), str(row["evidence"])))
    for row in rows:
        entry = found.setdefault(row["problem"], {"message": row["message"], "evidence": []})
        entry["evidence"].append(_read_evidence(row, base))
    return list(found.values())


def _describe(row: Mapping[str, Value], base: str) -> Row:
    return {
        "place": row["name"] or "",
        **{name: row[name] for name in ("indicator", "year", "value", "unit", "rank")},
        **{name: row[name] or "" for name in ("scope", "op", "hedge")},
        **{name: row[name] for name in ("base", "surface", "start", "end")},
        "evidence": _read_evidence(row, base),
    }


def _read_evidence(row: Mapping[str, Value], base: str) -> Evidence:
    study = row["kind"] == resource_iri("document-kind", "study", base=base)
    return Evidence(
        document=str(row["title"]),
        number=str(row["number"] or ""),
        source=str(row["source"]),
        form=str(row["form"]),
        start=_number(row["first"]),
        end=_number(row["last"]),
        quote=str(row["quote"]),
        kind="secondary" if study else "own",
    )


def _number(value: Value) -> int:
    return int(value or 0)
