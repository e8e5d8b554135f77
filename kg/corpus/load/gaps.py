"""What stands side by side on a PDF page without rules: rows of cells, and columns of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import inf

from kg.corpus.load.lines import Line, word_gap

_LEAST_CELLS, _LEAST_ROWS = 3, 2
_LEAST_LINES, _LONG, _MOSTLY_FULL = 4, 10, 0.6
_FULL, _NEAR, _WITHIN, _LEADING = 3.0, 1.0, 2.2, 4.0  # in sizes of a character


def arrange(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines of a page: rows of a table with cells, two columns one after the other."""
    place = 0
    while place < len(lines):
        found = _read_table(lines, place) or _read_columns(lines, place)
        if found is None:
            yield lines[place]
            place += 1
        else:
            yield from found.lines
            place += found.taken


@dataclass(frozen=True, slots=True)
class _Arranged:
    """Lines in their order; ``taken`` tells how many lines of the page they come from."""

    lines: list[Line]
    taken: int


def _read_table(lines: Sequence[Line], place: int) -> _Arranged | None:
    """Return the rows of a table whose cells begin below each other, None where none begins.

    A line without a first cell goes on with the row above it.
    """
    first = lines[place]
    if len(first.pieces) < _LEAST_CELLS:
        return None
    starts = [piece.left for piece in first.pieces]
    rows: list[list[str]] = []
    full = taken = 0
    for line in _downwards(lines, place):
        columns = _columns_of(line, starts)
        if columns is None or (columns[0] == 0 and len(columns) < _LEAST_CELLS - 1):
            break
        if columns[0] and line.y - lines[place + taken - 1].y > _WITHIN * line.size:
            break
        if columns[0] == 0:
            full += len(columns) == len(starts)
            rows.append([""] * len(starts))
        for column, piece in zip(columns, line.pieces, strict=True):
            before = rows[-1][column]
            rows[-1][column] = before + word_gap(before, piece.text) + piece.text
        taken += 1
    if full < _LEAST_ROWS:
        return None
    return _Arranged([replace(first, cells=tuple(row), text="") for row in rows], taken)


def _downwards(lines: Sequence[Line], place: int) -> Iterator[Line]:
    """Yield the lines of text from a place on as long as each stands below the one before."""
    last = lines[place]
    for index in range(place, len(lines)):
        line = lines[index]
        if line.cells or line.y < last.y or line.y - last.y > _LEADING * line.size:
            return
        yield line
        last = line


def _columns_of(line: Line, starts: Sequence[float]) -> list[int] | None:
    """Return in which columns the pieces of a line stand, None where one does not fit into any."""
    ends = [*starts[1:], inf]
    found = []
    for piece in line.pieces:
        fitting = (
            column
            for column, (start, end) in enumerate(zip(starts, ends, strict=True))
            if abs(piece.left - start) <= _NEAR * line.size and piece.right <= end
        )
        column = next(fitting, None)
        if column is None:
            return None
        found.append(column)
    return found


def _read_columns(lines: Sequence[Line], place: int) -> _Arranged | None:
    """Return two columns of text that the file gives line by line across both of them.

    Most lines of the left one are long and reach its edge; in a table they end where they may.
    """
    run: list[Line] = []
    for line in _downwards(lines, place):
        if len(line.pieces) != 2 or (run and not _continues(run[-1], line)):
            break
        run.append(line)
    if len(run) < _LEAST_LINES:
        return None
    edge = max(line.pieces[0].right for line in run)
    full = sum(
        line.pieces[0].right >= edge - _FULL * line.size
        and min(len(piece.text) for piece in line.pieces) >= _LONG
        for line in run
    )
    if full < _MOSTLY_FULL * len(run):
        return None
    sides = [[_cut(line, side) for line in run] for side in (0, 1)]
    return _Arranged([*sides[0], *sides[1]], len(run))


def _continues(above: Line, line: Line) -> bool:
    return abs(above.pieces[1].left - line.pieces[1].left) <= _NEAR * line.size


def _cut(line: Line, side: int) -> Line:
    piece = line.pieces[side]
    return replace(line, text=piece.text, left=piece.left, right=piece.right, pieces=(piece,))
