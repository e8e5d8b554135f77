"""Flattened texts: a page whose paragraphs were run together is cut into lines again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from kg.ontology import Vocabulary

_LONG = 240
_LEAST = 2


def cut_flattened(line: str, before: str, vocabulary: Vocabulary) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the paragraphs that a long ``line`` was made of.

    A line is cut before the numbers of clauses, after its addressees and document number, after
    the title ``before`` where it is said again, and at wide gaps.  A line of fewer than 240
    characters, or with fewer than two such places, stays whole.

    >>> from kg.ontology import load_vocabulary
    >>> text = "一、总体要求（一）指导思想。" + "坚持创新。" * 60 + "（二）发展目标。做强。二、任务。"
    >>> [text[a:b][:8] for a, b in cut_flattened(text, "", load_vocabulary())]
    ['一、总体要求', '（一）指导思想。', '（二）发展目标。', '二、任务。']
    """
    cuts = sorted(set(_cuts(line, before, vocabulary))) if len(line) >= _LONG else []
    if len(cuts) < _LEAST:
        yield 0, len(line)
        return
    edges = [0, *cuts, len(line)]
    for start, end in pairwise(edges):
        if line[start:end].strip():
            yield start, end


def _cuts(line: str, before: str, vocabulary: Vocabulary) -> Iterator[int]:
    start = len(before) if before and line.startswith(before) else 0
    if start:
        yield start
    for found in _pattern(vocabulary.pattern("flattened-break")).finditer(line, start):
        yield found.end()
    for name in ("flattened-number", "flattened-addressee"):
        head = _pattern(vocabulary.pattern(name)).match(line, start)
        if head:
            start = head.end()
            yield start


@lru_cache(maxsize=16)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
