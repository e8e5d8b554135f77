"""Sources: the documents that a result rests on, counted and listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import networkx as nx

from kg.compare.cells import read_place_claims
from kg.compare.places import name_place
from kg.compare.records import Entry
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


def list_sources(claims: nx.DiGraph, vocabulary: Vocabulary, place: str) -> tuple[Counted, ...]:
    """List the documents that count for a place: its own, its districts', and what tells of it.

    Documents of a superior level are listed as such; those that are neither of the place nor say
    anything of it are left out.
    """
    told = read_place_claims(claims, vocabulary, place)
    by_measure = {claim.measure: claim.document for claim in told if not claim.repeats}
    measures = Counter(by_measure.values())
    level = claims.graph.get("level", "")
    found = []
    for iri, entry in sorted(claims.graph["documents"].items()):
        standing = find_standing(entry.kind, entry.place, place, vocabulary)
        if standing == "own" and level not in ("", entry.level):
            continue
        if measures[iri] or standing != "secondary":
            found.append(_count(entry, standing, measures[iri], vocabulary))
    order = ("own", "superior", "secondary")
    return tuple(sorted(found, key=lambda c: (order.index(c.standing), c.source, c.iri)))


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
