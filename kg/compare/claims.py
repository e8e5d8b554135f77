"""Claims: what documents say of a city and an instrument, projected from the graph to networkx."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import networkx as nx
import pyoxigraph as ox

from kg.compare.places import name_place
from kg.errors import QueryError
from kg.graph.query import select
from kg.model import Evidence, Standing
from kg.ontology import BASE, Vocabulary

Pairs = Mapping[str, Mapping[str, Sequence[str]]]
ENACTED = frozenset({"law", "rule", "normative", "work", "interpretation"})


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
    """One measure for one city and one instrument: the attributes of an edge.

    ``document`` is an IRI, ``district`` the place id of the district whose own document it is,
    ``repeats`` the measure that a task table says again.
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


def project_claims(
    store: ox.Store, vocabulary: Vocabulary, *, as_of: str | None = None, base: str = BASE
) -> nx.MultiDiGraph:
    """Project the graph to place → instrument, one edge per measure, city and instrument.

    Edges carry the fields of a Claim; a measure that names no city starts from the place of its
    document.  With ``as_of`` (ISO date) only documents in force then count: enacted ones from
    their entry into force (else their date) to their end, others from their date; those without
    a date count and are named.  ``graph`` holds ``documents`` (IRI → Entry), ``as_of``,
    ``undated`` (titles), ``version`` (of the vocabulary), ``categories`` (short names) and
    ``statuses`` (id → name).  One query, linear in the triples.
    Raises QueryError for a date that is none or an instrument the vocabulary lacks.
    """
    date = _check_date(as_of)
    pairs = _read_pairs(store, base)
    entries = {entry.iri: entry for entry in _read_entries(pairs)}
    kept = {iri: entry for iri, entry in entries.items() if in_force(entry, date)}
    claims = nx.MultiDiGraph(
        documents=kept,
        as_of=as_of,
        undated=tuple(sorted(e.title or e.source for e in kept.values() if not _start(e))),
        version=vocabulary.version,
        categories=tuple(c.notation for c in vocabulary.concepts.values() if not c.broader),
        statuses={name: found[0][0] for name, found in vocabulary.schemes["status"].items()},
    )
    for claim in _read_claims(pairs, kept, vocabulary):
        add_claim(claims, claim, vocabulary)
    return claims


def add_claim(claims: nx.MultiDiGraph, claim: Claim, vocabulary: Vocabulary) -> None:
    """Add a claim as an edge with its two nodes."""
    concept = vocabulary.concepts[claim.instrument]
    claims.add_node(claim.city, kind="place", label=name_place(vocabulary, claim.city))
    claims.add_node(
        claim.instrument,
        kind="instrument",
        label=concept.zh,
        category=vocabulary.notation(concept.id),
    )
    attributes = {field.name: getattr(claim, field.name) for field in fields(Claim)}
    claims.add_edge(claim.city, claim.instrument, key=claim.measure, **attributes)


def read_claims(claims: nx.MultiDiGraph, place: str) -> Iterator[Claim]:
    """Yield the claims that start from a place; none where the projection lacks it."""
    if place in claims:
        for _, _, attributes in claims.out_edges(place, data=True):
            yield Claim(**attributes)


def in_force(entry: Entry, date: str) -> bool:
    """Tell whether a document counts at an ISO date; at an empty date every document does.

    >>> plan = Entry("", "", "", "", "", "work", "", "", "2022-07-08", "", "2024-05-14", ())
    >>> in_force(plan, "2023-01-01"), in_force(plan, "2025-01-01")
    (True, False)
    """
    start = _start(entry)
    if not date or not start:
        return not date or not entry.expires or date <= entry.expires
    ended = entry.kind in ENACTED and entry.expires and entry.expires < date
    return start <= date and not ended


def find_standing(entry: Entry, city: str, vocabulary: Vocabulary) -> Standing:
    """Tell how a document stands to a city: its own, one of a superior level, or secondary.

    Studies are secondary whatever their place; so are reports of a superior level, and the
    documents of other places.
    """
    if entry.kind != "study":
        if city in vocabulary.place_chain(entry.place):
            return "own"
        if entry.kind in ENACTED and entry.place in vocabulary.place_chain(city):
            return "superior"
    return "secondary"


def _check_date(as_of: str | None) -> str:
    if not as_of:
        return ""
    try:
        return datetime.date.fromisoformat(as_of).isoformat()
    except ValueError as error:
        raise QueryError(f"{as_of!r} is no date; write it as 2024-05-14") from error


def _start(entry: Entry) -> str:
    return entry.effective or entry.issued


