"""Daily work: units that answer for it, said in a sentence apart from what it is about."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from kg.extract.subjects import SubjectReader, compile_subjects
from kg.model import Document, Responsibility, Span
from kg.ontology import Vocabulary

_MARK = re.compile("[，。；：]")
_LEAST_NAME = 5
_WITHIN = 20


@dataclass(frozen=True, slots=True)
class Duty:
    """The units that do the daily work of a measure, and the passage that says so."""

    units: tuple[Responsibility, ...]
    span: Span


class DutyReader:
    """Read who does the daily work of what (日常工作由市科技部门承担) and find what it is."""

    def __init__(self, vocabulary: Vocabulary, subjects: SubjectReader) -> None:
        self._subjects = subjects
        self._sign = re.compile(vocabulary.pattern("daily-work"))
        self._of = vocabulary.cues("written")["attribute"][0]

    def read(self, document: Document, measures: Collection[int]) -> dict[int, Duty]:
        """Return index of a sentence → the duty that holds for it; ``measures`` are indices."""
        duties: dict[int, Duty] = {}
        if self._sign.search(document.raw) is None:
            return duties
        for index, sentence in enumerate(document.sentences):
            found = self._sign.search(sentence.text) if sentence.kind == "body" else None
            if found is None:
                continue
            units = self._subjects.read_list(found["units"], document.place)
            duty = Duty(units, sentence.span())
            if units:
                name = _MARK.split(sentence.text[: found.start()])[-1].removesuffix(self._of)
                about = self._about(document, index, name, measures)
                duties.update((one, duty) for one in about if one not in duties)
        return duties

    def _about(
        self, document: Document, index: int, name: str, measures: Collection[int]
    ) -> Iterator[int]:
        """Yield the measures that a duty is about: its own sentence, and the one before it.

        A body that is named (市伦理委员会的日常工作) stands in the sentence that sets it up; without
        a name the sentence right before, in the same clause, is meant.
        """
        sentences = document.sentences
        own, before = index in measures, index - 1
        beside = before in measures and sentences[before].clause == sentences[index].clause
        if own:
            yield index
        if len(name) >= _LEAST_NAME:
            earlier = range(before, max(-1, before - _WITHIN), -1)
            naming = (i for i in earlier if i in measures and name in sentences[i].text)
            yield from islice(naming, 1)
        elif beside and not own:
            yield before


def add_units(
    units: Sequence[Responsibility], more: Sequence[Responsibility]
) -> tuple[Responsibility, ...]:
    """Return ``units`` with those of ``more`` that are not among them."""
    known = {unit.unit for unit in units}
    return (*units, *(unit for unit in more if unit.unit not in known))


@lru_cache(maxsize=2)
def compile_duties(vocabulary: Vocabulary) -> DutyReader:
    """Return the reader of ``vocabulary``, built once."""
    return DutyReader(vocabulary, compile_subjects(vocabulary))
