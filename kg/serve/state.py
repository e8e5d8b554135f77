"""What all routes of an application share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from starlette.datastructures import URL
from starlette.requests import Request

from kg.serve.budgets import Budgets
from kg.serve.metrics import Metrics
from kg.serve.published import Publication
from kg.serve.settings import Settings


@dataclass(frozen=True, slots=True)
class State:
    """The settings, what is published, the clients' budgets and what is counted."""

    settings: Settings
    publication: Publication
    budgets: Budgets
    metrics: Metrics

    def root(self, request: Request) -> str:
        """Return the address of the server as clients see it, without a final slash."""
        if self.settings.public_url:
            return self.settings.public_url
        scope = request.scope
        server = tuple(scope.get("server") or ())
        asked = (scope.get("scheme", "http"), request.headers.get("host"), server)
        return _make_root(*asked, scope.get("app_root_path", scope.get("root_path", "")))


@lru_cache(maxsize=256)  # by what clients write into their requests
def _make_root(scheme: str, host: str | None, server: tuple[str | int, ...], root_path: str) -> str:
    headers = [(b"host", host.encode("latin-1"))] if host else []
    scope = {"scheme": scheme, "server": server or None, "path": root_path, "headers": headers}
    return str(URL(scope=scope)).rstrip("/")


def get_state(request: Request) -> State:
    """Return the state of the application that a request came to."""
    state: State = request.app.state.kg
    return state
