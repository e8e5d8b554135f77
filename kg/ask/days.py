"""Days: the dates of a question as spans of days, and the span that a verdict is asked for."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from kg.ask.cues import load_words
from kg.ask.readings import Unmapped
from kg.ask.wording import Wording
from kg.ontology import Vocabulary

_DATE = "question-date"
_RELATIVE = "relative-dates"
_OFFSETS = {"last-year": -1, "this-year": 0, "next-year": 1}
_MONTHS = range(1, 13)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date in a text: where it stands, and its year, month and day, 0 where it names none."""

    start: int
    end: int
    year: int
    month: int = 0
    day: int = 0

    @property
    def iso(self) -> str:
        """Return the date as ISO text, as precise as it is."""
        parts = (f"{self.year:04}", f"{self.month:02}", f"{self.day:02}")
        return "-".join(parts[: 1 + bool(self.month) + bool(self.day)])

    @property
    def first(self) -> date:
        """Return the first day of it."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def last(self) -> date:
        """Return the last day of it."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])


def find_dates(text: str, vocabulary: Vocabulary) -> Iterator[Dated]:
    """Find the dates in a cleaned question; Unmapped for one that no calendar has.

    2024年6月1日, 2024-06-01, 1 June 2024 and June 1, 2024 are days; 2024年6月 is a month.
    """
    for found in re.finditer(vocabulary.pattern(_DATE), text):
        spelled = next((number for number in _MONTHS if found[f"m{number}"]), 0)
        month = int(found["month"] or found["month2"] or spelled)
        day = int(found["day"] or found["day2"] or found["lead"] or found["inner"] or 0)
        try:
            date(int(found["year"]), month or 1, day or 1)
        except ValueError as error:
            raise Unmapped(found[0]) from error
        yield Dated(*found.span(), int(found["year"]), month, day)


def read_span(wording: Wording, vocabulary: Vocabulary) -> tuple[str, str]:
    """Return first and last day of the time that a question names, both empty for none.

    What is in force before a date is so on the day before it, after a date on the day after it.
    """
    text = wording.text
    dated = list(find_dates(text, vocabulary))
    spans = [(one.first, one.last) for one in dated]
    for cue in load_words(vocabulary, _RELATIVE).find(wording):
        year = date.today().year + _OFFSETS[cue.id]
        spans.append((date(year, 1, 1), date(year, 12, 31)))
    if not spans:
        return "", ""
    first, last = min(first for first, _ in spans), max(last for _, last in spans)
    kinds = {find_kind(text[: one.start], text[one.end :], vocabulary) for one in dated}
    if kinds == {"before"}:
        first = last = first - timedelta(days=1)
    elif kinds == {"after"}:
        first = last = last + timedelta(days=1)
    elif kinds == {"from"}:
        last = max(last, date.today())
    return first.isoformat(), last.isoformat()


def find_kind(head: str, tail: str, vocabulary: Vocabulary) -> str:
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
