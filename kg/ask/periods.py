"""Periods: the years of a question, and the words beside them that make a span of time."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.ontology import Vocabulary

_DATE = "question-date"


@dataclass(frozen=True, slots=True)
class Period:
    """A span of ISO dates, cut to years or months: from ``since`` to what is ``before``."""

    since: str = ""
    before: str = ""


def find_years(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the years that a text names, in its order."""
    return tuple(found["year"] for found in re.finditer(vocabulary.pattern(_DATE), text))


def read_period(text: str, vocabulary: Vocabulary) -> Period:
    """Return the period that the years of a cleaned question make, open where it says so.

    2021年以来 and since 2021 begin it, 2021年之前 and by 2021 end it; years without such a word
    are both its beginning and its end.
    """
    since: list[str] = []
    before: list[str] = []
    bare: list[str] = []
    for found in re.finditer(vocabulary.pattern(_DATE), text):
        date = f"{found['year']}-{int(found['month']):02}" if found["month"] else found["year"]
        kind = _find_kind(text[: found.start()], text[found.end() :], vocabulary)
        if kind in ("from", "after"):
            since.append(date if kind == "from" else _next(date))
        elif kind:
            before.append(date if kind == "before" else _next(date))
        else:
            bare.append(date)
    begin = since or ([] if before and not bare else bare)
    end = before or ([] if since else [_next(date) for date in bare])
    return Period(min(begin, default=""), max(end, default=""))


def _find_kind(head: str, tail: str, vocabulary: Vocabulary) -> str:
    """Return what the words on both sides of a date make of it; those after it say more."""
    labels = [
        (label, name)
        for name, found in vocabulary.schemes["period-cues"].items()
        for label, _ in found
    ]
    labels.sort(key=lambda item: -len(item[0]))
    head, tail = head.rstrip(), tail.lstrip()
    after = (name for label, name in labels if _starts(tail, label))
    ahead = (name for label, name in labels if _ends(head, label))
    return next(after, "") or next(ahead, "")


def _starts(text: str, label: str) -> bool:
    """Tell whether a label begins a text and belongs to what stands before, not to a later date."""
    rest = text[len(label) :]
    joined = (label.isascii() and rest[:1].isalpha()) or rest.lstrip()[:1].isdigit()
    return text.startswith(label) and not joined


def _ends(text: str, label: str) -> bool:
    return text.endswith(label) and not (label.isascii() and text[: -len(label)][-1:].isalpha())


def _next(date: str) -> str:
    """Return the year or month after a date.

    >>> _next("2021"), _next("2021-12")
    ('2022', '2022-01')
    """
    year, _, month = date.partition("-")
    if not month:
        return str(int(year) + 1)
    return f"{int(year) + 1}-01" if month == "12" else f"{year}-{int(month) + 1:02}"
