"""Keeping: which rows of a query a question means, where it says more than the query can ask."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import replace
from functools import partial

from kg.ask.decisive import THING
from kg.ask.groups import Group, holds_any, row_text
from kg.ask.match import holds_label
from kg.ask.plan import Plan
from kg.ask.queries import Row
from kg.ask.wording import clean_label
from kg.ontology import local_id

_JOINT = frozenset({"amounts", "clauses", "documents", "units"})
WORDED = _JOINT | {
    "check",
    "cities",
    "districts",
    "listing",
    "measures",
    "policies",
    "status",
}


def is_broader(plan: Plan) -> bool:
    """Tell whether an answer could not be narrowed by the object that English words tell apart.

    The regulations on e-commerce are not all regulations, whenever those took effect.
    """
    things = any(name.startswith(THING) for name in plan.rendered)
    return things and plan.intent not in WORDED | {"targets"}


def keep_worded(plan: Plan, rows: Group) -> tuple[Plan, Group]:
    """Keep the rows whose passage holds the particular name that the question uses, if any does.

    Of words that name nothing and stand in some passages, a passage must hold one.
    """
    if plan.told and plan.intent in WORDED:
        told = _keep_passages(rows, lambda row: holds_any(row_text(row, "quote"), plan.told))
        plan, rows = (plan, told) if told.rows else (replace(plan, told=()), rows)
    plan, rows = _keep_rendered(plan, rows)
    worded = _keep_passages(rows, lambda row: holds_label(row_text(row, "quote"), plan.wording))
    if plan.wording and worded.rows:
        return plan, worded
    return replace(plan, wording=""), rows


def _keep_rendered(plan: Plan, rows: Group) -> tuple[Plan, Group]:
    """Keep the passages that hold the most of what English words stand for.

    Nothing is left where no passage holds a word that tells an object apart, or all of the words
    where these alone tell what is asked for; another that none holds narrows nothing.
    """
    if not plan.rendered or plan.intent not in WORDED:
        return plan, rows
    quotes = [row_text(row, "quote") for row in rows.rows]
    held = {
        name: words
        for name, words in plan.rendered.items()
        if any(holds_any(quote, words) for quote in quotes)
    }
    missing = plan.rendered.keys() - held.keys()
    most = max((_count_held(quote, held) for quote in quotes), default=0)
    if any(plan.worded or name.startswith(THING) for name in missing) or (
        plan.worded and most < len(held)
    ):
        return plan, rows.keep(lambda _: False)
    kept = _keep_passages(rows, lambda row: _count_held(row_text(row, "quote"), held) == most)
    return replace(plan, rendered=held), kept if most else rows


def _count_held(quote: str, groups: Mapping[str, tuple[str, ...]]) -> int:
    return sum(holds_any(quote, words) for words in groups.values())


def keep_narrower(plan: Plan, rows: Group) -> Group:
    """Keep the rows that are about the narrower thing by whose name an instrument is called.

    Unlike the particular name of keep_worded this never gives way to all of the instrument: what no
    passage holds is not in the graph.
    """
    for name, words in plan.narrower:
        labels = [clean_label(word) for word in words]
        is_about = partial(_is_about, name=name, single=len(plan.instruments) == 1)
        held = _keep_passages(rows.keep(is_about), partial(_holds_one, labels=labels))
        kept = {id(row) for row in held.rows}
        if plan.intent == "dates":  # whose other rows quote what the dates are read from
            documents = held.texts("document")
            kept |= {id(row) for row in rows.rows if row_text(row, "document") in documents}
        rows = rows.keep(partial(_is_kept, kept=kept, is_about=is_about))
    return rows


def _is_kept(row: Row, *, kept: Container[int], is_about: Callable[[Row], bool]) -> bool:
    return id(row) in kept or not is_about(row)


def _is_about(row: Row, *, name: str, single: bool) -> bool:
    """Tell whether a row is about an instrument; one that names none is about the only one."""
    asked = row_text(row, "asked")
    return local_id(asked) == name if asked else single


def _holds_one(row: Row, *, labels: Sequence[str]) -> bool:
    text = row_text(row, "indicator") + row_text(row, "quote")
    return any(holds_label(text, label) for label in labels)


def _keep_passages(rows: Group, holds: Callable[[Row], bool]) -> Group:
    """Keep the passages that hold something, with what else is said of their measures."""
    held = {row_text(row, "measure") for row in rows.rows if holds(row)} - {""}
    return rows.keep(lambda row: row_text(row, "measure") in held or holds(row))


def keep_joint(plan: Plan, rows: Group) -> Group:
    """Keep the passages that carry all instruments of a question that puts no and or or between them.

    Land price that is not raised for a higher plot ratio is one measure, not two.
    """
    if plan.intent not in _JOINT or not plan.joint or len(plan.instruments) < 2:
        return rows
    told: dict[tuple[str, str], set[str]] = {}
    for row in rows.rows:
        told.setdefault(_passage(row), set()).add(local_id(row["asked"]))
    whole = {place for place, names in told.items() if names >= set(plan.instruments)}
    if not whole:
        return rows
    measures = {row_text(row, "measure") for row in rows.rows if _passage(row) in whole}
    return rows.keep(lambda row: _passage(row) in whole or row_text(row, "measure") in measures)


def _passage(row: Row) -> tuple[str, str]:
    return row_text(row, "document"), row_text(row, "start")
