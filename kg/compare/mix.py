"""Mix: how the measures of a place are spread over categories and instruments."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx

from kg.compare.cells import claim_state, read_place_claims
from kg.compare.lenses import Lens, load_lens
from kg.compare.matrix import list_places
from kg.compare.mixclaims import MixClaim
from kg.compare.places import name_place, resolve_peers
from kg.compare.records import Claim, as_json
from kg.errors import QueryError
from kg.ontology import Vocabulary

UNITS = ("sentence", "clause", "document")
WEIGHTS = {
    "equal": "a unit with k instruments counts 1/k for each of them, so that units weigh the same",
    "main": "a unit counts for its main instrument alone",
    "full": "a unit counts 1 for each of its instruments, so that shares are of all codings",
}
UNMAPPED = "unmapped"
_ENACTED = frozenset({"provided", "district", "exploratory"})
_TOLD = _ENACTED | {"implemented"}


@dataclass(frozen=True, slots=True)
class Share:
    """What a group or instrument has of a mix.

    ``n`` counts the units that have it, ``weight`` sums their weights, ``share`` is that of all
    weights (0 to 1); ``units`` are the IRIs of the measures, clauses or documents counted.
    """

    id: str
    label: str
    group: str
    n: int
    weight: float
    share: float
    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """How evenly what is mapped of a mix is spread over the groups on top.

    ``entropy`` is Shannon's, in bits; ``evenness`` that over its greatest possible value (Pielou,
    0 to 1), ``concentration`` the sum of squared shares (Herfindahl and Hirschman, 1/k to 1).
    All are 0 in an empty mix.
    """

    entropy: float
    evenness: float
    concentration: float


@dataclass(frozen=True, slots=True)
class YearMix:
    """The mix of the documents of one year, by the year from which they count; empty if undated."""

    year: str
    n: int
    documents: int
    groups: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Balance:
    """A place against its peers: difference of the shares of a group, in shares (0.05 is 5 points).

    ``peers`` is the mean of the peers' shares, each peer counting the same.
    """

    id: str
    label: str
    share: float
    peers: float
    difference: float


@dataclass(frozen=True, slots=True)
class PlaceMix:
    """The mix of one place: ``n`` units of ``documents`` documents; ``repeated`` were left out.

    ``distance`` is half the sum of the absolute differences to the peers: the share that would
    have to move for the mixes to agree (0 to 1); without peers it is None.
    """

    place: str
    n: int
    documents: int
    repeated: int
    spread: Spread
    groups: tuple[Share, ...]
    instruments: tuple[Share, ...]
    years: tuple[YearMix, ...]
    balance: tuple[Balance, ...]
    distance: float | None


@dataclass(frozen=True, slots=True)
class Mix:
    """Policy mixes with the base they rest on: unit of counting, weights, documents, date.

    ``claims`` are statements of secondary sources about a mix, which count otherwise: they are
    shown beside, not compared.
    """

    unit: str
    weights: str
    weighting: str
    lens: str
    as_of: str | None
    level: str
    selection: tuple[str, ...]
    documents: int
    undated: tuple[str, ...]
    version: str
    places: tuple[PlaceMix, ...]
    claims: tuple[MixClaim, ...]

    def as_json(self, *, with_units: bool = False) -> dict[str, Any]:
        """Return the mixes as plain values; ``with_units`` with the IRIs of the units counted."""
        found: dict[str, Any] = as_json(self)
        if not with_units:
            for place in found["places"]:
                parts = (place, *place["years"])
                for share in (s for part in parts for s in part["groups"]):
                    del share["units"]
                for share in place["instruments"]:
                    del share["units"]
        return found


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit of counting: its labels, the main one first, and its document."""

    iri: str
    labels: tuple[str, ...]
    document: str


