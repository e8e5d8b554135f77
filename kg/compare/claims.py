"""Claims: what documents say of a city and an instrument, projected from the graph to networkx."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import networkx as nx
import pyoxigraph as ox

from kg.compare.places import name_place
from kg.compare.reading import read_entries, read_pair_claims, read_pairs
from kg.compare.records import Claim, Duty, Entry, Sum, as_json
from kg.compare.selection import check_level, in_force, select_entries
from kg.compare.told import Told
from kg.ontology import BASE, Vocabulary, list_categories

__all__ = [
    "Claim",
    "Duty",
    "Entry",
    "Sum",
    "add_claim",
    "as_json",
    "in_force",
    "project_claims",
    "read_claims",
]


def project_claims(
    store: ox.Store,
    vocabulary: Vocabulary,
    *,
    as_of: str | None = None,
    documents: Sequence[str] = (),
    level: str = "",
    places: Sequence[str] = (),
    base: str = BASE,
) -> nx.DiGraph:
    """Project the graph to place → instrument, one edge for both, with the claims in ``claims``
    and their sums in ``told``.

    A measure that names no city starts from the place of its document.  With ``as_of`` (ISO
    date) only documents in force then count: enacted ones from their entry into force (else
    their date) to their end, others from their date; those without a date count and are named.
    ``documents`` says which sources count (see select_entries); with ``level`` only a place's own
    documents of this level of government count, beside secondary and superior ones.  ``places``
    (place ids) restricts the claims to these places and what they lie in.

    ``graph`` holds ``documents`` (IRI → Entry), ``as_of``, ``level``, ``selection``, ``undated``
    (titles), ``placeless`` (claims of no known place), ``version`` (of the vocabulary),
    ``categories`` (short names) and ``statuses`` (id → name).  Linear in the triples.  Raises QueryError for a date or level that is none, words of
    ``documents`` that fit nothing, or an instrument the vocabulary lacks.
    """
    check_level(level)
    above = {code for place in places for code in vocabulary.place_chain(place)}
    pairs = read_pairs(store, base, above)
    kept = select_entries(read_entries(pairs), vocabulary, as_of=as_of, documents=documents)
    claims = nx.DiGraph(
        documents=kept,
        as_of=as_of,
        level=level,
        selection=tuple(documents),
        undated=tuple(sorted(entry.name for entry in kept.values() if not entry.start)),
        placeless=[],
        version=vocabulary.version,
        categories=tuple(c.notation for c in list_categories(vocabulary)),
        statuses={name: found[0][0] for name, found in vocabulary.schemes["status"].items()},
    )
    for claim in read_pair_claims(pairs, kept, vocabulary):
        if not claim.city:
            claims.graph["placeless"].append(claim)
        elif not level or claim.standing != "own" or claim.level == level:
            add_claim(claims, claim, vocabulary)
    return claims


def add_claim(claims: nx.DiGraph, claim: Claim, vocabulary: Vocabulary) -> None:
    """Add a claim to the edge between its two nodes."""
    if claims.has_edge(claim.city, claim.instrument):
        edge = claims[claim.city][claim.instrument]
        edge["claims"].append(claim)
        edge["told"].add(claim)
        return
    concept = vocabulary.concepts[claim.instrument]
    claims.add_node(claim.city, kind="place", label=name_place(vocabulary, claim.city))
    claims.add_node(
        claim.instrument,
        kind="instrument",
        label=concept.zh,
        category=vocabulary.notation(concept.id),
    )
    claims.add_edge(claim.city, claim.instrument, claims=[claim], told=Told([claim]))


def read_claims(claims: nx.DiGraph, place: str) -> Iterator[Claim]:
    """Yield the claims that start from a place; none where the projection lacks it."""
    if place in claims:
        for _, _, found in claims.out_edges(place, data="claims"):
            yield from found
