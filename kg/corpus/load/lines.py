"""Lines of a PDF: characters become lines, lines paragraphs, and what frames the pages goes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from statistics import median

from kg.corpus.load.glyphs import Glyph, Sheet
from kg.corpus.load.grid import Grid, find_grids

_MARGIN = 0.12
_REPEATED = 0.4
_LEAST_GAPS = 5
_APART = 1.5
_SMALL, _RAISED = 0.8, 0.15
_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(r"[\W_]*\d{1,4}(?:\s*[/|]\s*\d{1,4})?[\W_]*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, far from the next one."""

    text: str
    left: float
    right: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text, or a row of a table where it has ``cells``; lengths in points.

    ``size`` is the width of a full character; ``pieces`` are its parts between wide gaps.
    """

    text: str
    left: float
    right: float
    y: float
    size: float
    cells: tuple[str, ...] = ()
    pieces: tuple[Piece, ...] = ()


@dataclass(slots=True)
class Page:
    """The lines of a page in reading order."""

    number: int
    height: float
    lines: list[Line]
    characters: int
    pictures: int
    skewed: int


@dataclass(slots=True)
class _Row:
    """A line being read."""

    glyphs: list[Glyph] = field(default_factory=list)

    def takes(self, glyph: Glyph) -> bool:
        """Tell whether a character goes on with this line."""
        if not self.glyphs:
            return True
        last = self.glyphs[-1]
        size = max(last.size, glyph.size)
        return abs(glyph.y - last.y) <= 0.45 * size and glyph.left >= last.left - size

    def line(self) -> Line:
        """Return the line that was read."""
        marks = [glyph for glyph in self.glyphs if not glyph.text.isspace()]
        wide = [glyph.right - glyph.left for glyph in marks if not glyph.text.isascii()]
        size = median(wide) if wide else 0.8 * median(glyph.size for glyph in marks)
        return Line(
            _text(self.glyphs),
            min(glyph.left for glyph in marks),
            max(glyph.right for glyph in marks),
            marks[0].y,
            size,
            pieces=tuple(_pieces(marks, size)),
        )


def read_page(sheet: Sheet, number: int) -> Page:
    """Return the lines of a page; characters within a ruled table become its rows."""
    grids = find_grids(sheet)
    cells: list[dict[tuple[int, int], list[Glyph]]] = [{} for _ in grids]
    free: list[Glyph] = []
    places: dict[int, int] = {}
    for glyph in sheet.glyphs:
        for index, grid in enumerate(grids):
            cell = grid.cell_of(glyph)
            if cell is not None:
                cells[index].setdefault(cell, []).append(glyph)
                places.setdefault(index, len(free))
                break
        else:
            free.append(glyph)
    lines: list[Line] = []
    start = 0
    for index in sorted(places, key=lambda index: places[index]):
        lines.extend(_lines(free[start : places[index]]))
        start = places[index]
        lines.extend(_rows(grids[index], cells[index]))
    lines.extend(_lines(free[start:]))
    marks = sum(not glyph.text.isspace() for glyph in sheet.glyphs)
    return Page(number, sheet.height, lines, marks, sheet.pictures, sheet.skewed)


def _lines(glyphs: Iterable[Glyph]) -> Iterator[Line]:
    row = _Row()
    for glyph in glyphs:
        if not row.takes(glyph):
            yield from _finished(row)
            row = _Row()
        row.glyphs.append(glyph)
    yield from _finished(row)


def _finished(row: _Row) -> Iterator[Line]:
    if any(not glyph.text.isspace() for glyph in row.glyphs):
        yield row.line()


def _text(glyphs: list[Glyph]) -> str:
    """Return the text of a line, with a blank where a gap is wider than those of the line."""
    parts = [glyphs[0].text]
    gaps = [glyph.left - before.right for before, glyph in pairwise(glyphs)]
    usual = max(0.0, median(gaps)) if len(gaps) >= _LEAST_GAPS else 0.0
    for gap, (before, glyph) in zip(gaps, pairwise(glyphs), strict=True):
        if gap - usual > (0.6 if _is_wide(before.text + glyph.text) else 0.2) * glyph.size:
            parts.append(" ")
        elif _is_raised(before, glyph):
            parts.append("^")
        parts.append(glyph.text)
    return " ".join("".join(parts).split())


def _is_raised(before: Glyph, glyph: Glyph) -> bool:
    """Tell whether a digit stands raised behind another: 10⁴ is not 104."""
    small = glyph.size < _SMALL * before.size and glyph.y < before.y - _RAISED * before.size
    return small and before.text.isdigit() and glyph.text.isdigit()


def _pieces(marks: list[Glyph], size: float) -> Iterator[Piece]:
    """Yield the parts of a line between gaps that are wider than those within it."""
    gaps = [glyph.left - before.right for before, glyph in pairwise(marks)]
    usual = max(0.0, median(gaps)) if len(gaps) >= _LEAST_GAPS else 0.0
    start = 0
    for place, gap in enumerate([*gaps, inf], 1):
        if gap - usual > _APART * size:
            part = marks[start:place]
            yield Piece(_text(part), part[0].left, part[-1].right)
            start = place


def _is_wide(text: str) -> bool:
    return not text.isascii()


def _rows(grid: Grid, cells: dict[tuple[int, int], list[Glyph]]) -> Iterator[Line]:
    columns = len(grid.xs) - 1
    for row in range(len(grid.ys) - 1):
        texts = [_cell(cells.get((row, column), [])) for column in range(columns)]
        if any(texts):
            yield Line("", grid.xs[0], grid.xs[-1], grid.ys[row], 1.0, tuple(texts))


def _cell(glyphs: list[Glyph]) -> str:
    """Return the text of a cell: its lines run on, since the cell is what broke them."""
    text = ""
    for line in _lines(glyphs):
        text += word_gap(text, line.text) + line.text
    return text


def word_gap(before: str, after: str) -> str:
    """Return the blank that stood between two words of Latin letters at the end of a line."""
    if not before or not after:
        return ""
    latin = before[-1].isascii() and after[0].isascii()
    return " " if latin and before[-1].isalnum() and after[0].isalnum() else ""


def drop_furniture(pages: list[Page]) -> None:
    """Remove page numbers and what is said at the top or bottom of many pages."""
    counts = Counter(
        key for page in pages for key in {_key(line) for line in page.lines if _frames(line, page)}
    )
    least = max(3, _REPEATED * len(pages))
    for page in pages:
        page.lines = [
            line
            for line in page.lines
            if not (
                _frames(line, page)
                and (counts[_key(line)] >= least or _PAGE_NUMBER.fullmatch(line.text))
            )
        ]


def _frames(line: Line, page: Page) -> bool:
    margin = _MARGIN * page.height
    return not line.cells and not margin < line.y < page.height - margin


def _key(line: Line) -> tuple[str, int]:
    return _DIGITS.sub("#", line.text.replace(" ", "")), round(line.y / 12)
