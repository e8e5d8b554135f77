"""What pages need of a version, and the pages most visited, made before visitors come."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import islice

from starlette.applications import Starlette
from starlette.requests import Request

from kg.serve.pages.assets import LIBRARY, OWN, load_asset
from kg.serve.pages.comparison import show_comparison
from kg.serve.pages.data import show_downloads, show_editor
from kg.serve.pages.documents import show_document, show_documents
from kg.serve.pages.entities import show_instruments, show_place, show_places, show_units
from kg.serve.pages.holdings import Holdings, load_holdings
from kg.serve.pages.home import show_home
from kg.serve.pages.kept import Show, make_page
from kg.serve.pages.matrix import read_all_cells, show_matrix
from kg.serve.pages.network import make_network, prepare_picture, show_network
from kg.serve.pages.questions import answer_question, load_examples, show_answer
from kg.serve.pages.reader import show_text
from kg.serve.pages.render import LANGUAGES, compile_templates
from kg.serve.published import Published

MOST_DOCUMENTS = 40  # whose pages are made beforehand
_FIRST: tuple[tuple[str, Show], ...] = (
    ("/", show_home),
    ("/ask", show_answer),
    ("/matrix", show_matrix),
    ("/compare", show_comparison),
    ("/documents", show_documents),
    ("/instruments", show_instruments),
    ("/places", show_places),
    ("/units", show_units),
    ("/graph", show_network),
    ("/graph/content.json", make_network),
    ("/query", show_editor),
    ("/downloads", show_downloads),
)


async def prepare(published: Published, app: Starlette) -> None:
    """Prepare the pages of a version, beside the event loop."""
    await asyncio.to_thread(_prepare_files)
    holdings = await load_holdings(published)
    for step in (read_all_cells, prepare_picture):
        await asyncio.to_thread(step, published, holdings)
    for questions in load_examples().values():
        for question in questions:
            await asyncio.to_thread(answer_question, published, question)
    for language in LANGUAGES:
        for address, show, parameters in _list_pages(published, holdings):
            await make_page(_ask(app, address, parameters, language), show, published)


def _prepare_files() -> None:
    compile_templates()
    for name in (*OWN, *LIBRARY):
        load_asset(name)


def _list_pages(
    published: Published, holdings: Holdings
) -> Iterator[tuple[str, Show, dict[str, str]]]:
    """Yield the pages that are made beforehand: address, maker, parameters of the path."""
    for path, show in _FIRST:
        yield path, show, {}
    for concept in published.vocabulary.concepts.values():
        if not concept.broader:
            yield f"/matrix?category={concept.id}", show_matrix, {}
    for document in islice(holdings.documents, MOST_DOCUMENTS):
        yield f"/documents/{document}/text", show_text, {"document": document}
        yield f"/documents/{document}", show_document, {"document": document}
    for place in dict.fromkeys(entry.place for entry in holdings.documents.values()):
        yield f"/places/{place}", show_place, {"place": place}


def _ask(app: Starlette, address: str, parameters: dict[str, str], language: str) -> Request:
    """Return the request that a browser would send for a page."""
    root = app.state.kg.settings.root_path
    path, _, query = address.partition("?")
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "server": ("localhost", 80),
        "app": app,
        "root_path": root,
        "path": root + path,
        "path_params": parameters,
        "query_string": query.encode(),
        "headers": [(b"accept-language", language.encode())],
    }
    return Request(scope)
