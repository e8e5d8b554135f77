"""The endpoint: a request becomes a job for a worker, its result a response."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pyoxigraph as ox
from starlette.requests import Request
from starlette.responses import Response

from kg import __version__
from kg.errors import KGError, QueryError
from kg.serve.description import describe_service
from kg.serve.engine import Job, RejectedError, Result, StoppedError
from kg.serve.explain import PADDING, explain_rejection
from kg.serve.guard import Checked, TooLongError, check_query
from kg.serve.kept import Kept
from kg.serve.lexer import LexicalError, show_place
from kg.serve.negotiation import GRAPHS, TABLES, Format, choose_format
from kg.serve.pool import TICK
from kg.serve.protocol import METHODS, Operation, ProtocolError, read_operation
from kg.serve.published import Published
from kg.serve.responses import (
    OPEN_TO_ALL,
    holds_any,
    is_known,
    make_error,
    make_response,
    make_tag,
    make_unchanged,
)
from kg.serve.state import State

ALLOWED = ", ".join(METHODS)
_GRAPH_FORMS = ("CONSTRUCT", "DESCRIBE")
_STATUSES = {"budget": 429, "unwritable": 406}
LONGEST_CHECK = 32 << 10  # code points; what is longer is checked beside the event loop


async def answer_sparql(request: Request) -> Response:
    """Answer a request to the endpoint."""
    if request.method == "OPTIONS":
        return make_options(request)
    if request.method not in METHODS:
        return make_error(f"use {ALLOWED}", 405, headers={"Allow": ALLOWED})
    state: State = request.app.state.kg
    try:
        operation = await read_operation(request, body_limit=state.settings.body_limit)
        if operation is None:
            return await describe_service(request, state)
        request.state.query = operation.query
        return await _answer_query(request, state, operation)
    except KGError as error:
        return explain_failure(request, error)


def explain_failure(request: Request, error: KGError) -> Response:
    """Return what a client is told of a query that was refused or stopped."""
    if isinstance(error, ProtocolError):
        return make_error(str(error), error.status)
    if isinstance(error, LexicalError):
        status = 413 if isinstance(error, TooLongError) else 400
        return make_error(f"{error}\n\n{show_place(error.place)}", status)
    if isinstance(error, StoppedError):
        request.state.outcome = error.reason
        status = _STATUSES.get(error.reason, 503)
        return make_error(str(error), status, retry_after=error.retry_after)
    if isinstance(error, QueryError):
        return make_error(str(error), 422)
    raise error


async def run_for_page(request: Request, query: str) -> Result:
    """Run a query that a page draws, in JSON or N-Triples, within the limits of the endpoint.

    Raises ProtocolError, LexicalError or StoppedError (see explain_failure).
    """
    state: State = request.app.state.kg
    published = state.publication.current
    operation, base = Operation(query), f"{state.root(request)}/sparql"
    checked = await _check(operation, state, published, base)
    name = "ntriples" if checked.form in _GRAPH_FORMS else "json"
    job = _make_job(checked, operation, name, base)
    try:
        return await run_unless_left(request, state, published, job)
    except RejectedError as error:
        message, status = explain_rejection(checked.text, error)
        raise ProtocolError(message, status=status) from error


def make_options(request: Request) -> Response:
    """Return what may be asked here, also as answer to a preflight request."""
    headers = {
        **OPEN_TO_ALL,
        "Allow": ALLOWED,
        "Access-Control-Allow-Methods": ALLOWED,
        "Access-Control-Allow-Headers": request.headers.get(
            "access-control-request-headers", "Accept, Content-Type"
        ),
        "Access-Control-Max-Age": "86400",
    }
    return Response(status_code=204, headers=headers)


async def _answer_query(request: Request, state: State, operation: Operation) -> Response:
    published = state.publication.current
    base = f"{state.root(request)}/sparql"
    accepted = ",".join(request.headers.getlist("accept"))
    asked = (operation, accepted, base)
    if (kept := published.results.find(asked)) is not None:
        _charge(request, state, kept)
        return await _send(request, kept, 0.0)
    checked = await _check(operation, state, published, base)
    chosen = _choose_format(accepted, operation, checked)
    if chosen is None:
        return make_error(_list_formats(), 406)
    job = _make_job(checked, operation, chosen.name, base)
    tag = make_tag(__version__, published.name, repr(job)) if checked.steady else ""
    if is_known(request, tag):
        return make_unchanged(tag)
    try:
        result = await run_unless_left(request, state, published, job)
    except RejectedError as error:
        return make_error(*explain_rejection(checked.text, error))
    answer = Kept(result.body, f"{chosen.media_type}; charset=utf-8", tag, result.seconds)
    if checked.steady:
        published.results.add(asked, answer)
    return await _send(request, answer, result.seconds)


def _charge(request: Request, state: State, kept: Kept) -> None:
    """Charge a client for a result that is kept what it took to make.

    So its budget does not depend on what others have asked before.  Raises StoppedError.
    """
    account = state.budgets.open_account(request.client.host if request.client else "")
    try:
        account.check()
        with suppress(StoppedError):  # this one it still has
            account.charge(kept.seconds)
    finally:
        account.close()


async def _send(request: Request, answer: Kept, seconds: float) -> Response:
    """Send a result, for which the engine worked so many seconds, unless the client holds it.

    A client holds no response to a POST.
    """
    tag = answer.tag if request.method != "POST" else ""
    if tag and (is_known(request, tag) or holds_any(request)):
        return make_unchanged(tag)
    headers = {"X-Query-Seconds": f"{seconds:.4f}"}
    return await make_response(request, answer.body, answer.content_type, tag=tag, headers=headers)


async def _check(operation: Operation, state: State, published: Published, base: str) -> Checked:
    """Look through the query; a long one beside the event loop, so that others need not wait."""

    def check() -> Checked:
        return check_query(
            operation.query,
            state.settings,
            base=base,
            prefixes=published.prefixes,
            known_graphs=published.graphs,
        )

    if len(operation.query) <= LONGEST_CHECK:
        return check()
    return await asyncio.to_thread(check)


def _choose_format(accepted: str, operation: Operation, checked: Checked) -> Format | None:
    formats = GRAPHS if checked.form in _GRAPH_FORMS else TABLES
    if operation.format:
        names = (found for found in formats if operation.format in (found.name, found.media_type))
        return next(names, None)
    return choose_format(accepted, formats)


def _list_formats() -> str:
    tables = ", ".join(found.media_type for found in TABLES)
    graphs = ", ".join(found.media_type for found in GRAPHS)
    return f"SELECT and ASK give {tables}; CONSTRUCT and DESCRIBE give {graphs}"


def _make_job(checked: Checked, operation: Operation, format_name: str, base: str) -> Job:
    """Make the job; graphs that the protocol names replace those of the query (2.1.4).

    A graph that is named twice is read once: the default graph is a set of triples.
    """
    default, named = operation.default_graphs, operation.named_graphs
    for iri in (*default, *named):
        _check_graph(iri)
    if not (default or named):
        default, named = checked.graphs, checked.named
    chosen = bool(default or named)
    is_graph = checked.form in _GRAPH_FORMS
    return Job(
        query=checked.text + PADDING,
        base=base,
        union=not chosen,
        graphs=tuple(dict.fromkeys(default)) if chosen else None,
        named=tuple(dict.fromkeys(named)) if chosen else None,
        table="" if is_graph else format_name,
        graph=format_name if is_graph else "",
    )


def _check_graph(iri: str) -> None:
    """Raise where a parameter names a file or no IRI; a graph unknown here is an empty one."""
    scheme, colon, rest = iri.partition(":")
    if not colon or not rest or scheme.lower() not in ("http", "https", "urn", "tag"):
        raise ProtocolError(f"graph {iri!r} is not in this dataset; nothing is fetched")
    try:
        ox.NamedNode(iri)
    except ValueError as error:
        raise ProtocolError(f"graph {iri!r} is no IRI: {error}") from error


async def run_unless_left(request: Request, state: State, published: Published, job: Job) -> Result:
    """Run a job for a client, within its budget; stops it when the client goes away.

    Raises StoppedError or RejectedError.
    """
    account = state.budgets.open_account(request.client.host if request.client else "")
    try:
        account.check()
        async with _Presence(request):
            return await published.pool.run(job, account.charge)
    finally:
        account.close()


class _Presence:
    """Cancels what runs within it when the client goes away, and raises StoppedError then.

    It looks after a while only: most queries are answered before anybody could leave.
    """

    def __init__(self, request: Request) -> None:
        self._request = request
        self._looking: asyncio.Task[None] | None = None
        self._left = False

    async def __aenter__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task, self._cancelling = task, task.cancelling()
        self._timer = asyncio.get_running_loop().call_later(TICK, self._look)

    def _look(self) -> None:
        self._looking = asyncio.ensure_future(self._wait_until_left())

    async def _wait_until_left(self) -> None:
        while (await self._request.receive())["type"] != "http.disconnect":
            pass
        self._left = True
        self._task.cancel()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._timer.cancel()
        if self._looking is not None:
            self._looking.cancel()
        ours = self._left and self._task.uncancel() <= self._cancelling
        if ours and kind is asyncio.CancelledError:
            raise StoppedError("the client left", reason="left") from None
