"""Graphs on other servers: a version written by Graph Store Protocol or Update, queries sent."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import httpx2 as httpx
import pyoxigraph as ox

from kg import __version__
from kg.errors import GraphError, QueryError
from kg.graph.query import draw_table, make_prefixes
from kg.graph.version import Version
from kg.ontology import BASE

CHUNK = 2_000  # triples in one INSERT DATA; Virtuoso has no memory for 5,000
LONGEST_WAIT = 60.0
STAGING = "/staging"

_TRANSIENT = frozenset((408, 425, 429, 500, 502, 503, 504))
_ACCEPT = {
    "table": "application/sparql-results+json, text/turtle;q=0.9",
    "json": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "xml": "application/sparql-results+xml",
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
}
_GRAPHS = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to prove who asks: a user with a password (basic or digest), or a bearer token."""

    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    scheme: Literal["basic", "digest"] = "basic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where and how a version is written.

    ``url`` is that of the Graph Store Protocol or of updates, as ``protocol`` says; ``query_url``
    is for queries, to find graphs that the version no longer has and to count what was written.
    ``pause`` is the time before the first repetition, in seconds; it doubles each time.
    """

    url: str
    protocol: Literal["graph-store", "update"] = "graph-store"
    query_url: str = ""
    keep_others: bool = False
    retries: int = 4
    pause: float = 1.0


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many graphs and triples, how many old graphs were removed."""

    graphs: int
    triples: int
    removed: int


def open_client(credentials: Credentials | None = None, *, timeout: float = 60.0) -> httpx.Client:
    """Return a client that sends the credentials."""
    headers = {"User-Agent": f"policykg/{__version__}"}
    auth: httpx.Auth | None = None
    if credentials and credentials.token:
        headers["Authorization"] = f"Bearer {credentials.token}"
    elif credentials and credentials.user:
        kind = httpx.DigestAuth if credentials.scheme == "digest" else httpx.BasicAuth
        auth = kind(credentials.user, credentials.password)
    return httpx.Client(headers=headers, auth=auth, timeout=timeout)


def publish_version(
    version: Version,
    target: Target,
    client: httpx.Client,
    *,
    base: str = BASE,
    tick: Callable[[str], None] = lambda iri: None,
) -> Written:
    """Write every named graph of a version, each wholly or not at all.

    Graphs under ``base`` that the version has not are removed at the end if ``query_url`` is
    known, and what was written is counted there.  ``tick`` is told each graph that is done.
    Raises GraphError at the first graph that cannot be written; the ones before it stay.
    """
    index = version.read_index()
    for done, (iri, content) in enumerate(
        zip(sorted(index), version.read_graphs(sorted(index)), strict=True)
    ):
        triples = content.replace(f" <{iri}> .\n".encode(), b" .\n")
        try:
            _write_graph(iri, triples, target, client)
        except GraphError as error:
            raise GraphError(
                f"{error}; {done} of {len(index)} graphs are written, the others are as they "
                "were: run kg publish again"
            ) from error
        tick(iri)
    removed = 0
    if target.query_url:
        expected = {iri: piece.lines for iri, piece in index.items()}
        removed = _settle(expected, target, client, base)
    return Written(len(index), sum(piece.lines for piece in index.values()), removed)


def ask_endpoint(
    url: str,
    sparql: str,
    format: str,
    client: httpx.Client,
    *,
    base: str = BASE,
    union: bool = False,
) -> bytes:
    """Answer a query from an endpoint as bytes, in one of the formats of ``run_query``.

    Known prefixes are declared where the query does not.  ``union`` asks servers that know the
    parameter ``union-default-graph`` for the union of all graphs.  Raises QueryError with what
    the server says.
    """
    form = {"query": _declare_prefixes(sparql, make_prefixes(base))}
    if union:
        form["union-default-graph"] = "true"
    try:
        response = client.post(url, data=form, headers={"Accept": _ACCEPT[format]})
    except httpx.HTTPError as error:
        raise QueryError(f"{url}: {_explain(error)}") from error
    if response.status_code != 200:
        raise QueryError(f"{url}: {_quote_response(response)}")
    media_type = response.headers.get("content-type", "").partition(";")[0].strip()
    if format != "table" or media_type != "application/sparql-results+json":
        return response.content
    try:
        result = ox.parse_query_results(response.content, format=ox.QueryResultsFormat.JSON)
        return draw_table(result).encode()
    except (SyntaxError, ValueError) as error:
        raise QueryError(f"{url}: the result cannot be read: {error}") from error


def _declare_prefixes(sparql: str, prefixes: Mapping[str, str]) -> str:
    """Put the declarations that a query lacks before it, on its first line.

    >>> _declare_prefixes("ASK { ?s a skos:Concept }", {"skos": "http://s#", "rdf": "http://r#"})
    'PREFIX skos: <http://s#> ASK { ?s a skos:Concept }'
    """
    missing = [
        f"PREFIX {name}: <{iri}> "
        for name, iri in prefixes.items()
        if re.search(rf"(?<![\w.-]){name}:", sparql)
        and not re.search(rf"\bPREFIX\s+{name}:", sparql, re.IGNORECASE)
    ]
    return "".join(missing) + sparql


