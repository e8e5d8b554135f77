"""For operators: health, readiness, figures, the access log, headers of all responses."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg import __version__
from kg.serve.metrics import CONTENT_TYPE
from kg.serve.run import ACCESS
from kg.serve.state import State, get_state

access = logging.getLogger(ACCESS)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


async def show_health(request: Request) -> Response:
    """Say that the process answers."""
    return JSONResponse({"status": "ok", "tool": __version__}, headers=_fresh())


async def show_readiness(request: Request) -> Response:
    """Say whether queries can be answered, and from which version."""
    publication = get_state(request).publication
    if not publication.ready:
        return JSONResponse({"status": "not ready"}, status_code=503, headers=_fresh())
    current = publication.current
    content = {"status": "ready", "version": current.name, "sealed": current.pool.sealed}
    return JSONResponse(content, headers=_fresh())


async def show_metrics(request: Request) -> Response:
    """Return the figures for Prometheus."""
    content = get_state(request).metrics.write()
    return Response(content, headers={**_fresh(), "Content-Type": CONTENT_TYPE})


def _fresh() -> dict[str, str]:
    return {"Cache-Control": "no-store"}


class Observer:
    """Middleware: sets the headers of all responses, counts requests and writes the access log."""

    def __init__(self, app: ASGIApp, state: State) -> None:
        self._app, self._state = app, state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and take notes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status, size = time.perf_counter(), 500, 0

        async def note(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
                set_already = {name for name, _ in message["headers"]}
                own = (header for header in _HEADERS if header[0] not in set_already)
                message["headers"] = [*message["headers"], *own]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            self._log(scope, status, size, time.perf_counter() - start)

    def _log(self, scope: Scope, status: int, size: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "other")
        self._state.metrics.observe(route, status, seconds)
        if not access.isEnabledFor(logging.INFO):
            return
        notes: Mapping[str, str] = scope.get("state", {})
        entry = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "client": (scope.get("client") or ("",))[0],
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "bytes": size,
            "ms": round(seconds * 1000, 1),
        }
        if "outcome" in notes:
            entry["outcome"] = notes["outcome"]
        if self._state.settings.log_queries and "query" in notes:
            entry["query"] = notes["query"]
        access.info(json.dumps(entry, ensure_ascii=False))
