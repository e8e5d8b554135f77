"""Periods: the years of a question, and the words beside them that make a span of time."""

from __future__ import annotations

from datetime import date, timedelta

from kg.ask.days import find_dates, find_kind
from kg.ask.readings import Period
from kg.ontology import Vocabulary


def find_years(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the years that a text names, in its order."""
    return tuple(str(found.year) for found in find_dates(text, vocabulary))


def read_period(text: str, vocabulary: Vocabulary) -> Period:
    """Return the period that the dates of a cleaned question make, open where it says so.

    2021年以来 and since 2021 begin it, 2021年之前 and by 2021 end it; dates without such a word
    are both its beginning and its end.
    """
    since: list[str] = []
    before: list[str] = []
    bare: list[str] = []
    for found in find_dates(text, vocabulary):
        kind = find_kind(text[: found.start], text[found.end :], vocabulary)
        if kind in ("from", "after"):
            since.append(found.iso if kind == "from" else _next(found.iso))
        elif kind:
            before.append(found.iso if kind == "before" else _next(found.iso))
        else:
            bare.append(found.iso)
    begin = since or ([] if before and not bare else bare)
    end = before or ([] if since else [_next(date) for date in bare])
    return Period(min(begin, default=""), max(end, default=""))


def _next(iso: str) -> str:
    """Return the year, month or day after a date.

    >>> _next("2021"), _next("2021-12"), _next("2021-12-31")
    ('2022', '2022-01', '2022-01-01')
    """
    year, month = int(iso[:4]), int(iso[5:7] or 0)
    if len(iso) > 7:
        return (date.fromisoformat(iso) + timedelta(days=1)).isoformat()
    if not month:
        return str(year + 1)
    return f"{year + 1}-01" if month == 12 else f"{year}-{month + 1:02}"
