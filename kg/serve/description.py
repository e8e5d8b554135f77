"""What the endpoint says of itself: a SPARQL service description with VoID figures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kg import __version__
from kg.ontology.namespaces import DCTERMS, RDF, XSD
from kg.serve.negotiation import GRAPHS, HTML, choose_format
from kg.serve.published import Published
from kg.serve.responses import (
    OPEN_TO_ALL,
    is_known,
    make_error,
    make_response,
    make_tag,
    make_unchanged,
)
from kg.serve.state import State
from kg.serve.worker import GRAPHS as SYNTAXES

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"
FORMATS = "http://www.w3.org/ns/formats/"
EDITOR = "/"  # where browsers that open the endpoint are sent

_RESULT_FORMATS = [
    "SPARQL_Results_JSON",
    "SPARQL_Results_XML",
    "SPARQL_Results_CSV",
    "SPARQL_Results_TSV",
    "Turtle",
    "N-Triples",
    "N-Quads",
    "JSON-LD",
    "RDF_XML",
    "TriG",
]
_CLASSES = "SELECT ?term (COUNT(?s) AS ?count) { ?s a ?term } GROUP BY ?term"
_PROPERTIES = "SELECT ?term (COUNT(*) AS ?count) { ?s ?term ?o } GROUP BY ?term"
_TOTAL = "SELECT (COUNT(*) AS ?count) { ?s ?p ?o }"


async def describe_service(request: Request, state: State) -> Response:
    """Return the description in a format that the client takes; people are led to the pages."""
    published = state.publication.current
    chosen = choose_format(",".join(request.headers.getlist("accept")), (*GRAPHS, HTML))
    if chosen is None:
        return make_error(f"choose one of {', '.join(f.media_type for f in GRAPHS)}", 406)
    root = state.root(request)
    if chosen is HTML:
        headers = {**OPEN_TO_ALL, "Vary": "Accept"}
        return RedirectResponse(root + EDITOR, status_code=303, headers=headers)
    tag = make_tag(__version__, published.name, "description", root, chosen.name)
    if is_known(request, tag):
        return make_unchanged(tag)
    triples = await asyncio.to_thread(lambda: list(_describe(published, root)))
    syntax = SYNTAXES[chosen.name]
    prefixes = {**published.prefixes, "sd": SD, "void": VOID}
    plain = chosen.name in ("ntriples", "nquads")
    body = ox.serialize(triples, format=syntax, prefixes=None if plain else prefixes) or b""
    content_type = f"{chosen.media_type}; charset=utf-8"
    return await make_response(request, body, content_type, tag=tag)


def _describe(published: Published, root: str) -> Iterator[ox.Triple]:
    endpoint = f"{root}/sparql"
    service, data, default = _nodes(endpoint, "service", "dataset", "default-graph")
    yield from _say(service, RDF + "type", _iri(SD + "Service"))
    yield from _say(service, SD + "endpoint", _iri(endpoint))
    yield from _say(service, SD + "supportedLanguage", _iri(SD + "SPARQL11Query"))
    yield from _say(service, SD + "feature", _iri(SD + "UnionDefaultGraph"))
    for name in _RESULT_FORMATS:
        yield from _say(service, SD + "resultFormat", _iri(FORMATS + name))
    yield from _say(service, SD + "defaultDataset", data)
    yield from _say(data, RDF + "type", _iri(SD + "Dataset"), _iri(VOID + "Dataset"))
    yield from _say(data, SD + "defaultGraph", default)
    yield from _say(data, VOID + "sparqlEndpoint", _iri(endpoint))
    yield from _say(data, VOID + "uriSpace", ox.Literal(published.base))
    yield from _say(data, DCTERMS + "identifier", ox.Literal(published.name))
    yield from _say(default, RDF + "type", _iri(SD + "Graph"), _iri(VOID + "Dataset"))
    yield from _count(published, data, default)
    yield from _list_graphs(published, endpoint, data)


def _count(published: Published, data: ox.NamedNode, default: ox.NamedNode) -> Iterator[ox.Triple]:
    """Yield how many triples the union has, by class and by property."""
    for total in _ask(published, _TOTAL):
        yield from _say(data, VOID + "triples", total["count"])
        yield from _say(default, VOID + "triples", total["count"])
    partitions = (
        ("classPartition", "class", "entities", _CLASSES),
        ("propertyPartition", "property", "triples", _PROPERTIES),
    )
    for partition, kind, counted, query in partitions:
        for number, row in enumerate(_ask(published, query), 1):
            if isinstance(row["term"], ox.NamedNode):
                part = ox.NamedNode(f"{data.value}-{kind}-{number}")
                yield from _say(data, VOID + partition, part)
                yield from _say(part, VOID + kind, row["term"])
                yield from _say(part, VOID + counted, row["count"])


def _list_graphs(published: Published, endpoint: str, data: ox.NamedNode) -> Iterator[ox.Triple]:
    index = published.version.read_index()
    for number, iri in enumerate(sorted(published.graphs), 1):
        named, graph = _nodes(endpoint, f"named-graph-{number}", f"graph-{number}")
        yield from _say(data, SD + "namedGraph", named)
        yield from _say(named, RDF + "type", _iri(SD + "NamedGraph"))
        yield from _say(named, SD + "name", _iri(iri))
        yield from _say(named, SD + "graph", graph)
        yield from _say(graph, RDF + "type", _iri(SD + "Graph"))
        if iri in index:
            count = ox.Literal(str(index[iri].lines), datatype=_iri(XSD + "integer"))
            yield from _say(graph, VOID + "triples", count)


def _ask(published: Published, query: str) -> list[ox.QuerySolution]:
    """Answer a query of our own once for a version; rows in the order of their terms."""
    if query not in published.notes:
        found = published.store.query(query, use_default_graph_as_union=True)
        assert isinstance(found, ox.QuerySolutions)
        published.notes[query] = sorted(found, key=str)
    rows: list[ox.QuerySolution] = published.notes[query]
    return rows


def _say(subject: ox.NamedNode, predicate: str, *values: object) -> Iterator[ox.Triple]:
    for value in values:
        assert isinstance(value, ox.NamedNode | ox.Literal)
        yield ox.Triple(subject, ox.NamedNode(predicate), value)


def _iri(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


def _nodes(endpoint: str, *names: str) -> tuple[ox.NamedNode, ...]:
    return tuple(ox.NamedNode(f"{endpoint}#{name}") for name in names)
