"""The lexicon: one automaton over all cue words, and the hits it finds in a sentence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

import ahocorasick_rs as ac

from kg.ontology import Vocabulary

GAP = "…"
REACH = 40
_WEAK = -0.35
_CUE_SCHEMES = (
    "strength",
    "grant-noun",
    "action",
    "context",
    "purpose",
    "silent-sentence",
    "duty",
    "beneficiaries",
    "provide",
    "lacks",
    "adopt",
    "instructive",
    "differs",
    "compared",
    "group",
    "aim",
    "statistic",
    "modal",
    "field",
)


class Hit(NamedTuple):
    """A term found in a sentence: its family and id, where it stands, how specific it is.

    ``spans`` holds one range per part; the hit reaches from ``start`` to ``end``.
    """

    family: str
    id: str
    start: int
    end: int
    spans: tuple[tuple[int, int], ...]
    weight: float
    weak: bool = False


@dataclass(frozen=True, slots=True)
class _Pattern:
    family: str
    id: str
    parts: tuple[str, ...]
    weight: float
    weak: bool = False


_NAME, _START, _END = itemgetter(0, 1), itemgetter(2), itemgetter(3)  # of a Hit


class Lexicon:
    """All terms of the vocabulary that point to something, matched on characters."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        patterns = list(dict.fromkeys(_patterns(vocabulary)))
        parts = sorted({part for pattern in patterns for part in pattern.parts})
        at = {part: index for index, part in enumerate(parts)}
        self._whole: list[list[tuple[str, str, float, bool]]] = [[] for _ in parts]
        self._broken: dict[int, list[tuple[_Pattern, tuple[int, ...]]]] = defaultdict(list)
        for pattern in patterns:
            numbers = tuple(at[part] for part in pattern.parts)
            if len(numbers) == 1:
                told = (pattern.family, pattern.id, pattern.weight, pattern.weak)
                self._whole[numbers[0]].append(told)
            else:
                self._broken[numbers[0]].append((pattern, numbers[1:]))
        others = {n for found in self._broken.values() for _, ns in found for n in ns}
        self._pieces = others | self._broken.keys()
        self._automaton = ac.AhoCorasick(parts, matchkind=ac.MatchKind.Standard)

    def find(self, text: str) -> list[Hit]:
        """Return every hit in ``text``, in order of start, longest first."""
        places: dict[int, list[tuple[int, int]]] = {}
        hits: list[Hit] = []
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for family, name, weight, weak in self._whole[index]:
                # Hit(…) itself would cost as much again as finding where it stands.
                hit = (family, name, start, end, ((start, end),), weight, weak)
                hits.append(tuple.__new__(Hit, hit))
            if index in self._pieces:
                places.setdefault(index, []).append((start, end))
        for index, spans in places.items():
            for pattern, others in self._broken.get(index, ()):
                if all(other in places for other in others):
                    hits += _complete(pattern, spans, [places[other] for other in others])
        hits.sort(key=_NAME)  # by start, then longest, then name: each sort keeps the one before
        hits.sort(key=_END, reverse=True)
        hits.sort(key=_START)
        return hits


def _hit(pattern: _Pattern, spans: tuple[tuple[int, int], ...]) -> Hit:
    start, end = spans[0][0], spans[-1][1]
    return Hit(pattern.family, pattern.id, start, end, spans, pattern.weight, pattern.weak)


def _complete(
    pattern: _Pattern,
    spans: Sequence[tuple[int, int]],
    others: Sequence[Sequence[tuple[int, int]]],
) -> Iterator[Hit]:
    """Yield the first place where all parts follow each other within reach."""
    for first in spans:
        found = [first]
        for places in others:
            last = found[-1][1]
            following = next((s for s in places if last <= s[0] <= last + REACH), None)
            if following is None:
                break
            found.append(following)
        else:
            yield _hit(pattern, tuple(found))
            return


def _patterns(vocabulary: Vocabulary) -> Iterator[_Pattern]:
    for concept in vocabulary.concepts.values():
        weak = set(concept.weak)
        names = [text for text, lang in concept.labels if lang == "zh" and text not in weak]
        yield from _family("instrument", concept.id, names, 0.15)
        yield from _family("instrument", concept.id, concept.hidden, 0.0)
        yield from _family("instrument", concept.id, concept.weak, _WEAK)
        yield from _family("avoid", concept.id, concept.avoid, 0.0)
    for scheme in _CUE_SCHEMES:
        for cue, labels in vocabulary.cues(scheme).items():
            yield from _family(scheme, cue, labels, 0.0)


def instrument_names(vocabulary: Vocabulary) -> frozenset[str]:
    """Return every word that names an instrument, weak ones too, as the vocabulary writes it."""
    return frozenset(
        name
        for concept in vocabulary.concepts.values()
        for name in (
            *(text for text, language in concept.labels if language == "zh"),
            *concept.hidden,
            *concept.weak,
        )
    )


def _family(
    family: str, identifier: str, labels: Iterable[str], bonus: float
) -> Iterator[_Pattern]:
    for label in labels:
        parts = tuple(part for part in label.split(GAP) if part)
        if parts:
            yield _Pattern(family, identifier, parts, _weight(parts) + bonus, bonus < 0)


def _weight(parts: tuple[str, ...]) -> float:
    """Return how telling a label is: longer ones more, discontinuous ones a little less.

    >>> _weight(("创新券",)) > _weight(("专利",))
    True
    """
    length = sum(map(len, parts))
    known = {1: 0.3, 2: 0.6, 3: 0.75, 4: 0.9, 5: 1.0}.get(length, 1.05)
    return known - 0.05 * (len(parts) > 1)


@lru_cache(maxsize=2)
def compile_lexicon(vocabulary: Vocabulary) -> Lexicon:
    """Return the lexicon of ``vocabulary``, built once."""
    return Lexicon(vocabulary)
