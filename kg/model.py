"""The frozen values that flow between the stages: spans, documents, measures."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

_PAGE_NUMBER = re.compile(r"\n[^\S\n]*[-—–－·]?[^\S\n]*\d{1,3}[^\S\n]*[-—–－·]?[^\S\n]*(?=\n)")

Form = Literal["original", "digest"]
Level = Literal["national", "province", "city", "district", ""]
ExpiresBasis = Literal["stated", "plan"]
Status = Literal["provided", "reported", "lacking", "recommended"]
Basis = Literal["", "lacks", "differs", "should-adopt"]
Strength = Literal["require", "grant", "implement", "support", "encourage", "explore"]
SentenceKind = Literal["body", "heading", "bracket", "cell", "meta"]
Role = Literal["responsible", "lead", "support"]
Standing = Literal["own", "secondary", "superior"]
Operator = Literal["=", ">=", ">", "<=", "<"]
Action = Literal["add", "change", "delete", "confirm"]
# Characters (of a class of regular expressions) that stand for something no program can read.
UNREADABLE = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff"
Outcome = Literal["applied", "agreed", "restored", "superseded", "lost"]


class Span(NamedTuple):
    """Half-open range of code points in the raw decoded text of a source.

    >>> Span(2, 5).of("浦东新区科经委")
    '新区科'
    """

    start: int
    end: int

    def of(self, raw: str) -> str:
        """Return the text of ``raw`` that the span covers."""
        return raw[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Source:
    """One decoded file: POSIX path relative to the argument, SHA-256 of its bytes, raw text.

    ``digest_of`` is the SHA-256 of the original that a digest retells, else empty; ``encoding``
    that of a text or web page, else the format; ``notes`` are (kind, message) of what its reader
    should know: what was left out, what may be missing; ``size`` is the number of its bytes, 0
    where it was never a file.
    """

    path: str
    sha256: str
    raw: str
    form: Form = "original"
    digest_of: str = ""
    encoding: str = "utf-8"
    notes: tuple[tuple[str, str], ...] = ()
    size: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a document that a reader should know; spans are in the raw text.

    ``others`` are further places that it rests on: what a ``contradiction`` contradicts.
    """

    kind: str
    message: str
    span: Span
    others: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """A numbered or titled part of a document; ``parent`` is an index into ``Document.clauses``.

    ``number`` is as written (一、 / （二） / 第三条 / 10.), ``heading`` the topic words, empty
    where the clause has none; ``depth`` counts from 0.
    """

    number: str
    heading: str
    span: Span
    depth: int
    parent: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One table cell: its text after layout repair and where it stands."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Table:
    """A table as rows of cells; ``numbered`` counts the rows that carry a number of their own."""

    rows: tuple[tuple[Cell, ...], ...]
    columns: int
    numbered: int
    span: Span
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A document that this one cites, by title and, where given, by number."""

    title: str
    number: str
    span: Span


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence or table cell after layout repair.

    ``text`` is the repaired text, ``offsets[i]`` the raw offset of its i-th character;
    ``clause`` indexes ``Document.clauses``; ``row`` is (table, row, column) of a cell.
    ``lead`` is the sentence that introduces an enumeration (下列措施：), if any.
    """

    text: str
    offsets: tuple[int, ...] | range
    clause: int | None
    kind: SentenceKind = "body"
    row: tuple[int, int, int] | None = None
    lead: str = ""

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Return the raw span of ``text[start:end]``."""
        last = len(self.text) if end is None else end
        return Span(self.offsets[start], self.offsets[last - 1] + 1)


def hash_sentence(text: str) -> str:
    """Return 12 hex digits that name a sentence, whatever its layout.

    >>> hash_sentence("给予 奖励") == hash_sentence("给予奖励")
    True
    """
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:12]


def join_lines(quote: str) -> str:
    """Return a passage in one line, without the blanks and page numbers between its lines.

    >>> join_lines("为高新\\n\\n 8 \\n\\n技术企业\\n服务")
    '为高新技术企业服务'
    """
    return "".join(_PAGE_NUMBER.sub("", quote).split())


@dataclass(frozen=True, slots=True)
class Document:
    """A document within a source, with what its first and last lines say of it.

    Dates are ISO strings or empty; ``issued`` is the date of signing, ``dated`` are the passages
    that they are read from.  ``place`` is a place id (a division code), ``scope`` that of a district
    that the document is made for by its city, ``kind`` an id of the document classes.
    """

    id: str
    source: str
    sha256: str
    form: Form
    digest_of: str
    title: str
    number: str
    issuer: str
    issued: str
    effective: str
    expires: str
    expires_basis: ExpiresBasis | None
    place: str
    level: Level
    kind: str
    raw: str
    clauses: tuple[Clause, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    tables: tuple[Table, ...] = ()
    cites: tuple[Citation, ...] = ()
    unit_brackets: int = 0
    scope: str = ""
    dated: tuple[Span, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Responsibility:
    """A unit that answers for a measure; ``repaired_by`` names the rule that completed it."""

    unit: str
    name: str
    surface: str
    role: Role
    kind: str = ""
    jurisdiction: str = ""
    repaired_by: str = ""


@dataclass(frozen=True, slots=True)
class Amount:
    """A quantity of the support itself; money in yuan with unit CNY, shares with unit %.

    ``hedge`` is the word beside it that makes it a round one (左右).
    """

    value: float
    unit: str
    op: Operator
    surface: str
    hedge: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A quantified goal: value, operator, unit, deadline (a year or ISO date, may be empty)."""

    value: float
    op: Operator
    unit: str
    deadline: str
    surface: str
    indicator: str = ""
    hedge: str = ""


