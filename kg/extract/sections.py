"""Sections: which clauses hold no measures, which unit bracket answers for which sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kg.model import Clause, Document, Sentence
from kg.ontology import Vocabulary

_HEADING_LIMIT = 24
_NUMBER_LIMIT = 4  # characters of the number before a heading


@dataclass(frozen=True, slots=True)
class Headings:
    """Compiled heading words: silent ones, goals, findings, advice, columns of tables."""

    silent: re.Pattern[str]
    procedure: re.Pattern[str]
    goals: re.Pattern[str]
    advice: re.Pattern[str]
    tasks: re.Pattern[str]
    plans: re.Pattern[str]
    review: re.Pattern[str]
    glossary: re.Pattern[str]
    annex: re.Pattern[str]
    unit_column: re.Pattern[str]
    task_column: re.Pattern[str]
    goal_column: re.Pattern[str]


@lru_cache(maxsize=2)
def compile_headings(vocabulary: Vocabulary) -> Headings:
    """Return the heading words of ``vocabulary``."""

    def any_of(scheme: str) -> re.Pattern[str]:
        labels = [label for group in vocabulary.cues(scheme).values() for label in group]
        return re.compile("|".join(sorted(map(re.escape, labels), key=len, reverse=True)))

    return Headings(
        silent=any_of("section-silent"),
        procedure=re.compile(vocabulary.pattern("procedure-heading")),
        goals=any_of("section-goals"),
        advice=any_of("section-advice"),
        tasks=re.compile(vocabulary.pattern("section-tasks")),
        plans=re.compile(vocabulary.pattern("report-plans")),
        review=re.compile(vocabulary.pattern("report-review")),
        glossary=re.compile(vocabulary.pattern("glossary-title")),
        annex=re.compile(vocabulary.pattern("annex-title")),
        unit_column=any_of("unit-column"),
        task_column=any_of("task-column"),
        goal_column=any_of("goal-column"),
    )


def clause_path(document: Document, clause: int | None) -> tuple[Clause, ...]:
    """Return the clause and those it lies in, innermost first."""
    path = []
    while clause is not None:
        path.append(document.clauses[clause])
        clause = document.clauses[clause].parent
    return tuple(path)


def is_silent(document: Document, clause: int | None, headings: Headings) -> bool:
    """Tell whether a heading above says that nothing here is a measure."""
    return any(
        (headings.silent.search(c.heading) and not headings.tasks.search(c.heading))
        or headings.procedure.search(c.heading)
        for c in clause_path(document, clause)
        if len(c.heading) <= _HEADING_LIMIT
    )


def is_advice(document: Document, clause: int | None, headings: Headings) -> bool:
    """Tell whether a heading above announces advice."""
    return any(headings.advice.search(c.heading) for c in clause_path(document, clause))


def find_plans(document: Document, headings: Headings) -> frozenset[int]:
    """Return the indices of the sentences of a report that tell what is to be done.

    The last title before a sentence says so that speaks of plans or of what was done: the heading
    of an outermost clause, or a short line of its own.
    """
    planned = False
    found = set()
    for index, sentence in enumerate(document.sentences):
        if _is_title(document, sentence):
            plans = headings.plans.search(sentence.text)
            planned = bool(plans or (planned and not headings.review.search(sentence.text)))
        if planned:
            found.add(index)
    return frozenset(found)


def find_glossary(document: Document, headings: Headings) -> range:
    """Return the indices of the sentences in which a document explains its terms at its end.

    They stand behind a line such as 名词解释, up to the next annex.
    """
    sentences = document.sentences
    begins = (
        index
        for index, sentence in enumerate(sentences)
        if len(sentence.text) <= _HEADING_LIMIT and sentence.kind != "heading"
        if headings.glossary.fullmatch(sentence.text.strip())
    )
    start = next(begins, len(sentences))
    later = range(start + 1, len(sentences))
    ends = (i for i in later if headings.annex.match(sentences[i].text.strip()))
    return range(start, next(ends, len(sentences)))


def _is_title(document: Document, sentence: Sentence) -> bool:
    """Tell whether a sentence is the heading of an outermost clause or a short line of its own."""
    text = sentence.text.strip()
    if sentence.kind == "heading":
        clause = document.clauses[sentence.clause] if sentence.clause is not None else None
        if clause is None or clause.parent is not None or sentence.offsets[0] > clause.span.start:
            return False
        return len(text) <= _HEADING_LIMIT + _NUMBER_LIMIT
    return sentence.kind == "body" and len(text) <= _HEADING_LIMIT and text[-1:].isalnum()


def assign_brackets(document: Document) -> dict[int, tuple[Sentence, ...]]:
    """Return sentence index → the unit brackets that close its clause.

    A bracket answers for the sentences since the bracket before it, as far as they stand
    in the same clause or in one below it.  Brackets in a row (one for those who lead, one for
    those who take part) answer together.
    """
    assigned: dict[int, tuple[Sentence, ...]] = {}
    answered: list[int] = []
    open_since = 0
    for index, sentence in enumerate(document.sentences):
        if sentence.kind != "bracket":
            continue
        goes_on = index > 0 and document.sentences[index - 1].kind == "bracket"
        if not goes_on:
            within = range(open_since, index)
            answered = [
                i for i in within if _answers_for(document, sentence, document.sentences[i])
            ]
        for earlier in answered:
            assigned[earlier] = (*(assigned[earlier] if goes_on else ()), sentence)
        open_since = index + 1
    return assigned


def join_brackets(brackets: Iterable[Sentence]) -> str:
    """Return what some brackets say together."""
    return "；".join(bracket.text for bracket in brackets)


def _answers_for(document: Document, bracket: Sentence, sentence: Sentence) -> bool:
    if sentence.kind not in ("body", "heading"):
        return False
    if bracket.clause == sentence.clause:
        return True
    if is_below(document, sentence.clause, bracket.clause):
        return True
    return _siblings(document, bracket.clause, sentence.clause)


def is_below(document: Document, clause: int | None, other: int | None) -> bool:
    """Tell whether a clause lies in another one."""
    above = None if clause is None else document.clauses[clause].parent
    while above is not None and above != other:
        above = document.clauses[above].parent
    return above is not None


def _siblings(document: Document, own: int | None, other: int | None) -> bool:
    """Tell whether both are items without headings of one clause (1. … 2. … with one bracket)."""
    if own is None or other is None:
        return False
    a, b = document.clauses[own], document.clauses[other]
    return a.parent == b.parent and a.parent is not None and not a.heading and not b.heading


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a table by what they hold; -1 where there is none."""

    tasks: tuple[int, ...]
    units: tuple[tuple[int, str], ...]
    goals: bool


def read_columns(cells: Sequence[Sequence[str]], headings: Headings) -> Columns:
    """Return what each column of a table holds, judged by its header rows."""
    head = cells[:2]
    units: dict[int, str] = {}
    tasks: list[int] = []
    for row in head:
        for column, text in enumerate(row):
            if len(text) > 16:
                continue
            if headings.unit_column.search(text):
                units.setdefault(column, text)
            elif headings.task_column.search(text):
                tasks.append(column)
    goals = any(headings.goal_column.search(text) for row in head for text in row)
    return Columns(tuple(dict.fromkeys(tasks)), tuple(units.items()), goals)
