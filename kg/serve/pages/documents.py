"""The pages of documents: the list, and what one of them holds."""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response

from kg.serve.pages.holdings import read_clauses
from kg.serve.pages.view import open_view
from kg.serve.responses import make_error


async def show_documents(request: Request) -> Response:
    """List the documents."""
    view = await open_view(request)
    coded = view.holdings.coded
    rows = [
        (identifier, entry, view.holdings.describe(identifier), len(coded.get(identifier, ())))
        for identifier, entry in view.holdings.documents.items()
    ]
    return view.render("documents.html", rows=rows)


async def show_document(request: Request) -> Response:
    """Show what is known of one document, and its measures by clause."""
    view = await open_view(request)
    document = request.path_params["document"]
    if document not in view.holdings.documents:
        return make_error(f"the graph has no document {document!r}", 404)
    entry = view.holdings.documents[document]
    rows = view.holdings.coded.get(document, ())
    counts = Counter(view.names.category(name) for row in rows for name in row["categories"][:1])
    return view.render(
        "document.html",
        entry=entry,
        document=document,
        about=view.holdings.describe(document),
        clauses=read_clauses(view.published, entry.iri),
        counts=counts.most_common(),
        cards=view.measure_cards(rows),
    )
