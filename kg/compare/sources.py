"""Sources: the documents that a result rests on, counted and listed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import networkx as nx

from kg.compare.cells import sum_claims
from kg.compare.places import name_place
from kg.compare.records import Entry
from kg.compare.told import unite
from kg.model import Standing
from kg.ontology import Vocabulary
from kg.states import find_standing


@dataclass(frozen=True, slots=True)
class Counted:
    """A document that counts for a place: how it stands to it, and how many measures it gives.

    Dates are ISO or empty; ``place`` is the short name of the issuer's place; ``measures`` counts
    what it says of the place, what a task table repeats once.
    """

    iri: str
    title: str
    number: str
    source: str
    form: str
    kind: str
    level: str
    place: str
    issued: str
    effective: str
    expires: str
    standing: Standing
    measures: int


@dataclass(frozen=True, slots=True)
class Seats:
    """Documents by place, studies left out: issued ``at`` it, or at it or anywhere ``within`` it."""

    at: Mapping[str, Sequence[str]]
    within: Mapping[str, Sequence[str]]


def seat_documents(claims: nx.DiGraph, vocabulary: Vocabulary) -> Seats:
    """Index the documents by place, for the sources of many places."""
    at: dict[str, list[str]] = defaultdict(list)
    within: dict[str, list[str]] = defaultdict(list)
    for iri, entry in claims.graph["documents"].items():
        if entry.kind != "study":
            at[entry.place].append(iri)
            for place in vocabulary.place_chain(entry.place):
                within[place].append(iri)
    return Seats(at, within)


def list_sources(
    claims: nx.DiGraph, vocabulary: Vocabulary, place: str, *, seats: Seats | None = None
) -> tuple[Counted, ...]:
    """List the documents that count for a place: its own, its districts', and what tells of it.

    Documents of a superior level are listed as such; those that are neither of the place nor say
    anything of it are left out.  ``seats`` saves indexing the documents again for many places.
    """
    measures = _count_measures(claims, vocabulary, place)
    seats = seats or seat_documents(claims, vocabulary)
    level = claims.graph.get("level", "")
    found = []
    for iri in _list_candidates(place, measures, seats, vocabulary):
        entry = claims.graph["documents"][iri]
        standing = find_standing(entry.kind, entry.place, place, vocabulary)
        if standing == "own" and level not in ("", entry.level):
            continue
        if measures[iri] or standing != "secondary":
            found.append(_count(entry, standing, measures[iri], vocabulary))
    order = ("own", "superior", "secondary")
    return tuple(sorted(found, key=lambda c: (order.index(c.standing), c.source, c.iri)))


def _count_measures(claims: nx.DiGraph, vocabulary: Vocabulary, place: str) -> Counter[str]:
    """Count by document the measures that say something of a place, without repeats."""
    by_document: dict[str, list[set[str]]] = defaultdict(list)
    for told in sum_claims(claims, vocabulary, place).values():
        for signature, group in told.groups.items():
            by_document[signature.document].append(group.measures)
    return Counter({document: len(unite(sets)) for document, sets in by_document.items()})


def _list_candidates(
    place: str, measures: Iterable[str], seats: Seats, vocabulary: Vocabulary
) -> set[str]:
    """Return the documents that may count: those counted, and those of the place or one above."""
    above = (seats.at.get(code, ()) for code in vocabulary.place_chain(place))
    return {*measures, *seats.within.get(place, ()), *chain.from_iterable(above)}


def _count(entry: Entry, standing: Standing, measures: int, vocabulary: Vocabulary) -> Counted:
    return Counted(
        iri=entry.iri,
        title=entry.title,
        number=entry.number,
        source=entry.source,
        form=entry.form,
        kind=entry.kind,
        level=entry.level,
        place=name_place(vocabulary, entry.place),
        issued=entry.issued,
        effective=entry.effective,
        expires=entry.expires,
        standing=standing,
        measures=measures,
    )
