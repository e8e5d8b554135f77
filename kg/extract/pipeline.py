"""The spaCy pipeline: segmentation, terms, quantities and judgement of a document's sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from kg.extract.amounts import Measures, compile_measures, read_quantities
from kg.extract.instruments import name_instruments, split_segments
from kg.extract.judge import Judge, Reading, Task
from kg.extract.lexicon import Hit, Lexicon, compile_lexicon
from kg.extract.tokens import Cut, JiebaTokenizer
from kg.ontology import Vocabulary

_SHORT_LABEL = 2


def make_pipeline(
    vocabulary: Vocabulary, *, engine: str = "rjieba", judge: Judge | None = None
) -> Language:
    """Return a spaCy pipeline whose words, terms and patterns come from ``vocabulary``.

    ``judge`` decides what is a measure; by default the one with the shipped weights.  Its
    components are ``policy_terms``, ``policy_quantities`` and ``policy_judge``; a document that
    goes through it carries the Readings of its sentences in ``doc.user_data["readings"]``.
    """
    nlp = spacy.blank("zh")
    # Nothing here asks a word for its shape or norm; working them out costs a tenth of the time.
    nlp.vocab.lex_attr_getters = {}  # type: ignore[attr-defined]
    nlp.tokenizer = JiebaTokenizer(nlp.vocab, _words(vocabulary), engine=engine)
    for name in ("policy_terms", "policy_quantities", "policy_judge"):
        component = nlp.add_pipe(name)
        if isinstance(component, TermsComponent | QuantitiesComponent):
            component.use(vocabulary)
        if isinstance(component, JudgeComponent):
            component.use(judge or Judge())
    return nlp


def _words(vocabulary: Vocabulary) -> list[str]:
    """Return the names that segmentation must not cut: instruments and units."""
    words = {
        text
        for concept in vocabulary.concepts.values()
        for text, language in concept.labels
        if language == "zh" and 2 <= len(text) <= 8
    }
    words.update(label for kind in vocabulary.unit_kinds.values() for label in kind.labels)
    return sorted(word for word in words if word.isalnum())


def read_tasks(tasks: Iterable[Task], nlp: Language) -> list[Reading]:
    """Return the reading of each task in order; the tasks are sentences of one document.

    They go through the pipeline as one ``Doc``: one for each sentence would cost as much again as
    cutting them.
    """
    cut = cut_of(nlp)
    readings = [Reading(task, () if task.doubtful else tuple(cut(task.text))) for task in tasks]
    nlp(_make_doc(nlp, readings))
    return readings


def _make_doc(nlp: Language, readings: Sequence[Reading]) -> Doc:
    """Return the words of sentences as a document that carries their readings."""
    words = [word for reading in readings for word in reading.words]
    doc = Doc(nlp.vocab, words=words, spaces=[False] * len(words))
    doc.user_data["readings"] = readings
    return doc


class ReadingComponent:
    """A component of the pipeline that adds to the Reading of each sentence of a document."""

    def __call__(self, doc: Doc) -> Doc:
        """Add to the readings that a document carries, one for each of its sentences."""
        readings: Sequence[Reading] = doc.user_data["readings"]
        for reading in readings:
            self.read(reading)
        self.settle(readings)
        return doc

    def read(self, reading: Reading) -> None:
        """Add what the sentence alone says."""
        raise NotImplementedError

    def settle(self, readings: Sequence[Reading]) -> None:
        """Add what the sentences of a document say together: nothing, but for the judge."""


class TermsComponent(ReadingComponent):
    """Keep the hits whose borders agree with the words, split the sentence, rank instruments."""

    def __init__(self) -> None:
        self._vocabulary: Vocabulary | None = None

    def use(self, vocabulary: Vocabulary) -> None:
        """Take the vocabulary that ranks the instruments."""
        self._vocabulary = vocabulary

    def read(self, reading: Reading) -> None:
        """Fill hits, segments and instruments."""
        if reading.task.doubtful:
            return
        text = reading.task.text
        borders = {0, *accumulate(map(len, reading.words))}
        reading.hits = tuple(hit for hit in reading.task.hits if _fits(hit, borders))
        reading.segments = split_segments(text, reading.hits)
        if self._vocabulary is not None:
            reading.named = name_instruments(text, reading.hits, reading.segments, self._vocabulary)


def _fits(hit: Hit, borders: set[int]) -> bool:
    """Tell whether a short name begins or ends where a word does (not inside of one)."""
    if hit.family != "instrument" or len(hit.spans) > 1 or hit.end - hit.start > _SHORT_LABEL:
        return True
    return hit.start in borders or hit.end in borders


class QuantitiesComponent(ReadingComponent):
    """Find amounts and targets."""

    def __init__(self) -> None:
        self._measures: Measures | None = None

    def use(self, vocabulary: Vocabulary) -> None:
        """Take the words for operators and units of measurement."""
        self._measures = compile_measures(vocabulary)

    def read(self, reading: Reading) -> None:
        """Fill amounts and targets."""
        if self._measures is not None:
            reading.amounts, reading.targets = read_quantities(reading.task.text, self._measures)


class JudgeComponent(ReadingComponent):
    """Score how likely the sentence is a measure, of which instruments, how it is worded."""

    def __init__(self) -> None:
        self._judge: Judge | None = None

    def use(self, judge: Judge) -> None:
        """Take the judge."""
        self._judge = judge

    def read(self, reading: Reading) -> None:
        """Fill what the reading alone says."""
        if self._judge is not None:
            self._judge.decide(reading)

    def settle(self, readings: Sequence[Reading]) -> None:
        """Decide on the sentences of a document together."""
        if self._judge is not None:
            self._judge.settle(readings)


@Language.factory("policy_terms")
def _terms(nlp: Language, name: str) -> Any:
    return TermsComponent()


@Language.factory("policy_quantities")
def _quantities(nlp: Language, name: str) -> Any:
    return QuantitiesComponent()


@Language.factory("policy_judge")
def _judge(nlp: Language, name: str) -> Any:
    return JudgeComponent()


def cut_of(nlp: Language) -> Cut:
    """Return the segmentation that a pipeline made by ``make_pipeline`` uses."""
    tokenizer = nlp.tokenizer
    if not isinstance(tokenizer, JiebaTokenizer):
        raise TypeError("the pipeline must come from make_pipeline")
    return tokenizer.cut


def lexicon_of(vocabulary: Vocabulary) -> Lexicon:
    """Return the lexicon of ``vocabulary``."""
    return compile_lexicon(vocabulary)
