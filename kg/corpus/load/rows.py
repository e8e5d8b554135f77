"""Rows of cells: merged cells fill their first place, the others stay empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_LONG_CELL, _MANY_LINES = 1500, 12


def join_cells(cells: Iterable[str]) -> str:
    """Return a row as a line with tabs between its cells, whatever stands in them.

    >>> join_cells(["a\\tb", "", "c"])
    'a b\\t\\tc'
    """
    return "\t".join(" ".join(cell.split()) for cell in cells)


@dataclass(slots=True)
class RowGrid:
    """A table being read row by row, with cells that span columns and rows."""

    _rows: list[list[str]] = field(default_factory=list)
    _blocks: list[list[str]] = field(default_factory=list)
    _reserved: dict[int, int] = field(default_factory=dict)

    def begin_row(self) -> None:
        """Begin the next row."""
        self._reserved = {column: left - 1 for column, left in self._reserved.items() if left > 1}
        self._rows.append([])

    def add_cell(self, lines: list[str], *, columns: int = 1, rows: int = 1) -> None:
        """Add a cell of the current row with its lines of text."""
        if not self._rows:
            self._rows.append([])
        row = self._rows[-1]
        while self._reserved.get(len(row)):
            row.append("")
        for place in range(columns):
            if rows > 1:
                self._reserved[len(row)] = rows
            row.append(" ".join(lines) if not place else "")
        self._blocks.append(lines)

    def rows(self) -> list[list[str]]:
        """Return the rows as texts of cells."""
        return self._rows

    def lines(self) -> Iterator[str]:
        """Yield the lines of all cells, one cell after the other."""
        for block in self._blocks:
            yield from block

    def arranges_page(self) -> bool:
        """Tell whether the table holds no data but arranges a page: one column, or long texts."""
        if max(map(len, self._rows), default=0) <= 1:
            return True
        longest = max(self._blocks, key=lambda lines: sum(map(len, lines)), default=[])
        return len(longest) > _MANY_LINES and sum(map(len, longest)) > _LONG_CELL
