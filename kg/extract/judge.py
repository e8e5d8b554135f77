"""Judgement: is a sentence a measure, and how strongly is it worded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.extract.instruments import Ranked, Segment
from kg.extract.lexicon import Hit
from kg.model import Strength

THRESHOLD = 0.8
_VERB, _BRACKET, _MONEY, _LIST = 0.35, 0.3, 0.3, 0.15
_SILENT, _DUTY, _SLOGAN = -1.2, -0.6, -0.35
_ORDER: tuple[Strength, ...] = ("grant", "explore", "encourage", "implement", "support")
_SHORT = 20
_WEAK = 0.7


@dataclass(frozen=True, slots=True)
class Clues:
    """What speaks for or against a sentence being a measure."""

    instruments: tuple[Ranked, ...]
    segments: tuple[Segment, ...]
    hits: tuple[Hit, ...]
    bracketed: bool
    listed: bool
    amounts: int
    length: int


def judge_measure(clues: Clues) -> float:
    """Return the confidence (0 to 1) that the sentence states a measure; 0.5 is undecided."""
    score = min(1.0, clues.instruments[0].score) if clues.instruments else 0.0
    families = {hit.family for hit in clues.hits}
    verbs = [hit for hit in clues.hits if hit.family in ("strength", "action")]
    score += _VERB * bool(verbs)
    score += _BRACKET * clues.bracketed
    score += _MONEY * bool(clues.amounts and any(hit.id == "grant" for hit in verbs))
    score += _LIST * clues.listed
    if "silent-sentence" in families:
        score += _SILENT
    if "duty" in families:
        score += _DUTY
    if clues.length < _SHORT:
        weak = not clues.instruments or clues.instruments[0].score < _WEAK
        score += 2 * _SLOGAN if weak else _SLOGAN * 0.5 * (not clues.bracketed)
    if not clues.instruments:
        score += _SLOGAN
    return round(max(0.0, min(1.0, 0.5 + (score - THRESHOLD) / 1.4)), 2)


def judge_strength(hits: Sequence[Hit], main: Ranked | None, segments: Sequence[Segment]) -> Strength:
    """Return the strength of the verb that governs the main instrument.

    The verb is sought in the segment of the main instrument, the nearest before it first,
    then in the whole sentence; a granting verb near it wins.
    """
    verbs = [hit for hit in hits if hit.family == "strength" and hit.id != "require"]
    if not verbs:
        return "implement"
    segment = _segment_of(main, segments)
    inside = [v for v in verbs if segment and segment.start <= v.start < segment.end]
    chosen = _governing(inside, main) or _governing(verbs, main)
    return chosen.id if chosen else "implement"  # type: ignore[return-value]


def _segment_of(main: Ranked | None, segments: Sequence[Segment]) -> Segment | None:
    if main is None:
        return next((s for s in segments if s.factor == 1.0), None)
    return next((s for s in segments if s.start <= main.start < s.end), None)


def _governing(verbs: Sequence[Hit], main: Ranked | None) -> Hit | None:
    if not verbs:
        return None
    for strong in ("grant", "explore"):
        named = [v for v in verbs if v.id == strong]
        if named:
            return named[0]
    head = verbs[0]
    if main is None or head.start <= main.start:
        return max((v for v in verbs if v.start == head.start), key=lambda v: v.end)
    return head
