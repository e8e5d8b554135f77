"""The first page: what is served here, and where to go."""

from __future__ import annotations

from starlette.responses import Response

from kg.serve.pages.questions import load_examples
from kg.serve.pages.view import View


def show_home(view: View) -> Response:
    """Show the question box, what the version holds, and the ways in."""
    holdings = view.holdings
    kinds = [kind for kind, _ in holdings.named]
    counts = {
        "documents": len(holdings.documents),
        "measures": len(holdings.measures),
        "places": kinds.count("place"),
        "instruments": kinds.count("instrument"),
        "units": len(holdings.units),
        "triples": view.published.version.manifest.get("triples", 0),
    }
    return view.render("home.html", counts=counts, examples=load_examples()[view.names.language])
