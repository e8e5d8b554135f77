"""The SPARQL 1.1 Protocol: a query with its dataset out of an HTTP request, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from kg.errors import KGError

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
METHODS = ("GET", "HEAD", "POST", "OPTIONS")

READ_ONLY = "this endpoint is read-only: updates are refused"


class ProtocolError(KGError):
    """A request that is no query; ``status`` is that of the response."""

    def __init__(self, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Operation:
    """A query as it came, with the graphs that the protocol names and a format by its short name.

    ``default_graphs`` and ``named_graphs`` are empty where the request names none.
    """

    query: str
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    format: str = ""


async def read_operation(request: Request, *, body_limit: int) -> Operation | None:
    """Read the query of a request; None for a GET without one, which asks what stands here.

    Raises ProtocolError, with the status that fits.
    """
    pairs = _read_pairs(request.scope["query_string"])
    if request.method in ("GET", "HEAD"):
        return _make_operation(pairs) if pairs else None
    media_type, charset = _read_content_type(request)
    if media_type == UPDATE:
        raise ProtocolError(READ_ONLY, status=403)
    if media_type not in (FORM, QUERY):
        raise ProtocolError(
            f"POST takes {QUERY} or {FORM}, not {media_type or 'a body without Content-Type'}",
            status=415,
        )
    if charset not in ("", "utf-8", "utf8", "us-ascii"):
        raise ProtocolError(f"a query must come in UTF-8, not in {charset}", status=415)
    body = await _read_body(request, body_limit)
    if media_type == FORM:
        if any(name in ("query", "update") for name, _ in pairs):
            raise ProtocolError("a form carries the query in its body, not in the address")
        return _make_operation([*pairs, *_read_pairs(body)])
    if any(name in ("query", "update") for name, _ in pairs):
        raise ProtocolError("two queries came, one in the address and one in the body")
    return _make_operation([*pairs, ("query", _decode(body))])


def _make_operation(pairs: Sequence[tuple[str, str]]) -> Operation:
    """Make the operation of the parameters; others than those of the protocol are let pass."""
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    if "update" in values:
        raise ProtocolError(READ_ONLY, status=400 if "query" in values else 403)
    queries = values.get("query", [])
    if len(queries) != 1:
        many = "no query came" if not queries else f"{len(queries)} queries came"
        raise ProtocolError(f"{many}; the parameter 'query' must stand exactly once")
    return Operation(
        query=queries[0],
        default_graphs=tuple(values.get("default-graph-uri", ())),
        named_graphs=tuple(values.get("named-graph-uri", ())),
        format=values.get("format", [""])[-1],
    )


def _read_content_type(request: Request) -> tuple[str, str]:
    """Return media type and character set in lower case, empty where not told."""
    media_type, *parameters = request.headers.get("content-type", "").split(";")
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return media_type.strip().lower(), value.strip().strip('"').lower()
    return media_type.strip().lower(), ""


async def _read_body(request: Request, limit: int) -> bytes:
    """Read the body up to a limit, without trusting what its head says of the length."""
    message = f"the body is longer than {limit} bytes, which is the limit here"
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise ProtocolError(message, status=413)
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > limit:
                raise ProtocolError(message, status=413)
    except ClientDisconnect:
        raise ProtocolError("the client left before the query came") from None
    return bytes(body)


def _read_pairs(content: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            content.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=1000
        )
    except UnicodeDecodeError:
        raise ProtocolError("parameters must be percent-encoded UTF-8") from None
    except ValueError as error:
        raise ProtocolError(f"parameters cannot be read: {error}") from error


def _decode(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ProtocolError(f"the query is no UTF-8: byte {error.start} cannot be read") from None
