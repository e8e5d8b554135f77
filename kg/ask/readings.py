"""What a question names and which cues it holds, as far as it has been read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from kg.ask.cues import mask_spans
from kg.ask.lexicon import TermKind
from kg.ask.wording import Wording

Spot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Period:
    """A time in ISO dates, cut to years, months or days: from ``since`` to what is ``before``."""

    since: str = ""
    before: str = ""


class Unmapped(Exception):
    """A term of the question that names nothing known; never leaves this package."""


@dataclass(slots=True)
class Reading:
    """What a question names, each with where it stands; ``cues`` are ids with their places.

    Instruments and places are ids, units, documents and clauses IRIs; works are titles and
    numbers of what documents cite, figures and aims the names of indicators, reported and aimed at, receivers the ids of
    beneficiaries that measures must be for; told
    are words that name nothing and yet stand in passages about the instruments; loose are
    the spans of names that only questions use; pending are quotations that nothing was found for
    so far; rendered are the ids of glossary entries that English words stand for, with the Chinese
    words of which a passage must hold one; worded tells that the instruments are those of whatever
    passages hold them, as the question names none; span is first and last
    day of the time that is named.
    """

    wording: Wording
    instruments: dict[str, Spot] = field(default_factory=dict)
    places: dict[str, Spot] = field(default_factory=dict)
    units: dict[str, Spot] = field(default_factory=dict)
    documents: dict[str, Spot] = field(default_factory=dict)
    clauses: dict[str, Spot] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    taken: list[Spot] = field(default_factory=list)
    cues: dict[str, list[Spot]] = field(default_factory=dict)
    years: tuple[str, ...] = ()
    period: Period = field(default_factory=Period)
    span: tuple[str, str] = ("", "")
    works: dict[str, Spot] = field(default_factory=dict)
    figures: tuple[str, ...] = ()
    aims: tuple[str, ...] = ()
    receivers: tuple[str, ...] = ()
    told: list[str] = field(default_factory=list)
    rendered: dict[str, tuple[str, ...]] = field(default_factory=dict)
    worded: bool = False
    topics: dict[str, tuple[str, ...]] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    counted: str = ""
    loose: list[Spot] = field(default_factory=list)
    pending: list[Spot] = field(default_factory=list)

    def spots(self, kind: TermKind) -> dict[str, Spot]:
        """Return the names of one kind."""
        slots: dict[TermKind, dict[str, Spot]] = {
            "instrument": self.instruments,
            "place": self.places,
            "unit": self.units,
            "document": self.documents,
            "work": self.works,
        }
        return slots[kind]

    def masked(self) -> Wording:
        """Return the wording with all names blanked out."""
        return mask_spans(self.wording, self.taken)


def overlaps(spot: Spot, others: Iterable[Spot]) -> bool:
    """Tell whether a span shares a character with one of others."""
    return any(spot[0] < end and start < spot[1] for start, end in others)
