"""Tests of corrections on the original documents: how many decisions survive which change."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kg.corpus import read_document
from kg.extract import Extractor
from kg.extract.judge import Judge
from kg.model import Document, Extraction, Measure, Source
from kg.ontology import Vocabulary
from kg.review import Anchor, Codes, Decision, UnitCode, apply_decisions
from kg.review.anchors import Text, squeeze

pytestmark = [pytest.mark.originals, pytest.mark.slow]

MARK = "SOEInnovation"  # an instrument that the machine gives to hardly any measure
PARAGRAPH = "　　经研究，另行补充如下说明，不改变原有内容。\n\n"


def decide(document: Document, measure: Measure) -> Decision:
    before, after = Text(document.raw).describe(measure.span)
    anchor = Anchor(
        document=document.id,
        source=document.source,
        sha256=document.sha256,
        title=document.title,
        start=measure.span.start,
        end=measure.span.end,
        sentence=measure.key.partition("-")[0],
        quote=measure.span.of(document.raw),
        before=before,
        after=after,
    )
    units = tuple(UnitCode(r.name, r.role, r.surface) for r in measure.responsibilities)
    old = Codes(
        measure.categories,
        measure.instruments,
        units,
        measure.status,
        measure.strength,
        measure.cities,
    )
    new = replace(old, instruments=(MARK,), categories=("财政",))
    return Decision("change", anchor, old, new, "Li", "2026-11-26")


def move(raw: str) -> str:
    """Move the middle third of a text to its end, cut at ends of paragraphs."""
    stops = [found.end() for found in re.finditer("。\\s*\n", raw)]
    if len(stops) < 6:
        return PARAGRAPH + raw
    first, second = stops[len(stops) // 3], stops[2 * len(stops) // 3]
    return raw[:first] + raw[second:] + "\n" + PARAGRAPH + raw[first:second]


def wrap(raw: str) -> str:
    """Break the lines anew: no line ends within a paragraph, blanks between words."""
    return re.sub("(?<=[^\n。；：])\n+(?=[^\n一二三四五六七八九十（(第0-9])", "", raw)


CHANGES: dict[str, Callable[[str], str]] = {
    "rebuilt": lambda raw: raw,
    "moved": move,
    "inserted": lambda raw: PARAGRAPH * 3 + raw,
    "windows lines": lambda raw: raw.replace("\n", "\r\n"),
    "wrapped": wrap,
}


def count_outcomes(
    extraction: Extraction, extractor: Extractor, vocabulary: Vocabulary, raw: str
) -> Counter[str]:
    """Decide on every measure, change the text, and count what became of the decisions."""
    document = extraction.document
    decisions = [decide(document, measure) for measure in extraction.measures]
    source = Source(document.source, "1" * 64, raw)
    changed = read_document(source, vocabulary)
    changed = replace(changed, id=document.id, kind=document.kind, place=document.place)
    result = apply_decisions(extractor.extract(changed), decisions, vocabulary)
    counts = Counter(item.outcome for item in result.decisions)
    held = [m for m in result.measures if MARK in m.instruments]
    words = [squeeze(m.span.of(raw)) for m in held]
    quotes = [squeeze(decision.anchor.quote) for decision in decisions]
    counts["held"] = sum(any(quote in text for text in words) for quote in quotes)
    counts["all"] = len(decisions)
    return counts


@pytest.fixture(scope="module")
def extractions(originals: Path, vocabulary: Vocabulary) -> list[Extraction]:
    extractor = Extractor(vocabulary)
    sources = [
        Source(path.name, str(n) * 64, path.read_bytes().decode("utf-8", "replace"))
        for n, path in enumerate(sorted(originals.glob("*.txt")), 2)
    ]
    return [extractor.extract(read_document(source, vocabulary)) for source in sources]


@pytest.mark.parametrize("change", CHANGES)
def test_decisions_survive_changes_of_the_text(
    extractions: list[Extraction], vocabulary: Vocabulary, change: str
) -> None:
    extractor = Extractor(vocabulary)
    total: Counter[str] = Counter()
    for extraction in extractions:
        raw = CHANGES[change](extraction.document.raw)
        total += count_outcomes(extraction, extractor, vocabulary, raw)
    assert total["held"] == total["all"] > 400, total
    assert total["lost"] == 0


def test_decisions_survive_another_version_of_the_program(
    extractions: list[Extraction], vocabulary: Vocabulary
) -> None:
    """Without its weights the program finds other measures; every decision holds nevertheless."""
    extractor = Extractor(vocabulary, judge=Judge(None))
    total: Counter[str] = Counter()
    for extraction in extractions:
        total += count_outcomes(extraction, extractor, vocabulary, extraction.document.raw)
    assert total["restored"] > 0
    assert total["held"] == total["all"]
