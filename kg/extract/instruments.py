"""Instruments: which of the terms found in a sentence say what is done, the main one first."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kg.extract.lexicon import GAP, Hit
from kg.ontology import Vocabulary

_FAMILIES = ("context", "purpose", "modal", "strength", "action")
_SEGMENT = re.compile(r"[^，；：。]+[，；：。]?")
_CONTEXT, _PURPOSE, _SUBJECT, _ACTION = 0.5, 0.62, 0.72, 1.0
_VERB_REACH = 4
_KEEP = 0.6
_FLOOR = 0.42
_OBJECT = 0.3
_AGAIN = 0.08
_MOST = 5


class Segment(NamedTuple):
    """A stretch between commas: ``factor`` tells how much what it names is what is done."""

    start: int
    end: int
    factor: float


class Ranked(NamedTuple):
    """An instrument with its score and where it is first named.

    ``label`` are the words that named it best, ``factor`` how much their segment counts,
    ``times`` how often it is named, ``governed`` whether a verb stands right before it.
    """

    id: str
    score: float
    start: int
    end: int
    weak: bool = False
    label: str = ""
    factor: float = 1.0
    times: int = 1
    governed: bool = False


def split_segments(text: str, hits: Sequence[Hit]) -> tuple[Segment, ...]:
    """Return the segments of a sentence: context (围绕…), purpose (提升…), subject or action.

    A stretch is split after 在…方面 (fields) and before a modal verb (the subject of 应当 …).
    """
    starts: dict[str, set[int]] = {family: set() for family in _FAMILIES}
    for hit in hits:
        if hit.family in starts:
            starts[hit.family].add(hit.start)
    verbs = starts["strength"] | starts["action"]
    segments: list[Segment] = []
    acted = False
    for start, end in _stretches(text, hits):
        factor = _factor_of(start, end, starts, verbs, acted=acted)
        segments.append(Segment(start, end, factor))
        acted = acted or factor == _ACTION
    if not acted:
        return tuple(Segment(s.start, s.end, max(s.factor, _SUBJECT)) for s in segments)
    return tuple(segments)


def _stretches(text: str, hits: Sequence[Hit]) -> Iterator[tuple[int, int]]:
    fields = [hit.end for hit in hits if hit.family == "field"]
    modals = [hit.start for hit in hits if hit.family == "modal"]
    for found in _SEGMENT.finditer(text):
        start, end = found.span()
        if not fields and not modals:
            yield start, end
            continue
        cuts = [cut for cut in fields if start + 4 < cut < end - 4]
        cuts += [cut for cut in modals if start + 1 < cut < end - 2][:1]
        if cuts:
            yield start, max(cuts)
            start = max(cuts)
        yield start, end


def _factor_of(
    start: int, end: int, starts: Mapping[str, set[int]], verbs: set[int], *, acted: bool
) -> float:
    if start in starts["context"]:
        return _CONTEXT
    if acted and start in starts["purpose"]:
        return _PURPOSE
    if not verbs.isdisjoint(range(start, min(end, start + _VERB_REACH))):
        return _ACTION
    return _ACTION if start in starts["modal"] else _SUBJECT


def name_instruments(
    text: str, hits: Sequence[Hit], segments: Sequence[Segment], vocabulary: Vocabulary
) -> tuple[Ranked, ...]:
    """Return every instrument that a sentence names, the best named first."""
    verb_ends = {hit.end for hit in hits if hit.family == "strength"}
    best: dict[str, Ranked] = {}
    counts: dict[str, int] = defaultdict(int)
    for hit in _standing(hits):
        governed = hit.start in verb_ends
        factor = _factor(hit, segments)
        score = (hit.weight + _OBJECT * (hit.weak and governed)) * factor
        counts[hit.id] += 1
        known = best.get(hit.id)
        if known is None or score > known.score:
            start = min(hit.start, known.start) if known else hit.start
            label = GAP.join(text[a:b] for a, b in hit.spans)
            best[hit.id] = Ranked(
                hit.id, score, start, hit.end, hit.weak, label, factor, 1, governed
            )
    named = [
        r
        if counts[r.id] == 1
        else r._replace(score=r.score + _AGAIN * min(2, counts[r.id] - 1), times=counts[r.id])
        for r in best.values()
    ]
    return tuple(sorted(_most_specific(named, vocabulary), key=lambda r: (-r.score, r.start, r.id)))


def select_instruments(named: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Return the instruments of a sentence by rule, the main one first."""
    return _select(list(named))


def _standing(hits: Iterable[Hit]) -> list[Hit]:
    """Return the instrument hits that no negative label and no longer name covers."""
    named = [hit for hit in hits if hit.family == "instrument"]
    avoided = [hit for hit in hits if hit.family == "avoid"]
    names = {hit.spans[0] for hit in named if len(hit.spans) == 1}
    return [
        hit
        for hit in named
        if not any(a.id == hit.id and _overlaps(a, hit) for a in avoided)
        and not _is_inside(hit, names)
    ]


def _overlaps(avoided: Hit, hit: Hit) -> bool:
    return avoided.start < hit.end and hit.start < avoided.end


def _is_inside(hit: Hit, names: Iterable[tuple[int, int]]) -> bool:
    """Tell whether a longer name covers one of the parts of the hit."""
    return any(
        start <= a and b <= end and end - start > b - a
        for a, b in hit.spans
        for start, end in names
    )


def _factor(hit: Hit, segments: Sequence[Segment]) -> float:
    at = hit.spans[-1][0]
    return next((s.factor for s in segments if s.start <= at < s.end), 1.0)


def _most_specific(ranked: list[Ranked], vocabulary: Vocabulary) -> list[Ranked]:
    ids = {r.id for r in ranked}
    broader = {b for i in ids for b in vocabulary.ancestors(i)[1:]}
    if any(vocabulary.concepts[i].broader for i in ids):
        broader |= {i for i in ids if not vocabulary.concepts[i].broader}
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