def find_mix(
    claims: nx.DiGraph,
    vocabulary: Vocabulary,
    *,
    places: Sequence[str] = (),
    unit: str = "sentence",
    weights: str = "equal",
    lens: str = "six",
    reports: bool = False,
    stated: Iterable[MixClaim] = (),
) -> Mix:
    """Count how the measures of each place's own documents are spread.

    The first of ``places`` (ids or names; all where none is given) is compared with the others.
    Counted are enacted documents of the place and its districts, with ``reports`` reports, too;
    studies never.  A sentence that a task table repeats counts once.  The unit is a sentence, a
    clause (a sentence outside of any is a unit of its own) or a document; ``weights`` is one of
    ``WEIGHTS``.  ``stated`` are the claims of find_mix_claims to be shown beside.  Raises
    QueryError for an unknown place, unit, weight or lens.
    """
    _check(unit, weights)
    view = load_lens(vocabulary, lens)
    codes = resolve_peers(vocabulary, places) or list_places(claims, vocabulary)
    states = _TOLD if reports else _ENACTED
    found = {}
    for code in codes:
        told = [c for c in read_place_claims(claims, vocabulary, code) if claim_state(c) in states]
        found[code] = told
    counter = _Counter(view, vocabulary, unit, weights)
    mixes = [
        _make_mix(name_place(vocabulary, code), told, claims, counter)
        for code, told in found.items()
        if told or places
    ]
    names = {mix.place for mix in mixes}
    return Mix(
        unit=unit,
        weights=weights,
        weighting=WEIGHTS[weights],
        lens=lens,
        as_of=claims.graph["as_of"],
        level=claims.graph.get("level", ""),
        selection=claims.graph.get("selection", ()),
        documents=len(claims.graph["documents"]),
        undated=claims.graph["undated"],
        version=claims.graph["version"],
        places=tuple(_balance(mixes)),
        claims=tuple(claim for claim in stated if claim.place in names),
    )


def measure_spread(shares: Iterable[float], groups: int) -> Spread:
    """Return entropy, evenness and concentration of shares over a number of possible groups.

    >>> measure_spread([0.5, 0.5, 0.0, 0.0], 4)
    Spread(entropy=1.0, evenness=0.5, concentration=0.5)
    """
    positive = [share for share in shares if share > 0]
    entropy = -math.fsum(share * math.log2(share) for share in positive) + 0.0
    return Spread(
        entropy=round(entropy, 4),
        evenness=round(entropy / math.log2(groups), 4) if groups > 1 else 0.0,
        concentration=round(math.fsum(share**2 for share in positive), 4),
    )


def _check(unit: str, weights: str) -> None:
    if unit not in UNITS:
        raise QueryError(f"no unit {unit!r}; there are: {', '.join(UNITS)}")
    if weights not in WEIGHTS:
        raise QueryError(f"no weights {weights!r}; there are: {', '.join(WEIGHTS)}")
    if weights == "main" and unit != "sentence":
        raise QueryError(
            f"a {unit} has no main instrument; count sentences, or weigh equal or full"
        )


