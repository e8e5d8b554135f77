"""Networks: projections of the claims for network analysis, and their export."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import BinaryIO

import networkx as nx

from kg.compare.cells import read_place_claims, read_states
from kg.compare.matrix import list_places
from kg.compare.places import name_place, resolve_place
from kg.compare.reuse import Reuses
from kg.errors import QueryError
from kg.ontology import Vocabulary
from kg.states import POSITIVE

FORMATS = ("graphml", "gexf")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CLOCK = re.compile(r' lastmodifieddate="[^"]*"')


def project_bipartite(
    claims: nx.DiGraph, vocabulary: Vocabulary, *, places: Sequence[str] = ()
) -> nx.Graph:
    """Project to places and the instruments that they have by name, denied or not.

    Nodes have ``label``, ``kind`` (place, instrument), ``bipartite`` (0, 1) and ``category``,
    links ``state``, ``weight`` (measures, what a table repeats once) and ``documents``.
    Instruments are linked where a claim names them: nothing is rolled up.
    """
    network = nx.Graph()
    for code in _choose(claims, vocabulary, places):
        states = read_states(claims, vocabulary, code)
        measures: dict[str, set[str]] = {}
        documents: dict[str, set[str]] = {}
        for claim in read_place_claims(claims, vocabulary, code):
            if claim.standing != "superior" and claim.instrument in states:
                measures.setdefault(claim.instrument, set()).add(claim.repeats or claim.measure)
                documents.setdefault(claim.instrument, set()).add(claim.document)
        _add_place(network, code, vocabulary, bipartite=0)
        for instrument in sorted(measures):
            network.add_node(
                instrument,
                kind="instrument",
                label=vocabulary.concepts[instrument].zh,
                category=vocabulary.notation(instrument),
                bipartite=1,
            )
            network.add_edge(
                code,
                instrument,
                state=states[instrument],
                weight=len(measures[instrument]),
                documents=len(documents[instrument]),
            )
    return network


def project_similarity(
    claims: nx.DiGraph,
    vocabulary: Vocabulary,
    *,
    places: Sequence[str] = (),
    own: bool = False,
) -> nx.Graph:
    """Project to places, linked by how alike the sets of instruments are that they have.

    ``weight`` is Jaccard's index: instruments that both have by name over those that either has;
    ``shared`` and ``either`` are the two numbers.  Denied instruments are not had.  With ``own``
    only what the places' own documents provide counts: then a study that tells of a group of
    cities at once does not make them alike.  Places that share nothing are not linked.
    """
    held = {
        code: _read_held(claims, vocabulary, code, own=own)
        for code in _choose(claims, vocabulary, places)
    }
    network = nx.Graph()
    for code, found in held.items():
        _add_place(network, code, vocabulary, instruments=len(found))
    for one, other in combinations(held, 2):
        shared, either = held[one] & held[other], held[one] | held[other]
        if shared:
            weight = round(len(shared) / len(either), 4)
            network.add_edge(one, other, weight=weight, shared=len(shared), either=len(either))
    return network


def project_reuse(reuses: Reuses) -> nx.Graph:
    """Project to documents, linked by the number of sentences that they share (see find_reuse).

    Nodes have ``label``, ``place`` and ``date``, links ``weight``.
    """
    network = nx.Graph()
    for reuse in reuses.reuses:
        for passage in reuse.passages:
            network.add_node(
                passage.document,
                kind="document",
                label=passage.title,
                place=passage.place,
                date=passage.date,
            )
        for one, other in combinations(sorted({p.document for p in reuse.passages}), 2):
            weight = network.get_edge_data(one, other, {}).get("weight", 0)
            network.add_edge(one, other, weight=weight + 1)
    return network


def describe_nodes(network: nx.Graph) -> nx.Graph:
    """Return a copy whose nodes carry degree, centrality and community.

    ``degree`` counts links, ``strength`` sums their weights, ``betweenness`` is Brandes' without
    weights, ``community`` a number from 0, the largest first (greedy modularity after Clauset,
    Newman and Moore, with weights, directions aside).  Nodes without links stand alone.
    """
    described = network.__class__()
    described.add_nodes_from(sorted(network.nodes(data=True), key=lambda node: node[0]))
    described.add_edges_from(sorted(network.edges(data=True), key=lambda edge: edge[:2]))
    plain = nx.Graph(described)
    between = nx.betweenness_centrality(plain)
    groups = (
        nx.community.greedy_modularity_communities(plain, weight="weight")
        if plain.number_of_edges()
        else [{node} for node in plain]
    )
    ordered = sorted(groups, key=lambda group: (-len(group), min(group)))
    community = {node: number for number, group in enumerate(ordered) for node in group}
    for node, attributes in described.nodes(data=True):
        attributes["degree"] = described.degree(node)
        attributes["strength"] = round(float(described.degree(node, weight="weight")), 4)
        attributes["betweenness"] = round(between[node], 6)
        attributes["community"] = community[node]
    return described


def write_network(network: nx.Graph, format: str, output: BinaryIO) -> None:
    """Write a network as GraphML or GEXF to a binary stream; the same bytes every time.

    Nodes and links are sorted, characters that XML cannot hold become blanks.  Raises QueryError
    for another format.
    """
    if format not in FORMATS:
        raise QueryError(f"no format {format!r}; there are: {', '.join(FORMATS)}")
    clean = network.__class__()
    for node, attributes in sorted(network.nodes(data=True), key=lambda found: found[0]):
        clean.add_node(node, **{name: _clean(value) for name, value in attributes.items()})
    for one, other, attributes in sorted(network.edges(data=True), key=lambda found: found[:2]):
        clean.add_edge(one, other, **{name: _clean(value) for name, value in attributes.items()})
    generate = nx.generate_graphml if format == "graphml" else nx.generate_gexf
    text = "\n".join(generate(clean))
    output.write(f"{_CLOCK.sub('', text)}\n".encode())


def _clean(value: object) -> object:
    if isinstance(value, str):
        return _NOT_XML.sub(" ", value)
    return value if isinstance(value, int | float) else _NOT_XML.sub(" ", str(value))


def _choose(claims: nx.DiGraph, vocabulary: Vocabulary, places: Sequence[str]) -> list[str]:
    wanted = [resolve_place(vocabulary, place) for place in places]
    return list(dict.fromkeys(wanted)) or list_places(claims, vocabulary)


def _read_held(
    claims: nx.DiGraph, vocabulary: Vocabulary, place: str, *, own: bool
) -> frozenset[str]:
    named = {
        claim.instrument
        for claim in read_place_claims(claims, vocabulary, place)
        if not own or claim.standing == "own"
    }
    states = read_states(claims, vocabulary, place)
    return frozenset(
        i
        for i in named
        if states.get(i) in (*POSITIVE, "contested") and vocabulary.concepts[i].broader
    )


def _add_place(network: nx.Graph, place: str, vocabulary: Vocabulary, **attributes: object) -> None:
    label = name_place(vocabulary, place)
    network.add_node(place, kind="place", label=label, category="", **attributes)
