"""Tasks: rows of a task table that the judge doubts, although they say a measure again."""

from __future__ import annotations

from collections.abc import Sequence

from kg.extract.candidates import Candidate
from kg.extract.judge import DECIDED, Reading
from kg.extract.repeats import bigrams, find_repeated
from kg.model import Document


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
            reading.instruments, reading.confidence = told[found].instruments, DECIDED
            reading.strength = told[found].strength
