"""Candidates: the sentences of a document worth reading, and what their place there tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from kg.extract.damage import Fragment
from kg.extract.gate import DOUBTED, REJECTED, Gate
from kg.extract.labels import Labels, compile_labels
from kg.extract.lexicon import GAP, Hit, Lexicon
from kg.extract.sections import (
    Columns,
    Headings,
    assign_brackets,
    clause_path,
    find_glossary,
    is_silent,
    join_brackets,
    read_columns,
)
from kg.extract.tokens import Cut
from kg.extract.units import UnitReader
from kg.model import Cell, Document, Responsibility, Sentence, Span
from kg.ontology import Vocabulary

_TELLING, _DENSE = 0.85, 0.1
_TOPIC_LEAST, _TOPIC_SHARE, _TOPIC_PENALTY = 6, 0.12, 0.4
_TITLE_WORDS, _LEAD_WORDS = 40, 20
_SUPPORTS = frozenset(("support", "encourage"))
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence worth reading, with its hits, units and place in the document.

    ``silent`` stands under a heading such as 工作目标: goals may be there, measures are not;
    ``given`` behind a label such as 补贴标准：, where an amount is a measure.  ``fragments`` are
    what the unit cells of its row hold besides units, ``named_in`` where its units are named.
    A ``doubtful`` one is no measure, but its figures may be goals.
    """

    index: int
    sentence: Sentence
    hits: tuple[Hit, ...]
    units: tuple[Responsibility, ...]
    bracketed: bool
    silent: bool = False
    given: bool = False
    fragments: tuple[Fragment, ...] = ()
    named_in: tuple[Span, ...] = ()
    doubtful: bool = False


