"""Target tables: cells of numbers under years become targets of the row's unit."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.extract.amounts import compile_measures
from kg.extract.sections import compile_headings, read_columns
from kg.extract.units import compile_units
from kg.model import Cell, Document, Goal, Responsibility, Table, Target
from kg.ontology import Vocabulary

_NUMBER = re.compile(r"\d+(?:\.\d+)?$")


def read_target_table(document: Document, vocabulary: Vocabulary) -> Iterator[Goal]:
    """Yield a goal per number cell of each table that has goals under years."""
    headings = compile_headings(vocabulary)
    for table in document.tables:
        columns = read_columns([[cell.text for cell in row] for row in table.rows], headings)
        years = _year_columns(table, vocabulary)
        if columns.goals and years:
            yield from _read_rows(document, table, years, vocabulary)


def _indicator(table: Table, vocabulary: Vocabulary) -> str:
    """Return what the goals of a table count, from its header (有效期内高企目标数)."""
    goals = compile_headings(vocabulary).goal_column
    cells = (cell.text for row in table.rows[:2] for cell in row)
    return next((goals.sub("", text).strip() for text in cells if goals.search(text)), "")


def _year_columns(table: Table, vocabulary: Vocabulary) -> dict[int, str]:
    """Return column → year.  A header row that lacks the first cell is shifted to the right."""
    pattern = compile_measures(vocabulary).year
    for row in table.rows[:3]:
        found = {i: m[1] for i, cell in enumerate(row) if (m := pattern.match(cell.text))}
        if found:
            return found
    return {}


def _read_rows(
    document: Document, table: Table, years: dict[int, str], vocabulary: Vocabulary
) -> Iterator[Goal]:
    resolver = compile_units(vocabulary)
    counted = _counted(table, vocabulary), _indicator(table, vocabulary)
    clause = max(
        (i for i, c in enumerate(document.clauses) if c.span.start <= table.span.start),
        default=None,
    )
    for row in table.rows:
        if not row or _NUMBER.match(row[0].text):
            continue
        units = resolver.parse_list(row[0].text, document.place)
        for column, year in years.items():
            if column < len(row) and _NUMBER.match(row[column].text):
                yield _goal(row[column], year, counted, units[0] if units else None, clause)


def _goal(
    cell: Cell,
    year: str,
    counted: tuple[str, str],
    unit: Responsibility | None,
    clause: int | None,
) -> Goal:
    target = Target(float(cell.text), "=", counted[0], year, cell.text, counted[1])
    return Goal(cell.span, clause, (target,), unit)


def _counted(table: Table, vocabulary: Vocabulary) -> str:
    """Return the measure word of what the table counts, from its heading or header."""
    text = table.heading + "".join(cell.text for row in table.rows[:2] for cell in row)
    for word, labels in vocabulary.cues("enterprise").items():
        if any(label in text for label in labels):
            return word
    return ""
