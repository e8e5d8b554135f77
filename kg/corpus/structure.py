"""Structure: blocks become the clause tree, sentences, unit brackets and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from kg.corpus.grammar import Grammar
from kg.corpus.layout import Block
from kg.corpus.sentences import split_sentences, trim
from kg.corpus.tables import read_table
from kg.model import Clause, Problem, Sentence, SentenceKind, Span, Table

_TOPIC = re.compile(r"[^。；：，]{2,30}(?:，[^。；：，]{2,14})?[。：]|【[^】]{1,24}】")
_HEADING_LIMIT = 45
_TOPIC_LIMIT = 26


@dataclass(slots=True)
class _Open:
    """A clause that is still being read."""

    kind: str
    number: str
    heading: str
    start: int
    end: int
    depth: int
    parent: int | None


@dataclass(slots=True)
class Structure:
    """The parts of a document in reading order; ``brackets`` counts the unit brackets."""

    clauses: tuple[Clause, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    tables: tuple[Table, ...] = ()
    brackets: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Reader:
    grammar: Grammar
    clauses: list[_Open] = field(default_factory=list)
    stack: list[int] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    brackets: int = 0
    lead: str = ""

    def read(self, blocks: list[Block], body: int) -> None:
        rows: list[Block] = []
        for index, block in enumerate(blocks):
            if block.cells:
                rows.append(block)
                continue
            self._flush(rows)
            if index < body:
                self._add(block, 0, len(block.text), "meta")
            else:
                self._read_block(block)
        self._flush(rows)

    def _flush(self, rows: list[Block]) -> None:
        if not rows:
            return
        heading = self.clauses[self.stack[-1]].heading if self.stack else ""
        table, cells, problems = read_table(
            rows, self._clause(), heading, len(self.tables), self.grammar
        )
        self.tables.append(table)
        self.sentences.extend(cells)
        self.problems.extend(problems)
        rows.clear()

    def _clause(self) -> int | None:
        return self.stack[-1] if self.stack else None

    def _read_block(self, block: Block) -> None:
        text = block.text
        if self.grammar.stands_alone(text):
            self._add(block, 0, len(text), "meta")
            return
        if self.grammar.bracket_line.match(text) and len(text) < 400:
            self.brackets += 1
            self._add(block, 0, len(text), "bracket")
            return
        numbered = self.grammar.find_number(text)
        start = self._open_clause(block, numbered) if numbered or block.marked else 0
        if not numbered and not block.marked:
            start = self._topic(block)
        self._read_body(block, start)

    def _open_clause(self, block: Block, numbered: tuple[str, str] | None) -> int:
        kind, number = numbered or ("marked", "")
        rest = block.text[len(number) :]
        heading, used = _heading(rest, titled=kind != "article")
        if used and self.grammar.bracket.fullmatch(rest[used:].strip(" 。")):
            heading, used = "", 0
        while self.stack and not self._is_above(kind):
            self.stack.pop()
        parent = self.stack[-1] if self.stack else None
        depth = self.clauses[parent].depth + 1 if parent is not None else 0
        start, end = block.offsets[0], block.offsets[-1] + 1
        self.clauses.append(_Open(kind, number.strip(), heading, start, end, depth, parent))
        self.stack.append(len(self.clauses) - 1)
        if used:
            self._add(block, 0, len(number) + used, "heading")
        return len(number) + used

    def _is_above(self, kind: str) -> bool:
        """Tell whether the innermost open clause may hold a clause of this kind."""
        kinds = [self.clauses[index].kind for index in self.stack]
        if kind in kinds:
            return False
        top = kinds[-1]
        if kind == "marked":
            return False
        return top == "marked" or self._rank(top) < self._rank(kind) or kind not in kinds

    def _rank(self, kind: str) -> int:
        return self.grammar.ranks.get(kind, 9)

    def _topic(self, block: Block) -> int:
        """Return the end of a short topic sentence that opens a long paragraph, else 0."""
        text = block.text
        if any(self.clauses[index].kind == "article" for index in self.stack):
            return 0
        found = _TOPIC.match(text)
        if found and found.end() <= _TOPIC_LIMIT and "，" not in found[0]:
            rest = text[found.end() :]
            if len(rest) >= 30 and found[0][-1] != "：" and not self.grammar.bracket.match(rest):
                self._add(block, 0, found.end(), "heading")
                return found.end()
        return 0

    def _read_body(self, block: Block, start: int) -> None:
        for clause in self.stack:
            self.clauses[clause].end = max(self.clauses[clause].end, block.offsets[-1] + 1)
        text = block.text
        position = start
        for bracket in self.grammar.bracket.finditer(text, start):
            self._read_sentences(block, position, bracket.start())
            self.brackets += 1
            self._add(block, bracket.start(), bracket.end(), "bracket")
            position = bracket.end()
        self._read_sentences(block, position, len(text))

    def _read_sentences(self, block: Block, start: int, end: int) -> None:
        for first, last in split_sentences(block.text, start, end):
            if last - first >= 2:
                self._add(block, first, last, "body")

    def _add(self, block: Block, start: int, end: int, kind: SentenceKind) -> None:
        start, end = trim(block.text, start, end)
        if end <= start:
            return
        lead = self.lead if kind == "body" else ""
        sentence = Sentence(
            block.text[start:end],
            block.offsets[start:end],
            self._clause(),
            kind,
            None,
            lead,
        )
        self.sentences.append(sentence)
        if kind in ("body", "heading"):
            self.lead = (
                sentence.text if sentence.text.endswith("：") else (lead if self._in_list() else "")
            )

    def _in_list(self) -> bool:
        if not self.stack:
            return False
        return self._rank(self.clauses[self.stack[-1]].kind) >= 4


def _heading(rest: str, *, titled: bool = True) -> tuple[str, int]:
    """Return the heading words that open ``rest`` and how many characters they take.

    Articles (第…条) have no heading but one in 【】: ``titled`` is false for them.

    >>> _heading("深化高企培育库。围绕重点产业领域，深化培育库。")
    ('深化高企培育库', 8)
    """
    lead = len(rest) - len(rest.lstrip())
    text = rest[lead:]
    if not titled and not text.startswith("【"):
        return "", 0
    found = _TOPIC.match(text)
    if found and found.end() < len(text):
        return found[0].strip("。：【】"), lead + found.end()
    if len(text) <= _HEADING_LIMIT and text and text[-1] not in "。；，：、":
        return text, lead + len(text)
    if len(text) <= _TOPIC_LIMIT and text.endswith("。") and "，" not in text:
        return text[:-1], lead + len(text)
    return "", 0


def read_structure(blocks: list[Block], body: int, grammar: Grammar) -> Structure:
    """Return clauses, sentences and tables of ``blocks``; blocks before ``body`` are metadata."""
    reader = _Reader(grammar)
    reader.read(blocks, body)
    return Structure(
        clauses=tuple(_closed(reader.clauses)),
        sentences=tuple(reader.sentences),
        tables=tuple(reader.tables),
        brackets=reader.brackets,
        problems=tuple(reader.problems),
    )


def _closed(clauses: Iterable[_Open]) -> Iterator[Clause]:
    for clause in clauses:
        yield Clause(
            clause.number,
            clause.heading,
            Span(clause.start, clause.end),
            clause.depth,
            clause.parent,
        )
