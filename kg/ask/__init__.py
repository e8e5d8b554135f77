"""Questions in Chinese and English, answered by competency questions over the graph."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pyoxigraph as ox

from kg.ask.answers import Answer, make_answers
from kg.ask.found import Found
from kg.ask.groups import Group
from kg.ask.keep import is_broader, keep_narrower, keep_worded
from kg.ask.lacks import find_silent, find_uncovered
from kg.ask.lexicon import Lexicon, load_lexicon
from kg.ask.parts import find_unanswered
from kg.ask.plan import Plan, describe_plan, make_plan
from kg.ask.queries import Question, Template, describe_templates, list_templates, load_template
from kg.ask.readings import Unmapped
from kg.ask.spelling import correct_spelling
from kg.ask.suggest import suggest_concepts
from kg.ask.understand import read_question
from kg.ask.validity import tell_left_out
from kg.ask.widen import widen_plan
from kg.model import Evidence
from kg.ontology import BASE, Vocabulary

__all__ = [
    "Answer",
    "Evidence",
    "Found",
    "Lexicon",
    "Question",
    "Template",
    "ask",
    "describe_templates",
    "list_templates",
    "load_lexicon",
    "load_template",
]


def ask(
    question: str,
    store: ox.Store,
    vocabulary: Vocabulary,
    *,
    base: str = BASE,
    lexicon: Lexicon | None = None,
) -> Answer:
    """Answer a question over the union of the graphs.

    It is understood when it holds an intent with its slots and every term maps; otherwise
    ``understood`` is empty, ``unknown`` holds the words that were not, and ``suggestions`` name
    the nearest instruments.  ``sparql`` gives
    by hand the rows that the answers were made of.  ``lexicon`` saves the time to load it anew
    for each question.
    """
    if lexicon is None:
        lexicon = load_lexicon(store, vocabulary, base=base)
    found = _answer(question, store, lexicon, base)
    if found.understood:
        return found
    spelled, corrected = correct_spelling(question, lexicon)
    other = _answer(spelled, store, lexicon, base) if corrected else found
    if other.understood:
        understood = {**other.understood, "corrected": corrected}
        return replace(other, question=question, understood=understood)
    return replace(found, suggestions=suggest_concepts(question, vocabulary))


def _answer(question: str, store: ox.Store, lexicon: Lexicon, base: str) -> Answer:
    """Answer a question as it is written; where it is not understood, only tell which words were not."""
    try:
        reading = read_question(question, store, lexicon, base=base)
    except Unmapped as error:
        return Answer(question, {}, "", (), (), (str(error),))
    plan = make_plan(reading, lexicon.vocabulary, base=base)
    if plan is None or is_broader(plan):
        return Answer(
            question, {}, "", (), (), (*reading.ignored, *sum(reading.rendered.values(), ()))
        )
    whole = _run(plan, store, lexicon)
    plan, rows = keep_worded(plan, whole)
    if plan.worded and not rows.rows:
        return Answer(question, {}, "", (), (), tuple(w[0] for w in plan.rendered.values()))
    plan = replace(plan, uncovered=find_uncovered(plan, rows, store))
    found = make_answers(plan, rows)
    emptied = bool(whole.rows) and not rows.rows
    wider = None if emptied else widen_plan(plan, reading, found, lexicon.vocabulary, base=base)
    while wider is not None:
        more = _run(wider, store, lexicon)
        answers = make_answers(wider, more)
        if answers:
            plan, found, rows = wider, answers, more
            break
        wider = widen_plan(wider, reading, (), lexicon.vocabulary, base=base)
    silent = find_silent(plan, rows, store)
    missing = find_unanswered(plan, reading, found, lexicon.vocabulary)
    left = tell_left_out(plan, rows) | ({"unanswered": missing} if missing else {})
    left |= {"silent": silent} if silent else {}
    if plan.hints and not found:  # no target is called so
        left["words"] = list(dict.fromkeys(chain.from_iterable(plan.hints)))
    return Answer(
        question=question,
        understood=describe_plan(plan, reading, lexicon) | left,
        sparql=plan.question.show(),
        answers=found,
        suggestions=(),
    )


def _run(plan: Plan, store: ox.Store, lexicon: Lexicon) -> Group:
    """Return the rows of a plan's query that are about what the question names."""
    return keep_narrower(plan, Group(tuple(plan.question.run(store)), lexicon))
