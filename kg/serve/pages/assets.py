"""The files that pages load: our scripts and styles, and the library that draws networks.

Their addresses carry a digest of their contents, so that a browser asks for each once.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from kg.draw.page import read_library
from kg.serve.responses import make_error, takes_gzip

FOLDER = Path(__file__).parent / "static"
OWN = ("page.css", "network.js", "query.js", "reader.js")
LIBRARY = ("vis-network.min.js", "vis-network.css")
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent, also compressed."""

    body: bytes
    packed: bytes
    digest: str


@cache
def load_asset(name: str) -> Asset:
    """Return a file by its name."""
    text = read_library(name) if name in LIBRARY else (FOLDER / name).read_text(encoding="utf-8")
    body = text.encode()
    digest = hashlib.blake2b(body, digest_size=8).hexdigest()
    return Asset(body, gzip.compress(body, 6, mtime=0), digest)


def name_asset(name: str) -> str:
    """Return the file's name with its digest as a parameter.

    >>> name_asset("page.css").partition("=")[0]
    'page.css?v'
    """
    return f"{name}?v={load_asset(name).digest}"


def send_asset(request: Request) -> Response:
    """Send a file; for as long as its digest stands in the address it never changes."""
    name = request.path_params["name"]
    if name not in (*OWN, *LIBRARY):
        return make_error(f"no file {name!r} here", 404)
    asset = load_asset(name)
    known = request.query_params.get("v") == asset.digest
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable" if known else "no-cache",
        "Content-Type": _TYPES[Path(name).suffix],
        "Vary": "Accept-Encoding",
    }
    if takes_gzip(request):
        return Response(asset.packed, headers={**headers, "Content-Encoding": "gzip"})
    return Response(asset.body, headers=headers)
