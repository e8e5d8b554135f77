"""The pages of documents: the list, and what one of them holds."""

from __future__ import annotations

from collections import Counter

from starlette.responses import Response

from kg.serve.pages.holdings import read_clauses
from kg.serve.pages.view import View


def show_documents(view: View) -> Response:
    """List the documents."""
    coded = view.holdings.coded
    rows = [
        (identifier, entry, view.holdings.describe(identifier), len(coded.get(identifier, ())))
        for identifier, entry in view.holdings.documents.items()
    ]
    return view.render("documents.html", rows=rows)


def show_document(view: View) -> Response:
    """Show what is known of one document, and its measures by clause."""
    document = view.request.path_params["document"]
    if document not in view.holdings.documents:
        return view.refuse(f"the graph has no document {document!r}", 404, kind="documents")
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
