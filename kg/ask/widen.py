"""Widening: what is asked instead where the strict reading of a question finds nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pyoxigraph as ox

from kg.ask.figures import without_receivers
from kg.ask.found import Found
from kg.ask.match import absorb
from kg.ask.plan import Plan, make_plan
from kg.ask.queries import Question
from kg.ask.readings import Reading
from kg.ontology import BASE, Vocabulary


def widen_plan(
    plan: Plan,
    reading: Reading,
    found: Sequence[Found],
    vocabulary: Vocabulary,
    *,
    base: str = BASE,
) -> Plan | None:
    """Return a wider plan for an empty answer, None where there is none or no need.

    Units that no document names as lead are asked for in any role; an instrument for which no
    amount is stated, for the figures that reports give of it, else for targets that hold the words
    left over; what no document of a period says, of documents without a date; an instrument that no
    dated document of a place provides, for what else is said of it there; a figure that no source dates, for any year.
    """
    amounts = [answer.value.get("amount") for answer in found]
    if plan.intent == "amounts" and not any(amounts) and _tell_of(reading, vocabulary):
        return make_plan(reading, vocabulary, base=base, intent="figures")
    if plan.intent == "amounts" and reading.places and reading.instruments and not any(amounts):
        aims = make_plan(reading, vocabulary, base=base, intent="targets")
        return replace(aims, words=()) if aims and aims.hints else None
    if plan.intent == "dates" and not found and reading.instruments and reading.places:
        known = make_plan(reading, vocabulary, base=base, intent="check")
        return known and replace(known, widened="dates")
    if not found and {"since", "before"} & plan.question.parameters.keys():
        return _ask_undated(plan)
    for name, widened in (("role", "roles"), ("when", "years")):
        if not found and name in plan.question.parameters:
            return _leave_open(name, plan, widened)
    return None


def _tell_of(reading: Reading, vocabulary: Vocabulary) -> bool:
    """Tell whether the figures that fit are of what is asked for, not of those whom it is given to."""
    names = [without_receivers(name, vocabulary) for name in reading.figures]
    return any(absorb(name, reading.instruments, vocabulary) != name for name in names)


def _ask_undated(plan: Plan) -> Plan:
    bound = plan.question.parameters
    left = {known: values for known, values in bound.items() if known not in ("since", "before")}
    left["undated"] = (ox.Literal("true"),)
    question = Question(plan.question.name, left, plan.question.base)
    return replace(plan, question=question, widened="dates")


def _leave_open(name: str, plan: Plan, widened: str) -> Plan:
    bound = plan.question.parameters
    left = {known: values for known, values in bound.items() if known not in (name, "lone")}
    question = Question(plan.question.name, left, plan.question.base)
    return replace(plan, question=question, widened=widened)
