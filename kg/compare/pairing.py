"""Pairing: measures of two places with the same instrument and object, and in what they differ."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice
from typing import Any

from kg.compare.cells import claim_state
from kg.compare.places import name_place
from kg.compare.records import Claim, Duty, Entry, Sum
from kg.model import Evidence
from kg.ontology import Vocabulary

MOST_PAIRINGS = 20
MOST_COMPARED = 300
LEAST_LIKE = 0.35
_STOPS = re.compile(r"[，,；;。：:]")


@dataclass(frozen=True, slots=True)
class Difference:
    """An aspect in which sides differ: place → what it has there, in words."""

    aspect: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One measure of a pairing; ``state`` is what it gives by itself, dates are its document's.

    ``explored`` are the parts of its sentence that only explore (see find_explored).
    """

    measure: str
    place: str
    level: str
    state: str
    strength: str
    explored: tuple[str, ...]
    beneficiaries: tuple[str, ...]
    amounts: tuple[Sum, ...]
    units: tuple[Duty, ...]
    issued: str
    effective: str
    expires: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Pairing:
    """Two measures with the same instrument and object.

    ``object`` is the object in words where both name the same, ``beneficiaries`` are those that
    both name; ``likeness`` is that of the sentences (0 to 1, see rapidfuzz.fuzz.ratio).
    """

    instrument: str
    object: str
    beneficiaries: tuple[str, ...]
    likeness: float
    sides: tuple[Item, Item]
    differences: tuple[Difference, ...]


def pair_measures(
    sides: Sequence[Sequence[Claim]], documents: Mapping[str, Entry], vocabulary: Vocabulary
) -> tuple[Pairing, ...]:
    """Pair measures of different sides that have the same instrument and the same object.

    The object is the same where both name one object in words, or share a beneficiary in
    sentences that are alike by ``LEAST_LIKE``.  A passage that tells of several places at once is
    no pair with itself.  Each measure stands in one pairing with each other side, the likest sentences first; at most
    ``MOST_PAIRINGS`` are given, from the first ``MOST_COMPARED`` claims of a side.
    """
    found = [
        pairing
        for one, other in combinations(sides, 2)
        for pairing in _pair_sides(one[:MOST_COMPARED], other[:MOST_COMPARED])
    ]
    found.sort(key=lambda pair: (-pair[0], pair[1].measure, pair[2].measure))
    return tuple(
        _make_pairing(likeness, one, other, documents, vocabulary)
        for likeness, one, other in found[:MOST_PAIRINGS]
    )


def _pair_sides(
    one: Sequence[Claim], other: Sequence[Claim]
) -> Iterator[tuple[float, Claim, Claim]]:
    """Take the likest pair of all, then of those that are left, and so on."""
    from rapidfuzz import fuzz

    ours, theirs = (tuple(filter(_has_object, side)) for side in (one, other))
    candidates = sorted(
        (
            (likeness, a, b)
            for a in ours
            for b in theirs
            if a.instrument == b.instrument and _may_pair(a, b)
            for likeness in (fuzz.ratio(_words(a), _words(b)) / 100,)
            if _name_same_object(a, b) or likeness >= LEAST_LIKE
        ),
        key=lambda found: (-found[0], found[1].measure, found[2].measure),
    )
    taken: set[tuple[int, str]] = set()
    for likeness, a, b in candidates:
        keys = {(0, a.measure), (1, b.measure)}
        if not keys & taken:
            taken |= keys
            yield likeness, a, b


def _has_object(claim: Claim) -> bool:
    """Tell whether a measure says what it is about; what a table repeats stands aside."""
    return bool(claim.object or claim.beneficiaries) and not claim.repeats


def _may_pair(one: Claim, other: Claim) -> bool:
    """Tell whether two measures may be about one object."""
    if one.measure == other.measure:
        return False
    shared = not set(one.beneficiaries).isdisjoint(other.beneficiaries)
    return one.evidence != other.evidence and (shared or _name_same_object(one, other))


def _name_same_object(one: Claim, other: Claim) -> bool:
    return bool(one.object) and one.object == other.object


def _words(claim: Claim) -> str:
    return "".join(claim.evidence.quote.split())


def _make_pairing(
    likeness: float,
    one: Claim,
    other: Claim,
    documents: Mapping[str, Entry],
    vocabulary: Vocabulary,
) -> Pairing:
    first, second = (_make_item(c, documents[c.document], vocabulary) for c in (one, other))
    return Pairing(
        instrument=one.instrument,
        object=one.object if one.object == other.object else "",
        beneficiaries=tuple(sorted(set(one.beneficiaries) & set(other.beneficiaries))),
        likeness=round(likeness, 2),
        sides=(first, second),
        differences=find_differences([(first.place, first), (second.place, second)]),
    )


def _make_item(claim: Claim, entry: Entry, vocabulary: Vocabulary) -> Item:
    place = claim.district or claim.city
    return Item(
        measure=claim.measure,
        place=name_place(vocabulary, place),
        level="city" if vocabulary.city_of(place) == place else "district",
        state=claim_state(claim),
        strength=claim.strength,
        explored=find_explored(claim.evidence.quote, vocabulary),
        beneficiaries=claim.beneficiaries,
        amounts=claim.amounts,
        units=claim.units,
        issued=entry.issued,
        effective=entry.effective,
        expires=entry.expires,
        evidence=claim.evidence,
    )


@lru_cache(maxsize=8192)
def find_explored(quote: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the parts of a sentence that begin with a word of exploring, as written.

    A sentence that grants one thing and explores another is coded by its strongest wording; these
    parts must not be taken for granted (探索…补贴).
    """
    words = vocabulary.cues("strength")["explore"]
    parts = (part.strip() for part in _STOPS.split("".join(quote.split())))
    return tuple(part for part in parts if part.startswith(words))


def find_differences(sides: Sequence[tuple[str, Any]]) -> tuple[Difference, ...]:
    """Return the aspects in which sides (Side or Item, with their places) differ.

    A side that says nothing of an aspect has an empty text there; aspects of which no side says
    anything, or all say the same, are left out.
    """
    found = []
    for aspect, describe in _ASPECTS.items():
        values = {place: describe(side) for place, side in sides}
        if len(set(values.values())) > 1:
            found.append(Difference(aspect, values))
    return tuple(found)


def _show_amounts(side: Any) -> str:
    return _join(amount.surface for amount in side.amounts)


def _show_units(side: Any) -> str:
    return _join(f"{unit.surface} ({unit.role})" for unit in side.units)


def _show_dates(side: Any) -> str:
    """Write from when to when: of each document of a side, or of an item's document."""
    spans = [
        f"{entry.effective or entry.issued or '?'}–{entry.expires}"
        for entry in getattr(side, "dates", (side,))
        if entry.effective or entry.issued or entry.expires
    ]
    return _join(sorted(set(spans)))


def _join(texts: Iterable[str]) -> str:
    found = list(dict.fromkeys(texts))
    shown = "；".join(islice(found, 6))
    return f"{shown} … ({len(found)})" if len(found) > 6 else shown


_ASPECTS: Mapping[str, Callable[[Any], str]] = {
    "state": lambda side: str(side.state),
    "level": lambda side: str(side.level),
    "strength": lambda side: str(side.strength),
    "explored": lambda side: _join(side.explored),
    "amounts": _show_amounts,
    "beneficiaries": lambda side: _join(side.beneficiaries),
    "units": _show_units,
    "dates": _show_dates,
}
