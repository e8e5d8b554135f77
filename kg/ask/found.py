"""One answer: what was found, with its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kg.ask.groups import Group
from kg.model import Evidence


@dataclass(frozen=True, slots=True)
class Found:
    """One answer: its Chinese label, IRI, state, instrument ids, value and evidence.

    ``value`` holds what was asked for: amount, units, target, clauses, date, documents.
    """

    label: str
    iri: str
    state: str
    instruments: tuple[str, ...]
    value: Mapping[str, Any]
    evidence: tuple[Evidence, ...]


def make_found(
    label: str, iri: str, rows: Group, value: Mapping[str, Any], *, state: str | None = None
) -> Found:
    """Make an answer of the rows that belong to it; ``state`` is theirs unless it is given."""
    known = rows.state() if state is None else state
    return Found(label, iri, known, rows.instruments(), value, rows.evidence())
