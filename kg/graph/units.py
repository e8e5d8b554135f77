"""Responsible units in a graph: who is named how often, and what is missing in the vocabulary."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import pyoxigraph as ox

from kg.graph.literals import escape_text
from kg.graph.query import Value, select
from kg.ontology import BASE, Place, Vocabulary
from kg.ontology.namespaces import PREFIXES

_UNITS = """
SELECT ?unit ?name ?kind ?place ?surface ?measure ?title ?number ?source WHERE {
  GRAPH ?graph {
    ?measure a pk:Measure ; pk:document ?document ; pk:responsibility ?duty .
    ?duty pk:unit ?unit ; pk:surface ?surface ; pk:resolvedName ?name .
    ?document dcterms:title ?title ; pk:source ?source .
    OPTIONAL { ?duty pk:resolvedKind ?kind }
    OPTIONAL { ?duty pk:resolvedPlace ?place }
    OPTIONAL { ?document schema:legislationIdentifier ?number }
  }
} ORDER BY ?unit ?place ?source ?measure ?surface
"""
_UNKNOWN = "x-"
_LONGEST = 8  # characters of a place's name that the reader looks for before a unit
_HEADER = f"""@prefix pk: <{PREFIXES["pk"]}> .
@prefix place: <{BASE}id/place/> .
@prefix unit: <{BASE}id/unit/> .
@prefix skos: <{PREFIXES["skos"]}> .
@prefix org: <http://www.w3.org/ns/org#> .
"""


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit as the measures of a graph name it: ``surfaces`` are its names as written.

    ``kind`` and ``place`` are ids, empty where they are not known; ``measures`` counts each
    measure once; ``example`` is the first document: number or title, and source.
    """

    id: str
    name: str
    kind: str
    place: str
    measures: int
    surfaces: tuple[str, ...]
    example: str

    @property
    def is_resolved(self) -> bool:
        """Tell whether the vocabulary knows the unit by its name or its kind."""
        return bool(self.kind) or not self.id.startswith(_UNKNOWN)


def read_units(store: ox.Store, *, base: str = BASE) -> list[NamedUnit]:
    """Return the units that measures name, those with the most measures first."""
    rows = select(store, _UNITS, base=base)
    groups = groupby(rows, key=lambda row: (row["unit"], row["place"]))
    units = [_read_unit(list(group)) for _, group in groups]
    return sorted(units, key=lambda unit: (-unit.measures, unit.id, unit.place))


def _read_unit(rows: Sequence[dict[str, Value]]) -> NamedUnit:
    first = rows[0]
    return NamedUnit(
        id=_local(first["unit"]),
        name=str(first["name"]),
        kind=_local(first["kind"]),
        place=_local(first["place"]),
        measures=len({row["measure"] for row in rows}),
        surfaces=tuple(dict.fromkeys(str(row["surface"]) for row in rows)),
        example=f"{first['number'] or first['title']} ({first['source']})",
    )


def _local(iri: Value) -> str:
    return str(iri or "").rsplit("/", 1)[-1]


def write_additions(units: Iterable[NamedUnit], vocabulary: Vocabulary) -> str:
    """Write a Turtle file that adds ``units`` to the vocabulary, each under a comment on its use."""
    return _HEADER + "".join(
        f"\n# {_describe_use(unit)}\n{write_addition(unit, vocabulary)}\n" for unit in units
    )


def write_addition(unit: NamedUnit, vocabulary: Vocabulary) -> str:
    """Write the Turtle of a named unit by which the next build resolves all its surfaces.

    Two ways to write one unit give the same resource: its id hashes the name without the place.
    """
    place = vocabulary.places.get(unit.place)
    local = tuple(dict.fromkeys(_strip_place(s, unit.name, place) for s in unit.surfaces))
    digest = hashlib.sha256(local[0].encode()).hexdigest()[:10]
    if place is None:
        return _write_block(f"own-{digest}", {"skos:prefLabel": (unit.name,)}, "")
    name = place.official + local[0]
    labels = {
        "skos:prefLabel": (name,),
        "skos:altLabel": () if unit.name == name else (unit.name,),
        "pk:localLabel": local,
    }
    return _write_block(f"{unit.place}-{digest}", labels, unit.place)


def _strip_place(surface: str, name: str, place: Place | None) -> str:
    """Return a surface without its place or level word: the part that the place completes."""
    if place is None:
        return surface
    for label in sorted({place.official, place.zh, *place.labels}, key=len, reverse=True):
        if 2 <= len(label) <= _LONGEST and surface.startswith(label) and surface != label:
            return surface[len(label) :]
    rest = name.removeprefix(place.official)
    return rest if surface.endswith(rest) else surface


def _write_block(identifier: str, labels: Mapping[str, Sequence[str]], place: str) -> str:
    lines = [f"unit:{identifier} a org:Organization, pk:Unit"]
    for name, texts in labels.items():
        if texts:
            lines.append(f"{name} " + ", ".join(f'"{escape_text(text)}"@zh' for text in texts))
    if place:
        lines.append(f"pk:jurisdiction place:{place}")
    return " ;\n    ".join(lines) + " ."


def _describe_use(unit: NamedUnit) -> str:
    written = ", ".join(unit.surfaces)
    text = f"{unit.measures} measures, written {written}; first in {unit.example}"
    return " ".join(text.split()) + ("" if unit.place else "; add its pk:jurisdiction")
