"""Dates: when a document was signed, enters into force and ends, and the passages that say so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from kg.corpus.grammar import Grammar
from kg.corpus.layout import Block
from kg.model import ExpiresBasis, Problem, Span

_FIRST, _LAST = 14, 60  # blocks from either end that can tell how long a document holds
_LABEL = re.compile(r"^[^：]{2,6}：")
# A bracket of units, whole or its end, may stand before a sentence and is no part of it.
_SENTENCE = re.compile(r"(?:(?:[^（）。；]*）|（[^）]*）)\s*)*(?P<words>[^。；\s][^。；]*[。；]?)")


@dataclass(frozen=True, slots=True)
class Dates:
    """ISO dates, empty where the document says nothing, and the spans of the raw text they rest on."""

    issued: str
    effective: str
    expires: str
    expires_basis: ExpiresBasis | None
    spans: tuple[Span, ...]


@dataclass(slots=True)
class _Validity:
    """What the passages read so far say of the time in force."""

    effective: str = ""
    expires: str = ""


def read_dates(blocks: Sequence[Block], head: int, title: str, grammar: Grammar) -> Dates:
    """Return the dates of a document; ``head`` is the index of its first body block.

    A plan that names no last day ends with the period in its title.
    """
    issued, signed = _find_issued(blocks, head, grammar)
    validity, told = _find_validity(blocks, issued, grammar)
    basis: ExpiresBasis | None = "stated" if validity.expires else None
    period = grammar.search("plan-period", title)
    if period and not validity.expires:
        validity.expires, basis = f"{period['to']}-12-31", "plan"
    spans = sorted({*signed, *told}, key=lambda span: (span.start, span.end))
    return Dates(issued, validity.effective, validity.expires, basis, tuple(spans))


def without_label(text: str) -> str:
    """Return a line without the label before its colon.

    >>> without_label("发布日期：2024年3月5日")
    '2024年3月5日'
    """
    return _LABEL.sub("", text)


def _find_issued(
    blocks: Sequence[Block], head: int, grammar: Grammar
) -> tuple[str, tuple[Span, ...]]:
    adopted = [
        (iso, block)
        for block in blocks[: head + 1]
        if grammar.search("adoption", block.text) and (iso := parse_date(block.text, grammar))
    ]
    if adopted:
        iso, block = max(adopted, key=lambda found: found[0])
        return iso, (block.span(),)
    for block in blocks[max(0, head - 2) :]:
        line = without_label(block.text)
        if grammar.search("date-only", line):
            iso = parse_date(line, grammar)
            return iso, (block.span(),) if iso else ()
    return "", ()


def _find_validity(
    blocks: Sequence[Block], issued: str, grammar: Grammar
) -> tuple[_Validity, list[Span]]:
    validity, spans = _Validity(), []
    for block in (*blocks[:_FIRST], *blocks[-_LAST:]):
        before = (validity.effective, validity.expires)
        _read_validity(block.text, issued, validity, grammar)
        if (validity.effective, validity.expires) != before:
            spans += [block.span(*spot) for spot in _telling(block.text, grammar)]
    return validity, spans


def _read_validity(text: str, issued: str, validity: _Validity, grammar: Grammar) -> None:
    """Add what a passage says; the first day told counts, and the last end."""
    if not validity.effective:
        validity.effective = _effective(text, issued, grammar)
    found = grammar.search("expires", text)
    if found:
        validity.expires = parse_date(found["date"], grammar)
    years = grammar.search("valid-years", text)
    if years and validity.effective and not validity.expires:
        validity.expires = _after(validity.effective, years["years"])


def _telling(text: str, grammar: Grammar) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of a passage stand that tell a time in force."""
    names = ("effective", "effective-line", "effective-on-issue", "expires", "valid-years")
    for sentence in _SENTENCE.finditer(text):
        if any(grammar.search(name, sentence["words"]) for name in names):
            yield sentence.span("words")


def parse_date(text: str, grammar: Grammar) -> str:
    """Return the first date in ``text`` as an ISO string, empty where there is none."""
    found = grammar.search("date", text)
    if not found:
        return ""
    year, month, day = (int(found[k] or found[k + "2"]) for k in "ymd")
    return _iso(year, month, day)


def _iso(year: int, month: int, day: int) -> str:
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _effective(text: str, issued: str, grammar: Grammar) -> str:
    found = grammar.search("effective", text) or grammar.search("effective-line", text)
    if found:
        return parse_date(found["date"], grammar)
    return issued if grammar.search("effective-on-issue", text) else ""


def _after(start: str, years: str) -> str:
    """Return the last day of a validity of ``years`` (digits or Chinese numeral) from ``start``."""
    from cn2an import cn2an

    count = int(years) if years.isdigit() else int(cn2an(years, "smart"))
    begin = date.fromisoformat(start)
    return date.fromordinal(_same_day(begin, begin.year + count).toordinal() - 1).isoformat()


def _same_day(day: date, year: int) -> date:
    return date(year, day.month, min(day.day, 28) if day.month == 2 else day.day)


def find_expiry_problem(
    blocks: Sequence[Block], title: str, dates: Dates, grammar: Grammar
) -> tuple[Problem, ...]:
    """Warn where a document expires before the end of the period it plans for."""
    period = grammar.search("plan-period", title)
    if dates.expires_basis != "stated" or not period or dates.expires >= f"{period['to']}-12-31":
        return ()
    for block in reversed(blocks):
        found = grammar.search("expires", block.text)
        if found:
            message = f"expires on {dates.expires}, before the end of {period['to']}, which its goals name"
            return (Problem("expires-before-goal", message, block.span(*found.span())),)
    return ()
