"""What is drawn: any networkx graph, or the rows of a query, as one plain graph with positions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any, NamedTuple
from urllib.parse import unquote

import networkx as nx
import numpy as np

from kg.errors import QueryError
from kg.model import join_lines

Row = Mapping[str, object]
_SEED = 7
_SPREAD = 85  # pixels between neighbours
_GAP = (95, 50)  # pixels from node to node, sideways and up
_PUSHES = 40
_SMALL = 500  # nodes up to which springs are quick
_RING = 12  # nodes of the innermost ring
_IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s]+")
_TRIPLES = (("subject", "predicate", "object"), ("s", "p", "o"))


class Quote(NamedTuple):
    """What a document says on a link: the words without line breaks, and where they stand."""

    quote: str
    source: str


def link_rows(rows: Sequence[Row]) -> nx.Graph:
    """Make a network of the rows of a SELECT query.

    Columns that hold IRIs are nodes, else all columns; the nodes of a row are linked from left
    to right.  A column ``xLabel`` names the nodes of column ``x``; ``state`` or ``status`` and
    ``category`` colour the links and the nodes; other columns are shown with the link.
    Subject, predicate and object give one link a row.  Raises QueryError for no rows.
    """
    if not rows:
        raise QueryError("the query gave no rows to draw")
    columns = _find_nodes(rows)
    network = nx.MultiGraph()
    for row in rows:
        ends = [column for column in columns if row.get(column) not in (None, "")]
        for column in ends:
            network.add_node(str(row[column]), **_describe_node(row, column, columns))
        for source, target in pairwise(ends):
            one, other = str(row[source]), str(row[target])
            network.add_edge(one, other, status=_read_status(row), title=_show_rest(row, ends))
    return network


def merge_links(network: nx.Graph) -> nx.MultiGraph:
    """Return the network with its nodes in order and one link for a pair of nodes and a status.

    A link has ``count``, ``quotes`` (of the ``evidence`` of its parts, one object or several
    with quote, number and document) and ``title`` (their texts).  The order of the input has
    no influence.
    """
    merged = nx.MultiGraph(**network.graph)
    for node in sorted(network, key=str):
        merged.add_node(node, **network.nodes[node])
    parts: dict[tuple[Any, Any, str], list[Mapping[str, Any]]] = {}
    for one, other, found in network.edges(data=True):
        low, high = sorted((one, other), key=str)
        parts.setdefault((low, high, str(found.get("status") or "")), []).append(found)
    for low, high, status in sorted(parts, key=lambda link: tuple(map(str, link))):
        links = parts[low, high, status]
        merged.add_edge(
            low,
            high,
            key=status,
            status=status,
            count=len(links),
            quotes=sorted({quote for link in links for quote in _read_quotes(link)}),
            title="\n".join(sorted({str(link["title"]) for link in links if link.get("title")})),
        )
    return merged


def keep_linked(network: nx.MultiGraph, limit: int) -> nx.MultiGraph:
    """Keep the ``limit`` nodes with most links, ties in the order of their ids."""
    if len(network) <= limit:
        return network
    ranked = sorted(network, key=lambda node: (-network.degree(node), str(node)))
    kept = set(ranked[:limit])
    smaller = nx.MultiGraph(**network.graph)
    smaller.add_nodes_from((n, found) for n, found in network.nodes(data=True) if n in kept)
    links = network.edges(keys=True, data=True)
    smaller.add_edges_from(link for link in links if link[0] in kept and link[1] in kept)
    return smaller


def place_nodes(network: nx.Graph) -> dict[Any, tuple[int, int]]:
    """Return whole-pixel positions, the same for the same network.

    Up to 500 nodes a spring layout (Fruchterman and Reingold) with a fixed seed; beyond, where
    that takes seconds, rings with the nodes of most links within.
    """
    plain = nx.Graph()
    plain.add_nodes_from(sorted(network, key=str))
    plain.add_edges_from(sorted(network.edges(), key=str))
    size = _SPREAD * sqrt(max(len(plain), 1))
    if len(plain) <= _SMALL:
        found = _part(nx.spring_layout(plain, seed=_SEED, scale=size, iterations=60))
    else:
        found = nx.shell_layout(plain, nlist=_make_rings(network), scale=size)
    return {node: (round(float(x)), round(float(y))) for node, (x, y) in found.items()}


def _part(positions: Mapping[Any, Any]) -> dict[Any, Any]:
    """Push nodes that lie on each other apart, further sideways, where their labels stand."""
    if len(positions) < 2:
        return dict(positions)
    points = np.array(list(positions.values())) / _GAP
    turns = np.arange(len(points)) * 2.4  # radians; nodes on one spot leave it in all directions
    points += 1e-6 * np.column_stack((np.cos(turns), np.sin(turns)))
    for _ in range(_PUSHES):
        apart = points[:, None] - points
        distance = np.sqrt((apart**2).sum(axis=2))
        np.fill_diagonal(distance, np.inf)
        if distance.min() >= 1:
            break
        push = np.maximum(0, 1 - distance) / distance / 2
        points += (apart * push[:, :, None]).sum(axis=1)
    return dict(zip(positions, points * _GAP, strict=True))


def _make_rings(network: nx.Graph) -> list[list[Any]]:
    """Part the nodes into rings of growing size, each in the order of categories."""
    ranked = sorted(network, key=lambda node: (-network.degree(node), str(node)))
    category = dict(network.nodes(data="category", default=""))
    rings: list[list[Any]] = []
    while ranked:
        size = _RING * (len(rings) + 1)
        rings.append(sorted(ranked[:size], key=lambda node: (str(category[node]), str(node))))
        ranked = ranked[size:]
    return rings


def _find_nodes(rows: Sequence[Row]) -> list[str]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    for subject, predicate, target in _TRIPLES:
        if {subject, predicate, target} <= set(names):
            return [subject, target]
    linked = [name for name in names if _holds_iris(row.get(name) for row in rows)]
    plain = [name for name in names if not name.lower().endswith("label")]
    return linked if len(linked) > 1 else plain


def _holds_iris(values: Iterable[object]) -> bool:
    found = [value for value in values if value is not None]
    return bool(found) and all(isinstance(v, str) and _IRI.fullmatch(v) for v in found)


def _describe_node(row: Row, column: str, columns: Sequence[str]) -> dict[str, str]:
    value = str(row[column])
    short = unquote(re.split(r"[/#]", value)[-1]) if _IRI.fullmatch(value) else value
    label = str(row.get(f"{column}Label") or short or value)
    described = {"kind": column, "label": label, "title": value}
    if row.get("category") and column == ("instrument" if "instrument" in columns else columns[-1]):
        described["category"] = str(row["category"])
    return described


def _read_status(row: Row) -> str:
    value = row.get("state") or row.get("status") or ""
    return re.split(r"[/#]", str(value))[-1]


def _show_rest(row: Row, ends: Sequence[str]) -> str:
    """Show the values of a row that are no nodes, a line each."""
    return "\n".join(
        f"{name}: {value}"
        for name, value in row.items()
        if name not in ends and value is not None and not name.endswith("Label")
    )


def _read_quotes(link: Mapping[str, Any]) -> list[Quote]:
    evidence = link.get("evidence") or ()
    found = []
    for passage in evidence if isinstance(evidence, (tuple, list)) else (evidence,):
        quote = join_lines(str(getattr(passage, "quote", "")))
        source = getattr(passage, "number", "") or getattr(passage, "document", "")
        if quote:
            found.append(Quote(quote, str(source)))
    return found
