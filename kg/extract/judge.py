"""Judgement: is a sentence a measure, which instruments count, how strongly is it worded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kg.extract.features import (
    measure_features,
    rank_features,
    strength_features,
    text_features,
)
from kg.extract.instruments import Ranked, Segment, select_instruments
from kg.extract.lexicon import Hit
from kg.extract.weights import Weights, shipped_weights
from kg.model import Amount, Strength, Target

DECIDED = 0.5
MOST = 4
_LIKELY, _LIKELY_LEAST = 4, 0.05
_RULE = 0.8
_TRUST = 0.75
_THRESHOLD = 0.8
_VERB, _BRACKET, _MONEY, _LIST = 0.35, 0.3, 0.3, 0.15
_SILENT, _DUTY, _SLOGAN = -1.2, -0.6, -0.35
_SHORT = 20


@dataclass(frozen=True, slots=True)
class Task:
    """A sentence to read with what its place in the document tells; ``hits`` were found in it.

    ``traits`` name what its document and clause are, as features of the trained judge.
    """

    text: str
    hits: tuple[Hit, ...]
    bracketed: bool = False
    listed: bool = False
    traits: tuple[str, ...] = ()


@dataclass(slots=True)
class Reading:
    """What the pipeline finds in a sentence; filled in by its components in turn.

    ``named`` are all instruments named, ``about`` the probability of each by the text alone,
    ``instruments`` those that count, the main one first; ``ruled`` and ``ruled_confidence``
    are what the rules alone say.
    """

    task: Task
    words: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    segments: tuple[Segment, ...] = ()
    named: tuple[Ranked, ...] = ()
    about: dict[str, float] = field(default_factory=dict)
    instruments: tuple[Ranked, ...] = ()
    amounts: tuple[Amount, ...] = ()
    targets: tuple[Target, ...] = ()
    strength: Strength = "implement"
    confidence: float = 0.0
    ruled: tuple[str, ...] = ()
    ruled_confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides with trained weights; without weights (``None``) by rule."""

    weights: Weights | None = field(default_factory=lambda: shipped_weights())

    def decide(self, reading: Reading) -> None:
        """Fill instruments, confidence (0 to 1, 0.5 undecided) and strength."""
        reading.instruments = select_instruments(reading.named)
        reading.confidence = judge_by_rule(reading)
        reading.ruled = tuple(ranked.id for ranked in reading.instruments)
        reading.ruled_confidence = reading.confidence
        if self.weights is not None:
            learnt = self.weights.measure.probability(measure_features(reading))
            reading.confidence = round(_TRUST * learnt + (1 - _TRUST) * reading.ruled_confidence, 2)
            if reading.confidence < DECIDED:
                reading.instruments = ()
                return
            reading.about = self.weights.text.probabilities(text_features(reading))
            reading.instruments = self._select(reading, self.weights)
        main = reading.instruments[0] if reading.instruments else None
        reading.strength = judge_strength(reading.hits, main, reading.segments)
        if self.weights is not None:
            features = strength_features(reading, reading.strength)
            likely = self.weights.strength.probabilities(features)
            best = max(sorted(likely), key=lambda name: likely[name], default=reading.strength)
            reading.strength = best  # type: ignore[assignment]

    def _select(self, reading: Reading, weights: Weights) -> tuple[Ranked, ...]:
        """Return the instruments more likely right than wrong, at least the likeliest."""
        scored = []
        for rank, named in enumerate(candidates_of(reading)):
            features = list(rank_features(reading, named, rank))
            keep = weights.instrument.probability(features)
            main = weights.main.score(features) + _RULE * (reading.ruled[:1] == (named.id,))
            scored.append((main, keep, named))
        if not scored:
            return ()
        best = max(keep for _, keep, _ in scored)
        kept = [s for s in scored if s[1] >= weights.keep or s[1] == best]
        kept = sorted(kept, key=lambda s: (-round(s[1], 6), s[2].start, s[2].id))[:MOST]
        kept.sort(key=lambda s: (-round(s[0], 6), s[2].start, s[2].id))
        return tuple(named for _, _, named in kept)


def candidates_of(reading: Reading) -> tuple[Ranked, ...]:
    """Return the instruments named, and those that the text alone makes likely."""
    named = {ranked.id for ranked in reading.named}
    likely = sorted(reading.about.items(), key=lambda item: (-item[1], item[0]))[:_LIKELY]
    end = len(reading.task.text)
    return (
        *reading.named,
        *(
            Ranked(name, 0.0, end, end)
            for name, probability in likely
            if probability >= _LIKELY_LEAST and name not in named
        ),
    )


def judge_by_rule(reading: Reading) -> float:
    """Return the confidence that the sentence states a measure, from hand-set weights."""
    instruments = reading.instruments
    score = min(1.0, instruments[0].score) if instruments else 0.0
    families = {hit.family for hit in reading.hits}
    verbs = [h for h in reading.hits if h.family in ("strength", "action", "grant-noun")]
    grants = any(hit.id in ("grant", "grant-noun") for hit in verbs)
    score += _VERB * bool(verbs)
    score += _BRACKET * reading.task.bracketed
    score += _MONEY * bool(reading.amounts and grants)
    score += _LIST * reading.task.listed
    score += _SILENT * ("silent-sentence" in families)
    score += _DUTY * ("duty" in families)
    if len(reading.task.text) < _SHORT:
        weak = all(instrument.weak for instrument in instruments)
        score += 2 * _SLOGAN if weak else _SLOGAN * 0.5 * (not reading.task.bracketed)
    if not instruments:
        score += _SLOGAN
    return round(max(0.0, min(1.0, 0.5 + (score - _THRESHOLD) / 1.4)), 2)


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
        chosen = _governing(named)
        if chosen is not None:
            return chosen
    nouns = [hit for hit in hits if hit.family == "grant-noun"]
    return "grant" if nouns else "implement"


def _segment_of(main: Ranked | None, segments: Sequence[Segment]) -> Segment | None:
    if main is not None:
        return next((s for s in segments if s.start <= main.start < s.end), None)
    return next((s for s in segments if s.factor == 1.0), None)


def _governing(verbs: Sequence[Hit]) -> Strength | None:
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
