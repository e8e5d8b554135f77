"""Gaps: what peer places have of the instruments and a place has not, with what is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx

from kg.compare.cells import Cell, denial_basis, read_cells, read_states, sum_claims
from kg.compare.places import name_place, resolve_peers
from kg.compare.records import as_json
from kg.compare.sources import Counted, list_sources, seat_documents
from kg.compare.told import STRENGTHS, Group, Told, list_passages, rank_strength
from kg.model import Evidence
from kg.ontology import Vocabulary
from kg.states import ABSENT, POSITIVE, State, decide_state

_RELATIONS = ("broader", "narrower", "sibling", "related")


@dataclass(frozen=True, slots=True)
class Holding:
    """A peer that has the instrument; ``city`` is its short name.

    ``strength`` is the strongest wording of its own documents, empty where it is only told of;
    ``districts`` names those that alone provide it.
    """

    city: str
    state: State
    strength: str
    districts: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Related:
    """What the city itself has next to a missing instrument, by its own documents.

    ``relation`` is that of the instrument found to the missing one: broader, narrower, sibling or
    related.
    """

    instrument: str
    label: str
    relation: str
    state: State
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Denial:
    """A passage that denies the city the instrument, and on which basis."""

    basis: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Gap:
    """An instrument that peers have, and how the city stands to it.

    ``own`` is what contests a denial: passages that credit the city with it; ``covered_by`` names
    the city's own documents that are about the category, ``applies`` documents of a superior
    level that provide it.
    """

    instrument: str
    label: str
    category: str
    grade: State
    held_by: tuple[Holding, ...]
    own_related: tuple[Related, ...]
    denials: tuple[Denial, ...]
    own: tuple[Evidence, ...]
    covered_by: tuple[str, ...]
    applies: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Gaps:
    """The gaps of a city against peers, with the base they rest on.

    ``documents`` counts the documents in force at ``as_of`` (all when it is None); ``undated``
    are the titles of those without a date; ``sources`` lists the documents of each place by its
    short name.
    """

    city: str
    peers: tuple[str, ...]
    as_of: str | None
    level: str
    selection: tuple[str, ...]
    documents: int
    undated: tuple[str, ...]
    version: str
    gaps: tuple[Gap, ...]
    sources: Mapping[str, tuple[Counted, ...]]

    def keep(self, *grades: str) -> Gaps:
        """Return the gaps of some grades; all where none is given."""
        if not grades:
            return self
        return replace(self, gaps=tuple(gap for gap in self.gaps if gap.grade in grades))

    def as_json(self) -> dict[str, Any]:
        """Return the gaps as plain values, ready for json.dumps."""
        found: dict[str, Any] = as_json(self)
        for gap in found["gaps"]:
            gap["denials"] = [{"basis": d["basis"], **d["evidence"]} for d in gap["denials"]]
        return found


def find_gaps(
    claims: nx.DiGraph, city: str, peers: Sequence[str], *, vocabulary: Vocabulary
) -> Gaps:
    """Find the instruments that a peer has and the city has not, or not without contradiction.

    Places are ids or names, all of one level (see resolve_peers).  An instrument counts as a
    peer's where a claim names it itself: what a peer has only by way of a narrower instrument
    appears there.  Instruments of national competence and the categories are left out.  First
    come those that most peers have, then those most strongly worded in the peers' own documents,
    then in what is told of them.  Raises QueryError for an unknown place or one of another level.
    """
    home, *others = resolve_peers(vocabulary, [city, *peers])
    states = read_states(claims, vocabulary, home)
    named = _named_instruments(claims, others, vocabulary)
    missing = {i for i in named if states.get(i) in (None, "denied", "contested")}
    near = {i: find_neighbours(i, vocabulary) for i in missing}
    cells = read_cells(
        claims, vocabulary, home, instruments=missing.union(*near.values()) if near else missing
    )
    peer_cells = {p: read_cells(claims, vocabulary, p, instruments=missing) for p in others}
    seats = seat_documents(claims, vocabulary)
    gaps = [_make_gap(claims, cells, peer_cells, i, near[i], vocabulary) for i in sorted(missing)]
    return Gaps(
        city=name_place(vocabulary, home),
        peers=tuple(name_place(vocabulary, peer) for peer in others),
        as_of=claims.graph["as_of"],
        level=claims.graph.get("level", ""),
        selection=claims.graph.get("selection", ()),
        documents=len(claims.graph["documents"]),
        undated=claims.graph["undated"],
        version=claims.graph["version"],
        gaps=tuple(gap for _, gap in sorted(gaps, key=lambda found: found[0])),
        sources={
            name_place(vocabulary, place): list_sources(claims, vocabulary, place, seats=seats)
            for place in (home, *others)
        },
    )


def _named_instruments(
    claims: nx.DiGraph, places: Iterable[str], vocabulary: Vocabulary
) -> frozenset[str]:
    """Return the instruments that a place has by a claim that names them."""
    found: set[str] = set()
    for place in places:
        summed = sum_claims(claims, vocabulary, place)
        found.update(i for i, told in summed.items() if not told.states.isdisjoint(POSITIVE))
    concepts = vocabulary.concepts
    return frozenset(i for i in found if concepts[i].broader and not _is_national(i, vocabulary))


def _is_national(instrument: str, vocabulary: Vocabulary) -> bool:
    return vocabulary.concepts[instrument].competence == "national"


def _make_gap(
    claims: nx.DiGraph,
    cells: Mapping[str, Cell],
    peer_cells: Mapping[str, Mapping[str, Cell]],
    instrument: str,
    near: Mapping[str, str],
    vocabulary: Vocabulary,
) -> tuple[tuple[int, int, int, int, str], Gap]:
    """Return a gap with what it is ranked by."""
    cell = cells[instrument]
    held = {p: found[instrument] for p, found in peer_cells.items() if found[instrument].held}
    documents = claims.graph["documents"]
    gap = Gap(
        instrument=instrument,
        label=vocabulary.concepts[instrument].zh,
        category=vocabulary.notation(instrument),
        grade=cell.state,
        held_by=tuple(_make_holding(peer, found, vocabulary) for peer, found in held.items()),
        own_related=_find_related(cells, near, vocabulary),
        denials=tuple(Denial(denial_basis(claim), claim.evidence) for claim in cell.denials),
        own=list_passages(cell.said),
        covered_by=tuple(documents[iri].name for iri in cell.covered_by),
        applies=list_passages(cell.superior),
    )
    told = [group for found in held.values() for group in found.said]
    strengths = rank_strength(_keep_own(told)), rank_strength(told)
    return (-len(held), *strengths, ABSENT.index(cell.state), instrument), gap


def _keep_own(groups: Iterable[Group]) -> list[Group]:
    return [group for group in groups if group.signature.standing == "own"]


def _make_holding(peer: str, cell: Cell, vocabulary: Vocabulary) -> Holding:
    rank = rank_strength(_keep_own(cell.said))
    return Holding(
        city=name_place(vocabulary, peer),
        state=cell.state,
        strength=STRENGTHS[rank] if rank < len(STRENGTHS) else "",
        districts=tuple(name_place(vocabulary, code) for code in cell.districts),
        evidence=list_passages(cell.said),
    )


def _find_related(
    cells: Mapping[str, Cell], near: Mapping[str, str], vocabulary: Vocabulary
) -> tuple[Related, ...]:
    """Find what the city's own documents provide next to an instrument, nearest first."""
    found = []
    for neighbour in sorted(near, key=lambda i: (_RELATIONS.index(near[i]), i)):
        claims = [
            claim
            for claim in cells[neighbour].positives
            if claim.instrument == neighbour and claim.standing == "own"
        ]
        if claims:
            told = Told(claims)
            found.append(
                Related(
                    neighbour,
                    vocabulary.concepts[neighbour].zh,
                    near[neighbour],
                    decide_state(told.states, covered=True),
                    list_passages(told.groups.values()),
                )
            )
    return tuple(found)


def find_neighbours(instrument: str, vocabulary: Vocabulary) -> dict[str, str]:
    """Return the instruments next to one, with their relation to it: broader, narrower … related.

    Categories are no neighbours, nor are the instruments that share only a category; what is
    narrower than a related instrument is related, too.
    """
    concept = vocabulary.concepts[instrument]
    near = {i: "related" for other in concept.related for i in vocabulary.narrower(other)}
    parent = vocabulary.concepts.get(concept.broader)
    if parent and parent.broader:
        near |= dict.fromkeys(vocabulary.narrower(parent.id), "sibling")
        near[parent.id] = "broader"
    near |= dict.fromkeys(vocabulary.narrower(instrument), "narrower")
    return {i: relation for i, relation in near.items() if i != instrument}