def _read_pairs(store: ox.Store, base: str) -> Pairs:
    """Return subject → property (without its namespace) → values as texts."""
    sparql = (files(__package__) / "claims.rq").read_text("utf-8")
    pairs: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for row in select(store, sparql, base=base):
        found = pairs[str(row["subject"])]
        found.setdefault(_local(str(row["predicate"])), []).append(str(row["object"]))
    return pairs


def _read_entries(pairs: Pairs) -> Iterator[Entry]:
    headings: dict[str, list[str]] = defaultdict(list)
    for subject in sorted(pairs):
        for document in pairs[subject].get("isPartOf", ()):
            headings[document].extend(pairs[subject].get("heading", ()))
    for subject, found in pairs.items():
        if "documentKind" in found or "source" in found:
            yield Entry(
                iri=subject,
                title=_first(found, "title"),
                number=_first(found, "legislationIdentifier"),
                source=_first(found, "source"),
                form=_first(found, "form"),
                kind=_local(_first(found, "documentKind")),
                level=_first(found, "level"),
                place=_local(_first(found, "spatial")),
                issued=_first(found, "issued"),
                effective=_first(found, "first_date_entry_in_force"),
                expires=_first(found, "date_no_longer_in_force"),
                headings=tuple(headings[subject]),
            )


def _read_claims(
    pairs: Pairs, entries: Mapping[str, Entry], vocabulary: Vocabulary
) -> Iterator[Claim]:
    for subject in sorted(pairs):
        found = pairs[subject]
        entry = entries.get(_first(found, "document"))
        if entry is None or "instrument" not in found:
            continue
        cities = [_local(city) for city in found.get("city", ())] or [entry.place]
        for city in sorted(filter(None, cities)):
            for instrument in sorted(_local(iri) for iri in found["instrument"]):
                if instrument not in vocabulary.concepts:
                    raise QueryError(
                        f"the graph names the instrument {instrument}, which the vocabulary lacks;"
                        " rebuild the graph with this vocabulary"
                    )
                yield _read_claim(pairs, subject, entry, city, instrument, vocabulary)


def _read_claim(
    pairs: Pairs, measure: str, entry: Entry, city: str, instrument: str, vocabulary: Vocabulary
) -> Claim:
    found = pairs[measure]
    standing = find_standing(entry, city, vocabulary)
    return Claim(
        measure=measure,
        city=city,
        instrument=instrument,
        status=_local(_first(found, "status")),
        basis=_local(_first(found, "basis")),
        strength=_local(_first(found, "strength")),
        distributed=_first(found, "distributed").lower() == "true",
        standing=standing,
        kind=entry.kind,
        level=entry.level,
        district=entry.place if standing == "own" and entry.place != city else "",
        document=entry.iri,
        evidence=_read_evidence(pairs, found, entry, standing),
        beneficiaries=tuple(sorted(_local(iri) for iri in found.get("beneficiary", ()))),
        amounts=tuple(_read_sum(pairs[iri]) for iri in sorted(found.get("amount", ()))),
        units=tuple(_read_duty(pairs, iri) for iri in _in_order(found.get("responsibility", ()))),
        repeats=_first(found, "repeats"),
    )


def _read_evidence(
    pairs: Pairs, found: Mapping[str, Sequence[str]], entry: Entry, standing: Standing
) -> Evidence:
    place = pairs.get(_first(found, "evidence"), {})
    return Evidence(
        document=entry.title,
        number=entry.number,
        source=entry.source,
        form=entry.form,
        start=int(_first(place, "start") or 0),
        end=int(_first(place, "end") or 0),
        quote=_first(place, "quote"),
        kind=standing,
    )


def _read_sum(found: Mapping[str, Sequence[str]]) -> Sum:
    return Sum(
        value=float(_first(found, "value") or 0),
        unit=_first(found, "unitText"),
        op=_first(found, "operator"),
        surface=_first(found, "surface"),
    )


def _read_duty(pairs: Pairs, iri: str) -> Duty:
    found = pairs[iri]
    unit = _first(found, "unit")
    return Duty(
        name=_first(pairs.get(unit, {}), "prefLabel"),
        surface=_first(found, "surface"),
        role=_local(_first(found, "role")),
    )


def _in_order(iris: Iterable[str]) -> list[str]:
    """Sort numbered resources (…/unit/2 before …/unit/10)."""
    return sorted(iris, key=lambda iri: (len(iri), iri))


def _first(found: Mapping[str, Sequence[str]], name: str) -> str:
    return min(found[name]) if found.get(name) else ""


@lru_cache(maxsize=4096)
def _local(iri: str) -> str:
    return iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def as_json(value: Any) -> Any:
    """Turn the frozen values of this package into dicts and lists, ready for json.dumps.

    >>> as_json(Duty("上海市财政局", "市财政局", "lead"))
    {'name': '上海市财政局', 'surface': '市财政局', 'role': 'lead'}
    """
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    return value
