"""Tasks: sentences that the judge doubts, but whose place in the document says what they are."""

from __future__ import annotations

from collections.abc import Sequence

from kg.extract.candidates import Candidate
from kg.extract.instruments import Ranked
from kg.extract.judge import DECIDED, Reading
from kg.extract.repeats import bigrams, find_repeated
from kg.model import Document

_CLEAR = 0.8


def settle_rows(
    document: Document, candidates: Sequence[Candidate], readings: Sequence[Reading]
) -> None:
    """Decide on the rows of a task table that say a measure of the narrative again, as on that.

    Only rows with units of their own count; alone a short cell tells the judge little.
    """
    if not document.tables:
        return
    pairs = list(zip(candidates, readings, strict=True))
    doubted = [
        (c, r)
        for c, r in pairs
        if c.sentence.kind == "cell" and c.bracketed and r.confidence < DECIDED
    ]
    if not doubted:
        return
    told = [r for c, r in pairs if c.sentence.kind == "body" and r.confidence >= DECIDED]
    narrative = [bigrams(reading.task.text) for reading in told]
    for candidate, reading in doubted:
        found = find_repeated(candidate.sentence.text, narrative)
        if found is not None:
            accept(reading, told[found].instruments)
            reading.strength = told[found].strength


def is_task(document: Document, candidate: Candidate, reading: Reading) -> bool:
    """Tell a task with a target of its own from a goal: all its clause says, closed by its units.

    新建5G基站800座。（牵头单位：市工信局） builds something; 到2025年…超2000家 names no act.
    """
    if not (reading.targets and candidate.bracketed) or reading.ruled_confidence < _CLEAR:
        return False
    named = any(not ranked.weak for ranked in reading.named)
    acts = any(hit.family == "strength" for hit in reading.hits)
    return named and acts and not candidate.silent and _stands_alone(document, candidate.index)


def accept(reading: Reading, instruments: Sequence[Ranked]) -> None:
    """Decide that a reading is a measure of ``instruments``."""
    reading.instruments, reading.confidence = tuple(instruments), DECIDED


def _stands_alone(document: Document, index: int) -> bool:
    """Tell whether a sentence is all that its clause says before its bracket."""
    sentence, following = document.sentences[index], document.sentences[index + 1 : index + 2]
    before = document.sentences[index - 1] if index else None
    closed = any(one.kind == "bracket" and one.clause == sentence.clause for one in following)
    return closed and (before is None or before.clause != sentence.clause)
