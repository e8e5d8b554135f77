"""The result of a query, or what stands around an IRI, as a network with names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from urllib.parse import unquote

import networkx as nx
import pyoxigraph as ox

from kg.draw import link_rows
from kg.errors import QueryError
from kg.model import join_lines
from kg.ontology import local_id
from kg.serve.describe import describe_iri
from kg.serve.engine import Result
from kg.serve.pages.resource import Terms
from kg.serve.pages.view import View

MOST_AROUND = 60  # links that expanding a node shows
MOST_ROWS = 10_000  # of a result; more is not drawn
LABEL = 12  # characters of a measure
KINDS = ("place", "instrument", "document")


def link_result(view: View, result: Result) -> nx.MultiGraph:
    """Return a result as a network: the IRIs of rows from left to right, or those of triples.

    Raises QueryError where nothing can be drawn.
    """
    if result.kind == "graph":
        triples = (quad.triple for quad in ox.parse(result.body, format=ox.RdfFormat.N_TRIPLES))
        links = _link_triples(view, triples)
    elif result.kind == "boolean":
        raise QueryError("ASK gives yes or no; draw a SELECT, CONSTRUCT or DESCRIBE")
    else:
        links = _link_table(view, result.body)
    if not len(links):
        raise QueryError("the result links no two resources; SELECT at least two that are linked")
    return links


def link_around(view: View, iri: str) -> nx.MultiGraph | None:
    """Return the resources next to an IRI; None where the graph does not know it."""
    found = describe_iri(view.published, iri)
    if found is None:
        return None
    linked = [t for t in (*found.triples, *found.links) if isinstance(t.object, ox.NamedNode)]
    return _link_triples(view, linked[:MOST_AROUND])


def _link_table(view: View, body: bytes) -> nx.MultiGraph:
    bindings = json.loads(body)["results"]["bindings"][:MOST_ROWS]
    rows = [{name: term["value"] for name, term in row.items()} for row in bindings]
    links = nx.MultiGraph(link_rows(rows)) if rows else nx.MultiGraph()
    names = _Named(view)
    for node, found in links.nodes(data=True):
        if found["label"] == unquote(local_id(str(node))):  # no column names it
            found.update(names.describe(str(node)))
    return links


def _link_triples(view: View, triples: Iterable[ox.Triple]) -> nx.MultiGraph:
    """Link subjects and objects that are resources; types and texts are left out."""
    links = nx.MultiGraph()
    names = _Named(view)
    for triple in triples:
        subject, target = triple.subject, triple.object
        if not (isinstance(subject, ox.NamedNode) and isinstance(target, ox.NamedNode)):
            continue
        for node in (subject.value, target.value):
            if node not in links:
                links.add_node(node, **names.describe(node))
        links.add_edge(
            subject.value, target.value, status="", title=names.name(triple.predicate.value)
        )
    return links


class _Named:
    """Names and kinds of IRIs in one version and language."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._terms = Terms(view.published, view.names.language, "")

    def name(self, iri: str) -> str:
        try:
            return self._terms.name(ox.NamedNode(iri))
        except ValueError:
            return iri

    def describe(self, iri: str) -> dict[str, str]:
        """Return label, kind, category and title of a node."""
        measure = self._view.holdings.measures.get(iri)
        if measure is not None:
            quote = join_lines(measure["text"])
            label = quote if len(quote) <= LABEL else f"{quote[:LABEL]}…"
            category = next(iter(measure["categories"]), "")
            return {"label": label, "kind": "measure", "category": category, "title": quote}
        base = f"{self._view.published.base}id/"
        kind, _, rest = iri.removeprefix(base).partition("/") if iri.startswith(base) else ("",) * 3
        category = ""
        if kind == "instrument" and local_id(iri) in self._view.names.vocabulary.concepts:
            category = self._view.names.vocabulary.notation(local_id(iri))
        return {
            "label": self.name(iri),
            "kind": kind if kind in KINDS and "/" not in rest else "other",
            "category": category,
            "title": iri,
        }
