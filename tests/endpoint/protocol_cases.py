"""The cases of the W3C's SPARQL 1.1 Protocol test suite (rdf-tests, sparql11/protocol), own code.

In ``query_multiple_dataset`` the manifest has encoded the ``&`` between two parameters; here
they are two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2 as httpx

from tests.endpoint.data import GRAPHS

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

_D = [f"{GRAPHS}data{number}.rdf" for number in range(4)]
_BOTH = f"ASK {{ <{_D[1]}> a ?type . <{_D[2]}> a ?type . }}"
_NAMED = f"ASK {{ GRAPH ?g1 {{ <{_D[1]}> a ?type }} GRAPH ?g2 {{ <{_D[2]}> a ?type }} }}"
_FULL = (
    f"ASK {{ <{_D[3]}> a ?type GRAPH ?g1 {{ <{_D[1]}> a ?t1 }} GRAPH ?g2 {{ <{_D[2]}> a ?t2 }} }}"
)
_CONFLICT = """PREFIX foaf: <http://xmlns.com/foaf/0.1/>
WITH <http://example/addresses> DELETE { ?p foaf:givenName 'Bill' }
INSERT { ?p foaf:givenName 'William' } WHERE { ?p foaf:givenName 'Bill' }"""
_CHANGE = f"""PREFIX dc: <http://purl.org/dc/terms/> PREFIX foaf: <http://xmlns.com/foaf/0.1/>
CLEAR ALL ; INSERT DATA {{ GRAPH <{_D[1]}> {{ <{_D[1]}> a foaf:Document }} }} ;
INSERT {{ GRAPH <http://example.org/protocol-update-test/> {{ ?s a dc:BibliographicResource }} }}
WHERE {{ ?s a foaf:Document }}"""


@dataclass(frozen=True)
class Case:
    """A request and what must come back: ``true``, ``table``, ``rdf``, or ``4xx``."""

    name: str
    expected: str
    method: str = "POST"
    parameters: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    media_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def send(self, client: httpx.Client, url: str) -> httpx.Response:
        """Send the request as it stands."""
        options: dict[str, Any] = {"params": list(self.parameters)} if self.parameters else {}
        headers = {"Content-Type": self.media_type} if self.media_type else {}
        return client.request(self.method, url, content=self.body, headers=headers, **options)


def judge(case: Case, response: httpx.Response) -> str:
    """Return what is wrong with the response; empty for nothing."""
    status, kind = response.status_code, response.headers.get("content-type", "").split(";")[0]
    if case.expected == "4xx":
        return "" if 400 <= status < 500 else f"status {status}, not 4xx"
    if not 200 <= status < 400:
        return f"status {status}: {response.text[:200]}"
    if case.expected == "rdf":
        known = ("text/turtle", "application/rdf+xml", "application/n-triples")
        return "" if kind in (*known, "application/ld+json") else f"{kind} is no RDF"
    tables = ("application/sparql-results+json", "application/sparql-results+xml")
    if kind not in tables and (case.expected == "true" or kind not in ("text/csv", "text/tsv")):
        return f"{kind} is no format of results"
    if case.expected == "true" and "true" not in response.text:
        return f"not true: {response.text[:200]}"
    return ""


def _params(name: str, *graphs: int) -> tuple[tuple[str, str], ...]:
    return tuple((name, _D[number]) for number in graphs)


_DEFAULT0 = _params("default-graph-uri", 0)

QUERIES = (
    Case("query_get", "true", "GET", (("query", "ASK {}"), *_DEFAULT0)),
    Case("query_post_form", "true", parameters=_DEFAULT0, body=b"query=ASK%20%7B%7D", media_type=FORM),
    Case("query_post_direct", "true", body=b"ASK {}", media_type=QUERY),
    Case("query_dataset_default_graphs_get", "true", "GET",
         (("query", _BOTH), *_params("default-graph-uri", 1, 2))),
    Case("query_dataset_default_graphs_post", "true", parameters=_params("default-graph-uri", 1, 2),
         body=_BOTH.encode(), media_type=QUERY),
    Case("query_dataset_named_graphs_get", "true", "GET",
         (("query", _NAMED), *_params("named-graph-uri", 1, 2))),
    Case("query_dataset_named_graphs_post", "true", parameters=_params("named-graph-uri", 1, 2),
         body=_NAMED.encode(), media_type=QUERY),
    Case("query_dataset_full", "true",
         parameters=(*_params("default-graph-uri", 3), *_params("named-graph-uri", 1, 2)),
         body=_FULL.encode(), media_type=QUERY),
    Case("query_multiple_dataset", "true", parameters=_params("named-graph-uri", 1, 2),
         body=_NAMED.replace("ASK", f"ASK FROM <{_D[3]}>").encode(), media_type=QUERY),
    Case("query_content_type_select", "table", parameters=_DEFAULT0,
         body=b"SELECT (1 AS ?value) {}", media_type=QUERY),
    Case("query_content_type_ask", "true", parameters=_DEFAULT0, body=b"ASK {}", media_type=QUERY),
    Case("query_content_type_describe", "rdf", parameters=_DEFAULT0,
         body=b"DESCRIBE <http://example.org/>", media_type=QUERY),
    Case("query_content_type_construct", "rdf", parameters=_DEFAULT0,
         body=b"CONSTRUCT { <s> <p> 1 } WHERE {}", media_type=QUERY),
    Case("bad_query_method", "4xx", "PUT", (("query", "ASK {}"), *_DEFAULT0), media_type=FORM),
    Case("bad_multiple_queries", "4xx", "GET", (("query", "ASK {}"), ("query", "SELECT * {}"))),
    Case("bad_query_wrong_media_type", "4xx", body=b"ASK {}", media_type="text/plain"),
    Case("bad_query_missing_form_type", "4xx", body=b"query=ASK%20%7B%7D"),
    Case("bad_query_missing_direct_type", "4xx", body=b"ASK {}"),
    Case("bad_query_non_utf8", "4xx", body="ASK {}".encode("utf-16"),
         media_type=f"{QUERY}; charset=UTF-16"),
    Case("bad_query_syntax", "4xx", "GET", (("query", "ASK {"),)),
    Case("bad_update_get", "4xx", "GET", (("update", "CLEAR ALL"),)),
    Case("bad_multiple_updates", "4xx", media_type=FORM,
         body=b"update=CLEAR%20NAMED&update=CLEAR%20DEFAULT"),
    Case("bad_update_wrong_media_type", "4xx", body=b"CLEAR NAMED", media_type="text/plain"),
    Case("bad_update_missing_form_type", "4xx", body=b"update=CLEAR%20NAMED"),
    Case("bad_update_non_utf8", "4xx", body="CLEAR NAMED".encode("utf-16"),
         media_type=f"{UPDATE}; charset=UTF-16"),
    Case("bad_update_syntax", "4xx", body=b"update=CLEAR%20XYZ", media_type=FORM),
    Case("bad_update_dataset_conflict", "4xx", media_type=UPDATE, body=_CONFLICT.encode(),
         parameters=(("using-named-graph-uri", "http://example/people"),)),
)  # fmt: skip

UPDATES = (
    Case("update_dataset_default_graph", "4xx", body=_CHANGE.encode(), media_type=UPDATE,
         parameters=_params("using-graph-uri", 1)),
    Case("update_dataset_default_graphs", "4xx", body=_CHANGE.encode(), media_type=UPDATE,
         parameters=_params("using-graph-uri", 1, 2)),
    Case("update_dataset_named_graphs", "4xx", body=_CHANGE.encode(), media_type=UPDATE,
         parameters=_params("using-named-graph-uri", 1, 2)),
    Case("update_dataset_full", "4xx", body=_CHANGE.encode(), media_type=UPDATE,
         parameters=(*_params("using-graph-uri", 1), *_params("using-named-graph-uri", 2))),
    Case("update_post_form", "4xx", body=b"update=CLEAR+ALL", media_type=FORM),
    Case("update_post_direct", "4xx", body=b"CLEAR ALL", media_type=UPDATE),
    Case("update_base_uri", "4xx", media_type=UPDATE,
         body=b"CLEAR GRAPH <http://example.org/b/> ; INSERT DATA { GRAPH <http://example.org/b/> "
              b"{ <http://example.org/s> <http://example.org/p> <test> } }"),
)  # fmt: skip
