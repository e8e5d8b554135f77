"""The network of cities, instruments and documents, as a plain graph that can be drawn."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import networkx as nx
import pyoxigraph as ox

from kg.compare.cells import claim_state, read_cells
from kg.compare.claims import Claim, Entry, read_claims
from kg.compare.places import name_place, resolve_place
from kg.ontology import PK, Vocabulary
from kg.ontology.namespaces import RDFS

QUOTES = 3


def link_documents(
    claims: nx.MultiDiGraph, vocabulary: Vocabulary, *, cities: Sequence[str] = ()
) -> nx.Graph:
    """Link cities to the instruments said of them, and instruments to the documents that say so.

    Nodes have ``label``, ``kind`` (place, instrument, document), ``category`` and ``title`` (a
    plain text to show); edges ``status`` (the state of the cell, or of the strongest claim in
    the document) and ``title`` (up to three quotes).  ``graph`` holds the names of categories,
    statuses and kinds.  ``cities`` are ids or names; without them every place is linked.
    """
    wanted = [resolve_place(vocabulary, city) for city in cities] or sorted(
        node for node, kind in claims.nodes(data="kind") if kind == "place"
    )
    states = {state: labels[0][0] for state, labels in vocabulary.schemes["state"].items()}
    links = nx.Graph(
        categories=tuple(c.notation for c in vocabulary.concepts.values() if not c.broader),
        statuses=states,
        kinds={kind: _class_label(vocabulary, kind) for kind in ("Place", "Instrument", "Document")},
    )
    for city in wanted:
        _link_city(links, claims, vocabulary, city)
    return links


def _link_city(
    links: nx.Graph, claims: nx.MultiDiGraph, vocabulary: Vocabulary, city: str
) -> None:
    found: dict[str, list[Claim]] = defaultdict(list)
    for claim in read_claims(claims, city):
        found[claim.instrument].append(claim)
    cells = read_cells(claims, vocabulary, city)
    name = name_place(vocabulary, city)
    links.add_node(city, kind="place", label=name, category="", title=name)
    for instrument in sorted(found):
        concept = vocabulary.concepts[instrument]
        cell = cells[instrument]
        links.add_node(
            instrument,
            kind="instrument",
            label=concept.zh,
            category=vocabulary.notation(instrument),
            title=f"{concept.zh}\n{concept.definition}",
        )
        quotes = _show_quotes((*cell.positives, *cell.denials))
        links.add_edge(city, instrument, status=cell.state, title=quotes)
        _link_claims(links, claims.graph["documents"], found[instrument])


def _link_claims(
    links: nx.Graph, documents: dict[str, Entry], claims: Iterable[Claim]
) -> None:
    by_document: dict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_document[claim.document].append(claim)
    for document, found in sorted(by_document.items()):
        entry = documents[document]
        label = entry.number or entry.title
        title = "\n".join(filter(None, (entry.title, entry.number, entry.source)))
        links.add_node(document, kind="document", label=label, category="", title=title)
        instrument = found[0].instrument
        if not links.has_edge(instrument, document):
            status = claim_state(found[0])
            links.add_edge(instrument, document, status=status, title=_show_quotes(found))


def _show_quotes(claims: Iterable[Claim]) -> str:
    """Show some quotes, each with its document and offsets."""
    shown = dict.fromkeys(
        f"{' '.join(e.quote.split())}\n—— {e.document} {e.number} [{e.start}–{e.end}]"
        for e in (claim.evidence for claim in claims)
    )
    return "\n\n".join(list(shown)[:QUOTES])


def _class_label(vocabulary: Vocabulary, name: str) -> str:
    """Return the Chinese label of one of the ontology's classes."""
    labels = (
        triple.object.value
        for triple in vocabulary.triples
        if triple.subject == ox.NamedNode(PK + name)
        and triple.predicate == ox.NamedNode(RDFS + "label")
        and isinstance(triple.object, ox.Literal)
        and triple.object.language == "zh"
    )
    return next(labels, name)
