"""The first page: what is served here, and where to go."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from kg.serve.pages.render import render_page
from kg.serve.state import get_state


async def show_home(request: Request) -> Response:
    """Show what the version holds."""
    manifest = get_state(request).publication.current.version.manifest
    return render_page(request, "home.html", triples=manifest.get("triples", 0))
