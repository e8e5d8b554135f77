"""What stands on a page of a PDF: its characters and ruled lines, upright, y downwards."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from dataclasses import dataclass
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
    """From the page's own coordinates to upright ones with y downwards."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._left, bottom, right, self._top = page.get_cropbox()
        self._right, self._bottom = right, bottom
        self._quarters = (page.get_rotation() // 90) % 4
        wide, high = right - self._left, self._top - bottom
        self.width, self.height = (wide, high) if self._quarters % 2 == 0 else (high, wide)

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

    def is_skewed(self, angle: float) -> bool:
        """Tell whether text at this angle stands askew, as watermarks do."""
        away = angle % _QUARTER
        return min(away, _QUARTER - away) > _SKEW


def read_sheet(page: pdfium.PdfPage) -> Sheet:
    """Return what stands on ``page``, without what lies outside of it or is printed twice."""
    turn = _Turn(page)
    glyphs, skewed = _read_glyphs(page, turn)
    pictures, edges = _read_objects(page, turn)
    return Sheet(
        turn.width,
        turn.height,
        tuple(glyphs),
        tuple(Edge(y, x1, x2) for x1, y, x2, bottom in edges if bottom == y),
        tuple(Edge(x, y1, y2) for x, y1, right, y2 in edges if right == x and y1 != y2),
        skewed,
        pictures,
    )


def _read_glyphs(page: pdfium.PdfPage, turn: _Turn) -> tuple[list[Glyph], int]:
    text = page.get_textpage()
    glyphs: list[Glyph] = []
    seen: set[tuple[str, int, int]] = set()
    skewed = 0
    try:
        for index in range(text.count_chars()):
            glyph = _read_glyph(text, index, turn)
            if glyph is None:
                continue
            if turn.is_skewed(c.FPDFText_GetCharAngle(text, index)):
                skewed += 1
                continue
            place = glyph.text, round(glyph.left), round(glyph.y)
            if place in seen and not glyph.text.isspace():
                continue  # bold made by printing twice
            seen.add(place)
            glyphs.append(glyph)
    finally:
        text.close()
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
