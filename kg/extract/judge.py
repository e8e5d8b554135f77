"""Judgement: is a sentence a measure, which instruments count, how strongly is it worded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import fsum

import numpy as np
from numpy.typing import NDArray

from kg.extract.features import Scene, log_odds, rank_features, sentence_features
from kg.extract.instruments import Ranked, Segment, select_instruments
from kg.extract.lexicon import Hit
from kg.extract.network import SCALE, Network, Sentence, Whole
from kg.extract.weights import (
    MEASURE,
    UNLIKELY,
    Weights,
    likelihood,
    likelihoods,
    probability,
    shipped_weights,
)
from kg.model import Amount, Strength, Target

DECIDED = 0.5
_SURE = 0.85
MOST = 4
_LIKELY, _LIKELY_LEAST = 6, 0.02
_RIVAL = 0.3
_NEW = 10_000
_THRESHOLD = 0.8
_VERB, _BRACKET, _MONEY, _LIST = 0.35, 0.3, 0.3, 0.15
_SILENT, _DUTY, _SLOGAN = -1.2, -0.6, -0.35
_SHORT = 20
_NEAR = 3
_ORDERED = 8


@dataclass(frozen=True, slots=True)
class Task:
    """A sentence to read with what its place in the document tells; ``hits`` were found in it.

    ``traits`` name what its document and clause are, as features of the trained judge.  A
    ``doubtful`` sentence is no measure: only its quantities are read.
    """

    text: str
    hits: tuple[Hit, ...]
    bracketed: bool = False
    listed: bool = False
    traits: tuple[str, ...] = ()
    doubtful: bool = False


@dataclass(slots=True)
class Reading:
    """What the pipeline finds in a sentence; filled in by its components in turn.

    ``named`` are all instruments named, ``shown`` the features of the sentence itself, ``scores``
    what the trained network makes of them and of the sentence's place (one a column),
    ``instruments`` those that count, the main one first; ``ruled`` and ``ruled_confidence``
    are what the rules alone say.
    """

    task: Task
    words: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    segments: tuple[Segment, ...] = ()
    named: tuple[Ranked, ...] = ()
    instruments: tuple[Ranked, ...] = ()
    amounts: tuple[Amount, ...] = ()
    targets: tuple[Target, ...] = ()
    strength: Strength = "implement"
    confidence: float = 0.0
    ruled: tuple[str, ...] = ()
    ruled_confidence: float = 0.0
    shown: Sequence[str] = ()
    scores: NDArray[np.int32] | None = None


@dataclass(frozen=True, slots=True)
class Judge:
    """Decides with trained weights; without weights (``None``) by rule."""

    weights: Weights | None = field(default_factory=lambda: shipped_weights())

    def decide(self, reading: Reading) -> None:
        """Fill what the sentence alone says: the rules' verdict and the features for the network."""
        if reading.task.doubtful:
            return
        reading.instruments = select_instruments(reading.named)
        reading.confidence = judge_by_rule(reading)
        reading.ruled = tuple(ranked.id for ranked in reading.instruments)
        reading.ruled_confidence = reading.confidence
        main = reading.instruments[0] if reading.instruments else None
        reading.strength = judge_strength(reading.hits, main, reading.segments)
        if self.weights is not None:
            reading.shown = sentence_features(reading)

    def is_sure(self, reading: Reading) -> bool:
        """Tell whether a sentence of a secondary source is a measure beyond much doubt.

        The models are trained on documents that speak for themselves; of a study, which mostly
        describes, only what they are sure of counts.  By rule alone every claim counts.
        """
        return reading.scores is None or reading.confidence >= _SURE

    def settle(self, readings: Sequence[Reading]) -> None:
        """Fill confidence (0 to 1, 0.5 undecided), instruments and strength.

        ``readings`` are those of one document: how much of it are measures counts, too.
        """
        weights = self.weights
        if weights is None or not readings:
            return
        columns = Columns.of(weights.sentence.columns)
        for reading in readings:
            if reading.task.doubtful:
                reading.scores = columns.nothing
        score_readings([r for r in readings if r.scores is None], weights.sentence)
        values = context_values(readings, columns)
        totals = np.zeros(len(readings))
        for name, value in values.items():
            totals += weights.context.get(name, 0.0) * value
        for reading, total in zip(readings, totals.tolist(), strict=True):
            reading.confidence = round(probability(SCALE * total), 2)
            if reading.ruled and reading.ruled[0] not in columns.category:
                reading.confidence = max(reading.confidence, reading.ruled_confidence)
            if reading.confidence < DECIDED:
                reading.instruments = ()
        decided = [reading for reading in readings if reading.confidence >= DECIDED]
        for scene in make_scenes(decided, columns):
            scene.reading.instruments = select_ranked(scene, weights)
            scene.reading.strength = columns.strength(scene.reading)


def score_readings(readings: Sequence[Reading], network: Network) -> None:
    """Fill the scores of readings that show their features."""
    sentences = [Sentence(reading.task.traits, reading.shown) for reading in readings]
    for reading, scores in zip(readings, network.scores(sentences), strict=True):
        reading.scores, reading.shown = scores, ()