@dataclass(frozen=True, slots=True)
class Goal:
    """A sentence or cell that states targets, apart from measures; ``unit`` is to reach them."""

    span: Span
    clause: int | None
    targets: tuple[Target, ...]
    unit: Responsibility | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """One reported figure or rank: what is counted, where, when, and how much or which rank.

    ``place`` is a place id, empty where the figure is of no single place; ``year`` and ``base``
    (the year that a ``change`` is measured from) are four digits or empty.  Money is in yuan with
    unit CNY, shares in %.  Either ``value`` or ``rank`` is given; ``scope`` tells in words among
    whom a rank holds, ``among`` the places that a ranking lists, best first.  ``hedge`` holds
    the words beside a number (超, 近, 余), ``op`` what they mean; the span is that of the figure.
    """

    span: Span
    place: str
    indicator: str
    year: str
    value: float | None
    unit: str
    rank: int | None = None
    op: Operator = "="
    hedge: str = ""
    change: bool = False
    base: str = ""
    scope: str = ""
    among: tuple[str, ...] = ()
    surface: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """A sentence that reports figures or a ranking, with each of them as an observation."""

    span: Span
    clause: int | None
    observations: tuple[Observation, ...] = ()


@dataclass(frozen=True, slots=True)
class Measure:
    """One policy measure with its coding; ids refer to the vocabulary.

    ``key`` is the stable part of its identity (see the design's section on identity),
    ``instruments`` and ``categories`` name the main one first, ``cities`` are place ids,
    ``named_in`` the passages that name the units where the sentence itself does not,
    ``decisions`` the ids of the decisions of persons that hold for it.
    """

    key: str
    span: Span
    clause: int | None
    places: tuple[str, ...]
    cities: tuple[str, ...]
    categories: tuple[str, ...]
    instruments: tuple[str, ...]
    status: Status
    basis: Basis
    strength: Strength
    distributed: bool = False
    beneficiaries: tuple[str, ...] = ()
    object: str = ""
    conditions: tuple[str, ...] = ()
    responsibilities: tuple[Responsibility, ...] = ()
    named_in: tuple[Span, ...] = ()
    amounts: tuple[Amount, ...] = ()
    targets: tuple[Target, ...] = ()
    repeats: str = ""
    confidence: float = 1.0
    rule: str = ""
    decisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """What became in this document of a person's decision about a measure.

    ``id`` is that of the decision, ``on`` its day; ``outcome`` tells whether it changed the coding
    (applied), the machine says the same (agreed), it holds a measure that the machine no longer
    finds (restored), a later decision overruled it (superseded), or its sentence is gone (lost, without
    a span).  ``edited`` is true where the sentence reads a little differently now.
    """

    id: str
    by: str
    on: str
    action: Action
    outcome: Outcome
    span: Span | None = None
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Extraction:
    """What one document says, ready to become triples."""

    document: Document
    measures: tuple[Measure, ...]
    goals: tuple[Goal, ...]
    indicators: tuple[Indicator, ...]
    problems: tuple[Problem, ...]
    decisions: tuple[Decided, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where something is said: offsets are code points of the source's raw text."""

    document: str
    number: str
    source: str
    form: str
    start: int
    end: int
    quote: str
    kind: Standing
