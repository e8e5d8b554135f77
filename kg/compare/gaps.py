"""Gaps: what peer cities have of the instruments and a city has not, with what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from kg.compare.cells import (
    Cell,
    State,
    denial_basis,
    rank_strength,
    read_cells,
    show_evidence,
)
from kg.compare.claims import as_json
from kg.compare.places import name_place, resolve_place
from kg.model import Evidence
from kg.ontology import Vocabulary

GRADES: tuple[State, ...] = ("denied", "contested", "not-found", "no-coverage")


@dataclass(frozen=True, slots=True)
class Holding:
    """A peer that has the instrument; ``city`` is its short name."""

    city: str
    state: State
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """What the city itself has next to a missing instrument, by its own documents."""

    instrument: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Denial:
    """A passage that denies the city the instrument, and on which basis."""

    basis: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Gap:
    """An instrument that peers have, and how the city stands to it."""

    instrument: str
    label: str
    category: str
    grade: State
    held_by: tuple[Holding, ...]
    own_related: tuple[Related, ...]
    denials: tuple[Denial, ...]
    applies: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps of a city against peers, with the base they rest on.

    ``documents`` counts the documents in force at ``as_of`` (all when it is None); ``undated``
    are the titles of those without a date.
    """

    city: str
    peers: tuple[str, ...]
    as_of: str | None
    documents: int
    undated: tuple[str, ...]
    version: str
    gaps: tuple[Gap, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the gaps as plain values, ready for json.dumps."""
        found: dict[str, Any] = as_json(self)
        for gap in found["gaps"]:
            gap["denials"] = [{"basis": d["basis"], **d["evidence"]} for d in gap["denials"]]
        return found


def find_gaps(
    claims: nx.MultiDiGraph, city: str, peers: Sequence[str], *, vocabulary: Vocabulary
) -> Gaps:
    """Find the instruments that a peer has and the city has not, or not without contradiction.

    Places are ids or names.  An instrument counts as a peer's where a claim names it itself: what
    a peer has only by way of a narrower instrument appears there.  Instruments of national
    competence and the categories are left out.  First come those that most peers have, then
    those most strongly worded.  Raises QueryError for an unknown place.
    """
    home = resolve_place(vocabulary, city)
    others = dict.fromkeys(resolve_place(vocabulary, peer) for peer in peers)
    peer_cells = {p: read_cells(claims, vocabulary, p) for p in others if p != home}
    cells = read_cells(claims, vocabulary, home)
    missing = [
        instrument
        for instrument in _named_instruments(peer_cells, vocabulary)
        if cells[instrument].state in GRADES
    ]
    gaps = [_make_gap(cells, peer_cells, instrument, vocabulary) for instrument in missing]
    return Gaps(
        city=name_place(vocabulary, home),
        peers=tuple(name_place(vocabulary, peer) for peer in peer_cells),
        as_of=claims.graph["as_of"],
        documents=len(claims.graph["documents"]),
        undated=claims.graph["undated"],
        version=claims.graph["version"],
        gaps=tuple(gap for _, gap in sorted(gaps, key=lambda found: found[0])),
    )


def _named_instruments(
    peer_cells: Mapping[str, Mapping[str, Cell]], vocabulary: Vocabulary
) -> list[str]:
    """List the instruments that a peer has by a claim that names them."""
    return sorted(
        {
            instrument
            for cells in peer_cells.values()
            for instrument, cell in cells.items()
            if any(claim.instrument == instrument for claim in cell.positives)
            and vocabulary.concepts[instrument].broader
            and vocabulary.concepts[instrument].competence != "national"
        }
    )


def _make_gap(
    cells: Mapping[str, Cell],
    peer_cells: Mapping[str, Mapping[str, Cell]],
    instrument: str,
    vocabulary: Vocabulary,
) -> tuple[tuple[int, int, int, str], Gap]:
    """Return a gap with what it is ranked by."""
    cell = cells[instrument]
    held = {p: found[instrument] for p, found in peer_cells.items() if found[instrument].held}
    wording = rank_strength(claim for found in held.values() for claim in found.positives)
    gap = Gap(
        instrument=instrument,
        label=vocabulary.concepts[instrument].zh,
        category=vocabulary.notation(instrument),
        grade=cell.state,
        held_by=tuple(
            Holding(name_place(vocabulary, peer), found.state, show_evidence(found.positives))
            for peer, found in held.items()
        ),
        own_related=_find_related(cells, instrument, vocabulary),
        denials=tuple(Denial(denial_basis(claim), claim.evidence) for claim in cell.denials),
        applies=show_evidence(cell.applies),
    )
    return (-len(held), wording, GRADES.index(cell.state), instrument), gap


def _find_related(
    cells: Mapping[str, Cell], instrument: str, vocabulary: Vocabulary
) -> tuple[Related, ...]:
    """Find what the city's own documents provide next to an instrument."""
    found = []
    for neighbour in sorted(find_neighbours(instrument, vocabulary)):
        claims = [
            claim
            for claim in cells[neighbour].positives
            if claim.instrument == neighbour and claim.standing == "own"
        ]
        if claims:
            found.append(Related(neighbour, show_evidence(claims)))
    return tuple(found)


def find_neighbours(instrument: str, vocabulary: Vocabulary) -> frozenset[str]:
    """Return the instruments next to one: broader, narrower, siblings and related ones.

    Categories are no neighbours, nor are the instruments that share only a category.
    """
    concept = vocabulary.concepts[instrument]
    parent = vocabulary.concepts.get(concept.broader)
    near = {instrument, *concept.related}
    if parent and parent.broader:
        near.add(parent.id)
    return frozenset().union(*map(vocabulary.narrower, near)) - {instrument}
