"""Goals: the targets of a graph, whether of measures, of sentences or of tables."""

from __future__ import annotations

from dataclasses import dataclass

import pyoxigraph as ox

from kg.graph.query import select
from kg.model import Span
from kg.ontology import BASE

_TARGETS = """
    SELECT DISTINCT ?document ?start ?end ?value ?unit ?deadline ?indicator ?surface WHERE {
      ?owner pk:target ?target ; pk:document ?document ; pk:evidence ?evidence .
      ?evidence pk:start ?start ; pk:end ?end .
      ?target pk:value ?value ; pk:unitText ?unit ; pk:surface ?surface .
      OPTIONAL { ?target pk:deadline ?deadline }
      OPTIONAL { ?target pk:indicatorName ?indicator }
    } ORDER BY ?document ?start ?value ?surface"""


@dataclass(frozen=True, slots=True)
class Aim:
    """A target: IRI of its document, span of its sentence or cell, value, unit, year, as written."""

    document: str
    span: Span
    value: float
    unit: str
    year: str
    indicator: str
    surface: str


def read_aims(store: ox.Store, *, base: str = BASE) -> tuple[Aim, ...]:
    """Return the targets of a graph in the order of documents and text."""
    return tuple(
        Aim(
            document=str(row["document"]),
            span=Span(int(row["start"] or 0), int(row["end"] or 0)),
            value=float(row["value"] or 0),
            unit=str(row["unit"] or ""),
            year=str(row["deadline"] or "")[:4],
            indicator=str(row["indicator"] or ""),
            surface=str(row["surface"] or ""),
        )
        for row in select(store, _TARGETS, base=base)
    )