@dataclass(frozen=True, slots=True)
class Columns:
    """Where among a sentence's scores each kind of class stands; instruments in order of their names.

    ``nothing`` are the scores of a sentence of which nothing holds.
    """

    names: tuple[str, ...]
    measure: int
    instruments: tuple[int, ...]
    named: tuple[str, ...]
    any: tuple[int, ...]
    main: tuple[int, ...]
    strengths: tuple[int, ...]
    category: Mapping[str, str]
    nothing: NDArray[np.int32]

    @staticmethod
    @lru_cache(maxsize=4)
    def of(names: tuple[str, ...]) -> Columns:
        """Read the names of columns: ``measure``, ``any:财政``, ``is:TaxRelief|财政`` …."""

        def kind(prefix: str) -> tuple[int, ...]:
            return tuple(i for i, name in enumerate(names) if name.startswith(prefix))

        pairs = (names[i].removeprefix("is:").partition("|")[::2] for i in kind("is:"))
        short = tuple(name.partition(":")[2].partition("|")[0] for name in names)
        instruments = tuple(sorted(kind("is:"), key=short.__getitem__))
        return Columns(
            short,
            names.index(MEASURE),
            instruments,
            tuple(short[i] for i in instruments),
            kind("any:"),
            kind("main:"),
            kind("strength:"),
            dict(pairs),
            np.full(len(names), -UNLIKELY, dtype=np.int32),
        )

    def strength(self, reading: Reading) -> Strength:
        """Return the likeliest strength, the first in the order of the columns among equals."""
        best = int(_scores(reading)[list(self.strengths)].argmax())
        return self.names[self.strengths[best]]  # type: ignore[return-value]


def _scores(reading: Reading) -> NDArray[np.int32]:
    if reading.scores is None:
        raise ValueError("the sentence was not scored")
    return reading.scores


def context_values(readings: Sequence[Reading], columns: Columns) -> dict[str, Whole]:
    """Return what speaks for a measure: its own score, the sentences around it, its document, the rules.

    ``readings`` are those of one document, in its order; each value is an array, one element a reading.
    """
    if not readings:
        return {}
    scores = np.stack([_scores(reading) for reading in readings])
    own = scores[:, columns.measure]
    chances = likelihoods(own)
    share = fsum(chances) / len(chances)
    return {
        "bias": np.ones(len(readings)),
        "own": own / SCALE,
        "share": np.full(len(readings), share),
        "near": _near(chances, share),
        "likeliest": likelihoods(scores[:, list(columns.instruments)].max(axis=1)),
        "ruled": _column(reading.ruled_confidence for reading in readings),
        "bracketed": _column(reading.task.bracketed for reading in readings),
        "named": _column(bool(reading.named) for reading in readings),
        "short": _column(len(reading.task.text) < _SHORT for reading in readings),
    }


def _column(values: Iterable[float]) -> Whole:
    return np.fromiter(values, np.float64)


def _near(chances: Whole, share: float) -> Whole:
    """Return the mean probability of the sentences before and after, the document's at its ends."""
    edge = np.full(_NEAR, share)
    padded = np.concatenate([edge, chances, edge])
    around = np.zeros(len(chances))
    for step in (*range(_NEAR), *range(_NEAR + 1, 2 * _NEAR + 1)):
        around += padded[step : step + len(chances)]
    return around / (2 * _NEAR)


def make_scenes(readings: Sequence[Reading], columns: Columns) -> Iterator[Scene]:
    """Yield what the ranking of the instruments of each sentence goes by.

    Among equals the first by name is the likeliest.
    """
    if not readings:
        return
    chances = likelihoods(np.stack([_scores(reading) for reading in readings]))
    about = chances[:, list(columns.instruments)]
    orders = np.argsort(-about, axis=1, kind="stable")[:, :_ORDERED]
    rivals = (about > _RIVAL).sum(axis=1)
    for reading, own, order, row, many in zip(
        readings, about.tolist(), orders.tolist(), chances.tolist(), rivals.tolist(), strict=True
    ):
        yield Scene(
            reading,
            tuple(columns.named[i] for i in order),
            dict(zip(columns.named, own, strict=True)),
            {columns.names[i]: row[i] for i in columns.any},
            {columns.names[i]: row[i] for i in columns.main},
            columns.category,
            log_odds(own[order[0]]) if order else 0.0,
            many,
        )


def candidates_of(scene: Scene) -> Iterator[tuple[str, Ranked | None, int]]:
    """Yield the instruments that a sentence names, then those that its text makes likely."""
    known = set()
    for rank, named in enumerate(scene.reading.named):
        known.add(named.id)
        yield named.id, named, rank
    likely = [i for i in scene.order[:_LIKELY] if scene.about[i] >= _LIKELY_LEAST]
    for name in likely or scene.order[:1]:
        if name not in known:
            yield name, None, 9


def select_ranked(scene: Scene, weights: Weights) -> tuple[Ranked, ...]:
    """Return the instruments more likely right than wrong, at least the likeliest.

    An instrument that the table has never seen (added to the vocabulary since) counts where the
    rules name it.
    """
    end = len(scene.reading.task.text)
    ruled = scene.reading.ruled
    candidates = [
        (name, named, rank)
        for name, named, rank in candidates_of(scene)
        if name in scene.category or not named or name in ruled
    ]
    if len(candidates) == 1:  # what is alone counts, whatever its score
        return tuple(named or Ranked(name, 0.0, end, end) for name, named, _ in candidates)
    scored: list[tuple[float, Ranked, list[str]]] = []
    for name, named, rank in candidates:
        ranked = named or Ranked(name, 0.0, end, end)
        if named and name not in scene.category:
            scored.append((1.0, ranked, []))
            continue
        features = rank_features(scene, name, named, rank)
        scored.append((likelihood(weights.keep.score(features)), ranked, features))
    if not scored:
        return ()
    best = max(keep for keep, _, _ in scored)
    kept = [s for s in scored if s[0] >= weights.least or s[0] == best]
    kept = sorted(kept, key=lambda s: (-s[0], s[1].start, s[1].id))[:MOST]
    first = {
        ranked.id: weights.main.score(features) if features else _NEW * (ruled[0] == ranked.id)
        for _, ranked, features in kept
    }
    kept.sort(key=lambda s: (-first[s[1].id], s[1].start, s[1].id))
    return tuple(ranked for _, ranked, _ in kept)


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
