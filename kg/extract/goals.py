"""Deadlines of goals that their own sentence leaves out: from the clause they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from kg.model import Document, Goal, Measure, Sentence
from kg.ontology import Vocabulary

Dated = TypeVar("Dated", Measure, Goal)


class Deadlines:
    """The years that the sentences of a document set for the goals after them.

    A target without a deadline takes the year that an earlier sentence of its clause names
    (到2025年，…).
    """

    def __init__(self, document: Document, vocabulary: Vocabulary) -> None:
        self._document = document
        self._pattern = re.compile(vocabulary.pattern("goal-year"))

    @cached_property
    def _body(self) -> list[Sentence]:
        return [s for s in self._document.sentences if s.kind == "body"]

    @cached_property
    def _named(self) -> list[tuple[int, int | None, str]]:
        """Start, clause and year of every sentence that names one; read when a goal needs it."""
        return [
            (sentence.span().start, sentence.clause, found[1])
            for sentence in self._body
            if (found := self._pattern.search(sentence.text))
        ]

    def date_all(self, stated: Iterable[Dated]) -> list[Dated]:
        """Return measures or goals, their targets with the deadlines that hold where they stand."""
        return [one if all(t.deadline for t in one.targets) else self._date(one) for one in stated]

    def _date(self, one: Dated) -> Dated:
        year = self._year(one.span.start, one.clause)
        dated = tuple(
            t if t.deadline or not year else replace(t, deadline=year) for t in one.targets
        )
        return replace(one, targets=dated)

    def _year(self, start: int, clause: int | None) -> str:
        if all(sentence.span().start != start for sentence in self._body):
            return ""
        before = [year for at, own, year in self._named if at < start and own == clause]
        return before[-1] if before else ""
