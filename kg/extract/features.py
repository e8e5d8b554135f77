"""Features: what the trained judge sees of a sentence and of each instrument it names."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from kg.extract.instruments import Ranked

if TYPE_CHECKING:
    from kg.extract.judge import Reading

_FAMILIES = ("silent-sentence", "duty", "modal", "context", "purpose", "field", "grant-noun", "aim")


def text_features(reading: Reading) -> Iterator[str]:
    """Yield what tells which instrument a text is about: names, heading, characters."""
    yield "bias"
    for ranked in reading.named[:6]:
        yield f"id={ranked.id}"
        yield f"label={ranked.id}:{ranked.label}"
    for trait in reading.task.traits:
        if trait.startswith("heading="):
            yield trait
    text = reading.task.text
    for a, b in pairwise(text):
        yield a + b


def measure_features(reading: Reading) -> Iterator[str]:
    """Yield what tells a measure: its terms, verbs, place in the document, characters."""
    text = reading.task.text
    yield from _sentence_traits(reading)
    top = reading.named[0] if reading.named else None
    if top is not None:
        yield f"top={_step(top.score)}"
        yield f"top-weak={top.weak}"
        yield f"top-governed={top.governed}"
        yield f"top-id={top.id}"
    yield f"ruled={_step(reading.ruled_confidence)}"
    yield f"named={min(4, len(reading.named))}"
    yield f"strong={min(3, sum(not r.weak for r in reading.named))}"
    for ranked in reading.named[:5]:
        yield f"id={ranked.id}"
        yield f"label={ranked.id}:{ranked.label}"
    for hit in reading.hits:
        if hit.family == "beneficiaries":
            yield f"for={hit.id}"
    yield f"begins={text[:2]}"
    yield f"begins3={text[:3]}"
    yield f"ends={text[-3:]}"
    for a, b in pairwise(text):
        yield a + b


def _sentence_traits(reading: Reading) -> Iterator[str]:
    task = reading.task
    yield "bias"
    yield from task.traits
    yield f"bracketed={task.bracketed}"
    yield f"listed={task.listed}"
    yield f"length={min(12, len(task.text) // 12)}"
    yield f"segments={min(5, len(reading.segments))}"
    yield f"amounts={min(2, len(reading.amounts))}"
    yield f"targets={min(2, len(reading.targets))}"
    families = {hit.family for hit in reading.hits}
    for family in _FAMILIES:
        if family in families:
            yield f"has-{family}"
    verbs = [hit for hit in reading.hits if hit.family == "strength"]
    if verbs:
        head = verbs[0]
        yield f"verb={head.id}"
        yield f"verb-word={task.text[head.start : head.end]}"
        yield f"verb-at={min(4, head.start // 4)}"
        for strength in {verb.id for verb in verbs}:
            yield f"verbs-{strength}"
    else:
        yield "verb=none"


def rank_features(reading: Reading, named: Ranked, rank: int) -> Iterator[str]:
    """Yield what tells whether an instrument that a sentence names is what is done."""
    top = reading.named[0] if reading.named else named
    about = reading.about.get(named.id, 0.0)
    yield "bias"
    yield f"about={_step(about)}"
    yield f"about-low={about < 0.02}"
    yield f"about-first={about >= max(reading.about.values(), default=0.0)}"
    yield f"about-weak={_step(about)}:{named.weak}"
    ruled = reading.ruled.index(named.id) if named.id in reading.ruled else -1
    yield f"ruled={ruled}"
    yield f"ruled-of={ruled}:{len(reading.ruled)}"
    yield f"unnamed={not named.label}"
    yield f"id={named.id}"
    yield f"label={named.id}:{named.label}"
    yield f"rank={min(6, rank)}"
    yield f"score={_step(named.score)}"
    yield f"share={_step(named.score / top.score if top.score else 0.0)}"
    yield f"factor={named.factor}"
    yield f"weak={named.weak}"
    yield f"weak-rank={named.weak}:{min(3, rank)}"
    yield f"governed={named.governed}"
    yield f"times={min(3, named.times)}"
    yield f"of={min(6, len(reading.named))}"
    yield f"alone={len(reading.named) == 1}"
    order = sum(other.start < named.start for other in reading.named)
    yield f"order={min(4, order)}"
    yield f"order-of={min(4, order)}:{min(4, len(reading.named))}"
    yield f"segment={min(4, sum(s.end <= named.start for s in reading.segments))}"
    yield f"length={min(5, len(named.label))}"
    for other in reading.named[:6]:
        if other.id != named.id:
            yield f"beside={named.id}|{other.id}"
    for trait in reading.task.traits:
        if trait.startswith(("kind=", "heading=")):
            yield f"{trait}|{named.id}" if trait.startswith("heading=") else trait
    if reading.amounts:
        yield f"amounts|{named.id}"


def strength_features(reading: Reading, by_rule: str) -> Iterator[str]:
    """Yield what tells how strongly a measure is worded: its verbs, where they stand."""
    text = reading.task.text
    main = reading.instruments[0] if reading.instruments else None
    yield "bias"
    yield f"rule={by_rule}"
    verbs = [hit for hit in reading.hits if hit.family in ("strength", "grant-noun")]
    for order, verb in enumerate(verbs[:4]):
        word = text[verb.start : verb.end]
        yield f"verb-{order}={word}"
        yield f"kind-{order}={verb.id}"
    for verb in verbs:
        yield f"word={text[verb.start : verb.end]}"
        yield f"any={verb.id}"
    for hit in reading.hits:
        if hit.family == "modal":
            yield f"modal={text[hit.start : hit.end]}"
            yield f"modal-next={text[hit.end : hit.end + 2]}"
    before = [verb for verb in verbs if main is not None and verb.start < main.start]
    if before:
        yield f"near={text[before[-1].start : before[-1].end]}"
        yield f"near-kind={before[-1].id}"
    if main is not None:
        yield f"main={main.id}"
    yield f"begins={text[:2]}"
    yield f"amounts={bool(reading.amounts)}"
    yield f"bracketed={reading.task.bracketed}"
    for trait in reading.task.traits:
        if trait.startswith("kind="):
            yield trait
            yield f"{trait}|{by_rule}"


def _step(score: float) -> int:
    return int(min(1.5, score) * 10)