def _write_graph(iri: str, triples: bytes, target: Target, client: httpx.Client) -> None:
    """Write one graph; what fails for the moment is repeated from the start of the graph."""
    write = _put_graph if target.protocol == "graph-store" else _move_graph
    _repeat(lambda: write(iri, triples, target, client), target, f"{target.url}: graph <{iri}>")


def _put_graph(iri: str, triples: bytes, target: Target, client: httpx.Client) -> None:
    headers = {"Content-Type": "application/n-triples"}
    url = httpx.URL(target.url).copy_merge_params({"graph": iri})
    client.put(url, content=triples, headers=headers).raise_for_status()


def _move_graph(iri: str, triples: bytes, target: Target, client: httpx.Client) -> None:
    """Fill a graph beside the one that is meant, then put it in its place at one stroke."""
    staging = iri + STAGING
    _update(f"DROP SILENT GRAPH <{staging}>", target, client)
    for chunk in _cut(triples.splitlines(keepends=True)):
        data = b"".join(chunk).decode()
        _update(f"INSERT DATA {{ GRAPH <{staging}> {{\n{data}}} }}", target, client)
    _update(f"MOVE GRAPH <{staging}> TO GRAPH <{iri}>", target, client)


def _update(text: str, target: Target, client: httpx.Client) -> None:
    headers = {"Content-Type": "application/sparql-update"}
    client.post(target.url, content=text.encode(), headers=headers).raise_for_status()


def _cut(lines: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(lines), CHUNK):
        yield lines[start : start + CHUNK]


def _remove_graph(iri: str, target: Target, client: httpx.Client) -> None:
    if target.protocol == "update":
        _update(f"DROP SILENT GRAPH <{iri}>", target, client)
        return
    url = httpx.URL(target.url).copy_merge_params({"graph": iri})
    response = client.delete(url)
    if response.status_code != 404:
        response.raise_for_status()


def _settle(expected: Mapping[str, int], target: Target, client: httpx.Client, base: str) -> int:
    """Remove graphs of ours that are no longer, and count the others; return how many went."""
    counts = _count_graphs(target, client)
    stale = sorted(set(counts) - set(expected))
    stale = [iri for iri in stale if iri.startswith(f"{base}id/graph/")]
    if not target.keep_others:
        _remove_graphs(stale, target, client)
    for iri, lines in expected.items():
        if counts.get(iri, 0) != lines:
            raise GraphError(
                f"{target.query_url}: graph <{iri}> has {counts.get(iri, 0)} triples there, "
                f"{lines} were sent; is --query-url of the same server?"
            )
    return 0 if target.keep_others else len(stale)


def _remove_graphs(iris: Iterable[str], target: Target, client: httpx.Client) -> None:
    for iri in iris:
        what = f"{target.url}: graph <{iri}>"
        _repeat(lambda iri=iri: _remove_graph(iri, target, client), target, what)  # type: ignore[misc]


def _count_graphs(target: Target, client: httpx.Client) -> dict[str, int]:
    counts: dict[str, int] = {}

    def ask() -> None:
        headers = {"Accept": _ACCEPT["json"]}
        response = client.post(target.query_url, data={"query": _GRAPHS}, headers=headers)
        response.raise_for_status()
        for row in response.json()["results"]["bindings"]:
            if "g" in row:  # one row without, where there is no graph
                counts[row["g"]["value"]] = int(row["n"]["value"])

    _repeat(ask, target, target.query_url)
    return counts


def _repeat(action: Callable[[], None], target: Target, what: str) -> None:
    """Do something that may fail for the moment; raises GraphError when it goes on failing."""
    for attempt in range(target.retries + 1):
        try:
            action()
            return
        except httpx.HTTPStatusError as error:
            last = attempt == target.retries or error.response.status_code not in _TRANSIENT
            if last:
                raise GraphError(f"{what}: {_quote_response(error.response)}") from error
            wait = _read_wait(error.response)
        except httpx.TransportError as error:
            if attempt == target.retries:
                raise GraphError(f"{what}: {_explain(error)}") from error
            wait = 0.0
        time.sleep(min(LONGEST_WAIT, max(wait, target.pause * 2**attempt)))


def _read_wait(response: httpx.Response) -> float:
    value = response.headers.get("retry-after", "")
    return float(value) if value.isdigit() else 0.0


def _quote_response(response: httpx.Response) -> str:
    text = " ".join(response.text.split())[:300]
    advice = "; give --user or a token" if response.status_code in (401, 403) else ""
    return f"status {response.status_code}{advice}{': ' if text else ''}{text}"


def _explain(error: httpx.HTTPError) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
