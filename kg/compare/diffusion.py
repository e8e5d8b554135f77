"""Diffusion: since when which place has an instrument, as far as the corpus tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx

from kg.compare.cells import claim_state, read_place_claims
from kg.compare.matrix import list_places
from kg.compare.places import name_place, resolve_place
from kg.compare.records import Claim, Entry, as_json
from kg.compare.told import sort_claims
from kg.errors import QueryError
from kg.model import Evidence
from kg.ontology import Vocabulary
from kg.states import State


@dataclass(frozen=True, slots=True)
class Adoption:
    """The first own document of a place that provides an instrument.

    ``order`` is its place in the row of places (1 first; equal dates share it), 0 where it has no
    date.  ``revised`` tells that the text was issued anew after it had entered into force: the
    measure may be younger than the date.  ``authority`` is the city itself or its district;
    ``documents`` counts all own documents of the place that provide it, ``ended`` is the last day
    on which one of them was in force, empty where one has no end.
    """

    instrument: str
    label: str
    category: str
    place: str
    authority: str
    date: str
    order: int
    revised: bool
    state: State | str
    title: str
    number: str
    documents: int
    ended: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Diffusion:
    """Instrument × place × first date, with the base that it rests on.

    The dates are those of the documents at hand: an older document that the corpus lacks may
    have provided the instrument before.
    """

    as_of: str | None
    level: str
    selection: tuple[str, ...]
    documents: int
    undated: tuple[str, ...]
    version: str
    places: tuple[str, ...]
    adoptions: tuple[Adoption, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the table as plain values, ready for json.dumps."""
        found: dict[str, Any] = as_json(self)
        return found


def find_diffusion(
    claims: nx.DiGraph,
    vocabulary: Vocabulary,
    *,
    places: Sequence[str] = (),
    instruments: Sequence[str] = (),
    at_least: int = 1,
) -> Diffusion:
    """Find for every instrument since when each place provides it by a document of its own.

    Only enacted documents count, neither reports nor studies; an instrument is one that a
    measure names itself.  ``places`` are ids or names, ``instruments`` ids; ``at_least`` leaves
    out the instruments of fewer places.  Raises QueryError for an unknown place or instrument.
    """
    for instrument in instruments:
        if instrument not in vocabulary.concepts:
            raise QueryError(f"no instrument {instrument!r}; kg show finds it by its name")
    wanted = [resolve_place(vocabulary, place) for place in places]
    codes = list(dict.fromkeys(wanted)) or list_places(claims, vocabulary)
    found: dict[str, list[Adoption]] = defaultdict(list)
    for code in codes:
        for adoption in _read_adoptions(claims, vocabulary, code):
            if not instruments or adoption.instrument in instruments:
                found[adoption.instrument].append(adoption)
    return Diffusion(
        as_of=claims.graph["as_of"],
        level=claims.graph.get("level", ""),
        selection=claims.graph.get("selection", ()),
        documents=len(claims.graph["documents"]),
        undated=claims.graph["undated"],
        version=claims.graph["version"],
        places=tuple(name_place(vocabulary, code) for code in codes),
        adoptions=tuple(
            adoption
            for instrument in sorted(found, key=lambda i: (-len(found[i]), i))
            if len(found[instrument]) >= at_least
            for adoption in _put_in_order(found[instrument])
        ),
    )


def _read_adoptions(claims: nx.DiGraph, vocabulary: Vocabulary, place: str) -> list[Adoption]:
    by_instrument: dict[str, list[Claim]] = defaultdict(list)
    for claim in read_place_claims(claims, vocabulary, place):
        if claim_state(claim) in ("provided", "district", "exploratory"):
            by_instrument[claim.instrument].append(claim)
    documents = claims.graph["documents"]
    return [
        _make_adoption(place, instrument, found, documents, vocabulary)
        for instrument, found in by_instrument.items()
        if vocabulary.concepts[instrument].broader
    ]


def _make_adoption(
    place: str,
    instrument: str,
    found: list[Claim],
    documents: dict[str, Entry],
    vocabulary: Vocabulary,
) -> Adoption:
    iris = {claim.document for claim in found}
    first = min(iris, key=lambda iri: (_date(documents[iri]) or "9", documents[iri].source))
    entry = documents[first]
    claim = sort_claims(c for c in found if c.document == first)[0]
    ends = [documents[iri].expires for iri in iris]
    return Adoption(
        instrument=instrument,
        label=vocabulary.concepts[instrument].zh,
        category=vocabulary.notation(instrument),
        place=name_place(vocabulary, place),
        authority=name_place(vocabulary, claim.district or place),
        date=_date(entry),
        order=0,
        revised=bool(entry.effective) and entry.issued > entry.effective,
        state=claim_state(claim),
        title=entry.name,
        number=entry.number,
        documents=len(iris),
        ended=max(ends) if all(ends) else "",
        evidence=claim.evidence,
    )


def _date(entry: Entry) -> str:
    return min(filter(None, (entry.issued, entry.effective)), default="")


def _put_in_order(adoptions: list[Adoption]) -> list[Adoption]:
    dates = sorted(adoption.date for adoption in adoptions if adoption.date)
    ranked = [replace(a, order=dates.index(a.date) + 1 if a.date else 0) for a in adoptions]
    return sorted(ranked, key=lambda a: (a.date or "9", a.place))
