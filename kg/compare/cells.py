"""Cells: what a place has of an instrument, decided from all claims about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import networkx as nx

from kg.compare.claims import read_claims
from kg.compare.coverage import find_coverage
from kg.compare.records import Claim
from kg.compare.told import Group, Signature, Told, sign, sort_groups
from kg.ontology import Vocabulary
from kg.states import BASES, ENACTED, State, combine_states, decide_state


@dataclass(frozen=True)
class Cell:
    """A place and an instrument: the state, and the claims it rests on, grouped and sorted.

    ``said`` credit the place, ``denied`` deny it, ``superior`` are those of a superior level;
    ``districts`` are the place ids of the districts whose documents provide it, ``covered_by``
    the IRIs of the place's own documents whose scope includes the category.
    """

    city: str
    instrument: str
    state: State
    said: tuple[Group, ...] = ()
    denied: tuple[Group, ...] = ()
    superior: tuple[Group, ...] = ()
    districts: tuple[str, ...] = ()
    covered_by: tuple[str, ...] = ()

    @cached_property
    def positives(self) -> tuple[Claim, ...]:
        """The claims that credit the place, strongest first."""
        return sort_groups(self.said)

    @cached_property
    def denials(self) -> tuple[Claim, ...]:
        """The claims that deny the place the instrument, strongest first."""
        return sort_groups(self.denied)

    @cached_property
    def applies(self) -> tuple[Claim, ...]:
        """The claims of a superior level, strongest first."""
        return sort_groups(self.superior)

    @property
    def held(self) -> bool:
        """Whether some source says that the place has it, contradicted or not."""
        return bool(self.said)


def claim_state(claim: Claim) -> State | str:
    """Return the state that a claim by itself gives to its cell; ``applies`` where it gives none."""
    return sign(claim).state


def denial_basis(claim: Claim | Signature) -> str:
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
        return _read_edges(claims, place, "claims")
    grouped: dict[str, list[Claim]] = defaultdict(list)
    for claim in _see_from_district(claims, vocabulary, place):
        grouped[claim.instrument].append(claim)
    return grouped


def sum_claims(claims: nx.DiGraph, vocabulary: Vocabulary, place: str) -> Mapping[str, Told]:
    """Return instrument id → the sums of the claims about a place, seen from it (see group_claims)."""
    if place == vocabulary.city_of(place):
        return _read_edges(claims, place, "told")
    grouped = group_claims(claims, vocabulary, place)
    return {instrument: Told(found) for instrument, found in grouped.items()}


def _read_edges(claims: nx.DiGraph, place: str, data: str) -> dict[str, Any]:
    edges = claims.out_edges(place, data=data) if place in claims else ()
    return {instrument: found for _, instrument, found in edges}


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
    for instrument, told in sum_claims(claims, vocabulary, place).items():
        found = told.states
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
    said, denied = _gather(sum_claims(claims, vocabulary, city), vocabulary, wanted)
    superior = _gather_superior(claims, vocabulary, city, wanted)
    coverage = find_coverage(claims, vocabulary, city)
    return {
        instrument: _make_cell(
            city,
            instrument,
            said.get(instrument, ()),
            denied.get(instrument, ()),
            superior.get(instrument, ()),
            coverage.get(vocabulary.category_of(instrument), ()),
        )
        for instrument in vocabulary.concepts
        if instrument in wanted
    }


def _gather(
    summed: Mapping[str, Told], vocabulary: Vocabulary, wanted: Collection[str]
) -> tuple[Mapping[str, list[Group]], Mapping[str, list[Group]]]:
    """Collect by instrument what is said to be there, rolled up, and what is denied."""
    said: dict[str, list[Group]] = defaultdict(list)
    denied: dict[str, list[Group]] = {}
    for instrument, told in summed.items():
        groups = told.groups.values()
        if instrument in wanted:
            denied[instrument] = [group for group in groups if group.signature.denies]
        for name in vocabulary.ancestors(instrument):
            if name in wanted:
                said[name] += [group for group in groups if not group.signature.denies]
    return said, denied


def _gather_superior(
    claims: nx.DiGraph, vocabulary: Vocabulary, place: str, wanted: Collection[str]
) -> Mapping[str, list[Group]]:
    """Collect what documents of the places above provide, those about the place itself apart."""
    applies: dict[str, list[Group]] = defaultdict(list)
    for above in vocabulary.place_chain(vocabulary.city_of(place))[1:]:
        found, _ = _gather(sum_claims(claims, vocabulary, above), vocabulary, wanted)
        for instrument, said in found.items():
            applies[instrument] += [g for g in said if g.signature.standing != "secondary"]
    return applies


def _make_cell(
    city: str,
    instrument: str,
    found: Sequence[Group],
    denied: Sequence[Group],
    applies: Sequence[Group],
    covered_by: tuple[str, ...],
) -> Cell:
    said = tuple(group for group in found if group.signature.standing != "superior")
    superior = (group for group in found if group.signature.standing == "superior")
    states = {group.state for group in (*said, *denied)}
    return Cell(
        city=city,
        instrument=instrument,
        state=decide_state(states, covered=bool(covered_by)),
        said=said,
        denied=tuple(denied),
        superior=(*superior, *applies),
        districts=tuple(sorted({group.signature.district for group in said} - {""})),
        covered_by=covered_by,
    )
