"""Numbers: rows missing or double, sums of columns, targets of the text against the table's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from kg.compare.reconciliation.sides import Finding, Side, make_evidence
from kg.compare.reconciliation.tasks import read_rows
from kg.graph import Aim
from kg.model import Cell, Document, Table
from kg.ontology import Vocabulary

_VALUE = re.compile(r"-?\d+(?:\.\d+)?$")


def check_numbers(iri: str, document: Document, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield the row numbers of task tables that are missing or stand twice."""
    for table in document.tables:
        rows = [row for row in read_rows(table, document, vocabulary) if row.number]
        counts = Counter(int(row.number) for row in rows)
        for number in sorted(n for n, count in counts.items() if count > 1):
            same = [row for row in rows if int(row.number) == number]
            sides = tuple(
                Side("task table", f"({number})", (), (), make_evidence(document, row.span))
                for row in same
            )
            message = f"row number ({number}) stands {len(same)} times"
            yield Finding(iri, "number-double", message, sides)
        for number in range(1, max(counts, default=0)):
            if number not in counts:
                after = next(row for row in rows if int(row.number) > number)
                side = Side(
                    "task table",
                    f"({after.number})",
                    (),
                    (),
                    make_evidence(document, after.span),
                )
                message = f"row number ({number}) is missing before row ({after.number})"
                yield Finding(iri, "number-missing", message, (side,))


def check_sums(iri: str, document: Document, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Yield for each column of numbers whether it adds up to the total that the table states."""
    totals = frozenset(vocabulary.cues("total-row")["total"])
    for table in document.tables:
        for index, row in enumerate(table.rows):
            if row and row[0].text in totals:
                yield from _check_total(iri, document, table, index)


def _check_total(iri: str, document: Document, table: Table, index: int) -> Iterator[Finding]:
    row = table.rows[index]
    for column in range(1, len(row)):
        total = _read_value(row[column])
        parts = [
            value
            for cells in table.rows[:index]
            if len(cells) == len(row)
            and (value := _read_value(cells[column])) is not None
            and not _is_header(cells)
        ]
        if total is None or len(parts) < 2:
            continue
        added = sum(parts)
        agrees = abs(added - total) < 1e-6
        head = _head(table, column)
        message = f"column {head}: {len(parts)} rows add up to {added:g}, the total says {total:g}"
        side = Side(
            "target table",
            row[0].text,
            (),
            (),
            make_evidence(document, row[column].span),
            value=f"{total:g}",
        )
        yield Finding(iri, "sum-agrees" if agrees else "sum-differs", message, (side,))


def _is_header(cells: Sequence[Cell]) -> bool:
    """Tell whether a row has no name of its own: a row of column heads."""
    return not cells[0].text or bool(_VALUE.match(cells[0].text))


def _head(table: Table, column: int) -> str:
    """Return the head of a column, counted from the right: heads of groups shift it."""
    width = len(table.rows[-1])
    for row in table.rows[:3]:
        at = column - (width - len(row))
        text = row[at].text if 0 <= at < len(row) else ""
        if text and not _VALUE.match(text) and any(c.isdigit() for c in text):
            return text
    return str(column + 1)


def _read_value(cell: Cell) -> float | None:
    return float(cell.text) if _VALUE.match(cell.text) else None


def compare_targets(
    iri: str, document: Document, goals: Iterable[Aim], vocabulary: Vocabulary
) -> Iterator[Finding]:
    """Yield what the text aims at for a year beside the total of the target table for that year.

    Only totals of the same unit and year compare; an aim for growth (净增) is no total and is
    left out.
    """
    totals = frozenset(vocabulary.cues("total-row")["total"])
    growth = re.compile(vocabulary.pattern("target-growth"))
    own = [goal for goal in goals if goal.document == iri]
    for table in document.tables:
        stated = {
            (goal.unit, goal.year): goal
            for goal in own
            if any(
                row and row[0].text in totals and cell.span == goal.span
                for row in table.rows
                for cell in row
            )
        }
        for goal in own:
            inside = table.span.start <= goal.span.start < table.span.end
            total = stated.get((goal.unit, goal.year))
            if inside or total is None or not goal.year:
                continue
            if growth.search(_read_before(document, goal)):
                continue
            yield _compare_target(iri, document, goal, total)


def _read_before(document: Document, goal: Aim) -> str:
    """Return what stands before the number of a target in its clause."""
    text = "".join(goal.span.of(document.raw).split())
    before, surface, _ = text.partition(goal.surface)
    digits = re.search(r"\d", surface)
    return before + surface[: digits.start()] if digits else before


def _compare_target(iri: str, document: Document, goal: Aim, total: Aim) -> Finding:
    agrees = abs(goal.value - total.value) < 1e-6
    message = (
        f"{goal.year}: the text aims at {goal.value:g}{goal.unit}, "
        f"the table's total is {total.value:g}{total.unit}"
    )
    sides = (
        Side("narrative", goal.year, (), (), make_evidence(document, goal.span), f"{goal.value:g}"),
        Side(
            "target table",
            total.year,
            (),
            (),
            make_evidence(document, total.span),
            f"{total.value:g}",
        ),
    )
    return Finding(iri, "target-agrees" if agrees else "target-differs", message, sides)
