"""SPARQL and downloads: the editor for queries, and the whole graph as files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from tempfile import TemporaryFile
from typing import Any

from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from kg.graph import export_graph
from kg.serve.pages.render import FOLDER
from kg.serve.pages.view import open_view
from kg.serve.responses import make_error
from kg.serve.state import get_state

EXPORTS = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "graphml": "application/xml",
}
_CHUNK = 1 << 16


@cache
def load_queries() -> list[dict[str, str]]:
    """Return the example queries: a name in each language, and the query."""
    content = (FOLDER / "messages" / "examples.json").read_text(encoding="utf-8")
    found: list[dict[str, str]] = json.loads(content)["queries"]
    return found


async def show_editor(request: Request) -> Response:
    """Show the editor, with the query of the parameter ``query`` or the first example."""
    view = await open_view(request)
    queries = load_queries()
    query = request.query_params.get("query", "") or queries[0]["sparql"]
    return view.render(
        "sparql.html", queries=queries, query=query, prefixes=view.published.prefixes
    )


async def show_downloads(request: Request) -> Response:
    """List what can be downloaded."""
    view = await open_view(request)
    version = view.published.version
    size = version.quads.stat().st_size
    return view.render("downloads.html", manifest=version.manifest, size=size)


async def send_quads(request: Request) -> Response:
    """Send the graph as N-Quads."""
    version = (await open_view(request)).published.version
    return FileResponse(
        version.quads, media_type="application/n-quads", filename=f"policykg-{version.name}.nq"
    )


def send_export(request: Request) -> Response:
    """Send the coding sheet or the network in one of the formats of an export."""
    published = get_state(request).publication.current
    name = request.path_params["format"]
    if name not in EXPORTS:
        return make_error(f"no download {name!r}; one of nq, {', '.join(EXPORTS)}", 404)
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
