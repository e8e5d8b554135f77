"""Pages for people: templates, messages in Chinese and English, the routes of the explorer."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from kg.serve.pages.comparison import download_comparison, show_comparison
from kg.serve.pages.data import send_export, send_quads, show_downloads, show_editor
from kg.serve.pages.documents import show_document, show_documents
from kg.serve.pages.entities import (
    show_instrument,
    show_instruments,
    show_place,
    show_places,
    show_unit,
    show_units,
)
from kg.serve.pages.home import show_home
from kg.serve.pages.matrix import show_cell, show_matrix
from kg.serve.pages.network import send_library, send_network, show_network
from kg.serve.pages.questions import show_answer
from kg.serve.pages.reader import show_text
from kg.serve.pages.render import FOLDER


def make_routes() -> list[BaseRoute]:
    """Return the routes of all pages; they come after those of the endpoint and of the data."""
    return [
        Route("/", show_home),
        Route("/ask", show_answer),
        Route("/matrix", show_matrix),
        Route("/cell", show_cell),
        Route("/compare", show_comparison),
        Route("/compare.{format:str}", download_comparison),
        Route("/places", show_places),
        Route("/places/{place}", show_place),
        Route("/instruments", show_instruments),
        Route("/instruments/{instrument}", show_instrument),
        Route("/units", show_units),
        Route("/units/{unit}", show_unit),
        Route("/documents", show_documents),
        Route("/documents/{document}", show_document),
        Route("/documents/{document}/text", show_text),
        Route("/graph", show_network),
        Route("/graph/content.json", send_network),
        Route("/graph/{name}", send_library),
        Route("/query", show_editor),
        Route("/downloads", show_downloads),
        Route("/downloads/nq", send_quads),
        Route("/downloads/{format}", send_export),
        Mount("/static", StaticFiles(directory=FOLDER / "static"), name="static"),
    ]
