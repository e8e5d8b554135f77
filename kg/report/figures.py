"""Figures: numbers that carry the SPARQL query which counts them in the graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

import networkx as nx

from kg.compare import Entry
from kg.ontology import BASE, Vocabulary, instrument_iri, place_iri
from kg.states import ENACTED, find_standing

QUERIES = ("documents", "measures", "says", "denies", "sentences", "mix", "duties")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with the query that counts it: its name and what fills its ``%…%``.

    The parameter ``documents`` names a set of documents (see Figures.sets).
    """

    value: int
    query: str
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Figures:
    """Makes figures over the documents that count; ``sets`` are lists of document IRIs by name."""

    claims: nx.DiGraph
    vocabulary: Vocabulary
    base: str = BASE
    sets: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def count_cell(self, value: int, query: str, place: str, instrument: str) -> Figure:
        """Return a figure about a place and an instrument: ``says`` or ``denies``."""
        name = self._keep(f"told-{place}", (e.iri for e in self._tell_of(place)))
        return Figure(value, query, {"documents": name, **self._about(place, instrument)})

    def count_sentences(self, value: int, place: str, instrument: str = "") -> Figure:
        """Return a figure about the sentences of a place's own enacted documents."""
        own = (e.iri for e in self._tell_of(place) if self._is_enacted(e, place))
        name = self._keep(f"enacted-{place}", own)
        if not instrument:
            return Figure(value, "sentences", {"documents": name, **self._about(place)})
        return Figure(value, "mix", {"documents": name, **self._about(place, instrument)})

    def count_duties(self, value: int, unit: str, role: str) -> Figure:
        """Return a figure about the measures for which a unit (an IRI) answers in a role."""
        own = (e.iri for e in self.claims.graph["documents"].values() if e.kind != "study")
        name = self._keep("own", own)
        return Figure(value, "duties", {"documents": name, "unit": unit, "role": role})

    def count_all(self, value: int, query: str, document: str = "") -> Figure:
        """Return a figure about a document (an IRI) or all: ``documents`` or ``measures``."""
        entries = self.claims.graph["documents"]
        iris = (document,) if document else entries
        place = list(entries).index(document) if document else ""
        return Figure(value, query, {"documents": self._keep(f"all{place}", iris)})

    def _tell_of(self, place: str) -> Iterable[Entry]:
        """Yield the documents whose measures give a place a state: all but superior ones."""
        level = self.claims.graph.get("level", "")
        for entry in self.claims.graph["documents"].values():
            standing = find_standing(entry.kind, entry.place, place, self.vocabulary)
            if standing == "secondary" or (standing == "own" and level in ("", entry.level)):
                yield entry

    def _is_enacted(self, entry: Entry, place: str) -> bool:
        standing = find_standing(entry.kind, entry.place, place, self.vocabulary)
        return entry.kind in ENACTED and standing == "own"

    def _keep(self, name: str, iris: Iterable[str]) -> str:
        if name not in self.sets:
            self.sets[name] = tuple(sorted(iris))
        return name

    def _about(self, place: str, instrument: str = "") -> dict[str, str]:
        about = {"place": place_iri(place, base=self.base)}
        if instrument:
            about["instrument"] = instrument_iri(instrument, base=self.base)
        return about


@cache
def load_query(name: str) -> str:
    """Return the text of a query, its ``%…%`` still open."""
    return (files(__package__) / "queries" / f"{name}.rq").read_text("utf-8")


def fill_query(figure: Figure, figures: Figures) -> str:
    """Return the SPARQL that counts a figure."""
    iris = " ".join(f"<{iri}>" for iri in figures.sets[figure.parameters["documents"]])
    sparql = load_query(figure.query)
    for name, value in {**figure.parameters, "documents": iris, "base": figures.base}.items():
        sparql = sparql.replace(f"%{name}%", value)
    return sparql
