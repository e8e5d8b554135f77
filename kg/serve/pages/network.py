"""Graph: cities, instruments and documents drawn as a network, with positions made beforehand."""

from __future__ import annotations

import asyncio

import networkx as nx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.compare import link_documents
from kg.draw.page import MOST_NODES, make_content, read_library
from kg.serve.pages.matrix import STATES, find_cells
from kg.serve.pages.view import View, open_view
from kg.serve.responses import make_error

LIBRARY = {"vis-network.min.js": "text/javascript", "vis-network.css": "text/css"}


async def show_network(request: Request) -> Response:
    """Show the network; its content comes from ``/graph/content.json``."""
    view = await open_view(request)
    cities = list(await asyncio.to_thread(find_cells, view))
    asked = request.query_params
    tops = [c.id for c in view.names.vocabulary.concepts.values() if not c.broader]
    return view.render(
        "network.html",
        cities=cities,
        city=asked.get("city", ""),
        category=asked.get("category", ""),
        state=asked.get("state", ""),
        categories=tops,
        states=STATES,
        limit=MOST_NODES,
        content={name: asked.get(name, "") for name in ("city", "category", "state", "node")},
    )


async def send_network(request: Request) -> Response:
    """Return nodes with positions and links of what ``city``, ``category``, ``state`` leave."""
    view = await open_view(request)
    asked = tuple(
        request.query_params.get(name, "") for name in ("city", "category", "state", "node")
    )
    content = await asyncio.to_thread(_make, view, *asked)
    return JSONResponse(content, headers={"Cache-Control": "no-cache"})


def _make(view: View, city: str, category: str, state: str, node: str) -> object:
    kept = view.published.notes.setdefault("networks", {})
    key = (city, category, state, node)
    if key not in kept:
        cities = [city] if city in view.names.vocabulary.places else []
        links = link_documents(view.holdings.claims, view.names.vocabulary, cities=cities)
        if len(kept) > 64:
            kept.clear()
        kept[key] = make_content(_filter(links, view, category, state, node))
    return kept[key]


def _filter(
    links: nx.MultiGraph, view: View, category: str, state: str, node: str
) -> nx.MultiGraph:
    """Keep the links of a category, of a status and around a node, and what they link."""
    vocabulary = view.names.vocabulary
    smaller = nx.MultiGraph(**links.graph)
    for one, other, found in links.edges(data=True):
        named = [end for end in (one, other) if end in vocabulary.concepts]
        if category and not any(vocabulary.category_of(end) == category for end in named):
            continue
        if (state and found["status"] != state) or (node and node not in (one, other)):
            continue
        smaller.add_node(one, **links.nodes[one])
        smaller.add_node(other, **links.nodes[other])
        smaller.add_edge(one, other, **found)
    return smaller


async def send_library(request: Request) -> Response:
    """Return a file of the installed vis-network."""
    name = request.path_params["name"]
    if name not in LIBRARY:
        return make_error(f"no file {name!r} here; {', '.join(LIBRARY)} are", 404)
    headers = {"Cache-Control": "public, max-age=86400"}
    return Response(read_library(name), media_type=LIBRARY[name], headers=headers)
