"""Cells: what a place has of an instrument, decided from all claims about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import networkx as nx

from kg.compare.claims import read_claims
from kg.compare.coverage import find_coverage
from kg.compare.records import Claim
from kg.model import Evidence
from kg.ontology import Vocabulary
from kg.states import BASES, ENACTED, State, combine_states, decide_state, judge_measure

STRENGTHS = ("require", "grant", "implement", "support", "encourage", "explore")
_RANKS = {strength: rank for rank, strength in enumerate(STRENGTHS)}


@dataclass(frozen=True, slots=True)
class Cell:
    """A place and an instrument: the state, and the claims it rests on, strongest first.

    ``applies`` are claims of a superior level, ``districts`` the place ids of the districts
    whose documents provide it, ``covered_by`` the IRIs of the place's own documents whose scope
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
        """Whether some source says that the place has it, contradicted or not."""
        return bool(self.positives)


def claim_state(claim: Claim) -> State | str:
    """Return the state that a claim by itself gives to its cell; ``applies`` where it gives none."""
    return judge_measure(
        status=claim.status,
        standing=claim.standing,
        kind=claim.kind,
        strength=claim.strength,
        distributed=claim.distributed,
        district=bool(claim.district),
    )


def denial_basis(claim: Claim) -> str:
    """Return on what a denial rests: lacks, differs or should-adopt."""
    return claim.basis or BASES.get(claim.status, "")


def read_place_claims(claims: nx.DiGraph, vocabulary: Vocabulary, place: str) -> Iterator[Claim]:
    """Yield the claims about a place, seen from it (see group_claims)."""
    for found in group_claims(claims, vocabulary, place).values():
        yield from found


def group_claims(
    claims: nx.DiGraph, vocabulary: Vocabulary, place: str
) -> Mapping[str, Sequence[Claim]]:
    """Return instrument id → the claims about a place, seen from it.

    Of its city's claims those of a district's own documents are the district's own; those of the
    city's documents are of a superior level to it, and of the others it has what names it.
    """
    if place == vocabulary.city_of(place):
        edges = claims.out_edges(place, data="claims") if place in claims else ()
        return {instrument: found for _, instrument, found in edges}
    grouped: dict[str, list[Claim]] = defaultdict(list)
    for claim in _see_from_district(claims, vocabulary, place):
        grouped[claim.instrument].append(claim)
    return grouped


def _see_from_district(claims: nx.DiGraph, vocabulary: Vocabulary, place: str) -> Iterator[Claim]:
    city = vocabulary.city_of(place)
    for claim in read_claims(claims, city):
        if claim.district == place:
            yield replace(claim, city=place, district="")
        elif claim.standing == "own" and not claim.district and claim.kind in ENACTED:
            evidence = replace(claim.evidence, kind="superior")
            yield replace(claim, city=place, standing="superior", evidence=evidence)
        elif claim.standing == "secondary" and place in claim.places:
            yield replace(claim, city=place)


def read_states(claims: nx.DiGraph, vocabulary: Vocabulary, place: str) -> dict[str, State | str]:
    """Return instrument id → state of the cells where something is said; quicker than read_cells.

    Cells without a claim, or with superior ones only, are left out: not found or not covered.
    """
    rolled: dict[str, set[str]] = defaultdict(set)
    for instrument, told in group_claims(claims, vocabulary, place).items():
        found = {claim_state(claim) for claim in told}
        rolled[instrument] |= found
        for broader in vocabulary.ancestors(instrument)[1:]:
            rolled[broader] |= found - {"denied"}
    decided = {instrument: combine_states(found) for instrument, found in rolled.items()}
    return {instrument: state for instrument, state in decided.items() if state}


