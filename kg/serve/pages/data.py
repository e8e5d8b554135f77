"""SPARQL and downloads: the editor for queries, and the whole graph as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from functools import cache
from tempfile import TemporaryFile
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from kg.graph import export_graph
from kg.graph.export import guard_cell
from kg.serve.pages.comparison import read_cities
from kg.serve.pages.matrix import find_cells
from kg.serve.pages.render import FOLDER, refuse
from kg.serve.pages.view import View
from kg.serve.state import get_state

EXPORTS = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "graphml": "application/xml",
}
_CODEBOOK = (
    "id", "category", "zh", "en", "broader", "definition", "labels", "measures", "iri",
)  # fmt: skip
_CHUNK = 1 << 16


@cache
def load_queries() -> list[dict[str, str]]:
    """Return the example queries: a name in each language, and the query."""
    content = (FOLDER / "messages" / "examples.json").read_text(encoding="utf-8")
    found: list[dict[str, str]] = json.loads(content)["queries"]
    return found


def show_editor(view: View) -> Response:
    """Show the editor, with the query of the parameter ``query`` or the first example."""
    queries = load_queries()
    query = view.request.query_params.get("query", "") or queries[0]["sparql"]
    return view.render(
        "sparql.html", queries=queries, query=query, prefixes=view.published.prefixes
    )


def show_downloads(view: View) -> Response:
    """List what can be downloaded, and choose the cities of a report."""
    version = view.published.version
    cities = list(find_cells(view))
    city, peers = read_cities(view, cities)
    return view.render(
        "downloads.html",
        manifest=version.manifest,
        size=version.quads.stat().st_size,
        cities=cities,
        city=city,
        peers=peers,
    )


def send_codebook(view: View) -> Response:
    """Send the codebook: every category and instrument with its definition and measures."""
    vocabulary = view.names.vocabulary
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(_CODEBOOK)
    for concept in vocabulary.concepts.values():
        row = (
            concept.id,
            vocabulary.notation(concept.id),
            concept.zh,
            concept.en,
            concept.broader,
            concept.definition,
            "；".join(text for text, language in concept.labels if language == "zh"),
            len(view.holdings.find_measures("instrument", concept.id)),
            concept.iri,
        )
        writer.writerow([guard_cell(str(cell)) for cell in row])
    headers = {"Content-Disposition": f'attachment; filename="codebook-{vocabulary.version}.csv"'}
    return Response(
        "\ufeff" + output.getvalue(), media_type="text/csv; charset=utf-8", headers=headers
    )


async def send_quads(request: Request) -> Response:
    """Send the graph as N-Quads."""
    version = get_state(request).publication.current.version
    return FileResponse(
        version.quads, media_type="application/n-quads", filename=f"policykg-{version.name}.nq"
    )


def send_export(request: Request) -> Response:
    """Send the coding sheet or the network in one of the formats of an export."""
    published = get_state(request).publication.current
    name = request.path_params["format"]
    if name not in EXPORTS:
        message = f"no download {name!r}; one of nq, {', '.join(EXPORTS)}"
        return refuse(request, message, 404, kind="downloads")
    output: Any = TemporaryFile()  # noqa: SIM115 (closed by the last piece)
    export_graph(published.version, name, output, base=published.base)
    output.seek(0)
    filename = f"policykg-{published.name}.{name}"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return StreamingResponse(_send(output), media_type=EXPORTS[name], headers=headers)


def _send(output: Any) -> Iterator[bytes]:
    with output:
        while chunk := output.read(_CHUNK):
            yield chunk
