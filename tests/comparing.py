"""Claims made by hand for the tests of the comparison."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from kg.compare.claims import add_claim
from kg.compare.records import Claim, Entry
from kg.model import Evidence
from kg.ontology import load_vocabulary
from kg.states import find_standing

SHANGHAI, BEIJING, SHENZHEN, HANGZHOU = "310000", "110000", "440300", "330100"
JINSHAN, PUDONG = "310116", "310115"
VOCABULARY = load_vocabulary()


def document(name: str, place: str, kind: str = "normative", **more: str) -> Entry:
    """Make a document; without dates it is undated."""
    types = {"County": "district", "Province": "province", "Country": "national"}
    level = types.get(VOCABULARY.places[place].type, "city")
    fields = {"number": "", "form": "original", "issued": "", "effective": "", "expires": ""}
    return Entry(
        iri=f"d/{name}", title=name, source=f"{name}.txt", kind=kind, level=level, place=place,
        headings=(), **{**fields, **more},
    )  # fmt: skip


def say(
    entry: Entry,
    instrument: str,
    quote: str = "",
    *,
    city: str = "",
    start: int = 0,
    **more: object,
) -> Claim:
    """Make what a document says of an instrument of a city, its own where none is given."""
    about = city or VOCABULARY.city_of(entry.place)
    standing = find_standing(entry.kind, entry.place, about, VOCABULARY)
    own = standing == "own"
    text = quote or f"{entry.title}第{start}句"
    fields = {
        "measure": f"{entry.iri}/measure/{start}",
        "status": "provided" if own else "reported",
        "basis": "",
        "strength": "implement",
        "distributed": False,
    }
    return Claim(
        city=about, instrument=instrument, standing=standing, kind=entry.kind, level=entry.level,
        district=entry.place if own and entry.place != about else "", document=entry.iri,
        evidence=Evidence(
            entry.title, entry.number, entry.source, entry.form, start, start + len(text), text,
            standing,
        ),
        **{**fields, **more},
    )  # fmt: skip


def project(claims: Iterable[Claim], *entries: Entry, level: str = "") -> nx.DiGraph:
    """Make the projection of claims over documents."""
    found = nx.DiGraph(
        documents={entry.iri: entry for entry in entries}, as_of=None, level=level, selection=(),
        undated=(), version="v", categories=(), statuses={},
    )  # fmt: skip
    for claim in claims:
        if not level or claim.standing != "own" or claim.level == level:
            add_claim(found, claim, VOCABULARY)
    return found
