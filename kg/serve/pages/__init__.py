"""Pages for people: templates, messages in Chinese and English, the routes of the explorer."""

from __future__ import annotations

from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from kg.serve.pages.home import show_home
from kg.serve.pages.render import FOLDER


def make_routes() -> list[BaseRoute]:
    """Return the routes of all pages; they come after those of the endpoint and of the data."""
    return [
        Route("/", show_home),
        Mount("/static", StaticFiles(directory=FOLDER / "static"), name="static"),
    ]
