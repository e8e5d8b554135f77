"""A document's text cut into pieces: measures as nested marks, units within, lines joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

NEAR = 400  # characters after a measure in which the unit that answers for it is named
_LONG = 28  # characters of a line that fills the width of a page
_ENDS = "。；：！？;:!?"
_BREAK = re.compile(r"[ \t\u3000]*(?:\r?\n[ \t]*)+")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of text with a meaning: half-open range, its name (an anchor), kind and value."""

    start: int
    end: int
    name: str
    kind: str
    value: object = None


@dataclass(slots=True)
class Piece:
    """A piece of the shown text: plain, or a mark with pieces within."""

    text: str = ""
    mark: Mark | None = None
    parts: list[Piece] = field(default_factory=list)


def cut_text(raw: str, marks: Iterable[Mark]) -> list[Piece]:
    """Return a text as nested pieces; a mark that crosses the end of another is cut there.

    >>> [piece.text or piece.parts[0].text for piece in cut_text("甲乙丙", [Mark(1, 2, "m", "x")])]
    ['甲', '乙', '丙']
    """
    ordered = sorted(marks, key=lambda mark: (mark.start, -mark.end, mark.name))
    pieces, _ = _cut(raw, 0, len(raw), ordered, 0)
    return pieces


def _cut(
    raw: str, start: int, end: int, marks: Sequence[Mark], first: int
) -> tuple[list[Piece], int]:
    """Cut a stretch with the marks from ``first`` on; return also the first mark beyond it."""
    pieces: list[Piece] = []
    place, number = start, first
    while number < len(marks) and marks[number].start < end:
        mark = marks[number]
        left, right = max(mark.start, place), min(mark.end, end)
        if left > place:
            pieces.append(Piece(raw[place:left]))
        inner, number = _cut(raw, left, max(left, right), marks, number + 1)
        pieces.append(Piece(mark=mark, parts=inner))
        place = max(place, right)
    if place < end:
        pieces.append(Piece(raw[place:end]))
    return pieces, number


def join_lines(raw: str) -> list[tuple[int, int]]:
    """Return the ranges of line breaks that only end a full line within a paragraph.

    >>> join_lines("甲" * 30 + "\\n\\n乙。\\n丙")
    [(30, 32)]
    """
    found = []
    begin = 0
    for gap in _BREAK.finditer(raw):
        line = raw[begin : gap.start()]
        if len(line) >= _LONG and line[-1] not in _ENDS:
            found.append(gap.span())
        begin = gap.end()
    return found


def smooth(raw: str) -> tuple[str, list[int]]:
    """Return the text as it is shown, and for every offset of the raw text its place in it."""
    joined = dict(join_lines(raw))
    shown: list[str] = []
    places: list[int] = []
    position = length = 0
    for gap in _BREAK.finditer(raw):
        kept = raw[position : gap.start()]
        places.extend(range(length, length + len(kept)))
        length += len(kept)
        places.extend([length] * (gap.end() - gap.start()))
        filler = "" if gap.start() in joined else "\n"
        shown.extend((kept, filler))
        length += len(filler)
        position = gap.end()
    rest = raw[position:]
    places.extend(range(length, length + len(rest) + 1))
    return "".join((*shown, rest)), places


def find_units(
    raw: str, start: int, end: int, surfaces: Iterable[str]
) -> Iterator[tuple[str, int, int]]:
    """Yield where each unit is named: after the measure, else within it; spaces are ignored."""
    for surface in surfaces:
        pattern = re.compile(r"\s*".join(map(re.escape, surface)))
        found = pattern.search(raw, end, end + NEAR) or pattern.search(raw, start, end)
        if found and surface:
            yield surface, found.start(), found.end()
