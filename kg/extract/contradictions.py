"""Contradictions: what a source says that its own figures or its own sections do not bear out.

Only what is certain is reported: a rank that the source's rankings or figures exclude, a city
that is said to lack what the source credits it with, and a city that one enumeration credits
with an instrument while the passage that compares it with others leaves it out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

from kg.extract.figures import any_of
from kg.model import Indicator, Measure, Observation, Problem, Span
from kg.ontology import Vocabulary

KIND = "contradiction"
_CITIES = ("Municipality", "Prefecture")


class _Told(NamedTuple):
    """An observation with the sentence it stands in; ``key`` names what is counted."""

    key: str
    observation: Observation
    span: Span
    text: str


class _Ahead(NamedTuple):
    """A city that stands before another, and the sentences that say so."""

    place: str
    spans: tuple[Span, ...]
    cities: frozenset[str]


class ContradictionFinder:
    """Compares what one document says with what else it says."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._count = re.compile(vocabulary.pattern("indicator-count"))
        self._scope = re.compile(vocabulary.pattern("scope-count"))
        self._wide = set(vocabulary.cues("wide-scope")["wide"])
        groups = vocabulary.cues("group")
        self._groups = {word: int(size) for size, words in groups.items() for word in words}
        self._lack = re.compile(any_of(vocabulary.cues("plain-lack")["lack"]))

    def find(
        self, indicators: Sequence[Indicator], measures: Sequence[Measure], raw: str
    ) -> tuple[Problem, ...]:
        """Return the contradictions of one document, in the order of its text."""
        told = [
            _Told(
                self._count.sub("", o.indicator),
                o,
                indicator.span,
                "".join(indicator.span.of(raw).split()),
            )
            for indicator in indicators
            for o in indicator.observations
        ]
        found = [*self._ranks(told), *self._rankings(told), *self._instruments(measures, raw)]
        return tuple(sorted(dict.fromkeys(found), key=lambda p: (p.span, p.message)))

    # Ranks

    def _ranks(self, told: Sequence[_Told]) -> Iterator[Problem]:
        """Yield the ranks that cannot be: more cities are ahead than the rank allows."""
        for claim in told:
            rank = claim.observation.rank
            if rank is None or claim.observation.among or not claim.observation.place:
                continue
            ahead = self._ahead(claim, told)
            if self._least(claim, ahead) >= rank:
                yield self._excluded(claim, rank, ahead)

    def _excluded(self, claim: _Told, rank: int, ahead: dict[str, _Ahead]) -> Problem:
        spans = dict.fromkeys(span for item in ahead.values() for span in item.spans)
        message = (
            f"{self._name(claim.observation.place)} is said to rank {rank} in "
            f"{claim.observation.indicator} ({claim.observation.scope}), "
            f"but {', '.join(map(self._name, ahead))} are ahead of it in the same source"
        )
        return Problem(KIND, message, claim.span, tuple(s for s in spans if s != claim.span))

    def _ahead(self, claim: _Told, told: Sequence[_Told]) -> dict[str, _Ahead]:
        """Return the cities that the source itself puts before the place of a claim."""
        size = self._size(claim.observation.scope)
        if size == 0:
            return {}
        same = [t for t in told if _same(t, claim) and _same_year(t, claim, told)]
        found = [*_listed_ahead(claim, same), *_counted_ahead(claim, same)]
        if size is not None:
            cities = frozenset(c for item in found for c in item.cities)
            if len(cities) > size:
                found = [item for item in found if len(item.cities) == size]
        found = [item for item in found if self._is_city(item.place)]
        return {item.place: item for item in sorted(found, key=lambda i: (i.place, i.spans))}

    def _least(self, claim: _Told, ahead: Iterable[str]) -> int:
        """Return how many are ahead at least.

        A rank in the country may be one among provinces: cities of one province count once.
        """
        if self._size(claim.observation.scope) is not None:
            return len(list(ahead))
        chains = (self._vocabulary.place_chain(place) for place in ahead)
        return len({chain[-2] if len(chain) > 1 else chain for chain in chains})

    def _is_city(self, place: str) -> bool:
        return self._vocabulary.places[place].type in _CITIES

    def _size(self, scope: str) -> int | None:
        """Return how many cities a scope holds: None for all, 0 where that is not certain."""
        if scope in self._wide:
            return None
        found = self._scope.search(scope)
        return int(found["count"]) if found else self._groups.get(scope, 0)

    def _rankings(self, told: Sequence[_Told]) -> Iterator[Problem]:
        """Yield rankings that put two cities in another order than the source's figures."""
        ranked = [t for t in told if t.observation.among]
        for high, low in combinations(ranked, 2):
            a, b = high.observation, low.observation
            if a.span != b.span or high.key != low.key or not (a.rank and b.rank):
                continue
            same = [t for t in told if _same(t, high) and _same_year(t, high, told)]
            values = _values(same)
            first, second = values.get(a.place), values.get(b.place)
            if first and second and (a.rank < b.rank) and _value(first) < _value(second):
                message = (
                    f"{self._name(a.place)} is ranked before {self._name(b.place)} in "
                    f"{a.indicator}, but the figures say otherwise: "
                    f"{first.observation.surface}, {second.observation.surface}"
                )
                others = dict.fromkeys(s for s in (first.span, second.span) if s != high.span)
                yield Problem(KIND, message, high.span, tuple(others))

    # Instruments

    def _instruments(self, measures: Sequence[Measure], raw: str) -> Iterator[Problem]:
        yield from self._denied(measures, raw)
        yield from self._left_out(measures)

    def _denied(self, measures: Sequence[Measure], raw: str) -> Iterator[Problem]:
        """Yield denials of what the source elsewhere credits the same city with."""
        credits = _credits(measures)
        for measure in measures:
            if measure.status != "lacking" or not self._lack.search(measure.span.of(raw)):
                continue
            for city in measure.cities:
                instrument = measure.instruments[0]
                spans = [s for s in credits.get((city, instrument), ()) if s != measure.span]
                if spans:
                    message = (
                        f"{self._name(city)} is said to lack {self._instrument(instrument)}, "
                        "but is credited with it elsewhere in the same source"
                    )
                    yield Problem(KIND, message, measure.span, tuple(spans))

    def _left_out(self, measures: Sequence[Measure]) -> Iterator[Problem]:
        """Yield cities credited in one enumeration and left out of the parallel one.

        The passage that compares the city with others in the same category must be one of a
        kind: another passage, of a group without this city, does name who has the instrument.
        """
        groups = [m for m in measures if m.distributed]
        for (city, instrument), spans in _credits(measures).items():
            category = self._compared(instrument, measures, groups)
            if not category or (named := self._enumerated(city, instrument, measures)) is None:
                continue
            passages = [g for g in groups if city in g.cities and g.categories[0] == category]
            silent = [g.span for g in passages if g.span not in spans]
            if silent and len(silent) == len(passages):
                message = (
                    f"{self._name(city)} is credited with {self._instrument(instrument)} in one "
                    "enumeration, but not in the passage that compares it with other cities"
                )
                yield Problem(KIND, message, named, tuple(dict.fromkeys(silent)))

    def _enumerated(self, city: str, instrument: str, measures: Iterable[Measure]) -> Span | None:
        """Return where the city stands beside others that have the instrument."""
        return next(
            (
                m.span
                for m in measures
                if _credited(m) and len(m.cities) > 1 and city in m.cities
                if m.instruments[0] == instrument
            ),
            None,
        )

    def _compared(
        self, instrument: str, measures: Iterable[Measure], groups: Sequence[Measure]
    ) -> str:
        """Return the category of the comparing passage that names who has an instrument."""
        spans = {m.span for m in measures if _credited(m) and m.instruments[0] == instrument}
        found = {g.categories[0] for g in groups if g.span in spans}
        return found.pop() if len(found) == 1 else ""

    def _name(self, place: str) -> str:
        return self._vocabulary.places[place].zh if place in self._vocabulary.places else place

    def _instrument(self, instrument: str) -> str:
        return self._vocabulary.concepts[instrument].zh


