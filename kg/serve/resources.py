"""Linked data: every IRI of the graph answers, with a page for people, with RDF for programs."""

from __future__ import annotations

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from kg import __version__
from kg.serve.describe import (
    Description,
    describe_iri,
    describe_namespace,
    spell_iri,
    write_description,
)
from kg.serve.negotiation import GRAPHS, HTML, choose_format
from kg.serve.pages.render import choose_language, refuse
from kg.serve.pages.resource import show_resource
from kg.serve.published import Published
from kg.serve.responses import is_known, make_error, make_response, make_tag, make_unchanged
from kg.serve.sparql import make_options
from kg.serve.state import get_state
from kg.serve.worker import GRAPHS as SYNTAXES

# Turtle first: what */* gets
_FORMATS = (*GRAPHS, HTML)


async def answer_resource(request: Request) -> Response:
    """Answer for an IRI under the graph's base, by the path that stands for it."""
    published = get_state(request).publication.current
    raw = request.scope.get("raw_path", request.scope["path"].encode()).split(b"?")[0]
    path = raw[raw.index(b"/id/") + 1 :]
    iris = [published.base + spelling for spelling in spell_iri(path)]
    return await _answer(request, published, iris)


async def answer_any(request: Request) -> Response:
    """Answer for the IRI in the parameter ``iri``, wherever it stands."""
    iri = request.query_params.get("iri", "")
    if not iri:
        return make_error("the parameter 'iri' names the resource to describe", 400)
    return await _answer(request, get_state(request).publication.current, [iri])


async def answer_ontology(request: Request) -> Response:
    """Answer for the terms of the graph's own ontology, all in one document."""
    published = get_state(request).publication.current
    return await _answer(request, published, [published.base + "ontology#"])


async def _answer(request: Request, published: Published, iris: list[str]) -> Response:
    if request.method == "OPTIONS":
        return make_options(request)
    accept = ",".join(request.headers.getlist("accept"))
    asked = request.query_params.get("format", "")
    named = [found for found in _FORMATS if asked in (found.name, found.media_type)]
    chosen = named[0] if named else choose_format(accept, _FORMATS)
    if chosen is None or (asked and not named):
        return make_error(f"choose one of {', '.join(f.media_type for f in _FORMATS)}", 406)
    language = choose_language(request) if chosen is HTML else ""
    root = get_state(request).root(request)
    tag = make_tag(__version__, published.name, root, *iris, chosen.name, language)
    if is_known(request, tag):
        return make_unchanged(tag)
    description = await asyncio.to_thread(_describe_first, published, iris)
    if description is None:
        return refuse(request, f"the graph has no resource <{iris[0]}>", 404)
    if chosen is HTML:
        return await show_resource(request, published, description, tag=tag)
    body = await asyncio.to_thread(write_description, description, SYNTAXES[chosen.name], published)
    return await make_response(request, body, f"{chosen.media_type}; charset=utf-8", tag=tag)


def _describe_first(published: Published, iris: list[str]) -> Description | None:
    """Return the description of the first spelling that the graph knows."""
    for iri in iris:
        if iri.endswith("ontology#"):
            found = describe_namespace(published, iri)
        else:
            found = describe_iri(published, iri)
        if found is not None:
            return found
    return None
