"""Features: what the trained judge sees of a sentence and of each instrument it may mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import add
from typing import TYPE_CHECKING

from kg.extract.instruments import Ranked
from kg.extract.lexicon import Hit
from kg.extract.network import WORD

if TYPE_CHECKING:
    from kg.extract.judge import Reading

_FAMILIES = ("silent-sentence", "duty", "modal", "context", "purpose", "field", "grant-noun", "aim")
_MARKS = frozenset("，。；：、（）“”《》！？ ")


def sentence_features(reading: Reading) -> list[str]:
    """Return what a sentence itself shows: verbs, terms, words, characters; some may recur."""
    text = reading.task.text
    words = [word for word in reading.words if word not in _MARKS]
    found = ["bias", *_shape(reading), *_verbs(text, reading.hits), *_terms(reading)]
    found += (f"begins={text[:2]}", f"begins3={text[:3]}", f"ends={text[-3:]}")
    found += map(WORD.__add__, words)
    found += map("_".join, pairwise(words))
    found += map(add, text, text[1:])
    return found


def _shape(reading: Reading) -> Sequence[str]:
    task = reading.task
    return (
        f"bracketed={task.bracketed}",
        f"listed={task.listed}",
        f"length={min(12, len(task.text) // 12)}",
        f"segments={min(5, len(reading.segments))}",
        f"amounts={min(2, len(reading.amounts))}",
        f"targets={min(2, len(reading.targets))}",
    )


def _verbs(text: str, hits: Sequence[Hit]) -> list[str]:
    families = {hit.family for hit in hits}
    found = [f"has-{family}" for family in _FAMILIES if family in families]
    verbs = [hit for hit in hits if hit.family == "strength"]
    if verbs:
        head = verbs[0]
        word = text[head.start : head.end]
        found += (f"verb={head.id}", f"verb-word={word}", f"verb-at={min(4, head.start // 4)}")
    else:
        found.append("verb=none")
    for verb in verbs[:6]:
        found.append(f"verbs-{verb.id}")
        found.append(f"object={text[verb.start : verb.end]}|{text[verb.end : verb.end + 2]}")
    for hit in hits:
        if hit.family == "modal":
            found.append(f"modal={text[hit.start : hit.end]}")
            found.append(f"modal-next={text[hit.end : hit.end + 2]}")
        elif hit.family == "beneficiaries":
            found.append(f"for={hit.id}")
        elif hit.family == "grant-noun":
            found.append(f"grant-noun={text[hit.start : hit.end]}")
    return found


def _terms(reading: Reading) -> list[str]:
    named = reading.named
    found = [
        f"ruled={_step(reading.ruled_confidence)}",
        f"named={min(4, len(named))}",
        f"strong={min(3, sum([not ranked.weak for ranked in named]))}",
    ]
    if named:
        top = named[0]
        found += (f"top={_step(top.score)}", f"top-weak={top.weak}")
        found += (f"top-governed={top.governed}", f"top-id={top.id}")
    for ranked in named[:6]:
        found.append(f"id={ranked.id}")
        found.append(f"label={ranked.id}:{ranked.label}")
        if not ranked.weak:
            found.append(f"strong-id={ranked.id}")
    return found


def _step(score: float) -> int:
    return int(min(1.5, score) * 10)


@dataclass(frozen=True, slots=True)
class Scene:
    """What is known of a sentence when its candidates are ranked, computed once.

    ``order`` names the instruments by probability, the likeliest first; ``any`` and ``main``
    are the probabilities of categories, ``category`` maps instruments to them.  ``best`` is the
    logit of the likeliest, ``rivals`` how many are likely.
    """

    reading: Reading
    order: tuple[str, ...]
    about: Mapping[str, float]
    any: Mapping[str, float]
    main: Mapping[str, float]
    category: Mapping[str, str]
    best: float
    rivals: int


def rank_features(scene: Scene, instrument: str, named: Ranked | None, rank: int) -> list[str]:
    """Return what tells whether an instrument is what a sentence does.

    ``named`` is where the sentence names it, None where only the probability speaks for it;
    ``rank`` is its place among the named ones.
    """
    reading = scene.reading
    odds = log_odds(scene.about.get(instrument, 0.0))
    chance = round(odds)
    gap = round(scene.best - odds) if scene.order else 0
    ruled = reading.ruled.index(instrument) if instrument in reading.ruled else 9
    category = scene.category[instrument]
    share = round(4 * named.score / max(0.1, reading.named[0].score)) if named else -1
    place = scene.order.index(instrument) if instrument in scene.order else 9
    among = round(log_odds(scene.any[category]))
    return [
        "bias",
        f"id={instrument}",
        f"id-named={instrument}|{named is not None}",
        f"chance={chance}",
        f"gap={gap}",
        f"ruled={ruled}",
        f"share={share}",
        f"place={min(9, place)}",
        f"category={among}",
        f"main-category={round(log_odds(scene.main[category]))}",
        f"category-chance={among}|{chance}",
        f"chance-ruled={chance}|{ruled}",
        f"gap-ruled={gap}|{ruled}",
        f"chance-share={chance}|{share}",
        f"ruled-of={ruled}|{len(reading.ruled)}",
        f"rivals={scene.rivals}",
        f"length={min(8, len(reading.task.text) // 20)}",
        f"amounts={bool(reading.amounts)}|{category}",
        *_naming(scene, instrument, named, rank, chance, gap),
        *_company(scene, instrument),
    ]


def _naming(
    scene: Scene, instrument: str, named: Ranked | None, rank: int, chance: int, gap: int
) -> Sequence[str]:
    """Return how a sentence names the instrument: words, place, verb before it."""
    if named is None:
        return "unnamed", f"unnamed-chance={chance}", f"unnamed-gap={gap}"
    text, others = scene.reading.task.text, scene.reading.named
    before = sum([other.start < named.start for other in others])
    return (
        f"label={instrument}:{named.label}",
        f"rank={min(6, rank)}",
        f"rank-gap={min(6, rank)}|{gap}",
        f"score={_step(named.score)}",
        f"factor={named.factor}",
        f"weak={named.weak}",
        f"weak-chance={named.weak}|{chance}",
        f"governed={named.governed}",
        f"times={min(3, named.times)}",
        f"words={min(6, len(named.label))}",
        f"of={min(6, len(others))}",
        f"order={min(5, before)}",
        f"at={round(4 * named.start / max(1, len(text)))}",
    )


def _company(scene: Scene, instrument: str) -> list[str]:
    beside = [
        f"beside={instrument}|{other.id}"
        for other in scene.reading.named[:5]
        if other.id != instrument
    ]
    likely = [
        f"likely-beside={instrument}|{other}"
        for other in scene.order[:2]
        if other != instrument and scene.about[other] > 0.3
    ]
    return beside + likely


@lru_cache(maxsize=1024)
def log_odds(probability: float) -> float:
    """Return the logit of a probability, within ±9.2.

    >>> log_odds(0.5)
    0.0
    """
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))