class CandidateFinder:
    """Find the candidates of documents with the parts of one extractor."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        lexicon: Lexicon,
        units: UnitReader,
        headings: Headings,
        cut: Cut,
        gate: Gate | None = None,
        novel: Collection[str] = (),
    ) -> None:
        self._vocabulary = vocabulary
        self._lexicon = lexicon
        self._units = units
        self._headings = headings
        self._cut = cut
        self._gate = gate
        self._novel = _compile_names(novel)
        self._heading_traits = lru_cache(maxsize=512)(self._read_headings)

    def find(self, document: Document) -> list[Candidate]:
        """Return the sentences worth reading, with hits, units and whether they are silent."""
        return _without_topics(list(self._candidates(document)))

    def document_traits(
        self, document: Document, candidates: Sequence[Candidate]
    ) -> tuple[str, ...]:
        """Name class and title words of a document, and how much of it is to the point."""
        telling = sum(_is_named(c.hits) for c in candidates)
        bodies = sum(s.kind in ("body", "cell") for s in document.sentences) or 1
        title = self._lexicon.find(document.title)
        named = {hit.family for hit in title if hit.family in ("instrument", "beneficiaries")}
        return (
            f"kind={document.kind}",
            f"topic={int(10 * telling / bodies)}",
            *(f"title-{name}" for name in sorted(named)),
            *(f"title={word}" for word in self._words(document.title)[:_TITLE_WORDS]),
        )

    def place_traits(self, document: Document, sentence: Sentence) -> tuple[str, ...]:
        """Name what the headings above name, the lead of a list, and whether it is a cell."""
        headings = [c.heading for c in clause_path(document, sentence.clause) if c.heading]
        lead = self._words(sentence.lead)[:_LEAD_WORDS] if sentence.lead else ()
        return (
            f"cell={sentence.kind == 'cell'}",
            *self._heading_traits(tuple(headings[:3])),
            *(f"lead={word}" for word in lead),
        )

    def _read_headings(self, headings: tuple[str, ...]) -> tuple[str, ...]:
        traits: list[str] = [f"headings={len(headings)}"]
        for heading, prefix in zip(headings, ("heading", "above", "above"), strict=False):
            found = {h.id for h in self._lexicon.find(heading) if h.family == "instrument"}
            traits += [f"{prefix}={i}" for i in sorted(found)]
            traits += sorted({f"{prefix}-of={self._vocabulary.notation(i)}" for i in found})
            traits += [f"{prefix}-word={word}" for word in self._words(heading)]
        return tuple(dict.fromkeys(traits))

    def _words(self, text: str) -> list[str]:
        return [word for word in self._cut(text) if len(word) > 1]

    def _candidates(self, document: Document) -> Iterator[Candidate]:
        brackets = assign_brackets(document)
        columns = [
            read_columns([[cell.text for cell in row] for row in table.rows], self._headings)
            for table in document.tables
        ]
        cache: dict[str, tuple[Responsibility, ...]] = {}
        spoken = _clauses_with_text(document)
        glossary = find_glossary(document, self._headings)
        standing = [
            (index, sentence)
            for index, sentence in enumerate(document.sentences)
            if index not in glossary
            and (
                self._is_text(document, sentence, columns)
                or (sentence.kind == "heading" and _is_provision(sentence, spoken))
            )
        ]
        labels = Labels(document, compile_labels(self._vocabulary))
        behind = [labels.read(sentence) for sentence in document.sentences]
        for index, sentence, hits, doubtful in self._worth_reading(document, standing):
            stands = "aside" if labels.asks(sentence.text) else behind[index]
            silent = document.kind != "study" and (
                stands == "aside" or is_silent(document, sentence.clause, self._headings)
            )
            if silent and not holds_number(sentence.text):
                continue
            bracket = join_brackets(brackets.get(index, ()))
            if bracket and bracket not in cache:
                cache[bracket] = self._units.parse_list(bracket, document.place)
            units = cache.get(bracket, ())
            spans = tuple(one.span() for one in brackets.get(index, ()))
            fragments: tuple[Fragment, ...] = ()
            if sentence.row is not None:
                units = self._row_units(document, sentence, columns)
                fragments = tuple(self._row_fragments(document, sentence, columns))
                spans = tuple(c.span for c, _ in self._unit_cells(document, sentence, columns))
            given = stands == "given"
            doubtful = doubtful and not given
            yield Candidate(
                index, sentence, hits, units, bool(units), silent, given, fragments, spans, doubtful
            )

    def _worth_reading(
        self, document: Document, standing: Sequence[tuple[int, Sentence]]
    ) -> Iterator[tuple[int, Sentence, tuple[Hit, ...], bool]]:
        """Yield the sentences to read with their hits, and whether they are doubtful.

        Those are read that pass the gate or hold a number.  Without a gate, and in a study, those
        that name an instrument; in a document that is dense with instruments a verb is enough.
        """
        if self._gate is None or document.kind == "study":
            found = [(i, s, tuple(self._lexicon.find(s.text))) for i, s in standing]
            dense = sum(_is_named(hits) for _, _, hits in found) >= _DENSE * len(found)
            yield from (
                (i, s, hits, False)
                for i, s, hits in found
                if _is_telling(s.text, hits, dense=dense)
            )
            return
        levels = self._gate.levels([sentence.text for _, sentence in standing]).tolist()
        for (index, sentence), level in zip(standing, levels, strict=True):
            novel = level <= DOUBTED and self._is_novel(sentence.text)
            if level > REJECTED or novel or holds_number(sentence.text):
                hits = tuple(self._lexicon.find(sentence.text))
                yield index, sentence, hits, not novel and _is_doubtful(level, hits)

    def _is_novel(self, text: str) -> bool:
        """Tell whether a sentence holds a name that the gate has never seen."""
        return bool(self._novel and self._novel.search(text))

    def _is_text(self, document: Document, sentence: Sentence, columns: Sequence[Columns]) -> bool:
        """Tell whether a sentence may say something: body text or a cell of a task column."""
        if sentence.kind == "body":
            if document.kind == "study":
                return len(sentence.text) >= 6
            return _is_sentence(sentence)
        if sentence.kind != "cell" or sentence.row is None:
            return False
        table, _, column = sentence.row
        known = columns[table]
        if column in dict(known.units) or len(sentence.text) < 10:
            return False
        return not known.tasks or column in known.tasks

    def _unit_cells(
        self, document: Document, sentence: Sentence, columns: Sequence[Columns]
    ) -> Iterator[tuple[Cell, str]]:
        """Yield the unit cells in the row of a sentence, with the heads of their columns."""
        if sentence.row is None:
            return
        table, row, _ = sentence.row
        cells = document.tables[table].rows[row]
        for column, label in columns[table].units:
            if column < len(cells) and cells[column].text:
                yield cells[column], label

    def _row_units(
        self, document: Document, sentence: Sentence, columns: Sequence[Columns]
    ) -> tuple[Responsibility, ...]:
        return tuple(
            unit
            for cell, label in self._unit_cells(document, sentence, columns)
            for unit in self._units.parse_list(f"{label}：{cell.text}", document.place)
        )

    def _row_fragments(
        self, document: Document, sentence: Sentence, columns: Sequence[Columns]
    ) -> Iterator[Fragment]:
        for cell, label in self._unit_cells(document, sentence, columns):
            role = self._units.role_of(label)
            for surface in self._units.unread_items(cell.text, document.place):
                yield Fragment(surface, role, cell.span)


def holds_number(text: str) -> bool:
    """Tell whether a text has a digit: its quantities are read whatever else it says."""
    return bool(_DIGIT.search(text))


def _compile_names(names: Collection[str]) -> re.Pattern[str] | None:
    parts = [".*?".join(map(re.escape, name.split(GAP))) for name in sorted(names)]
    return re.compile("|".join(parts)) if parts else None


def _without_topics(candidates: list[Candidate]) -> list[Candidate]:
    """Turn down the names that run through a document: they are its topic, not what is done.

    A name in at least 12 % of the sentences, six or more, counts as a weak one.
    """
    counts = Counter(
        (hit.id, c.sentence.text[hit.start : hit.end])
        for c in candidates
        for hit in c.hits
        if hit.family == "instrument" and len(hit.spans) == 1
    )
    least = max(_TOPIC_LEAST, _TOPIC_SHARE * len(candidates))
    topics = {name for name, count in counts.items() if count >= least}
    if not topics:
        return candidates
    return [
        replace(c, hits=tuple(_turned_down(c.sentence.text, c.hits, topics))) for c in candidates
    ]


def _turned_down(text: str, hits: Sequence[Hit], topics: set[tuple[str, str]]) -> Iterator[Hit]:
    for hit in hits:
        topical = hit.family == "instrument" and (hit.id, text[hit.start : hit.end]) in topics
        yield hit._replace(weight=hit.weight - _TOPIC_PENALTY, weak=True) if topical else hit


def _is_named(hits: Sequence[Hit]) -> bool:
    """Tell whether a sentence names an instrument by more than a weak or short word."""
    return any(h.family == "instrument" and not h.weak and h.weight >= _TELLING for h in hits)


def _is_doubtful(level: int, hits: Sequence[Hit]) -> bool:
    """Tell whether a sentence that the gate doubts names no instrument and supports nothing.

    Of a thousand such sentences one or two are measures.
    """
    return level <= DOUBTED and not any(
        (hit.family == "instrument" and not hit.weak) or hit.id in _SUPPORTS for hit in hits
    )


def _is_telling(text: str, hits: Sequence[Hit], *, dense: bool) -> bool:
    """Tell whether a sentence needs a closer reading: it names an instrument or a number.

    In a document that is ``dense`` with instruments a verb is enough.
    """
    families = {hit.family for hit in hits}
    named = "instrument" in families or (dense and "strength" in families)
    return named or holds_number(text)


def _clauses_with_text(document: Document) -> set[int]:
    """Return the clauses that hold text below their heading, themselves or in their parts."""
    found: set[int] = set()
    for sentence in document.sentences:
        clause = sentence.clause if sentence.kind in ("body", "cell") else None
        while clause is not None and clause not in found:
            found.add(clause)
            clause = document.clauses[clause].parent
    return found


def _is_provision(sentence: Sentence, spoken: set[int]) -> bool:
    """Tell a numbered sentence that is all its clause says from a heading of more text."""
    whole = len(sentence.text) >= 10 and sentence.text[-1] in "。；"
    return whole and sentence.clause is not None and sentence.clause not in spoken


def _is_sentence(sentence: Sentence) -> bool:
    """Tell a sentence from a caption: it ends in a stop, or has a comma and some length."""
    text = sentence.text
    return len(text) >= 6 and (text[-1] in "。；：！？” " or "，" in text or bool(sentence.lead))
