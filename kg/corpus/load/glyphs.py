"""What stands on a page of a PDF: its characters and ruled lines, upright, y downwards."""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as c

_SKEW = math.radians(8)
_QUARTER = math.pi / 2
_THIN = 2.5
_SHORT = 4.0
_MOST_EDGES = 20_000
_FORMS_DEEP = 4
_SAME_LINE = 0.45


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character with its box, its baseline ``y`` and the size of its font, in points."""

    text: str
    left: float
    right: float
    top: float
    bottom: float
    y: float
    size: float

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the box."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2


@dataclass(frozen=True, slots=True)
class Edge:
    """A straight ruled line: at ``at``, from ``start`` to ``end``."""

    at: float
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: size, characters in the order of the file, ruled lines; ``skewed`` were left out."""

    width: float
    height: float
    glyphs: tuple[Glyph, ...]
    horizontal: tuple[Edge, ...]
    vertical: tuple[Edge, ...]
    skewed: int
    pictures: int


class _Turn:
    """From the page's own coordinates to those of a page turned by quarters, with y downwards."""

    def __init__(self, page: pdfium.PdfPage, quarters: int) -> None:
        self._left, bottom, right, self._top = page.get_cropbox()
        self._right, self._bottom = right, bottom
        self._quarters = quarters
        wide, high = right - self._left, self._top - bottom
        self.width, self.height = (wide, high) if quarters % 2 == 0 else (high, wide)

    def point(self, x: float, y: float) -> tuple[float, float]:
        """Return a point."""
        if self._quarters == 0:
            return x - self._left, self._top - y
        if self._quarters == 1:
            return y - self._bottom, x - self._left
        if self._quarters == 2:
            return self._right - x, y - self._bottom
        return self._top - y, self._right - x

    def box(self, left: float, bottom: float, right: float, top: float) -> tuple[float, ...]:
        """Return left, top, right and bottom of a box."""
        (x1, y1), (x2, y2) = self.point(left, bottom), self.point(right, top)
        return min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)


