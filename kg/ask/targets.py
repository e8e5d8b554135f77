"""Targets: the goals that a question asks for, each with all the passages that state it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kg.ask.found import Found, make_found
from kg.ask.groups import Group, holds_any, row_text
from kg.ask.match import holds_label
from kg.ask.narrow import count_hints
from kg.ask.plan import Plan
from kg.ask.queries import Row
from kg.ask.wording import clean_label

_NAME = 5  # characters from which the name of a target tells it apart
_STOP = re.compile(r"[，。；,;]")


def make_targets(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with targets that hold most of the words; what a task table repeats stands once."""
    merged: list[list[Row]] = []
    due = [
        row
        for row in rows.rows
        if not plan.years or row_text(row, "deadline").startswith(plan.years)
    ]
    called = [row for row in due if _is_called(row, plan)]
    due = called or _keep_instruments(due, plan, rows)
    most = max((_count_words(row, plan.words) for row in due), default=0)
    due = [row for row in due if not plan.words or (most and _count_words(row, plan.words) == most)]
    for row in _keep_hinted(due, plan):
        same = next((found for found in merged if _same_target(found[0], row)), None)
        if same is None:
            merged.append([row])
        else:
            same.append(row)
    for found in _keep_totals(merged) if plan.total else merged:
        target = _read_target(found[0])
        label = target["indicator"] or target["surface"]
        group = Group(tuple(found), rows.lexicon)
        yield make_found(label, group.text("target"), group, {"target": target})


def _keep_totals(merged: list[list[Row]]) -> list[list[Row]]:
    """Keep the largest of the targets that share name, unit and term."""
    best: dict[tuple[str, ...], list[Row]] = {}
    for found in merged:
        key = tuple(row_text(found[0], name) for name in ("indicator", "unitText", "deadline"))
        if key not in best or float(row_text(best[key][0], "value")) < float(
            row_text(found[0], "value")
        ):
            best[key] = found
    return list(best.values())


def _is_called(row: Row, plan: Plan) -> bool:
    """Tell whether a question calls a target by its full name, or by most of it."""
    indicator = row_text(row, "indicator")
    name = clean_label(indicator)
    return (len(name) >= _NAME and name in plan.asked) or indicator in plan.aims


def _keep_instruments(due: list[Row], plan: Plan, rows: Group) -> list[Row]:
    """Keep the targets of the instruments asked for: coded so, or of their name.

    Where words tell besides what is meant, they may be goals that carry no instrument.
    """
    if plan.words or not plan.instruments:
        return due
    concepts = rows.lexicon.vocabulary.concepts
    labels = [
        text for name in plan.instruments for text, lang in concepts[name].labels if lang == "zh"
    ]
    kept = [
        row
        for row in due
        if row["coded"] or any(holds_label(_read_clause(row), label) for label in labels)
    ]
    return kept or (due if plan.hints else [])


def _keep_hinted(rows: list[Row], plan: Plan) -> list[Row]:
    """Keep the targets that hold the most of the hints; none where only hints tell and none holds one."""
    named = [count_hints(_read_name(row), plan.hints) for row in rows]
    counts = named if any(named) else [count_hints(_read_clause(row), plan.hints) for row in rows]
    most = max(counts, default=0)
    if not most:
        return [] if plan.hints and not plan.words else rows
    return [row for row, count in zip(rows, counts, strict=True) if count == most]


def _read_name(row: Row) -> str:
    return "".join(row_text(row, name) for name in ("indicator", "targetSurface", "unitText"))


def _read_clause(row: Row) -> str:
    """Return the words around a target's value, with its name."""
    quote = "".join(row_text(row, "quote").split())
    surface = row_text(row, "targetSurface")
    parts = [part for part in _STOP.split(quote) if surface in part]
    return "".join((row_text(row, "indicator"), *parts[:1]))


def _count_words(row: Row, words: tuple[str, ...]) -> int:
    unit = row_text(row, "unitText")
    indicator = _read_indicator(row) + row_text(row, "targetSurface")
    return sum(unit == word or holds_any(indicator, (word,)) for word in words)


def _same_target(one: Row, other: Row) -> bool:
    keys = ("document", "value", "operator", "unitText", "deadline")
    if any(one[key] != other[key] for key in keys):
        return False
    first, second = _read_indicator(one), _read_indicator(other)
    return first in second or second in first


def _read_indicator(row: Row) -> str:
    """Return what a target is about: its name, else the words around its value in the passage."""
    quote = "".join(row_text(row, "quote").split())
    surface = row_text(row, "targetSurface")
    parts = (part for part in _STOP.split(quote) if surface in part)
    return row_text(row, "indicator") or next(parts, "").replace(surface, "")


def _read_target(row: Row) -> dict[str, Any]:
    return {
        "value": row["value"],
        "op": row_text(row, "operator"),
        "unit": row_text(row, "unitText"),
        "deadline": row_text(row, "deadline"),
        "surface": row_text(row, "targetSurface"),
        "indicator": _read_indicator(row),
    }
