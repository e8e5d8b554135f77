"""Cells: what a city has of an instrument, decided from all claims about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import networkx as nx

from kg.compare.claims import Claim, read_claims
from kg.compare.coverage import find_coverage
from kg.model import Evidence
from kg.ontology import Vocabulary

State = Literal[
    "provided",
    "exploratory",
    "district",
    "implemented",
    "reported",
    "distributed",
    "denied",
    "contested",
    "not-found",
    "no-coverage",
]
POSITIVE: tuple[State, ...] = (
    "provided",
    "district",
    "exploratory",
    "implemented",
    "reported",
    "distributed",
)
STRENGTHS = ("require", "grant", "implement", "support", "encourage", "explore")
BASES = {"lacking": "lacks", "recommended": "should-adopt"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A city and an instrument: the state, and the claims it rests on, strongest first.

    ``applies`` are claims of a superior level, ``districts`` the place ids of the districts
    whose documents provide it, ``covered_by`` the IRIs of the city's own documents whose scope
    includes the category.
    """

    city: str
    instrument: str
    state: State
    positives: tuple[Claim, ...] = ()
    denials: tuple[Claim, ...] = ()
    applies: tuple[Claim, ...] = ()
    districts: tuple[str, ...] = ()
    covered_by: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Whether some source says that the city has it, contradicted or not."""
        return bool(self.positives)


def claim_state(claim: Claim) -> State | Literal["applies"]:
    """Return the state that a claim by itself gives to its cell.

    ``applies`` stands for a document of a superior level, which gives the city no state.
    """
    if claim.status in BASES:
        return "denied"
    if claim.standing == "superior":
        return "applies"
    if claim.standing == "secondary":
        return "distributed" if claim.distributed else "reported"
    if claim.kind == "report" or claim.status == "reported":
        return "implemented"
    if claim.strength == "explore":
        return "exploratory"
    return "district" if claim.district else "provided"


def decide_state(states: Collection[str], *, covered: bool) -> State:
    """Decide the state of a cell from the states of its claims.

    >>> decide_state({"reported", "denied"}, covered=True)
    'contested'
    >>> decide_state({"district", "exploratory"}, covered=False)
    'district'
    >>> decide_state((), covered=False)
    'no-coverage'
    """
    best = next((state for state in POSITIVE if state in states), None)
    if "denied" in states:
        return "contested" if best else "denied"
    if best:
        return best
    return "not-found" if covered else "no-coverage"


def denial_basis(claim: Claim) -> str:
    """Return on what a denial rests: lacks, differs or should-adopt."""
    return claim.basis or BASES.get(claim.status, "")


def read_cells(claims: nx.MultiDiGraph, vocabulary: Vocabulary, city: str) -> dict[str, Cell]:
    """Return instrument id → cell of a city (a place id), for every instrument.

    What a city has counts for the broader instruments too, and what its districts have for the
    city; a denial holds for its own instrument alone.
    """
    positives, denials = _gather(read_claims(claims, city), vocabulary)
    applies: dict[str, list[Claim]] = defaultdict(list)
    for place in vocabulary.place_chain(city)[1:]:
        above, _ = _gather(read_claims(claims, place), vocabulary)
        for instrument, found in above.items():
            applies[instrument].extend(c for c in found if c.standing != "secondary")
    coverage = find_coverage(claims, vocabulary, city)
    return {
        instrument: _make_cell(
            city,
            instrument,
            positives[instrument],
            denials[instrument],
            applies[instrument],
            coverage.get(vocabulary.category_of(instrument), ()),
        )
        for instrument in vocabulary.concepts
    }


def show_evidence(claims: Iterable[Claim]) -> tuple[Evidence, ...]:
    """Return the evidence of claims in their order, each passage once."""
    return tuple(dict.fromkeys(claim.evidence for claim in claims))


def rank_strength(claims: Iterable[Claim]) -> int:
    """Return the rank of the strongest wording, 0 for the strongest.

    >>> rank_strength([])
    6
    """
    ranks = (STRENGTHS.index(c.strength) for c in claims if c.strength in STRENGTHS)
    return min(ranks, default=len(STRENGTHS))


def _gather(
    claims: Iterable[Claim], vocabulary: Vocabulary
) -> tuple[Mapping[str, list[Claim]], Mapping[str, list[Claim]]]:
    positives: dict[str, list[Claim]] = defaultdict(list)
    denials: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.status in BASES:
            denials[claim.instrument].append(claim)
        else:
            for instrument in vocabulary.ancestors(claim.instrument):
                positives[instrument].append(claim)
    return positives, denials


def _make_cell(
    city: str,
    instrument: str,
    found: Iterable[Claim],
    denials: Iterable[Claim],
    applies: Iterable[Claim],
    covered_by: tuple[str, ...],
) -> Cell:
    positives = [claim for claim in found if claim_state(claim) != "applies"]
    superior = [claim for claim in found if claim_state(claim) == "applies"]
    states = {claim_state(claim) for claim in (*positives, *denials)}
    return Cell(
        city=city,
        instrument=instrument,
        state=decide_state(states, covered=bool(covered_by)),
        positives=_sort_claims(positives),
        denials=_sort_claims(denials),
        applies=_sort_claims((*superior, *applies)),
        districts=tuple(sorted({claim.district for claim in positives} - {""})),
        covered_by=covered_by,
    )


def _sort_claims(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    return tuple(sorted(claims, key=_claim_order))


def _claim_order(claim: Claim) -> tuple[bool, bool, int, str, int, str, str]:
    """Own before secondary, the city before districts, strong before weak, then by place."""
    return (
        claim.standing != "own",
        bool(claim.district),
        rank_strength([claim]),
        claim.evidence.source,
        claim.evidence.start,
        claim.measure,
        claim.instrument,
    )
