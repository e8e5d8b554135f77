"""Sentence boundaries: full stops and semicolons outside brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SENTENCE = re.compile(
    r"(?:[^。！？；（]+|（[^（）]*(?:（[^（）]*）[^（）]*)*）|（)*(?:[。！？；]+[”’」）]?|$)"
)
_PLAIN = re.compile(r"[^。！？；]*(?:[。！？；]+[”’」）]?|$)")  # the same where no bracket opens
_LEADING = " \u3000\t。；，、"
_TRAILING = " \u3000\t"


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the range without stray marks before and blanks after it."""
    while start < end and text[start] in _LEADING:
        start += 1
    while end > start and text[end - 1] in _TRAILING:
        end -= 1
    return start, end


def split_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each sentence of ``text[start:end]``.

    >>> [("甲（一；二）。乙；丙")[a:b] for a, b in split_sentences("甲（一；二）。乙；丙", 0, 10)]
    ['甲（一；二）。', '乙；', '丙']
    """
    pattern = _PLAIN if text.find("（", start, end) < 0 else _SENTENCE
    for found in pattern.finditer(text, start, end):
        first, last = trim(text, *found.span())
        if last > first:
            yield first, last
