"""Widening: what is asked instead where the strict reading of a question finds nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kg.ask.found import Found
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
    left over; one that no dated document of a
    place provides, for what else is said of it there; a figure that no source dates, for any year.
    """
    amounts = [answer.value.get("amount") for answer in found]
    if plan.intent == "amounts" and reading.figures and not any(amounts):
        return make_plan(reading, vocabulary, base=base, intent="figures")
    if plan.intent == "amounts" and reading.places and not any(amounts):
        aims = make_plan(reading, vocabulary, base=base, intent="targets")
        return replace(aims, words=()) if aims and aims.hints else None
    if plan.intent == "dates" and not found and reading.instruments and reading.places:
        known = make_plan(reading, vocabulary, base=base, intent="check")
        return known and replace(known, widened="dates")
    for name, widened in (("role", "roles"), ("when", "years")):
        if not found and name in plan.question.parameters:
            return _leave_open(name, plan, widened)
    return None


def _leave_open(name: str, plan: Plan, widened: str) -> Plan:
    bound = plan.question.parameters
    left = {known: values for known, values in bound.items() if known != name}
    question = Question(plan.question.name, left, plan.question.base)
    return replace(plan, question=question, widened=widened)
