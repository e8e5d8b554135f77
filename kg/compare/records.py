"""Records: a document and a measure as the comparison needs them."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from kg.model import Evidence, Standing


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the graph as the comparison needs it; dates are ISO or empty.

    ``place`` is a place id, ``kind`` an id of the document classes.
    """

    iri: str
    title: str
    number: str
    source: str
    form: str
    kind: str
    level: str
    place: str
    issued: str
    effective: str
    expires: str
    headings: tuple[str, ...]

    @property
    def start(self) -> str:
        """The date from which it counts: entry into force, else signing; empty if undated."""
        return self.effective or self.issued

    @property
    def name(self) -> str:
        """What to call it: its title, else its number, else its file."""
        return self.title or self.number or self.source


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of the support itself; money in yuan with unit CNY."""

    value: float
    unit: str
    op: str
    surface: str


@dataclass(frozen=True, slots=True)
class Duty:
    """A responsible unit: full name, name as written, role."""

    name: str
    surface: str
    role: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One measure for one city and one instrument.

    ``document`` is an IRI, ``district`` the place id of the district whose own document it is,
    ``repeats`` the measure that a task table says again, ``clause`` the IRI of the clause,
    ``places`` the place ids named most precisely, ``main`` whether the instrument is the
    measure's main one.
    """

    measure: str
    city: str
    instrument: str
    status: str
    basis: str
    strength: str
    distributed: bool
    standing: Standing
    kind: str
    level: str
    district: str
    document: str
    evidence: Evidence
    beneficiaries: tuple[str, ...] = ()
    amounts: tuple[Sum, ...] = ()
    units: tuple[Duty, ...] = ()
    repeats: str = ""
    object: str = ""
    clause: str = ""
    places: tuple[str, ...] = ()
    main: bool = True


def as_json(value: Any) -> Any:
    """Turn the frozen values of this package into dicts and lists, ready for json.dumps.

    >>> as_json(Duty("上海市财政局", "市财政局", "lead"))
    {'name': '上海市财政局', 'surface': '市财政局', 'role': 'lead'}
    """
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, (tuple, list)):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return value
