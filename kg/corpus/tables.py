"""Tables: rows of cells become task cells and unit cells, and their numbering is checked."""

from __future__ import annotations

import re
from collections import Counter

from kg.corpus.grammar import Grammar
from kg.corpus.layout import Block
from kg.corpus.sentences import split_sentences
from kg.model import Cell, Problem, Sentence, Span, Table

_ROW_NUMBER = re.compile(r"[（(]?(\d{1,3})[）).、]?")
_NUMBERED_CELL = re.compile(r"[（(](\d{1,3})[）)]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?$")


def read_table(
    rows: list[Block], clause: int | None, heading: str, index: int, grammar: Grammar
) -> tuple[Table, list[Sentence], list[Problem]]:
    """Return the table, its cells as sentences and what is wrong with its numbers.

    A row whose first cells are empty and whose text has no number of its own goes on
    with the row above (a page break inside a cell).
    """
    cells = [[(block, a, b) for a, b in block.cells] for block in rows]
    columns = max(len(row) for row in cells)
    grid = tuple(tuple(_cell(*cell) for cell in row) for row in cells)
    span = Span(rows[0].offsets[0], rows[-1].offsets[-1] + 1)
    numbers = _row_numbers(grid)
    counted = len(numbers) if len(numbers) >= 2 else _data_rows(grid, grammar)
    table = Table(grid, columns, counted, span, heading)
    sentences = [
        Sentence(block.text[a:b], block.offsets[a:b], clause, "cell", (index, row, column))
        for row, line in enumerate(cells)
        for column, (block, start, end) in enumerate(line)
        for a, b in split_sentences(block.text, start, end)
    ]
    return table, sentences, [*_number_problems(numbers), *_sum_problems(grid, grammar)]


def _cell(block: Block, start: int, end: int) -> Cell:
    if start == end:
        at = block.offsets[min(start, len(block.offsets) - 1)]
        return Cell("", Span(at, at))
    return Cell(block.text[start:end], block.span(start, end))


def _row_numbers(grid: tuple[tuple[Cell, ...], ...]) -> list[tuple[int, Span]]:
    numbers = []
    for row in grid:
        for cell in row[:3]:
            found = _NUMBERED_CELL.match(cell.text)
            if not found and cell is row[0]:
                found = _ROW_NUMBER.fullmatch(cell.text)
            if found:
                numbers.append((int(found[1]), cell.span))
                break
    return numbers


def _data_rows(grid: tuple[tuple[Cell, ...], ...], grammar: Grammar) -> int:
    return sum(1 for row in grid if any(_NUMBER.match(cell.text) for cell in row[1:])) or max(
        0, len(grid) - 1
    )


def _number_problems(numbers: list[tuple[int, Span]]) -> list[Problem]:
    if len(numbers) < 3 or numbers[0][0] != 1:
        return []
    counts = Counter(number for number, _ in numbers)
    problems = []
    for number, count in sorted(counts.items()):
        if count > 1:
            span = [span for n, span in numbers if n == number][-1]
            problems.append(
                Problem("double-number", f"row number ({number}) stands {count} times", span)
            )
    last = max(counts)
    missing = [n for n in range(1, last) if n not in counts]
    for number in missing[:20]:
        after = next(span for n, span in numbers if n > number)
        problems.append(Problem("missing-number", f"row number ({number}) is missing", after))
    return problems


def _sum_problems(grid: tuple[tuple[Cell, ...], ...], grammar: Grammar) -> list[Problem]:
    """Check a row of totals against its columns; a right sum is no problem."""
    problems = []
    for index, row in enumerate(grid):
        if not row or row[0].text not in grammar.total:
            continue
        for column in range(1, len(row)):
            total = _value(row[column])
            parts = [_value(r[column]) for r in grid[:index] if len(r) == len(row)]
            known = [part for part in parts if part is not None and not _is_year(part)]
            if total is None or len(known) < 2 or abs(sum(known) - total) < 1e-6:
                continue
            message = f"column {column + 1} adds up to {sum(known):g}, the total says {total:g}"
            problems.append(Problem("wrong-sum", message, row[column].span))
    return problems


def _value(cell: Cell) -> float | None:
    return float(cell.text) if _NUMBER.match(cell.text) else None


def _is_year(value: float) -> bool:
    return 2000 <= value <= 2100
