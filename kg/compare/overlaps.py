"""Overlaps: what places share, side by side, each amount with the authority that grants it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx

from kg.compare.cells import Cell, read_cells, read_states, sum_claims
from kg.compare.pairing import Difference, Pairing, find_differences, find_explored, pair_measures
from kg.compare.places import name_place, resolve_peers
from kg.compare.records import Claim, Duty, Entry, Sum, as_json
from kg.compare.sources import Counted, list_sources
from kg.compare.told import STRENGTHS, Told, rank_strength, show_evidence
from kg.model import Evidence
from kg.ontology import Vocabulary
from kg.states import POSITIVE, State, decide_state


@dataclass(frozen=True, slots=True)
class Basis:
    """A document that a side rests on; dates are ISO or empty."""

    title: str
    number: str
    source: str
    form: str
    issued: str
    effective: str
    expires: str


@dataclass(frozen=True, slots=True)
class Side:
    """What one authority of a city has: the city itself or one of its districts.

    ``place`` is its short name, ``level`` city or district; what is only told of the city
    stands with the city.  ``instruments`` are the ones that claims name, ``explored`` the parts
    of sentences that only explore, ``strength`` is the
    strongest wording of own documents (a secondary source's words are not the place's), ``dates``
    are those of the documents.
    """

    city: str
    place: str
    level: str
    state: State
    instruments: tuple[str, ...]
    beneficiaries: tuple[str, ...]
    amounts: tuple[Sum, ...]
    strength: str
    explored: tuple[str, ...]
    units: tuple[Duty, ...]
    dates: tuple[Basis, ...]
    measures: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """An instrument that all the cities have.

    ``differences`` tell in what the sides differ, ``pairings`` set measures of two cities with
    the same instrument and object side by side.
    """

    instrument: str
    label: str
    category: str
    sides: tuple[Side, ...]
    differences: tuple[Difference, ...]
    pairings: tuple[Pairing, ...]


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What cities share, with the base it rests on (see Gaps)."""

    cities: tuple[str, ...]
    as_of: str | None
    level: str
    selection: tuple[str, ...]
    documents: int
    undated: tuple[str, ...]
    version: str
    overlaps: tuple[Overlap, ...]
    sources: Mapping[str, tuple[Counted, ...]]

    def as_json(self) -> dict[str, Any]:
        """Return the overlaps as plain values, ready for json.dumps."""
        found: dict[str, Any] = as_json(self)
        return found


def find_overlaps(claims: nx.DiGraph, *cities: str, vocabulary: Vocabulary) -> Overlaps:
    """Find the instruments that all the places have, contradicted or not, with the differences.

    Places are ids or names, all cities or all districts; their order does not matter.  Where
    they have different narrower instruments, the nearest broader one is what they share; the
    categories are left out.  A city has one side for itself and one for each district with
    documents of its own.  Raises QueryError for an unknown place or one of another level.
    """
    codes = sorted(resolve_peers(vocabulary, cities))
    shared = _shared_instruments(claims, codes, vocabulary)
    cells = {code: read_cells(claims, vocabulary, code, instruments=shared) for code in codes}
    documents = claims.graph["documents"]
    return Overlaps(
        cities=tuple(name_place(vocabulary, code) for code in codes),
        as_of=claims.graph["as_of"],
        level=claims.graph.get("level", ""),
        selection=claims.graph.get("selection", ()),
        documents=len(documents),
        undated=claims.graph["undated"],
        version=claims.graph["version"],
        overlaps=tuple(
            _make_overlap(i, [cells[code][i] for code in codes], documents, vocabulary)
            for i in sorted(shared)
        ),
        sources={
            name_place(vocabulary, code): list_sources(claims, vocabulary, code) for code in codes
        },
    )


def _shared_instruments(
    claims: nx.DiGraph, codes: Iterable[str], vocabulary: Vocabulary
) -> frozenset[str]:
    """Return what all places have, leaving out what only repeats a narrower instrument."""
    held: list[set[str]] = []
    named: set[str] = set()
    for code in codes:
        states = read_states(claims, vocabulary, code)
        held.append({i for i, state in states.items() if state in (*POSITIVE, "contested")})
        summed = sum_claims(claims, vocabulary, code)
        named.update(i for i, told in summed.items() if not told.states.isdisjoint(POSITIVE))
    concepts = vocabulary.concepts
    shared = {i for i in set.intersection(*held) if concepts[i].broader} if held else set()
    below = {concepts[instrument].broader for instrument in shared}
    return frozenset(i for i in shared if i not in below or i in named)


def _make_overlap(
    instrument: str, cells: Iterable[Cell], documents: Mapping[str, Entry], vocabulary: Vocabulary
) -> Overlap:
    found = list(cells)
    sides = tuple(side for cell in found for side in _make_sides(cell, documents, vocabulary))
    return Overlap(
        instrument=instrument,
        label=vocabulary.concepts[instrument].zh,
        category=vocabulary.notation(instrument),
        sides=sides,
        differences=find_differences([(side.place, side) for side in sides]),
        pairings=pair_measures([cell.positives for cell in found], documents, vocabulary),
    )


def _make_sides(cell: Cell, documents: Mapping[str, Entry], vocabulary: Vocabulary) -> list[Side]:
    by_place: dict[str, list[Claim]] = defaultdict(list)
    for claim in cell.positives:
        by_place[claim.district or cell.city].append(claim)
    return [
        _make_side(cell, place, by_place[place], documents, vocabulary)
        for place in sorted(by_place, key=lambda place: (place != cell.city, place))
    ]


def _make_side(
    cell: Cell,
    place: str,
    found: list[Claim],
    documents: Mapping[str, Entry],
    vocabulary: Vocabulary,
) -> Side:
    at_home = place == cell.city
    denied = {"denied"} if at_home and cell.denials else set()
    told = Told(found)
    rank = rank_strength(g for g in told.groups.values() if g.signature.standing == "own")
    own = not at_home or vocabulary.city_of(place) != place
    return Side(
        city=name_place(vocabulary, cell.city),
        place=name_place(vocabulary, place),
        level="district" if own else "city",
        state=decide_state(told.states | denied, covered=True),
        instruments=tuple(sorted({claim.instrument for claim in found})),
        beneficiaries=tuple(sorted({name for claim in found for name in claim.beneficiaries})),
        amounts=tuple(dict.fromkeys(item for claim in found for item in claim.amounts)),
        strength=STRENGTHS[rank] if rank < len(STRENGTHS) else "",
        explored=tuple(
            dict.fromkeys(
                part
                for claim in found
                if claim.standing == "own"
                for part in find_explored(claim.evidence.quote, vocabulary)
            )
        ),
        units=tuple(dict.fromkeys(unit for claim in found for unit in claim.units)),
        dates=_list_dates(found, documents),
        measures=len({claim.repeats or claim.measure for claim in found}),
        evidence=show_evidence(found),
    )


def _list_dates(claims: Iterable[Claim], documents: Mapping[str, Entry]) -> tuple[Basis, ...]:
    entries = (documents[iri] for iri in dict.fromkeys(claim.document for claim in claims))
    return tuple(
        Basis(e.title, e.number, e.source, e.form, e.issued, e.effective, e.expires)
        for e in entries
    )
