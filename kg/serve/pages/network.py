"""Graph: what the filters leave, or the result of a query, drawn with positions made beforehand."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import networkx as nx
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kg.compare import link_documents
from kg.draw.page import MOST_NODES, make_content
from kg.errors import KGError
from kg.ontology import list_categories, local_id
from kg.serve.pages.holdings import Holdings
from kg.serve.pages.kept import keep
from kg.serve.pages.matrix import STATES, find_cells
from kg.serve.pages.queried import link_around, link_result
from kg.serve.pages.view import View, open_view
from kg.serve.published import Published
from kg.serve.responses import make_error
from kg.serve.sparql import explain_failure, run_for_page

LARGEST_RESULT = 8 << 20
READABLE = 400  # links that can be told apart by eye
_FILTERS = ("city", "category", "state", "node")


def show_network(view: View) -> Response:
    """Show the network; its content comes from ``/graph/content.json``.

    Where nothing is asked for and the whole is too dense to be read, it begins with one category.
    """
    asked = view.request.query_params
    query = asked.get("query", "").strip()
    chosen = {name: asked.get(name, "") for name in _FILTERS}
    begins = "" if query or asked.keys() & set(_FILTERS) else _choose_beginning(view)
    chosen["category"] = begins or chosen["category"]
    return view.render(
        "network.html",
        cities=list(find_cells(view)),
        chosen=chosen,
        node=_name_node(view, chosen["node"]),
        query=query,
        categories=[c.id for c in list_categories(view.names.vocabulary)],
        states=STATES,
        limit=MOST_NODES,
        begins=begins,
        content={"query": query} if query else chosen,
    )


def _choose_beginning(view: View) -> str:
    """Return the category with the fewest links, empty where the whole network is readable."""
    links = load_links(view.published, view.holdings)
    if links.number_of_edges() <= READABLE:
        return ""
    vocabulary = view.names.vocabulary
    counts = Counter(
        vocabulary.category_of(end)
        for one, other in links.edges()
        for end in (one, other)
        if end in vocabulary.concepts
    )
    return min(counts, key=lambda name: (counts[name], name), default="")


async def send_network(request: Request) -> Response:
    """Return nodes with positions and links: of a ``query``, ``around`` an IRI, or of the filters."""
    if request.query_params.get("query", "").strip():
        return await _send_result(request)
    if request.query_params.get("around", ""):
        return await _send_around(request)
    return await _send_filtered(request)


def make_network(view: View) -> Response:
    """Return the content of what ``city``, ``category``, ``state`` and ``node`` leave."""
    chosen = [view.request.query_params.get(name, "") for name in _FILTERS]
    if not any(chosen):
        return _pack(view, prepare_picture(view.published, view.holdings))
    return _pack(
        view, make_content(_filter(load_links(view.published, view.holdings), view, *chosen))
    )


_send_filtered = keep(make_network)


async def _send_result(request: Request) -> Response:
    try:
        result = await run_for_page(request, request.query_params["query"])
        if len(result.body) > LARGEST_RESULT:
            return make_error("the result is too large to draw; ask for less with LIMIT", 413)
        view = await open_view(request)
        content = await asyncio.to_thread(lambda: make_content(link_result(view, result)))
    except KGError as error:
        return explain_failure(request, error)
    return await asyncio.to_thread(_pack, view, content)


async def _send_around(request: Request) -> Response:
    view = await open_view(request)
    links = await asyncio.to_thread(link_around, view, request.query_params["around"])
    if links is None:
        return make_error("the graph has no such resource", 404)
    return await asyncio.to_thread(lambda: _pack(view, make_content(links)))


def load_links(published: Published, holdings: Holdings) -> nx.MultiGraph:
    """Return the links of all cities, instruments and documents, made once for a version."""
    kept: nx.MultiGraph | None = published.notes.get("links")
    if kept is None:
        kept = published.notes["links"] = link_documents(holdings.claims, published.vocabulary)
    return kept


def prepare_picture(published: Published, holdings: Holdings) -> dict[str, Any]:
    """Return the content of the whole network with its positions, made once for a version."""
    kept: dict[str, Any] | None = published.notes.get("picture")
    if kept is None:
        kept = published.notes["picture"] = make_content(load_links(published, holdings))
    return kept


def _pack(view: View, content: dict[str, Any]) -> Response:
    """Return the content of a network, its names in the language of the page."""
    nodes = [{**node, **_describe(view, str(node["id"]), node)} for node in content["nodes"]]
    categories = [
        {**entry, "name": view.names.short(view.names.category(entry["id"]))}
        for entry in content["categories"]
    ]
    statuses = [{**entry, "name": view.names.state(entry["id"])} for entry in content["statuses"]]
    found = {**content, "nodes": nodes, "categories": categories, "statuses": statuses}
    return JSONResponse(found, headers={"Cache-Control": "no-cache"})


def _describe(view: View, node: str, found: dict[str, Any]) -> dict[str, str]:
    """Return the name of a node and the address of its page."""
    names = view.names
    if node in names.vocabulary.places:
        return {"label": names.place(node), "page": view.at(f"/places/{node}")}
    if node in names.vocabulary.concepts:
        return {"label": names.instrument(node), "page": view.at(f"/instruments/{node}")}
    if local_id(node) in view.holdings.documents and node.endswith(f"/document/{local_id(node)}"):
        return {"page": view.at(f"/documents/{local_id(node)}")}
    if node in view.holdings.measures:
        return {"page": view.link_measure(view.holdings.measures[node])}
    return {"page": view.at("/resource", iri=node)} if ":" in node else {}


def _name_node(view: View, node: str) -> str:
    """Return the name of the node that the page is about."""
    if not node:
        return ""
    found = view.holdings.documents.get(local_id(node))
    fallback = {"label": (found.number or found.title) if found else node}
    return {**fallback, **_describe(view, node, {})}["label"]


def _filter(
    links: nx.MultiGraph, view: View, city: str, category: str, state: str, node: str
) -> nx.MultiGraph:
    """Keep the links of a city, a category, a status and around a node, and what they link."""
    vocabulary = view.names.vocabulary
    smaller = nx.MultiGraph(**links.graph)
    if city:
        links = (
            link_documents(view.holdings.claims, vocabulary, cities=[city])
            if city in vocabulary.places
            else smaller
        )
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
