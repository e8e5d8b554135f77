"""Pages for people: templates, messages in Chinese and English, the routes of the explorer."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from kg.serve.pages.assets import send_asset
from kg.serve.pages.comparison import download_comparison, show_comparison
from kg.serve.pages.data import send_codebook, send_export, send_quads, show_downloads, show_editor
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
from kg.serve.pages.kept import keep
from kg.serve.pages.matrix import show_cell, show_matrix
from kg.serve.pages.network import send_network, show_network
from kg.serve.pages.questions import show_answer
from kg.serve.pages.reader import show_text
from kg.serve.pages.reports import send_report
from kg.serve.responses import PACKED


def make_routes() -> list[BaseRoute]:
    """Return the routes of all pages; they come after those of the endpoint and of the data."""
    return [
        Route("/", keep(show_home)),
        Route("/ask", keep(show_answer)),
        Route("/matrix", keep(show_matrix)),
        Route("/cell", keep(show_cell)),
        Route("/compare", keep(show_comparison)),
        Route("/compare.{format:str}", keep(download_comparison)),
        Route("/places", keep(show_places)),
        Route("/places/{place}", keep(show_place)),
        Route("/instruments", keep(show_instruments)),
        Route("/instruments/{instrument}", keep(show_instrument)),
        Route("/units", keep(show_units)),
        Route("/units/{unit}", keep(show_unit)),
        Route("/documents", keep(show_documents)),
        Route("/documents/{document}", keep(show_document)),
        Route("/documents/{document}/text", keep(show_text)),
        Route("/graph", keep(show_network)),
        Route("/graph/content.json", send_network, middleware=PACKED),
        Route("/query", keep(show_editor)),
        Route("/downloads", keep(show_downloads)),
        Route("/downloads/nq", send_quads, middleware=PACKED),
        Route("/downloads/codebook.csv", keep(send_codebook)),
        Route("/downloads/{kind:str}.{format:str}", send_report, middleware=PACKED),
        Route("/downloads/{format}", send_export, middleware=PACKED),
        Route("/static/{name}", send_asset),
    ]
