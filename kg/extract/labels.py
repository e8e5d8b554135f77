"""Labels of guides and answers: what stands behind 补贴标准： is given, behind 补贴条件： an aside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kg.extract.sections import clause_path
from kg.model import Document, Sentence
from kg.ontology import Vocabulary


@dataclass(frozen=True, slots=True)
class LabelWords:
    """Compiled labels: of conditions, materials, procedure; of what is given; questions."""

    procedure: re.Pattern[str]
    standard: re.Pattern[str]
    question: re.Pattern[str]


@lru_cache(maxsize=2)
def compile_labels(vocabulary: Vocabulary) -> LabelWords:
    """Return the labels of ``vocabulary``."""
    return LabelWords(
        *(
            re.compile(vocabulary.pattern(name))
            for name in ("procedure-label", "standard-label", "question")
        )
    )


Behind = Literal["", "given", "aside"]


@dataclass(slots=True)
class Labels:
    """Follows the labels of a document from sentence to sentence, in order.

    A label alone on its line (补贴条件：) holds for what follows in its clause, up to the next
    label; one before a text holds for that text.
    """

    document: Document
    words: LabelWords
    _muted: bool = False
    _given: bool = False
    _clause: int | None = None

    def read(self, sentence: Sentence) -> Behind:
        """Tell what ``sentence``, the next one, stands behind.

        A question is an aside, too; the caller asks for that where it matters, which is cheaper.
        """
        text = sentence.text
        if not self._is_within(sentence.clause):
            self._muted = self._given = False
        if self.words.standard.match(text):
            if not self.asks(text):
                self._muted, self._given, self._clause = False, True, sentence.clause
        elif (found := self.words.procedure.match(text)) and not self.asks(text):
            self._given = False
            if found.end() < len(text):
                return "aside"
            self._muted, self._clause = True, sentence.clause
        return "aside" if self._muted else "given" if self._given else ""

    def asks(self, text: str) -> bool:
        """Tell whether a sentence is a question."""
        return self.words.question.search(text) is not None

    def _is_within(self, clause: int | None) -> bool:
        if self._clause is None:
            return clause is None
        own = self.document.clauses[self._clause]
        return any(c is own for c in clause_path(self.document, clause))