def _same(told: _Told, claim: _Told) -> bool:
    """Tell whether both count the same; what a name leaves out its sentence must say.

    从业人数 is 高新技术企业从业人数 in a sentence that speaks of 高新技术企业.
    """
    short, long = sorted((told, claim), key=lambda t: len(t.key))
    return long.key.endswith(short.key) and long.key.removesuffix(short.key) in short.text


def _same_year(told: _Told, claim: _Told, everything: Iterable[_Told]) -> bool:
    """Tell whether both are of one year; a year left out is the only one the source names."""
    first, second = told.observation.year, claim.observation.year
    if first and second:
        return first == second
    return len({t.observation.year for t in everything if _same(t, claim)} - {""}) <= 1


def _listed_ahead(claim: _Told, same: Iterable[_Told]) -> Iterator[_Ahead]:
    """Yield the cities that a ranking of the same indicator puts first."""
    place = claim.observation.place
    lists: dict[tuple[Span, tuple[str, ...]], list[_Told]] = defaultdict(list)
    for told in same:
        if told.observation.among:
            lists[told.observation.span, told.observation.among].append(told)
    for ranked in lists.values():
        ranks = {t.observation.place: t.observation.rank or 0 for t in ranked}
        for told in ranked:
            if place in ranks and 0 < (told.observation.rank or 0) < ranks[place]:
                yield _Ahead(told.observation.place, (told.span,), frozenset(ranks))


def _counted_ahead(claim: _Told, same: Sequence[_Told]) -> Iterator[_Ahead]:
    """Yield the cities of which the source gives a greater figure of the same indicator."""
    values = _values(same)
    own = values.get(claim.observation.place)
    for place, told in values.items():
        if own and _value(told) > _value(own):
            yield _Ahead(place, (told.span, own.span), frozenset((place, claim.observation.place)))


def _values(same: Iterable[_Told]) -> dict[str, _Told]:
    """Return the one exact figure of each place; without those of which there are several."""
    found: dict[str, list[_Told]] = defaultdict(list)
    for told in same:
        o = told.observation
        if o.value is not None and o.op == "=" and not o.hedge and o.place:
            found[o.place].append(told)
    single = {
        place: tolds[0]
        for place, tolds in found.items()
        if len({(t.observation.value, t.observation.unit, t.observation.base) for t in tolds}) == 1
    }
    kinds = {(t.observation.unit, t.observation.base) for t in single.values()}
    return single if len(kinds) == 1 else {}


def _value(told: _Told) -> float:
    return told.observation.value or 0.0


def _credited(measure: Measure) -> bool:
    return measure.status == "reported" and not measure.distributed


def _credits(measures: Iterable[Measure]) -> dict[tuple[str, str], list[Span]]:
    """Return (city, main instrument) → where the source credits the city with it by name."""
    credits: dict[tuple[str, str], list[Span]] = defaultdict(list)
    for measure in measures:
        if _credited(measure):
            for city in measure.cities:
                credits[city, measure.instruments[0]].append(measure.span)
    return credits


@lru_cache(maxsize=2)
def compile_contradictions(vocabulary: Vocabulary) -> ContradictionFinder:
    """Return the finder of ``vocabulary``, built once."""
    return ContradictionFinder(vocabulary)
