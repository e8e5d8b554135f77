"""Task tables: each row held against the clause that says the same, unit by unit."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kg.compare.reconciliation.sides import (
    Finding,
    NamedUnit,
    Side,
    find_measures,
    make_evidence,
)
from kg.extract.sections import (
    assign_brackets,
    compile_headings,
    join_brackets,
    read_columns,
)
from kg.extract.units import compile_units
from kg.graph import Coding
from kg.model import Document, Responsibility, Span, Table
from kg.ontology import Vocabulary

ALIKE = 0.5
_UNKNOWN = "x-"
_NUMBER = re.compile(r"\s*[（(](\d{1,3})[）)]")


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A row of a task table, what a page break cut off joined to it; ``group`` is its first cell."""

    number: str
    group: str
    text: str
    span: Span
    units: tuple[Responsibility, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A clause of the narrative with the units of its bracket; ``sentences`` are (text, span)."""

    label: str
    heading: str
    sentences: tuple[tuple[str, Span], ...]
    units: tuple[Responsibility, ...]

    @property
    def leads(self) -> tuple[Responsibility, ...]:
        """The leading units; where no role is told, the one named first."""
        led = tuple(unit for unit in self.units if unit.role == "lead")
        return led or self.units[:1]


def reconcile_tasks(
    iri: str, document: Document, codings: Sequence[Coding], vocabulary: Vocabulary
) -> Iterator[Finding]:
    """Yield what the rows of a document's task tables say otherwise than its clauses.

    A row belongs to the clause one of whose sentences is most like it (Dice over pairs of
    characters, 0.5 or more), else to the one whose heading is most like the row's first cell.
    """
    passages = read_passages(document, vocabulary)
    if not passages:
        return
    for table in document.tables:
        rows = read_rows(table, document, vocabulary)
        if not any(row.units for row in rows):
            continue
        matched: dict[int, list[TaskRow]] = {}
        for row in rows:
            found = _match(row, passages)
            if found is None:
                yield _unmatched(iri, document, row, codings)
                continue
            index, span = found
            matched.setdefault(index, []).append(row)
            yield from _compare_row(iri, document, row, passages[index], span, codings)
        for index, passage in enumerate(passages):
            yield from _compare_clause(iri, document, passage, matched.get(index, []), codings)


def read_passages(document: Document, vocabulary: Vocabulary) -> list[Passage]:
    """Return the clauses that a unit bracket closes."""
    resolver = compile_units(vocabulary)
    groups: dict[tuple[int | None, str], list[int]] = {}
    for index, brackets in assign_brackets(document).items():
        clause = document.sentences[index].clause
        groups.setdefault((clause, join_brackets(brackets)), []).append(index)
    passages = []
    for (clause, bracket), indices in groups.items():
        about = document.clauses[clause] if clause is not None else None
        sentences = [document.sentences[i] for i in indices]
        passages.append(
            Passage(
                label=f"{about.number}{about.heading}" if about else "",
                heading=about.heading if about else "",
                sentences=tuple((s.text, s.span()) for s in sentences if s.kind == "body"),
                units=resolver.parse_list(bracket, document.place),
            )
        )
    return passages


def read_rows(table: Table, document: Document, vocabulary: Vocabulary) -> list[TaskRow]:
    """Return the rows of a table that has a column of tasks and one of units, else none."""
    headings = compile_headings(vocabulary)
    columns = read_columns([[cell.text for cell in row] for row in table.rows], headings)
    if not columns.units or not any(_numbered(row) for row in table.rows):
        return []
    resolver = compile_units(vocabulary)
    role = resolver.role_of(columns.units[0][1])
    rows: list[TaskRow] = []
    group = ""
    for cells in table.rows:
        position = _numbered(cells)
        if position is None:
            _continue(rows, cells)
            continue
        group = "".join(cell.text for cell in cells[:position]) or group
        task, rest = cells[position], cells[position + 1 :]
        found = _NUMBER.match(task.text)
        unit_text = "、".join(cell.text for cell in rest if cell.text)
        rows.append(
            TaskRow(
                number=found[1] if found else "",
                group=group,
                text=task.text[found.end() :].strip() if found else task.text,
                span=task.span,
                units=resolver.parse_list(unit_text, document.place, role),
            )
        )
    return rows


def _numbered(cells: Sequence[object]) -> int | None:
    texts = [getattr(cell, "text", "") for cell in cells]
    return next((i for i, text in enumerate(texts) if _NUMBER.match(text)), None)


def _continue(rows: list[TaskRow], cells: Sequence[object]) -> None:
    """Join what a page break cut off to the row before: its first cell is empty."""
    texts = [getattr(cell, "text", "") for cell in cells]
    if rows and len(texts) > 1 and not texts[0] and texts[1]:
        last = rows[-1]
        rows[-1] = TaskRow(last.number, last.group, last.text + texts[1], last.span, last.units)


def _match(row: TaskRow, passages: Sequence[Passage]) -> tuple[int, Span] | None:
    best, found = 0.0, None
    for index, passage in enumerate(passages):
        for text, span in passage.sentences:
            alike = measure_likeness(row.text, text)
            if alike > best:
                best, found = alike, (index, span)
    if found is not None and best >= ALIKE:
        return found
    headed = [(measure_likeness(row.group, p.heading), i) for i, p in enumerate(passages)]
    alike, index = max(headed, default=(0.0, 0))
    return (index, passages[index].sentences[0][1]) if alike >= ALIKE else None


def measure_likeness(one: str, other: str) -> float:
    """Return the likeness of two texts, 0 to 1: Dice over pairs of characters, or containment.

    >>> measure_likeness("强化空间赋能", "强化空间赋能")
    1.0
    """
    first, second = _bigrams(one), _bigrams(other)
    if not first or not second:
        return 0.0
    shared = len(first & second)
    smaller = min(len(first), len(second))
    contained = shared / smaller if smaller >= 8 else 0.0
    return max(2 * shared / (len(first) + len(second)), contained)


def _bigrams(text: str) -> frozenset[str]:
    plain = [character for character in text if character.isalnum()]
    return frozenset(a + b for a, b in itertools.pairwise(plain))


def is_same_unit(one: Responsibility, other: Responsibility) -> bool:
    """Tell whether two names stand for one unit; a name cut off by a page counts as the whole."""
    if one.unit == other.unit:
        return True
    short, long = sorted((one.surface, other.surface), key=len)
    if len(short) >= 3 and short in long:
        return True
    if one.jurisdiction != other.jurisdiction:
        return False
    return _is_cut_off(one.surface, other.surface) or _is_cut_off(other.surface, one.surface)


def _is_cut_off(short: str, long: str) -> bool:
    """Tell whether a name is the beginning of another one, its level word aside (区人社 of 人社局)."""
    bare = short[1:]
    return len(bare) >= 2 and long.startswith(bare)


def _holds(units: Iterable[Responsibility], wanted: Responsibility) -> bool:
    return any(is_same_unit(unit, wanted) for unit in units)


def _compare_row(
    iri: str,
    document: Document,
    row: TaskRow,
    passage: Passage,
    span: Span,
    codings: Sequence[Coding],
) -> Iterator[Finding]:
    known = [unit for unit in row.units if not unit.unit.startswith(_UNKNOWN)]
    if not known:
        return
    sides = (
        _narrative_side(iri, document, passage, span, codings),
        _row_side(iri, document, row, codings),
    )
    first, leads = known[0], "、".join(unit.surface for unit in passage.leads)
    if _holds(passage.leads, first):
        message = (
            f"row ({row.number}) puts {first.surface} first, which leads clause {passage.label}"
        )
        yield Finding(iri, "lead-agrees", message, sides)
    else:
        role = "supports" if _holds(passage.units, first) else "is not named in"
        message = (
            f"clause {passage.label} is led by {leads}; row ({row.number}) puts {first.surface} "
            f"first, which {role} the clause"
        )
        yield Finding(iri, "lead-differs", message, sides)
    added = [u for u in known[1:] if u.kind and not _holds(passage.units, u)]
    for unit in added:
        message = f"row ({row.number}) names {unit.surface}, which clause {passage.label} does not"
        yield Finding(iri, "unit-added", message, sides)


def _compare_clause(
    iri: str,
    document: Document,
    passage: Passage,
    rows: Sequence[TaskRow],
    codings: Sequence[Coding],
) -> Iterator[Finding]:
    if not passage.sentences:
        return
    span = passage.sentences[0][1]
    side = _narrative_side(iri, document, passage, span, codings)
    if not rows:
        yield Finding(iri, "clause-without-row", f"no row takes up clause {passage.label}", (side,))
        return
    named = [unit for row in rows for unit in row.units]
    numbers = "、".join(f"({row.number})" for row in rows)
    for lead in passage.leads:
        if not _holds(named, lead):
            message = (
                f"{lead.surface} leads clause {passage.label}, but none of its rows {numbers} "
                "names it"
            )
            sides = (side, *(_row_side(iri, document, row, codings) for row in rows))
            yield Finding(iri, "lead-missing", message, sides)


def _unmatched(iri: str, document: Document, row: TaskRow, codings: Sequence[Coding]) -> Finding:
    message = f"no clause says what row ({row.number}) says"
    return Finding(iri, "row-unmatched", message, (_row_side(iri, document, row, codings),))


def _narrative_side(
    iri: str, document: Document, passage: Passage, span: Span, codings: Sequence[Coding]
) -> Side:
    return Side(
        "narrative",
        passage.label,
        _name_units(passage.units),
        find_measures(codings, iri, span),
        make_evidence(document, span),
    )


def _row_side(iri: str, document: Document, row: TaskRow, codings: Sequence[Coding]) -> Side:
    return Side(
        "task table",
        f"({row.number})",
        _name_units(row.units),
        find_measures(codings, iri, row.span),
        make_evidence(document, row.span),
    )


def _name_units(units: Iterable[Responsibility]) -> tuple[NamedUnit, ...]:
    return tuple(NamedUnit(u.unit, u.name, u.surface, u.role) for u in units)
