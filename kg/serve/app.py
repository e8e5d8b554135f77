"""The application: its routes, what they share, and its life from the first version to the stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from kg.ontology import Vocabulary
from kg.serve.budgets import Budgets
from kg.serve.metrics import Metrics
from kg.serve.operations import Observer, show_health, show_metrics, show_readiness
from kg.serve.pages import make_routes
from kg.serve.pages.prepared import prepare
from kg.serve.pages.render import refuse
from kg.serve.published import Publication
from kg.serve.resources import answer_any, answer_ontology, answer_resource
from kg.serve.responses import PACKED
from kg.serve.settings import Settings
from kg.serve.sparql import answer_sparql
from kg.serve.state import State, get_state

READING = ("GET", "HEAD", "OPTIONS")


def make_app(folder: Path, vocabulary: Vocabulary, settings: Settings | None = None) -> Starlette:
    """Return the ASGI application over the graph in ``folder``, whose versions it takes up.

    Its start raises GraphError where the folder holds no graph.
    """
    limits = settings or Settings()
    publication = Publication(folder, limits, vocabulary, prepare=lambda found: prepare(found, app))
    state = State(limits, publication, Budgets(limits), Metrics(publication))
    app = Starlette(
        routes=_list_routes(),
        middleware=[Middleware(Observer, state=state)],
        exception_handlers={HTTPException: _show_error, Exception: _show_failure},
        lifespan=_live,
    )
    app.state.kg = state
    return app


def _list_routes() -> list[BaseRoute]:
    # The endpoint is an application, not a function: it answers every method itself.
    return [
        Route("/sparql", _Endpoint()),
        Route("/sparql/", _Endpoint()),
        Route("/.well-known/void", _lead_to_description),
        Route("/id/{path:path}", answer_resource, methods=READING, middleware=PACKED),
        Route("/ontology", answer_ontology, methods=READING, middleware=PACKED),
        Route("/resource", answer_any, methods=READING, middleware=PACKED),
        Route("/health", show_health),
        Route("/ready", show_readiness),
        Route("/metrics", show_metrics, middleware=PACKED),
        *make_routes(),
    ]


@asynccontextmanager
async def _live(app: Starlette) -> AsyncIterator[None]:
    state: State = app.state.kg
    await state.publication.take_up()
    watching = asyncio.ensure_future(state.publication.watch())
    try:
        yield
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        await state.publication.close()


class _Endpoint:
    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        request = Request(scope, receive, send)
        response = await answer_sparql(request)
        await response(scope, receive, send)


async def _lead_to_description(request: Request) -> Response:
    """Lead from the place where VoID is looked for to the description of the endpoint."""
    return RedirectResponse(f"{get_state(request).root(request)}/sparql", status_code=303)


async def _show_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = refuse(request, error.detail, error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _show_failure(request: Request, error: Exception) -> Response:
    return refuse(request, "this request failed; the server's log tells why", 500)
