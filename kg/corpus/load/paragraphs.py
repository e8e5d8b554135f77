"""Paragraphs of a PDF: lines run on where they fill their column and the next is not indented."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, multimode

from kg.corpus.load.lines import Line, Page, word_gap
from kg.corpus.load.loaded import PARAGRAPH_END
from kg.corpus.load.rows import join_cells

_ENDS = tuple("\u3002\uff1b\uff01\uff1f\uff1a;:!?")
_BULLETS = tuple("\u2022\u25cf\u25a0\u25c6\u25aa\u25cb\u25a1\u27a2\u2605\u25b6")
_CONTENTS = re.compile("[.\u00b7\u2026\u22ef\uff0e\u30fb]{4,}\\s*[0-9IVXivx]{1,5}$")  # 总则……1
_WORD = re.compile(r"[\x21-\x7e]+")
_SHORT_BY = 2.2
_LARGE, _LONGEST_HEADING = 1.15, 60
_INDENT, _DEEPEST = 0.6, 4.5
_ALIKE = 0.12
_WIDE_GAP = 1.35
_NEAR = 15.0


@dataclass(frozen=True, slots=True)
class _Column:
    """Lines that follow each other down the page; ``left`` is where most of them begin."""

    lines: tuple[Line, ...]
    left: float


def join_paragraphs(pages: list[Page]) -> Iterator[str]:
    """Yield the paragraphs and table rows of all pages in reading order.

    A line runs on where it reaches the right edge of its column, up to a word that could not be
    broken, without ending a sentence, and the next one, of the same size and at the usual
    distance, is not indented.  One that ends short of the edge surely ends its paragraph.  A
    header row that a table repeats on each page is given once.
    """
    columns = [column for page in pages for column in _columns(page.lines)]
    leading, size = _leading(columns), _usual_size(columns)
    paragraph = ""
    last: Line | None = None
    header: tuple[str, ...] = ()
    for column in columns:
        right = _right_edge(column, columns)
        above: Line | None = None
        for line in column.lines:
            if last and _runs_on(last, line, column.left, right) and _is_near(above, line, leading):
                paragraph += word_gap(paragraph, line.text) + line.text
            else:
                if paragraph:
                    yield paragraph + PARAGRAPH_END * (not last or not _is_full(last, line, right))
                paragraph = "# " * _is_heading(line, size) + line.text
            if line.cells and line.cells != header:
                yield join_cells(line.cells)
            header = (header or line.cells) if line.cells else ()
            last = None if line.cells else line
            above = line
    if paragraph:
        yield paragraph + PARAGRAPH_END


def _usual_size(columns: list[_Column]) -> float:
    """Return the size of most characters."""
    sizes: Counter[float] = Counter()
    for column in columns:
        for line in column.lines:
            sizes[round(line.size, 1)] += len(line.text)
    return max(sizes, key=lambda size: sizes[size], default=0.0)


def _is_heading(line: Line, size: float) -> bool:
    """Tell whether a line is set larger than the text and reads like no sentence."""
    large = line.size >= _LARGE * size
    return large and len(line.text) <= _LONGEST_HEADING and not line.text.endswith(_ENDS)


def _columns(lines: list[Line]) -> Iterator[_Column]:
    """Yield the lines of a page, begun anew where they go up again."""
    run: list[Line] = []
    for line in lines:
        if run and line.y < run[-1].y - line.size:
            yield _column(run)
            run = []
        run.append(line)
    if run:
        yield _column(run)


def _column(run: list[Line]) -> _Column:
    lefts = [round(line.left) for line in run if not line.cells]
    usual = min(multimode(lefts)) if lefts else 0.0
    return _Column(tuple(run), _find_outer(run, usual))


def _find_outer(run: list[Line], usual: float) -> float:
    """Return where lines begin that go on with indented ones, ``usual`` where there are none.

    Among short paragraphs most lines are indented.  In lists whose numbers hang out it is the
    other way round: the lines further in go on with those further out.
    """
    right = max(line.right for line in run)
    outer: Counter[int] = Counter()
    hanging = 0
    for above, line in pairwise(run):
        if above.cells or line.cells or above.right < right - _SHORT_BY * above.size:
            continue
        step = (above.left - line.left) / line.size
        if _INDENT < step < _DEEPEST and abs(above.left - usual) <= _INDENT * line.size:
            outer[round(line.left)] += 1
        hanging += _INDENT < -step < _DEEPEST and abs(line.left - usual) <= _INDENT * line.size
    left, times = max(outer.items(), key=lambda item: (item[1], -item[0]), default=(0, 0))
    return left if times > hanging else usual


def _right_edge(column: _Column, columns: list[_Column]) -> float:
    """Return the rightmost edge that many lines of such columns reach, else the longest one's."""
    rights = sorted(
        (
            line.right
            for other in columns
            if abs(other.left - column.left) <= _NEAR
            for line in other.lines
            if not line.cells
        ),
        reverse=True,
    )
    size = column.lines[0].size
    many = max(3, len(rights) // 10)
    for first, last in zip(rights, rights[many - 1 :], strict=False):
        if first - last <= size / 2:
            return first
    return rights[0] if rights else 0.0


def _leading(columns: list[_Column]) -> float:
    """Return the usual distance from one baseline to the next."""
    gaps = [
        below.y - above.y
        for column in columns
        for above, below in pairwise(column.lines)
        if not above.cells and not below.cells and below.y > above.y
    ]
    return median(gaps) if gaps else 0.0


def _is_near(above: Line | None, line: Line, leading: float) -> bool:
    """Tell whether a line follows the one above it without a gap; the first of a column may."""
    return above is None or line.y - above.y <= _WIDE_GAP * leading


def _runs_on(last: Line, line: Line, left: float, right: float) -> bool:
    if line.cells or last.text.endswith(_ENDS) or line.text.startswith(_BULLETS):
        return False
    if _CONTENTS.search(last.text):
        return False
    if abs(last.size - line.size) > _ALIKE * line.size:
        return False
    if not _is_full(last, line, right):
        return False
    indented = line.left > left + _INDENT * line.size
    return not indented or abs(line.left - last.left) <= _INDENT * line.size


def _is_full(last: Line, line: Line, right: float) -> bool:
    """Tell whether nothing of what begins ``line`` would have had room at the end of ``last``."""
    word = _WORD.match(line.text)
    unbroken = _SHORT_BY + 0.6 * (len(word[0]) if word else 0)
    return last.right >= right - unbroken * last.size
