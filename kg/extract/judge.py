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
_SHORT = 20


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
    verbs = [hit for hit in clues.hits if hit.family in ("strength", "action", "grant-noun")]
    score += _VERB * bool(verbs)
    score += _BRACKET * clues.bracketed
    score += _MONEY * bool(clues.amounts and (families & {"grant-noun"} or _grants(verbs)))
    score += _LIST * clues.listed
    if "silent-sentence" in families:
        score += _SILENT
    if "duty" in families:
        score += _DUTY
    if clues.length < _SHORT:
        weak = all(instrument.weak for instrument in clues.instruments)
        score += 2 * _SLOGAN if weak else _SLOGAN * 0.5 * (not clues.bracketed)
    if not clues.instruments:
        score += _SLOGAN
    return round(max(0.0, min(1.0, 0.5 + (score - THRESHOLD) / 1.4)), 2)


def _grants(verbs: Sequence[Hit]) -> bool:
    return any(hit.id == "grant" for hit in verbs)


def judge_strength(
    hits: Sequence[Hit], main: Ranked | None, segments: Sequence[Segment]
) -> Strength:
    """Return the strength of the verb that governs the main instrument.

    In the segment of the main instrument the first verb counts, but a verb of giving
    (给予, 免征) outweighs a mere 支持 before it; a noun such as 补贴 counts where no verb does.
    """
    verbs = [hit for hit in hits if hit.family == "strength" and hit.id != "require"]
    segment = _segment_of(main, segments)
    inside = [v for v in verbs if segment and segment.start <= v.start < segment.end]
    for named in (inside, verbs):
        chosen = _governing(named, main)
        if chosen is not None:
            return chosen
    nouns = [hit for hit in hits if hit.family == "grant-noun"]
    return "grant" if nouns else "implement"


def _segment_of(main: Ranked | None, segments: Sequence[Segment]) -> Segment | None:
    if main is not None:
        return next((s for s in segments if s.start <= main.start < s.end), None)
    return next((s for s in segments if s.factor == 1.0), None)


def _governing(verbs: Sequence[Hit], main: Ranked | None) -> Strength | None:
    """Return the strength of the first verb, the longest where several begin there."""
    if not verbs:
        return None
    first = min(v.start for v in verbs)
    head = max((v for v in verbs if v.start == first), key=lambda v: v.end)
    if head.id in ("explore", "encourage"):
        return head.id  # type: ignore[return-value]
    if any(v.id == "grant" for v in verbs):
        return "grant"
    return head.id  # type: ignore[return-value]
