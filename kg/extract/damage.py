"""Damage: unit cells cut off by their source are completed from the parallel clause, or reported."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kg.model import Measure, Problem, Responsibility, Role, Span

RULE = "parallel-clause"
_UNKNOWN = "x-"


@dataclass(frozen=True, slots=True)
class Fragment:
    """What a unit cell holds that is no unit: its words, the role of its column, the cell."""

    surface: str
    role: Role
    span: Span


def repair_cells(
    measures: Sequence[Measure], fragments: Mapping[Span, Sequence[Fragment]]
) -> tuple[tuple[Measure, ...], tuple[Problem, ...]]:
    """Complete the units of table rows that repeat a clause; return the measures and what is left.

    ``fragments`` are keyed by the span of the row's task.  A fragment, a name that resolves to
    no unit, or one that is the end of another unit's of the same place (管委会, 度假区管委会) is
    completed where exactly one unit of the repeated clause begins or ends with it and the row does
    not name that unit anyway; the completion is marked with the rule.  Any other
    fragment becomes a problem ``damaged-cell``.
    """
    clauses = {measure.key: measure.responsibilities for measure in measures}
    repaired: list[Measure] = []
    problems: dict[tuple[Span, str], Problem] = {}
    for measure in measures:
        whole = clauses.get(measure.repeats, ())
        cut = fragments.get(measure.span, ())
        named = [
            _completed(unit, whole, measure.responsibilities) for unit in measure.responsibilities
        ]
        for fragment in cut:
            found = _only(fragment.surface, whole, named)
            if found is None:
                problems[fragment.span, fragment.surface] = _damaged(fragment)
            else:
                named.append(_repaired(found, fragment.surface, fragment.role))
        repaired.append(replace(measure, responsibilities=tuple(named)) if named else measure)
    return tuple(repaired), tuple(problems.values())


def _completed(
    unit: Responsibility, whole: Sequence[Responsibility], row: Sequence[Responsibility]
) -> Responsibility:
    likely = whole if unit.unit.startswith(_UNKNOWN) else [*filter(_is_kin(unit), whole)]
    found = _only(unit.surface, likely, row)
    return _repaired(found, unit.surface, unit.role) if found else unit


def _is_kin(unit: Responsibility) -> Callable[[Responsibility], bool]:
    """Return a test for another unit of the same place, which a torn name may stand for."""
    return lambda other: (
        bool(unit.kind) and other.unit != unit.unit and other.jurisdiction == unit.jurisdiction
    )


def _only(
    surface: str, whole: Sequence[Responsibility], row: Sequence[Responsibility]
) -> Responsibility | None:
    """Return the one unit of the clause that the words are cut from, None where it is not certain."""
    here = {unit.unit for unit in row}
    found = {unit.unit: unit for unit in _cut_from(surface, whole) if unit.unit not in here}
    return next(iter(found.values())) if len(found) == 1 else None


def _cut_from(surface: str, whole: Sequence[Responsibility]) -> Iterator[Responsibility]:
    for unit in whole:
        longer = len(unit.surface) > len(surface)
        if longer and (unit.surface.startswith(surface) or unit.surface.endswith(surface)):
            yield unit


def _repaired(unit: Responsibility, surface: str, role: Role) -> Responsibility:
    return replace(unit, surface=surface, role=role, repaired_by=RULE)


def _damaged(fragment: Fragment) -> Problem:
    message = f"unit cell ends in {fragment.surface!r}, which names no unit; the clause does not tell which"
    return Problem("damaged-cell", message, fragment.span)
