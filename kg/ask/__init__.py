"""Questions in Chinese and English, answered by competency questions over the graph."""

from __future__ import annotations

import pyoxigraph as ox

from kg.ask.answers import Answer, Found, make_answers
from kg.ask.groups import Group
from kg.ask.lexicon import Lexicon, load_lexicon
from kg.ask.plan import describe_plan, make_plan
from kg.ask.queries import Question, Template, describe_templates, list_templates, load_template
from kg.ask.suggest import suggest_concepts
from kg.ask.understand import Unmapped, read_question
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
    ``understood`` is empty and ``suggestions`` name the nearest instruments.  ``sparql`` gives
    by hand the rows that the answers were made of.  ``lexicon`` saves the time to load it anew
    for each question.
    """
    if lexicon is None:
        lexicon = load_lexicon(store, vocabulary, base=base)
    try:
        reading = read_question(question, store, lexicon, base=base)
    except Unmapped:
        return Answer(question, {}, "", (), suggest_concepts(question, vocabulary))
    plan = make_plan(reading, vocabulary, base=base)
    if plan is None:
        return Answer(question, {}, "", (), suggest_concepts(question, vocabulary))
    rows = Group(tuple(plan.question.run(store)), lexicon)
    return Answer(
        question=question,
        understood=describe_plan(plan, reading, lexicon),
        sparql=plan.question.show(),
        answers=make_answers(plan, rows),
        suggestions=(),
    )
