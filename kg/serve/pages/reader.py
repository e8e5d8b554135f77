"""The reader: a document's words with every measure marked where it stands, and its coding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from starlette.responses import Response

from kg.errors import GraphError
from kg.ontology import local_id
from kg.serve.pages.holdings import Row, read_clauses
from kg.serve.pages.passages import Mark, cut_text, find_units, smooth
from kg.serve.pages.view import View

_PASSAGE = re.compile(r"(\d{1,9})-(\d{1,9})")


def show_text(view: View) -> Response:
    """Show the text of a document with its measures."""
    document = view.request.path_params["document"]
    if document not in view.holdings.documents:
        return view.refuse(f"the graph has no document {document!r}", 404, kind="documents")
    entry = view.holdings.documents[document]
    rows = view.holdings.coded.get(document, ())
    try:
        raw = view.published.version.text(view.holdings.texts.get(document, ""))
    except GraphError:
        raw = ""
    text, places = smooth(raw)
    clauses = read_clauses(view.published, entry.iri)
    marks = [
        *_mark_measures(raw, rows, places),
        *_mark_clauses(clauses, places),
        *_mark_units(view, raw, rows, places),
        *_mark_passage(view, places),
    ]
    return view.render(
        "reader.html",
        entry=entry,
        document=document,
        pieces=cut_text(text, marks) if raw else [],
        rows=rows,
        clauses=clauses,
        local_id=local_id,
    )


def _mark_measures(raw: str, rows: Sequence[Row], places: Sequence[int]) -> Iterator[Mark]:
    for row in rows:
        start, end = min(row["start"], len(raw)), min(row["end"], len(raw))
        yield Mark(places[start], places[end], f"m-{local_id(row['id'])}", "measure", row)


def _mark_clauses(clauses: Sequence[Row], places: Sequence[int]) -> Iterator[Mark]:
    for row in clauses:
        start = places[min(int(row["start"]), len(places) - 1)]
        yield Mark(start, start, f"c-{local_id(row['clause'])}", "clause")


def _mark_units(view: View, raw: str, rows: Sequence[Row], places: Sequence[int]) -> Iterator[Mark]:
    seen: set[tuple[int, int]] = set()
    ids = {unit.name: unit.id for unit in view.holdings.units.values()}
    for row in rows:
        names = {unit["surface"]: unit["name"] for unit in row["units"]}
        for surface, start, end in find_units(raw, row["start"], row["end"], names):
            if (start, end) not in seen:
                seen.add((start, end))
                name = names[surface]
                value = (name, ids.get(name, ""))
                yield Mark(places[start], places[end], "", "unit", value)


def _mark_passage(view: View, places: Sequence[int]) -> Iterator[Mark]:
    """Mark the passage that the address names, for evidence that is no measure."""
    asked = _PASSAGE.fullmatch(view.request.query_params.get("passage", ""))
    if asked:
        start, end = (min(int(part), len(places) - 1) for part in asked.groups())
        if start < end:
            yield Mark(places[start], places[end], "passage", "passage")
