"""Repeats: the cells of a task table that say again what the narrative says."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from kg.model import Document, Measure, Span

ALIKE = 0.6
_SAME = 0.85


def mark_repeats(measures: tuple[Measure, ...], document: Document) -> tuple[Measure, ...]:
    """Mark each measure of a table that repeats one of the narrative (Dice over bigrams ≥ 0.6)."""
    tables = [table.span for table in document.tables]
    if not tables:
        return measures
    inside = {m.key for m in measures if _in_tables(m.span, tables)}
    narrative = [(m, bigrams(m.span.of(document.raw))) for m in measures if m.key not in inside]
    return tuple(
        _marked(measure, narrative, document) if measure.key in inside else measure
        for measure in measures
    )


def find_repeated(text: str, others: Sequence[frozenset[str]]) -> int | None:
    """Return the index of that of ``others``, as bigrams, which ``text`` says again, None without."""
    own = bigrams(text)
    alike = [2 * len(own & other) / max(1, len(own) + len(other)) for other in others]
    best = max(range(len(alike)), key=alike.__getitem__, default=None)
    return best if best is not None and alike[best] >= _SAME else None


def _in_tables(span: Span, tables: list[Span]) -> bool:
    return any(table.start <= span.start and span.end <= table.end for table in tables)


def _marked(
    measure: Measure, narrative: list[tuple[Measure, frozenset[str]]], document: Document
) -> Measure:
    own = bigrams(measure.span.of(document.raw))
    best, key = 0.0, ""
    for other, pairs in narrative:
        shared = len(own & pairs)
        alike = max(2 * shared / max(1, len(own) + len(pairs)), shared / max(1, len(pairs)))
        if alike > best:
            best, key = alike, other.key
    return replace(measure, repeats=key) if best >= ALIKE else measure


def bigrams(text: str) -> frozenset[str]:
    """Return the pairs of letters and digits that follow each other in ``text``."""
    plain = [c for c in text if c.isalnum()]
    return frozenset(a + b for a, b in itertools.pairwise(plain))
