"""Codings: every measure of a graph as one frozen value, with its document and its evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import cast

import pyoxigraph as ox

from kg.graph.sheet import Resource, Resources, follow, read_each, read_entries
from kg.graph.version import Version
from kg.model import Evidence, Responsibility, Role
from kg.ontology import BASE, local_id

STUDY = "study"
_ROW = re.compile(r"\s*[（(](\d{1,3})[）)]")


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount or target: value (money in yuan with unit CNY), unit, operator, as written."""

    value: float
    unit: str
    op: str
    surface: str
    deadline: str = ""


@dataclass(frozen=True, slots=True)
class Coding:
    """A measure with its codes; ``measure``, ``document`` and ``repeats`` are IRIs.

    ``numbers`` are the numbers of the clauses from the top down, ``heading`` that of the
    innermost, ``row`` the number of a task in a table; instruments, categories and the other
    codes are ids, main one first; ``seat`` is the place id of the document, ``rule`` tells what
    the measure was read from (body, cell, claim …).
    """

    measure: str
    document: str
    evidence: Evidence
    issuer: str
    issued: str
    kind: str
    level: str
    seat: str
    numbers: tuple[str, ...]
    heading: str
    row: str
    places: tuple[str, ...]
    cities: tuple[str, ...]
    categories: tuple[str, ...]
    instruments: tuple[str, ...]
    status: str
    basis: str
    strength: str
    beneficiaries: tuple[str, ...]
    duties: tuple[Responsibility, ...] = ()
    amounts: tuple[Quantity, ...] = ()
    targets: tuple[Quantity, ...] = ()
    repeats: str = ""
    rule: str = ""

    @property
    def is_own(self) -> bool:
        """Tell whether the document speaks for its own place (it is no study)."""
        return self.kind != STUDY


def read_codings(graph: Version | ox.Store, *, base: str = BASE) -> tuple[Coding, ...]:
    """Return the measures of a graph in the order of source, start and IRI.

    Offsets are code points of the source's text.  Linear in the triples of the documents.
    """
    store = graph.store() if isinstance(graph, Version) else graph
    entries = read_entries(store, base)
    codings = [
        _read_coding(sheet.resources, iri, entry.document)
        for entry, sheet in read_each(graph, entries, base)
        for iri in sheet.measures.get(entry.document, ())
    ]
    return tuple(sorted(codings, key=lambda c: (c.evidence.source, c.evidence.start, c.measure)))


def without_repeats(codings: tuple[Coding, ...]) -> tuple[Coding, ...]:
    """Return the codings without those that a task table says again: each measure once."""
    return tuple(coding for coding in codings if not coding.repeats)


def _read_coding(resources: Resources, iri: str, document: str) -> Coding:
    found, about = resources[iri], resources[document]
    clause = found.text("clause")
    place = resources[found.text("evidence")]
    quote = place.text("quote")
    kind = local_id(about.text("documentKind"))
    row = _ROW.match(quote) if found.text("rule") == "cell" else None
    return Coding(
        measure=iri,
        document=document,
        evidence=Evidence(
            document=about.text("title"),
            number=about.text("legislationIdentifier"),
            source=about.text("source"),
            form=about.text("form"),
            start=int(place.number("start") or 0),
            end=int(place.number("end") or 0),
            quote=quote,
            kind="secondary" if kind == STUDY else "own",
        ),
        issuer=about.text("issuerName"),
        issued=about.text("issued"),
        kind=kind,
        level=about.text("level"),
        seat=local_id(about.text("spatial")),
        numbers=_read_numbers(resources, clause),
        heading=resources[clause].text("heading") if clause else "",
        row=row[1] if row else "",
        places=tuple(found.ids("place")),
        cities=tuple(found.ids("city")),
        categories=_main_first(found, "category", "mainCategory"),
        instruments=tuple(found.text("instrumentOrder").split()),
        status=local_id(found.text("status")),
        basis=local_id(found.text("basis")),
        strength=local_id(found.text("strength")),
        beneficiaries=tuple(found.ids("beneficiary")),
        duties=tuple(_read_duty(r) for r in follow(resources, found, "responsibility")),
        amounts=tuple(_read_quantity(r) for r in follow(resources, found, "amount")),
        targets=tuple(_read_quantity(r) for r in follow(resources, found, "target")),
        repeats=found.text("repeats"),
        rule=found.text("rule"),
    )


def _main_first(found: Resource, name: str, main: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*found.ids(main), *found.ids(name))))


def _read_numbers(resources: Resources, clause: str) -> tuple[str, ...]:
    numbers: list[str] = []
    seen: set[str] = set()
    while clause and clause not in seen:
        seen.add(clause)
        numbers.insert(0, resources[clause].text("number"))
        clause = resources[clause].text("parent")
    return tuple(filter(None, numbers))


def _read_duty(found: Resource) -> Responsibility:
    return Responsibility(
        unit=found.text("unit"),
        name=found.text("resolvedName"),
        surface=found.text("surface"),
        role=cast("Role", local_id(found.text("role"))),
        kind=local_id(found.text("resolvedKind")),
        jurisdiction=local_id(found.text("resolvedPlace")),
        repaired_by=found.text("repairedBy"),
    )


def _read_quantity(found: Resource) -> Quantity:
    return Quantity(
        value=float(found.number("value") or 0),
        unit=found.text("unitText"),
        op=found.text("operator"),
        surface=found.text("surface"),
        deadline=found.text("deadline"),
    )
