"""The network of cities, instruments and documents, as a plain graph that can be drawn."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx

from kg.compare.cells import Cell, claim_state, read_cells
from kg.compare.claims import read_claims
from kg.compare.places import name_place, resolve_place
from kg.compare.records import Claim, Entry
from kg.compare.told import show_evidence
from kg.ontology import Vocabulary


def link_documents(
    claims: nx.DiGraph, vocabulary: Vocabulary, *, cities: Sequence[str] = ()
) -> nx.MultiGraph:
    """Link cities to the instruments said of them, and instruments to the documents that say so.

    Nodes have ``label``, ``kind`` (place, instrument, document), ``category`` and ``title`` (a
    plain text to show); links ``status`` (the state of the cell, or of the claim) and
    ``evidence``.  ``graph`` holds ``categories`` in their order and ``statuses`` (id → name).
    ``cities`` are ids or names; without them every place is linked.
    """
    wanted = [resolve_place(vocabulary, city) for city in cities] or sorted(
        node for node, kind in claims.nodes(data="kind") if kind == "place"
    )
    links = nx.MultiGraph(
        categories=claims.graph["categories"],
        statuses={state: names[0][0] for state, names in vocabulary.schemes["state"].items()},
    )
    for city in wanted:
        cells = read_cells(claims, vocabulary, city)
        linked: set[str] = set()
        for claim in read_claims(claims, city):
            if claim.instrument not in linked:
                linked.add(claim.instrument)
                _link_cell(links, cells[claim.instrument], vocabulary)
            _link_claim(links, claims.graph["documents"][claim.document], claim)
    return links


def _link_cell(links: nx.MultiGraph, cell: Cell, vocabulary: Vocabulary) -> None:
    concept = vocabulary.concepts[cell.instrument]
    name = name_place(vocabulary, cell.city)
    links.add_node(cell.city, kind="place", label=name, category="", title=name)
    links.add_node(
        cell.instrument,
        kind="instrument",
        label=concept.zh,
        category=vocabulary.notation(cell.instrument),
        title=concept.definition,
    )
    evidence = show_evidence((*cell.positives, *cell.denials))
    links.add_edge(cell.city, cell.instrument, key="", status=cell.state, evidence=evidence)


def _link_claim(links: nx.MultiGraph, entry: Entry, claim: Claim) -> None:
    label = entry.number or entry.title
    title = "\n".join(dict.fromkeys(filter(None, (entry.title, entry.number, entry.source))))
    links.add_node(entry.iri, kind="document", label=label, category="", title=title)
    links.add_edge(
        claim.instrument,
        entry.iri,
        key=claim.measure + claim.city,
        status=claim_state(claim),
        evidence=(claim.evidence,),
    )
