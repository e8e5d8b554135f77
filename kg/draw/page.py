"""The page: pyvis' nodes and links, its vis-network library and our template, all in one file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

import networkx as nx

from kg.draw.network import Row, keep_linked, link_rows, merge_links, place_nodes

MOST_NODES = 2000
_LABEL = 18  # characters of a label in the picture; the tooltip has all
_HOVER = 3  # quotes in a tooltip
_QUOTES = 12  # quotes beside the picture

# Colours that differ in hue and lightness, dark enough on white
_COLOURS = (
    "#0072B2", "#D08A00", "#00795A", "#B0469A", "#C0392B", "#5B3FA0", "#6B6B00", "#3B3B3B",
)  # fmt: skip
_PLACE = "#1D2733"
_BOXED_FONT = {"color": "#FFFFFF", "size": 22, "strokeWidth": 0}
_FONT = {"color": "#1D2733", "size": 16, "strokeWidth": 3, "strokeColor": "#FBFAF7"}
_OTHER = "#7A838C"
_SHAPES = {"place": "box", "city": "box", "instrument": "dot", "document": "square"}
_LINKS: Mapping[str, tuple[str, bool]] = {
    "provided": ("#00795A", False),
    "district": ("#00795A", True),
    "exploratory": ("#6B8E23", True),
    "implemented": ("#0072B2", False),
    "reported": ("#0072B2", True),
    "distributed": ("#7A838C", True),
    "contested": ("#7A4FBF", False),
    "denied": ("#C0261C", True),
    "lacking": ("#C0261C", True),
    "recommended": ("#B36B00", True),
}
_LINK = ("#7A838C", False)


def draw_network(
    content: nx.Graph | Sequence[Row], *, title: str = "", limit: int = MOST_NODES
) -> str:
    """Return an HTML page that draws a network or the rows of a SELECT query (see link_rows).

    Nodes of a network may carry ``label``, ``kind`` (place, instrument, document), ``category``
    and ``title``, links ``status``, ``title`` and ``evidence`` (one object with quote, number
    and document, or several); ``graph`` may name ``categories`` (their order), ``statuses``
    (id → label) and ``title``.  Parallel links of one status become one.  Positions are computed
    here and are the same for the same network.  At most ``limit`` nodes are drawn, those with
    most links first; the page says so.  The page loads nothing.  Raises QueryError for rows
    that make no network.
    """
    network = content if isinstance(content, nx.Graph) else link_rows(content)
    whole = merge_links(network)
    shown = keep_linked(whole, limit)
    note = f"{len(shown)} nodes, {shown.number_of_edges()} edges"
    if len(shown) < len(whole):
        note += f"; {len(whole) - len(shown)} nodes with fewer edges are left out"
    return Template(_read("page.html")).substitute(
        title=escape(title or str(network.graph.get("title") or "Policy network")),
        note=escape(note),
        style=read_library("vis-network.css") + _read("page.css"),
        library=read_library("vis-network.min.js"),
        content=_embed_json(_make_content(shown)),
        script=_read("page.js"),
    )


def make_content(network: nx.Graph, *, limit: int = MOST_NODES) -> dict[str, Any]:
    """Return the nodes with positions and the links of a network, as draw_network draws them.

    ``nodes`` and ``edges`` are those of vis-network, ``categories`` and ``statuses`` the legend,
    ``left_out`` counts the nodes beyond ``limit``.
    """
    whole = merge_links(network)
    shown = keep_linked(whole, limit)
    return {**_make_content(shown), "left_out": len(whole) - len(shown)}


def _make_content(network: nx.MultiGraph) -> dict[str, Any]:
    """Return what pyvis makes of the nodes and links, and the legend."""
    from pyvis.network import Network

    categories = _color_categories(network)
    statuses = _list_statuses(network)
    names = {entry["id"]: entry["name"] for entry in statuses}
    positions = place_nodes(network)
    picture = Network(directed=True)
    for node, found in network.nodes(data=True):
        x, y = positions[node]
        linked = network.degree(node)
        picture.add_node(str(node), x=x, y=y, **_style_node(node, found, categories, linked))
    for number, (one, other, found) in enumerate(network.edges(data=True)):
        options = _style_link(found, names.get(found["status"], ""))
        picture.add_edge(str(one), str(other), id=number, arrows="", **options)
    return {
        "nodes": picture.nodes,
        "edges": picture.edges,
        "categories": [{"id": c, "name": c, "color": color} for c, color in categories.items()],
        "statuses": statuses,
    }


def _style_node(
    node: object, found: Mapping[str, Any], categories: Mapping[str, str], linked: int
) -> dict[str, Any]:
    label = str(found.get("label") or node)
    kind = str(found.get("kind") or "")
    category = str(found.get("category") or "")
    boxed = _SHAPES.get(kind) == "box"
    return {
        "label": label if len(label) <= _LABEL else label[: _LABEL - 1] + "…",
        "title": "\n".join(dict.fromkeys([label, str(found.get("title") or label)])),
        "shape": _SHAPES.get(kind, "dot"),
        "size": 8 + min(14, linked),
        "color": _PLACE if boxed else categories.get(category, _OTHER),
        "font": _BOXED_FONT if boxed else _FONT,
        "category": category,
        "linked": linked > 0,
    }


def _style_link(found: Mapping[str, Any], name: str) -> dict[str, Any]:
    color, dashes = _LINKS.get(found["status"], _LINK)
    quotes = [{"quote": quote, "source": source} for quote, source in found["quotes"]]
    shown = [f"{quote}\n—— {source}" for quote, source in found["quotes"][:_HOVER]]
    return {
        "status": found["status"],
        "color": color,
        "dashes": dashes,
        "width": 1 + min(4, found["count"]) / 2,
        "title": "\n\n".join(filter(None, [name, found["title"], *shown])),
        "text": found["title"],
        "quotes": quotes[:_QUOTES],
        "count": found["count"],
    }


def _color_categories(network: nx.MultiGraph) -> dict[str, str]:
    """Give each category of the network a colour, in the order the graph names them."""
    found = {str(category) for _, category in network.nodes(data="category") if category}
    named = [str(category) for category in network.graph.get("categories", ())]
    order = [*filter(found.__contains__, named), *sorted(found - set(named))]
    return {category: _COLOURS[i % len(_COLOURS)] for i, category in enumerate(order)}


def _list_statuses(network: nx.MultiGraph) -> list[dict[str, Any]]:
    found = {status for _, _, status in network.edges(data="status") if status}
    names = network.graph.get("statuses", {})
    order = [*filter(found.__contains__, _LINKS), *sorted(found - _LINKS.keys())]
    styles = ((status, *_LINKS.get(status, _LINK)) for status in order)
    return [
        {"id": status, "name": str(names.get(status, status)), "color": color, "dashes": dashes}
        for status, color, dashes in styles
    ]


def _embed_json(content: object) -> str:
    """Write JSON that can stand within a script element."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return re.sub("[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _read(name: str) -> str:
    return (files("kg.draw") / name).read_text(encoding="utf-8")


def read_library(name: str) -> str:
    """Return a file of the vis-network that pyvis brings, safe inside its element, without links.

    The licence stays; the addresses in it lose their scheme, the XML namespace keeps it.
    """
    text = (files("pyvis") / "lib" / "vis-9.1.2" / name).read_text(encoding="utf-8")
    text = re.sub(r"(?m)^//# sourceMappingURL=.*$", "", text)
    text = re.sub(r"https?://(?!www\.w3\.org/)", "", text)
    return text.replace("</script", "<\\/script")
