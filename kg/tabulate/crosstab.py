"""Cross tables: how many measures fall into a class of one lens and a class of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from kg.graph import Coding
from kg.tabulate.lenses import UNTOLD, Lens


@dataclass(frozen=True, slots=True)
class CrossCell:
    """A cell: measures (IRIs), their number, and the share of all measures in percent."""

    row: str
    column: str
    n: int
    percent: float
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crosstab:
    """A table of two lenses; ``rows`` and ``columns`` are (id, name), the totals their measures.

    ``n`` is the number of measures counted, each once.  A measure that falls into several classes
    stands in several cells, so that cells, and totals of rows and columns, may add up to more
    than ``n``; a measure for which a lens has no class stands under ``-``.
    """

    row_lens: str
    column_lens: str
    rows: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    cells: tuple[CrossCell, ...]
    row_totals: tuple[int, ...]
    column_totals: tuple[int, ...]
    n: int
    documents: int

    def cell(self, row: str, column: str) -> CrossCell:
        """Return the cell of two class ids, an empty one where nothing falls into it."""
        found = (c for c in self.cells if (c.row, c.column) == (row, column))
        return next(found, CrossCell(row, column, 0, 0.0, ()))


def cross_measures(codings: Iterable[Coding], rows: Lens, columns: Lens) -> Crosstab:
    """Count measures by two lenses; what a task table repeats is to be left out before."""
    counted = tuple(codings)
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    held: tuple[dict[str, set[str]], dict[str, set[str]]] = (defaultdict(set), defaultdict(set))
    for coding in counted:
        for row in rows.classify(coding) or (UNTOLD,):
            held[0][row].add(coding.measure)
            for column in columns.classify(coding) or (UNTOLD,):
                found[row, column].append(coding.measure)
        for column in columns.classify(coding) or (UNTOLD,):
            held[1][column].add(coding.measure)
    row_names, column_names = _order(rows, held[0]), _order(columns, held[1])
    cells = tuple(
        CrossCell(
            r, c, len(found[r, c]), percent(len(found[r, c]), len(counted)), tuple(found[r, c])
        )
        for r, _ in row_names
        for c, _ in column_names
        if (r, c) in found
    )
    return Crosstab(
        row_lens=rows.name,
        column_lens=columns.name,
        rows=row_names,
        columns=column_names,
        cells=cells,
        row_totals=tuple(len(held[0][row]) for row, _ in row_names),
        column_totals=tuple(len(held[1][column]) for column, _ in column_names),
        n=len(counted),
        documents=len({coding.document for coding in counted}),
    )


def percent(part: int, whole: int) -> float:
    """Return a share in percent with one digit, 0 of nothing.

    >>> percent(1, 3), percent(0, 0)
    (33.3, 0.0)
    """
    return round(100 * part / whole, 1) if whole else 0.0


def _order(lens: Lens, held: dict[str, set[str]]) -> tuple[tuple[str, str], ...]:
    """Return the classes that occur, in the order of the lens; those it lacks by name, ``-`` last."""
    known = [name for name in lens.classes if name in held]
    others = sorted(name for name in held if name not in lens.classes and name != UNTOLD)
    last = [UNTOLD] if UNTOLD in held else []
    return tuple((name, lens.classes.get(name, name)) for name in (*known, *others, *last))
