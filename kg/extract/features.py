"""Features: what the trained judge sees of a sentence and of each instrument it may mean."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
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


def _shape(reading: Reading) -> Iterator[str]:
    task = reading.task
    yield f"bracketed={task.bracketed}"
    yield f"listed={task.listed}"
    yield f"length={min(12, len(task.text) // 12)}"
    yield f"segments={min(5, len(reading.segments))}"
    yield f"amounts={min(2, len(reading.amounts))}"
    yield f"targets={min(2, len(reading.targets))}"


def _verbs(text: str, hits: Sequence[Hit]) -> Iterator[str]:
    families = {hit.family for hit in hits}
    yield from (f"has-{family}" for family in _FAMILIES if family in families)
    verbs = [hit for hit in hits if hit.family == "strength"]
    if verbs:
        head = verbs[0]
        yield f"verb={head.id}"
        yield f"verb-word={text[head.start : head.end]}"
        yield f"verb-at={min(4, head.start // 4)}"
    else:
        yield "verb=none"
    for verb in verbs[:6]:
        yield f"verbs-{verb.id}"
        yield f"object={text[verb.start : verb.end]}|{text[verb.end : verb.end + 2]}"
    for hit in hits:
        if hit.family == "modal":
            yield f"modal={text[hit.start : hit.end]}"
            yield f"modal-next={text[hit.end : hit.end + 2]}"
        elif hit.family == "beneficiaries":
            yield f"for={hit.id}"
        elif hit.family == "grant-noun":
            yield f"grant-noun={text[hit.start : hit.end]}"


def _terms(reading: Reading) -> Iterator[str]:
    named = reading.named
    if named:
        top = named[0]
        yield f"top={_step(top.score)}"
        yield f"top-weak={top.weak}"
        yield f"top-governed={top.governed}"
        yield f"top-id={top.id}"
    yield f"ruled={_step(reading.ruled_confidence)}"
    yield f"named={min(4, len(named))}"
    yield f"strong={min(3, sum(not r.weak for r in named))}"
    for ranked in named[:6]:
        yield f"id={ranked.id}"
        yield f"label={ranked.id}:{ranked.label}"
        if not ranked.weak:
            yield f"strong-id={ranked.id}"


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


def rank_features(scene: Scene, instrument: str, named: Ranked | None, rank: int) -> Iterator[str]:
    """Yield what tells whether an instrument is what a sentence does.

    ``named`` is where the sentence names it, None where only the probability speaks for it;
    ``rank`` is its place among the named ones.
    """
    reading = scene.reading
    about = scene.about.get(instrument, 0.0)
    chance = round(log_odds(about))
    gap = round(scene.best - log_odds(about)) if scene.order else 0
    ruled = reading.ruled.index(instrument) if instrument in reading.ruled else 9
    category = scene.category[instrument]
    share = round(4 * named.score / max(0.1, reading.named[0].score)) if named else -1
    yield from ("bias", f"id={instrument}", f"id-named={instrument}|{named is not None}")
    yield from (f"chance={chance}", f"gap={gap}", f"ruled={ruled}", f"share={share}")
    place = scene.order.index(instrument) if instrument in scene.order else 9
    yield f"place={min(9, place)}"
    yield f"category={round(log_odds(scene.any[category]))}"
    yield f"main-category={round(log_odds(scene.main[category]))}"
    yield f"category-chance={round(log_odds(scene.any[category]))}|{chance}"
    yield from (f"chance-ruled={chance}|{ruled}", f"gap-ruled={gap}|{ruled}")
    yield from (f"chance-share={chance}|{share}", f"ruled-of={ruled}|{len(reading.ruled)}")
    yield f"rivals={scene.rivals}"
    yield f"length={min(8, len(reading.task.text) // 20)}"
    yield f"amounts={bool(reading.amounts)}|{category}"
    yield from _naming(scene, instrument, named, rank, chance, gap)
    yield from _company(scene, instrument)


def _naming(
    scene: Scene, instrument: str, named: Ranked | None, rank: int, chance: int, gap: int
) -> Iterator[str]:
    """Yield how a sentence names the instrument: words, place, verb before it."""
    if named is None:
        yield from ("unnamed", f"unnamed-chance={chance}", f"unnamed-gap={gap}")
        return
    text, others = scene.reading.task.text, scene.reading.named
    yield f"label={instrument}:{named.label}"
    yield f"rank={min(6, rank)}"
    yield f"rank-gap={min(6, rank)}|{gap}"
    yield f"score={_step(named.score)}"
    yield f"factor={named.factor}"
    yield f"weak={named.weak}"
    yield f"weak-chance={named.weak}|{chance}"
    yield f"governed={named.governed}"
    yield f"times={min(3, named.times)}"
    yield f"words={min(6, len(named.label))}"
    yield f"of={min(6, len(others))}"
    yield f"order={min(5, sum(other.start < named.start for other in others))}"
    yield f"at={round(4 * named.start / max(1, len(text)))}"


def _company(scene: Scene, instrument: str) -> Iterator[str]:
    for other in scene.reading.named[:5]:
        if other.id != instrument:
            yield f"beside={instrument}|{other.id}"
    for other_id in scene.order[:2]:
        if other_id != instrument and scene.about[other_id] > 0.3:
            yield f"likely-beside={instrument}|{other_id}"


@lru_cache(maxsize=1024)
def log_odds(probability: float) -> float:
    """Return the logit of a probability, within ±9.2.

    >>> log_odds(0.5)
    0.0
    """
    bounded = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(bounded / (1 - bounded))
