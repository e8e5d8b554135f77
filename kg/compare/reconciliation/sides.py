"""Findings: what two parts of a document say, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from kg.graph import Coding
from kg.model import Document, Evidence, Span

Part = Literal["narrative", "task table", "target table"]
FindingKind = Literal[
    "lead-differs",
    "lead-missing",
    "unit-added",
    "lead-agrees",
    "row-unmatched",
    "clause-without-row",
    "number-missing",
    "number-double",
    "sum-differs",
    "sum-agrees",
    "target-differs",
    "target-agrees",
]
AGREEING: frozenset[FindingKind] = frozenset({"lead-agrees", "sum-agrees", "target-agrees"})


@dataclass(frozen=True, slots=True)
class NamedUnit:
    """A unit as a part of a document names it; ``unit`` is its IRI id, ``role`` as written there."""

    unit: str
    name: str
    surface: str
    role: str


@dataclass(frozen=True, slots=True)
class Side:
    """One part of a document: clause or row, the units it names, its measures and its words.

    ``label`` is the clause with number and heading, or the number of the row; ``measures`` are
    the IRIs of the measures within the span.
    """

    part: Part
    label: str
    units: tuple[NamedUnit, ...]
    measures: tuple[str, ...]
    evidence: Evidence
    value: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What holding parts of one document against each other shows; ``document`` is its IRI.

    ``lead-differs``: the unit that a row names first does not lead the clause; ``lead-missing``:
    no row of a clause names a unit that leads it; ``unit-added``: a row names a unit that its
    clause does not; ``row-unmatched``: no clause says what a row says; the others tell of
    numbers, sums and targets.
    """

    document: str
    kind: FindingKind
    message: str
    sides: tuple[Side, ...]

    @property
    def agrees(self) -> bool:
        """Tell whether the parts say the same."""
        return self.kind in AGREEING


def make_evidence(document: Document, span: Span) -> Evidence:
    """Return the evidence of a span; offsets are code points of the raw text."""
    return Evidence(
        document=document.title,
        number=document.number,
        source=document.source,
        form=document.form,
        start=span.start,
        end=span.end,
        quote=span.of(document.raw),
        kind="own",
    )


def find_measures(codings: Iterable[Coding], document: str, span: Span) -> tuple[str, ...]:
    """Return the IRIs of the measures of a document that lie in a span, in their order."""
    return tuple(
        c.measure
        for c in codings
        if c.document == document and span.start <= c.evidence.start and c.evidence.end <= span.end
    )
