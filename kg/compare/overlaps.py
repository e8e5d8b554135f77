"""Overlaps: what cities share, side by side, each amount with the authority that grants it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx

from kg.compare.cells import (
    STRENGTHS,
    Cell,
    State,
    claim_state,
    decide_state,
    rank_strength,
    read_cells,
    show_evidence,
)
from kg.compare.claims import Claim, Duty, Sum, as_json
from kg.compare.places import name_place, resolve_place
from kg.model import Evidence
from kg.ontology import Vocabulary


@dataclass(frozen=True, slots=True)
class Side:
    """What one authority of a city has: the city itself or one of its districts.

    ``place`` is its short name, ``level`` city or district; what is only told of the city
    stands with the city.  ``instruments`` are the ones that claims name, ``strength`` is the
    strongest wording.
    """

    city: str
    place: str
    level: str
    state: State
    instruments: tuple[str, ...]
    beneficiaries: tuple[str, ...]
    amounts: tuple[Sum, ...]
    strength: str
    units: tuple[Duty, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """An instrument that all the cities have."""

    instrument: str
    label: str
    category: str
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What cities share, with the base it rests on (see Gaps)."""

    cities: tuple[str, ...]
    as_of: str | None
    documents: int
    undated: tuple[str, ...]
    version: str
    overlaps: tuple[Overlap, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the overlaps as plain values, ready for json.dumps."""
        found: dict[str, Any] = as_json(self)
        return found


def find_overlaps(claims: nx.MultiDiGraph, *cities: str, vocabulary: Vocabulary) -> Overlaps:
    """Find the instruments that all the cities have, contradicted or not, with the differences.

    Cities are place ids or names; their order does not matter.  Where the cities have different
    narrower instruments, the nearest broader one is what they share; the categories are left
    out.  A city has one side for itself and one for each district with documents of its own.
    Raises QueryError for an unknown place.
    """
    codes = sorted({resolve_place(vocabulary, city) for city in cities})
    cells = {code: read_cells(claims, vocabulary, code) for code in codes}
    overlaps = [
        Overlap(
            instrument=instrument,
            label=vocabulary.concepts[instrument].zh,
            category=vocabulary.notation(instrument),
            sides=tuple(
                side for code in codes for side in _make_sides(cells[code][instrument], vocabulary)
            ),
        )
        for instrument in _shared_instruments(cells, vocabulary)
    ]
    return Overlaps(
        cities=tuple(name_place(vocabulary, code) for code in codes),
        as_of=claims.graph["as_of"],
        documents=len(claims.graph["documents"]),
        undated=claims.graph["undated"],
        version=claims.graph["version"],
        overlaps=tuple(overlaps),
    )


def _shared_instruments(
    cells: Mapping[str, Mapping[str, Cell]], vocabulary: Vocabulary
) -> list[str]:
    """List what all cities have, leaving out what only repeats a narrower instrument."""
    shared = {
        instrument
        for instrument, concept in vocabulary.concepts.items()
        if concept.broader and all(found[instrument].held for found in cells.values())
    }
    below = {vocabulary.concepts[instrument].broader for instrument in shared}
    return sorted(
        instrument
        for instrument in shared
        if instrument not in below or any(_is_named(found[instrument]) for found in cells.values())
    )


def _is_named(cell: Cell) -> bool:
    return any(claim.instrument == cell.instrument for claim in cell.positives)


def _make_sides(cell: Cell, vocabulary: Vocabulary) -> list[Side]:
    by_place: dict[str, list[Claim]] = defaultdict(list)
    for claim in cell.positives:
        by_place[claim.district or cell.city].append(claim)
    return [
        _make_side(cell, place, by_place[place], vocabulary)
        for place in sorted(by_place, key=lambda place: (place != cell.city, place))
    ]


def _make_side(cell: Cell, place: str, claims: Iterable[Claim], vocabulary: Vocabulary) -> Side:
    found = tuple(claims)
    at_home = place == cell.city
    denied = {"denied"} if at_home and cell.denials else set()
    rank = rank_strength(found)
    return Side(
        city=name_place(vocabulary, cell.city),
        place=name_place(vocabulary, place),
        level="city" if at_home else "district",
        state=decide_state({claim_state(claim) for claim in found} | denied, covered=True),
        instruments=tuple(sorted({claim.instrument for claim in found})),
        beneficiaries=tuple(sorted({name for claim in found for name in claim.beneficiaries})),
        amounts=tuple(dict.fromkeys(item for claim in found for item in claim.amounts)),
        strength=STRENGTHS[rank] if rank < len(STRENGTHS) else "",
        units=tuple(dict.fromkeys(unit for claim in found for unit in claim.units)),
        evidence=show_evidence(found),
    )
