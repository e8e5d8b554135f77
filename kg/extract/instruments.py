"""Instruments: which of the terms found in a sentence say what is done, the main one first."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.extract.lexicon import Hit
from kg.ontology import Vocabulary

_SEGMENT = re.compile(r"[^，；：。]+[，；：。]?")
_CONTEXT, _PURPOSE, _ACTION = 0.5, 0.62, 1.0
_KEEP = 0.58
_FLOOR = 0.42
_MOST = 5


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch between commas: ``factor`` tells how much what it names is what is done."""

    start: int
    end: int
    factor: float


@dataclass(frozen=True, slots=True)
class Ranked:
    """An instrument with its score and where it is first named."""

    id: str
    score: float
    start: int
    end: int


def split_segments(text: str, hits: Sequence[Hit]) -> tuple[Segment, ...]:
    """Return the segments of a sentence: context (围绕…), purpose (提升…) or action."""
    heads: dict[int, set[str]] = defaultdict(set)
    for hit in hits:
        if hit.family in ("context", "purpose", "strength"):
            heads[hit.start].add(f"{hit.family}:{hit.id}")
    segments: list[Segment] = []
    acted = False
    for found in _SEGMENT.finditer(text):
        head = heads.get(found.start(), set())
        factor = _ACTION
        if any(name.startswith("context") for name in head):
            factor = _CONTEXT
        elif acted and any(name.startswith("purpose") for name in head):
            factor = _PURPOSE
        acted = acted or factor == _ACTION
        segments.append(Segment(found.start(), found.end(), factor))
    if segments and not acted:
        return tuple(Segment(s.start, s.end, _ACTION) for s in segments)
    return tuple(segments)


def rank_instruments(
    hits: Sequence[Hit], segments: Sequence[Segment], vocabulary: Vocabulary
) -> tuple[Ranked, ...]:
    """Return the instruments of a sentence, the main one first."""
    named = _standing(hits)
    best: dict[str, Ranked] = {}
    counts: dict[str, int] = defaultdict(int)
    for hit in named:
        score = hit.weight * _factor(hit, segments)
        counts[hit.id] += 1
        known = best.get(hit.id)
        if known is None or score > known.score:
            start = min(hit.start, known.start) if known else hit.start
            best[hit.id] = Ranked(hit.id, score, start, hit.end)
    ranked = [
        Ranked(r.id, r.score + 0.08 * min(2, counts[r.id] - 1), r.start, r.end) for r in best.values()
    ]
    return _select(_most_specific(ranked, vocabulary))


def _standing(hits: Iterable[Hit]) -> list[Hit]:
    """Return the instrument hits that no negative label and no longer name covers."""
    named = [hit for hit in hits if hit.family == "instrument"]
    avoided = [hit for hit in hits if hit.family == "avoid"]
    names = [(hit.start, hit.end, hit.id) for hit in named if len(hit.spans) == 1]
    return [
        hit
        for hit in named
        if not any(a.id == hit.id and _overlaps(a, hit) for a in avoided)
        and not any(_inside(hit, start, end) for start, end, _ in names)
    ]


def _overlaps(avoided: Hit, hit: Hit) -> bool:
    return avoided.start < hit.end and hit.start < avoided.end


def _inside(hit: Hit, start: int, end: int) -> bool:
    """Tell whether a longer name covers one of the parts of the hit."""
    return any(start <= a and b <= end and end - start > b - a for a, b in hit.spans)


def _factor(hit: Hit, segments: Sequence[Segment]) -> float:
    at = hit.spans[-1][0]
    return next((s.factor for s in segments if s.start <= at < s.end), 1.0)


def _most_specific(ranked: list[Ranked], vocabulary: Vocabulary) -> list[Ranked]:
    ids = {r.id for r in ranked}
    broader = {b for i in ids for b in vocabulary.ancestors(i)[1:]}
    return [r for r in ranked if r.id not in broader]


def _select(ranked: list[Ranked]) -> tuple[Ranked, ...]:
    if not ranked:
        return ()
    top = max(r.score for r in ranked)
    kept = [r for r in ranked if r.score >= max(_FLOOR, _KEEP * top)]
    kept = sorted(kept, key=lambda r: (-r.score, r.start, r.id))[:_MOST]
    return tuple(sorted(kept, key=lambda r: (-_level(r.score, top), r.start, r.id)))


def _level(score: float, top: float) -> int:
    """Return 1 for scores near the top: among those the first named is the main one."""
    return int(score >= 0.8 * top)