@dataclass(frozen=True, slots=True)
class _Counter:
    """Counts units by group and instrument in one lens, unit and weighting."""

    lens: Lens
    vocabulary: Vocabulary
    unit: str
    weights: str

    def group(self, instrument: str) -> str:
        """Return the id of the group on top that an instrument belongs to."""
        found = self.lens.find(instrument)
        return found[-1] if found else UNMAPPED

    def read_units(self, claims: Iterable[Claim]) -> list[_Unit]:
        """Return the units, each once, in the order of their IRIs."""
        found: dict[tuple[str, int, int], list[Claim]] = defaultdict(list)
        for claim in claims:
            found[self._find_unit(claim)].append(claim)
        units = (self._make_unit(key, same) for key, same in found.items())
        return sorted(units, key=lambda unit: unit.iri)

    def _find_unit(self, claim: Claim) -> tuple[str, int, int]:
        if self.unit == "document":
            return claim.document, 0, 0
        if self.unit == "clause" and claim.clause:
            return claim.clause, 0, 0
        return claim.document, claim.evidence.start, claim.evidence.end

    def _make_unit(self, key: tuple[str, int, int], claims: Sequence[Claim]) -> _Unit:
        """Return a unit; a sentence goes by the first of its measures."""
        iri = key[0] if not any(key[1:]) else min(claim.measure for claim in claims)
        main = {claim.instrument for claim in claims if claim.main}
        labels = sorted({c.instrument for c in claims}, key=lambda i: (i not in main, i))
        return _Unit(iri, tuple(labels), claims[0].document)

    def count(self, units: Sequence[_Unit], name: Callable[[str], str]) -> Iterator[Share]:
        """Yield the shares by the name of what an instrument counts for, the greatest first."""
        weights: dict[str, list[float]] = defaultdict(list)
        members: dict[str, dict[str, None]] = defaultdict(dict)
        for unit in units:
            counted = unit.labels[:1] if self.weights == "main" else unit.labels
            weight = 1 / len(counted) if self.weights == "equal" else 1.0
            for label in counted:
                weights[name(label)].append(weight)
                members[name(label)][unit.iri] = None
        total = math.fsum(weight for found in weights.values() for weight in found)
        for id in sorted(weights, key=lambda id: (-math.fsum(weights[id]), id)):
            weight = math.fsum(weights[id])
            yield self._make_share(id, tuple(members[id]), weight, weight / total)

    def _make_share(self, id: str, units: tuple[str, ...], weight: float, share: float) -> Share:
        if id in self.lens.groups:
            label, group = self.lens.groups[id].zh, id
        elif id in self.vocabulary.concepts:
            label, group = self.vocabulary.concepts[id].zh, self.group(id)
        else:
            label, group = id, id
        return Share(id, label, group, len(units), round(weight, 4), round(share, 4), units)

    def count_groups(self, units: Sequence[_Unit]) -> tuple[Share, ...]:
        """Return the shares of the groups on top in the lens's order, empty ones included."""
        found = {share.id: share for share in self.count(units, self.group)}
        order = [*(group.id for group in self.lens.tops()), UNMAPPED]
        empty = (self._make_share(id, (), 0.0, 0.0) for id in order[:-1] if id not in found)
        every = {**{share.id: share for share in empty}, **found}
        return tuple(every[id] for id in order if id in every)


def _make_mix(place: str, told: Sequence[Claim], claims: nx.DiGraph, counter: _Counter) -> PlaceMix:
    once = [claim for claim in told if not claim.repeats]
    units = counter.read_units(once)
    groups = counter.count_groups(units)
    mapped = [share.weight for share in groups if share.id != UNMAPPED]
    total = math.fsum(mapped) or 1.0
    return PlaceMix(
        place=place,
        n=len(units),
        documents=len({claim.document for claim in told}),
        repeated=len({claim.measure for claim in told if claim.repeats}),
        spread=measure_spread([w / total for w in mapped], len(counter.lens.tops())),
        groups=groups,
        instruments=tuple(counter.count(units, str)),
        years=tuple(_count_years(units, claims, counter)),
        balance=(),
        distance=None,
    )


def _count_years(
    units: Sequence[_Unit], claims: nx.DiGraph, counter: _Counter
) -> Iterator[YearMix]:
    by_year: dict[str, list[_Unit]] = defaultdict(list)
    for unit in units:
        by_year[claims.graph["documents"][unit.document].start[:4]].append(unit)
    for year, found in sorted(by_year.items()):
        documents = len({unit.document for unit in found})
        yield YearMix(year, len(found), documents, counter.count_groups(found))


def _balance(mixes: Sequence[PlaceMix]) -> Iterator[PlaceMix]:
    """Yield the mixes, each with its balance against all the others that count something."""

    for mix in mixes:
        peers = [other for other in mixes if other is not mix and other.n]
        if not peers or not mix.n:
            yield mix
            continue
        by_peer: list[Mapping[str, float]] = [
            {share.id: share.share for share in peer.groups} for peer in peers
        ]
        balance = []
        for share in mix.groups:
            mean = math.fsum(found.get(share.id, 0.0) for found in by_peer) / len(by_peer)
            difference = round(share.share - mean, 4)
            balance.append(Balance(share.id, share.label, share.share, round(mean, 4), difference))
        distance = round(math.fsum(abs(b.difference) for b in balance) / 2, 4)
        yield replace(mix, balance=tuple(balance), distance=distance)