def read_sheets(page: pdfium.PdfPage, *, most: int) -> list[Sheet] | None:
    """Return what stands on ``page``, without what lies outside of it or is printed twice.

    None where the file gives more than ``most`` characters for it, wherever they stand.

    It is one sheet where most text is upright as the page is shown.  Wide tables stand turned on
    an upright page: then it is one sheet for each direction, that with most text first.
    """
    shown = (page.get_rotation() // 90) % 4
    text = page.get_textpage()
    try:
        if text.count_chars() > most:
            return None
        counts = _count_quarters(text)
        main = max(counts, key=lambda turned: (counts[turned], turned == shown), default=shown)
        if main == shown:
            return [_read_sheet(page, text, shown, only=False)]
        order = sorted(counts, key=lambda turned: -counts[turned])
        first, *others = (_read_sheet(page, text, turned, only=True) for turned in order)
        return [first, *(replace(sheet, pictures=0, skewed=0) for sheet in others)]
    finally:
        text.close()


def _read_sheet(
    page: pdfium.PdfPage, text: pdfium.PdfTextPage, quarters: int, *, only: bool
) -> Sheet:
    """Return the page turned by ``quarters``, ``only`` with the text that is upright then."""
    turn = _Turn(page, quarters)
    glyphs, skewed = _read_glyphs(text, turn, quarters if only else None)
    pictures, edges = _read_objects(page, turn)
    return Sheet(
        turn.width,
        turn.height,
        tuple(_in_lines(glyphs) if only else glyphs),
        tuple(Edge(y, x1, x2) for x1, y, x2, bottom in edges if bottom == y),
        tuple(Edge(x, y1, y2) for x, y1, right, y2 in edges if right == x and y1 != y2),
        skewed,
        pictures,
    )


def _count_quarters(text: pdfium.PdfTextPage) -> Counter[int]:
    """Return how many characters are upright on the page turned by so many quarters."""
    counts: Counter[int] = Counter()
    for index in range(text.count_chars()):
        if c.FPDFText_GetUnicode(text, index) > 32 and not c.FPDFText_IsGenerated(text, index):
            turned = _quarters_of(c.FPDFText_GetCharAngle(text, index))
            if turned is not None:
                counts[turned] += 1
    return counts


def _quarters_of(angle: float) -> int | None:
    """Return the turn that makes text at this angle, clockwise, upright; None for askew text."""
    quarters = round(angle / _QUARTER)
    return -quarters % 4 if abs(angle - quarters * _QUARTER) <= _SKEW else None


def _in_lines(glyphs: list[Glyph]) -> Iterator[Glyph]:
    """Yield characters line by line: of turned text the file's order says nothing."""
    line: list[Glyph] = []
    for glyph in sorted(glyphs, key=lambda glyph: glyph.y):
        if line and glyph.y - line[-1].y > _SAME_LINE * glyph.size:
            yield from sorted(line, key=lambda glyph: glyph.left)
            line = []
        line.append(glyph)
    yield from sorted(line, key=lambda glyph: glyph.left)


def _read_glyphs(
    text: pdfium.PdfTextPage, turn: _Turn, only: int | None
) -> tuple[list[Glyph], int]:
    """Return the characters, and how many askew ones were left out; ``only`` those of one turn."""
    glyphs: list[Glyph] = []
    seen: set[tuple[str, int, int]] = set()
    skewed = 0
    for index in range(text.count_chars()):
        glyph = _read_glyph(text, index, turn)
        if glyph is None:
            continue
        turned = _quarters_of(c.FPDFText_GetCharAngle(text, index))
        if turned is None or only not in (None, turned):
            skewed += turned is None
            continue
        place = glyph.text, round(glyph.left), round(glyph.y)
        if place in seen and not glyph.text.isspace():
            continue  # bold made by printing twice
        seen.add(place)
        glyphs.append(glyph)
    return glyphs, skewed


def _read_glyph(text: pdfium.PdfTextPage, index: int, turn: _Turn) -> Glyph | None:
    code = c.FPDFText_GetUnicode(text, index)
    if not code or c.FPDFText_IsGenerated(text, index) == 1 or code in (10, 13, 0xFFFE, 0xFFFF):
        return None
    box = c.FS_RECTF()
    x, y = ctypes.c_double(), ctypes.c_double()
    if not c.FPDFText_GetLooseCharBox(text, index, box) or not c.FPDFText_GetCharOrigin(
        text, index, x, y
    ):
        return None
    left, top, right, bottom = turn.box(box.left, box.bottom, box.right, box.top)
    baseline = turn.point(x.value, y.value)[1]
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    if not (0 <= middle_x <= turn.width and 0 <= middle_y <= turn.height):
        return None
    character = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return Glyph(character, left, right, top, bottom, baseline, max(bottom - top, 1.0))


def _read_objects(page: pdfium.PdfPage, turn: _Turn) -> tuple[int, list[tuple[float, ...]]]:
    """Return the number of pictures, and the ruled lines as boxes without height or width."""
    edges: list[tuple[float, ...]] = []
    pictures = 0
    kinds = (c.FPDF_PAGEOBJ_PATH, c.FPDF_PAGEOBJ_IMAGE)
    for found in page.get_objects(filter=kinds, max_depth=_FORMS_DEEP):
        if found.type == c.FPDF_PAGEOBJ_IMAGE:
            pictures += 1
        elif len(edges) < _MOST_EDGES:
            edges.extend(_edges(found.raw, turn))
    return pictures, edges


def _edges(path: Any, turn: _Turn) -> Iterator[tuple[float, ...]]:
    """Yield the lines of a path along the axes; a thin box is one line."""
    points = [turn.point(x, y) for x, y in _points(path)]
    if not points:
        return
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    if bottom - top <= _THIN or right - left <= _THIN:
        yield from _line(left, top, right, bottom)
        return
    for (x1, y1), (x2, y2) in pairwise(points):
        if abs(x1 - x2) <= 0.5 or abs(y1 - y2) <= 0.5:
            yield from _line(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2))


def _line(left: float, top: float, right: float, bottom: float) -> Iterator[tuple[float, ...]]:
    if right - left >= _SHORT and bottom - top <= _THIN:
        y = (top + bottom) / 2
        yield left, y, right, y
    elif bottom - top >= _SHORT and right - left <= _THIN:
        x = (left + right) / 2
        yield x, top, x, bottom


def _points(path: Any) -> list[tuple[float, float]]:
    """Return the corners of a path in the page's coordinates, closed where the path is."""
    matrix = c.FS_MATRIX()
    if not c.FPDFPageObj_GetMatrix(path, matrix):
        return []
    points: list[tuple[float, float]] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(min(c.FPDFPath_CountSegments(path), 400)):
        segment = c.FPDFPath_GetPathSegment(path, index)
        if c.FPDFPathSegment_GetType(segment) == c.FPDF_SEGMENT_BEZIERTO:
            return []
        c.FPDFPathSegment_GetPoint(segment, x, y)
        points.append(
            (
                matrix.a * x.value + matrix.c * y.value + matrix.e,
                matrix.b * x.value + matrix.d * y.value + matrix.f,
            )
        )
        if c.FPDFPathSegment_GetClose(segment) and points:
            points.append(points[0])
    return points