def read_cells(
    claims: nx.DiGraph,
    vocabulary: Vocabulary,
    city: str,
    *,
    instruments: Collection[str] | None = None,
) -> dict[str, Cell]:
    """Return instrument id → cell of a place (an id), for every instrument or for some.

    What a place has counts for the broader instruments too, and what its districts have for the
    city; a denial holds for its own instrument alone.  A district has what its own documents
    say; its city's documents apply to it.
    """
    wanted = vocabulary.concepts.keys() if instruments is None else set(instruments)
    positives, denials = _gather(group_claims(claims, vocabulary, city), vocabulary, wanted)
    applies = _gather_superior(claims, vocabulary, city, wanted)
    coverage = find_coverage(claims, vocabulary, city)
    return {
        instrument: _make_cell(
            city,
            instrument,
            positives.get(instrument, ()),
            denials.get(instrument, ()),
            applies.get(instrument, ()),
            coverage.get(vocabulary.category_of(instrument), ()),
        )
        for instrument in vocabulary.concepts
        if instrument in wanted
    }


def show_evidence(claims: Iterable[Claim]) -> tuple[Evidence, ...]:
    """Return the evidence of claims in their order, each passage once."""
    return tuple(dict.fromkeys(claim.evidence for claim in claims))


def rank_strength(claims: Iterable[Claim]) -> int:
    """Return the rank of the strongest wording, 0 for the strongest.

    >>> rank_strength([])
    6
    """
    strengths = {claim.strength for claim in claims}
    return min((_RANKS[s] for s in strengths if s in _RANKS), default=len(STRENGTHS))


def _gather(
    grouped: Mapping[str, Sequence[Claim]], vocabulary: Vocabulary, wanted: Collection[str]
) -> tuple[Mapping[str, list[Claim]], Mapping[str, list[Claim]]]:
    """Collect by instrument what is said to be there, rolled up, and what is denied."""
    positives: dict[str, list[Claim]] = defaultdict(list)
    denials: dict[str, list[Claim]] = defaultdict(list)
    for instrument, found in grouped.items():
        if instrument in wanted:
            denials[instrument] = [claim for claim in found if claim.status in BASES]
        broader = [i for i in vocabulary.ancestors(instrument) if i in wanted]
        if broader:
            said = [claim for claim in found if claim.status not in BASES]
            for name in broader:
                positives[name].extend(said)
    return positives, denials


def _gather_superior(
    claims: nx.DiGraph, vocabulary: Vocabulary, place: str, wanted: Collection[str]
) -> Mapping[str, list[Claim]]:
    """Collect what documents of the places above provide, those about the place itself apart."""
    applies: dict[str, list[Claim]] = defaultdict(list)
    for above in vocabulary.place_chain(vocabulary.city_of(place))[1:]:
        found, _ = _gather(group_claims(claims, vocabulary, above), vocabulary, wanted)
        for instrument, said in found.items():
            applies[instrument] += [claim for claim in said if claim.standing != "secondary"]
    return applies


def _make_cell(
    city: str,
    instrument: str,
    found: Iterable[Claim],
    denials: Iterable[Claim],
    applies: Iterable[Claim],
    covered_by: tuple[str, ...],
) -> Cell:
    positives = [claim for claim in found if claim.standing != "superior"]
    superior = [claim for claim in found if claim.standing == "superior"]
    states = {claim_state(claim) for claim in (*positives, *denials)}
    return Cell(
        city=city,
        instrument=instrument,
        state=decide_state(states, covered=bool(covered_by)),
        positives=sort_claims(positives),
        denials=sort_claims(denials),
        applies=sort_claims((*superior, *applies)),
        districts=tuple(sorted({claim.district for claim in positives} - {""})),
        covered_by=covered_by,
    )


def sort_claims(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Sort claims: own before secondary, the place before districts, strong before weak, by place."""
    return tuple(sorted(claims, key=_claim_order))


def _claim_order(claim: Claim) -> tuple[bool, bool, int, str, int, str, str]:
    return (
        claim.standing != "own",
        bool(claim.district),
        _RANKS.get(claim.strength, len(STRENGTHS)),
        claim.evidence.source,
        claim.evidence.start,
        claim.measure,
        claim.instrument,
    )
