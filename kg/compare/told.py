"""What is told of a place and an instrument, summed up claim by claim while the claims are read.

Comparisons read these sums: to go through a million claims again takes a second each time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from operator import attrgetter
from typing import Any, NamedTuple

from kg.compare.records import Claim
from kg.model import Evidence, Standing
from kg.states import BASES, State, judge_measure

STRENGTHS = ("require", "grant", "implement", "support", "encourage", "explore")
_RANKS = {strength: rank for rank, strength in enumerate(STRENGTHS)}
_read_signature = attrgetter(
    "standing", "district", "strength", "status", "basis", "distributed", "kind", "document"
)
_read_place = attrgetter("evidence.source", "evidence.start")
_read_order = attrgetter("evidence.source", "evidence.start", "measure", "instrument")
Order = tuple[bool, bool, int]


class Signature(NamedTuple):
    """What decides the state of a claim and its rank among others, and its document; see Claim."""

    standing: Standing
    district: str
    strength: str
    status: str
    basis: str
    distributed: bool
    kind: str
    document: str

    @property
    def state(self) -> State | str:
        """The state that such a claim by itself gives to its cell, ``applies`` for none."""
        return judge_measure(
            status=self.status,
            standing=self.standing,
            kind=self.kind,
            strength=self.strength,
            distributed=self.distributed,
            district=bool(self.district),
        )

    @property
    def denies(self) -> bool:
        """Whether such a claim denies the place the instrument."""
        return self.status in BASES

    @property
    def order(self) -> Order:
        """Own before secondary, the place before its districts, strong before weak."""
        return self.standing != "own", bool(self.district), _RANKS.get(self.strength, len(_RANKS))


def sign(claim: Claim) -> Signature:
    """Return the signature of a claim."""
    fields: Any = _read_signature(claim)
    return Signature(*fields)


class Group:
    """The claims of one signature, with the state and the order that it gives them.

    ``measures`` are theirs without those that a task table repeats, which ``repeats`` holds;
    ``passages`` holds a claim of every passage, by the identity of its evidence: as good as the
    passage itself while the claim is kept, and quicker.
    """

    __slots__ = ("claims", "measures", "order", "passages", "repeats", "signature", "state")

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.state = signature.state
        self.order = signature.order
        self.claims: list[Claim] = []
        self.measures: set[str] = set()
        self.repeats: tuple[Claim, ...] = ()
        self.passages: dict[int, Claim] = {}

    def __eq__(self, other: object) -> bool:
        """Two groups are equal that hold equal claims."""
        return isinstance(other, Group) and self.claims == other.claims

    def __hash__(self) -> int:
        """Return the hash of the signature, which equal groups share."""
        return hash(self.signature)

    def add(self, claim: Claim) -> None:
        """Add a claim of this signature."""
        self.claims.append(claim)
        self.passages.setdefault(id(claim.evidence), claim)
        if claim.repeats:
            self.repeats += (claim,)
        else:
            self.measures.add(claim.measure)


class Told:
    """What is told of a place and an instrument: the claims by signature, few of them."""

    __slots__ = ("groups",)

    def __init__(self, claims: Iterable[Claim] = ()) -> None:
        self.groups: dict[Signature, Group] = {}
        for claim in claims:
            self.add(claim)

    def add(self, claim: Claim) -> None:
        """Add a claim."""
        fields: Any = _read_signature(claim)
        group = self.groups.get(fields)
        if group is None:
            signature = Signature(*fields)
            group = self.groups[signature] = Group(signature)
        group.add(claim)

    @property
    def states(self) -> set[State | str]:
        """The states that the claims by themselves give."""
        return {group.state for group in self.groups.values()}


def unite_measures(groups: Iterable[Group]) -> set[str]:
    """Return the measures of groups; those that a task table repeats stand for the repeats."""
    found = list(groups)
    repeated = {claim.repeats for group in found for claim in group.repeats}
    return unite([group.measures for group in found] + [repeated] * bool(repeated))


def unite(sets: Iterable[set[str]]) -> set[str]:
    """Return the union, without a copy where there is only one set."""
    found = list(sets)
    return found[0] if len(found) == 1 else set().union(*found)


def sort_groups(groups: Iterable[Group]) -> tuple[Claim, ...]:
    """Return the claims: own before secondary, the place before districts, strong before weak, by place."""
    by_order = _merge((group.order, group.claims) for group in groups)
    return tuple(c for order in sorted(by_order) for c in sorted(by_order[order], key=_read_order))


def sort_claims(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Sort claims as sort_groups does."""
    return sort_groups(Told(claims).groups.values())


def list_passages(groups: Iterable[Group]) -> tuple[Evidence, ...]:
    """Return the evidence of claims in the order of sort_groups, each passage once."""
    found = list(groups)
    by_order = _merge((group.order, group.passages.values()) for group in found)
    for claims in by_order.values():
        claims.sort(key=_read_place)
        if any(_is_tie(one.evidence, other.evidence) for one, other in pairwise(claims)):
            return show_evidence(sort_groups(found))
    return show_evidence(claim for order in sorted(by_order) for claim in by_order[order])


def _is_tie(one: Evidence, other: Evidence) -> bool:
    """Tell whether the order of two passages depends on the measures made of them."""
    return one.start == other.start and one.source == other.source and one != other


def _merge(groups: Iterable[tuple[Order, Iterable[Claim]]]) -> dict[Order, list[Claim]]:
    by_order: dict[Order, list[Claim]] = defaultdict(list)
    for order, claims in groups:
        by_order[order] += claims
    return by_order


def show_evidence(claims: Iterable[Claim]) -> tuple[Evidence, ...]:
    """Return the evidence of claims in their order, each passage once."""
    return tuple(dict.fromkeys(claim.evidence for claim in claims))


def rank_strength(groups: Iterable[Group]) -> int:
    """Return the rank of the strongest wording, 0 for the strongest.

    >>> rank_strength([])
    6
    """
    strengths = {group.signature.strength for group in groups}
    return min((_RANKS[s] for s in strengths if s in _RANKS), default=len(STRENGTHS))
