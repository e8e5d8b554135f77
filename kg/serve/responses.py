"""Responses: headers that all share, compression, entity tags, errors in plain text."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After, Link",
}
LEAST_TO_COMPRESS = 1000
FAST_TO_COMPRESS = 64 << 10


def make_tag(*parts: str) -> str:
    """Return a weak entity tag of what a response depends on.

    >>> make_tag("a") == make_tag("a"), make_tag("a", "b") == make_tag("ab")
    (True, False)
    """
    digest = hashlib.blake2b(digest_size=12)
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        digest.update(len(content).to_bytes(8, "big") + content)
    return f'W/"{digest.hexdigest()}"'


def is_known(request: Request, tag: str) -> bool:
    """Tell whether the client holds this response already (If-None-Match, weak comparison).

    Only a GET or HEAD has responses that a client can hold (RFC 9110, 13.1.2).
    """
    if not tag or request.method not in ("GET", "HEAD"):
        return False
    known = (name.strip() for name in request.headers.get("if-none-match", "").split(","))
    return any(name.removeprefix("W/") == tag.removeprefix("W/") for name in known)


def holds_any(request: Request) -> bool:
    """Tell whether the client wants nothing that exists (``If-None-Match: *``)."""
    anything = request.headers.get("if-none-match", "").strip() == "*"
    return anything and request.method in ("GET", "HEAD")


async def make_response(
    request: Request,
    body: bytes,
    content_type: str,
    *,
    tag: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Return a body of data, compressed where the client takes that, to be asked for again."""
    sent = {
        **OPEN_TO_ALL,
        "Cache-Control": "no-cache",
        "Content-Type": content_type,
        "Vary": "Accept, Accept-Encoding",
        **(headers or {}),
    }
    if tag:
        sent["ETag"] = tag
    if len(body) >= LEAST_TO_COMPRESS and takes_gzip(request):
        sent["Content-Encoding"] = "gzip"
        if len(body) > FAST_TO_COMPRESS:  # elsewhere, so that others need not wait
            body = await asyncio.to_thread(gzip.compress, body, 5, mtime=0)
        else:
            body = gzip.compress(body, 5, mtime=0)
    return Response(body, headers=sent)


def make_unchanged(tag: str) -> Response:
    """Return 304 for a client that holds the response already."""
    headers = {"ETag": tag, "Cache-Control": "no-cache", "Vary": "Accept, Accept-Encoding"}
    return Response(status_code=304, headers={**OPEN_TO_ALL, **headers})


def make_error(
    message: str, status: int, *, retry_after: int = 0, headers: Mapping[str, str] | None = None
) -> Response:
    """Return an error as plain text."""
    sent = {**OPEN_TO_ALL, "Cache-Control": "no-store", **(headers or {})}
    if retry_after:
        sent["Retry-After"] = str(retry_after)
    sent["Content-Type"] = "text/plain; charset=utf-8"
    return Response(f"{message}\n".encode("utf-8", "replace"), status, headers=sent)


def takes_gzip(request: HTTPConnection) -> bool:
    """Tell whether the client takes a compressed body; what names gzip goes before ``*``."""
    taken: dict[str, bool] = {}
    for item in request.headers.get("accept-encoding", "").lower().split(","):
        name, _, parameter = item.partition(";")
        refused = parameter.replace(" ", "") in ("q=0", "q=0.", "q=0.0", "q=0.00", "q=0.000")
        taken[name.strip().removeprefix("x-")] = not refused
    return taken.get("gzip", taken.get("*", False))


class Compression(GZipMiddleware):
    """Compresses for clients that take it; the middleware beneath looks for the word only."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Say plainly whether the client takes a compressed body, then pass the request on."""
        if scope["type"] == "http":
            encoding = "gzip" if takes_gzip(HTTPConnection(scope)) else "identity"
            MutableHeaders(scope=scope)["accept-encoding"] = encoding
        await super().__call__(scope, receive, send)


PACKED = (
    Middleware(Compression),
)  # for routes whose responses are not compressed as they are made
