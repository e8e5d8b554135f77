"""The checks: protocol, formats, dataset, HTTP, refusals, limits."""

from __future__ import annotations

import csv
import io
import re
import socket
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx2 as httpx
import pyoxigraph as ox

from tests.endpoint.data import EX, GRAPHS, NODES, TOTAL
from tests.endpoint.protocol_cases import QUERIES, UPDATES, Case, judge
from tests.endpoint.suite import MUST, SHOULD, Endpoint, check, declare_each

COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
CHEAP = f"SELECT ?o {{ <{EX}word/0> ?p ?o }}"
XML = "{http://www.w3.org/2005/sparql-results#}"
TABLES = {
    "application/sparql-results+json": "json",
    "application/sparql-results+xml": "xml",
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
}
RDF = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}


def is_refused(response: httpx.Response) -> None:
    """Fail unless the response is an error that says something."""
    assert 400 <= response.status_code < 600, f"status {response.status_code}"
    assert response.text.strip(), "no message"


def lives(e: Endpoint) -> None:
    """Fail unless a cheap query is answered rightly within a second."""
    start = time.monotonic()
    assert [row["o"] for row in e.rows(CHEAP)] == ["plain"]
    assert time.monotonic() - start < 1, "a cheap query took more than a second"


# --- protocol -----------------------------------------------------------------------------


def _run_case(case: Case, e: Endpoint) -> None:
    problem = judge(case, case.send(e.client, e.url))
    assert not problem, problem


def _run_update(case: Case, e: Endpoint) -> None:
    _run_case(case, e)
    assert e.rows(COUNT) == [{"n": str(TOTAL)}], "the store has changed"


declare_each(MUST, "protocol", ((c.name, partial(_run_case, c)) for c in QUERIES))
declare_each(MUST, "update refused", ((c.name, partial(_run_update, c)) for c in UPDATES))


# --- formats ------------------------------------------------------------------------------


def _table(accept: str, e: Endpoint) -> None:
    query = f"SELECT ?s ?o {{ ?s <{EX}value> ?o }} ORDER BY ?s"
    response = e.ask(query, headers={"Accept": accept})
    assert response.status_code == 200, response.status_code
    assert response.headers["content-type"].split(";")[0] == accept
    kind = TABLES[accept]
    if kind == "json":
        rows = response.json()["results"]["bindings"]
    elif kind == "xml":
        rows = list(ET.fromstring(response.content).iter(f"{XML}result"))
    elif kind == "csv":
        head, *rows = csv.reader(io.StringIO(response.text))
        assert head == ["s", "o"], head
        assert 'a "quote", a comma' in [row[1] for row in rows]
        assert "line\nbreak" in [row[1] for row in rows]
    else:
        head, *rows = response.text.rstrip("\n").split("\n")
        assert head == "?s\t?o", head
        assert all(row.count("\t") == 1 for row in rows), "a tab stands in a cell"
    assert len(rows) == 10, f"{len(rows)} rows"


def _truth(accept: str, e: Endpoint) -> None:
    response = e.ask("ASK {}", headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"].split(";")[0] == accept
    if accept.endswith("json"):
        assert response.json()["boolean"] is True
    else:
        found = ET.fromstring(response.content).find(f"{XML}boolean")
        assert found is not None
        assert found.text == "true"


def _graph(accept: str, e: Endpoint) -> None:
    query = f"CONSTRUCT {{ ?s <{EX}value> ?o }} WHERE {{ ?s <{EX}value> ?o }}"
    response = e.ask(query, headers={"Accept": accept})
    assert response.status_code == 200, response.text[:200]
    assert response.headers["content-type"].split(";")[0] == accept
    triples = {quad.triple for quad in ox.parse(response.content, format=RDF[accept])}
    assert len(triples) == 10, f"{len(triples)} triples"
    assert any(t.object == ox.Literal("城市", language="zh") for t in triples)


declare_each(MUST, "SELECT as", ((a, partial(_table, a)) for a in TABLES))
declare_each(MUST, "ASK as", ((a, partial(_truth, a)) for a in [*TABLES][:2]))
declare_each(MUST, "CONSTRUCT as", ((a, partial(_graph, a)) for a in RDF))


def _accept(header: str, expected: str, query: str, e: Endpoint) -> None:
    response = e.ask(query, headers={"Accept": header})
    assert response.status_code == 200, response.status_code
    found = response.headers["content-type"].split(";")[0]
    assert found == expected, f"{found} for {header}"


_JSON, _XML_TYPE = "application/sparql-results+json", "application/sparql-results+xml"
_CONSTRUCT = f"CONSTRUCT WHERE {{ <{EX}word/0> ?p ?o }}"
declare_each(MUST, "Accept", (
    (header, partial(_accept, header, expected, query))
    for header, expected, query in (
        ("text/csv;q=0.5, application/sparql-results+xml;q=0.9", _XML_TYPE, CHEAP),
        ("TEXT/CSV", "text/csv", CHEAP),
        ("text/html, application/sparql-results+xml;q=0.2", _XML_TYPE, CHEAP),
        ("text/csv;q=0, application/sparql-results+json", _JSON, CHEAP),
        ("text/html;q=0.1, text/turtle", "text/turtle", _CONSTRUCT),
        ("application/ld+json, text/turtle;q=0.8", "application/ld+json", _CONSTRUCT),
    )
))  # fmt: skip
declare_each(SHOULD, "Accept", (
    (header, partial(_accept, header, expected, query))
    for header, expected, query in (
        ("*/*", _JSON, CHEAP),
        ("application/json", _JSON, CHEAP),
        ("text/*", "text/csv", CHEAP),
        ("*/*", "text/turtle", _CONSTRUCT),
        ("text/csv, application/sparql-results+json;q=0.9, */*;q=0.1", "text/csv", CHEAP),
    )
))  # fmt: skip


@check(SHOULD)
def not_acceptable_is_406(e: Endpoint) -> None:
    assert e.ask(CHEAP, headers={"Accept": "image/png"}).status_code == 406


@check(MUST)
def terms_of_json_are_whole(e: Endpoint) -> None:
    query = f"SELECT ?o ?none {{ ?s <{EX}value> ?o OPTIONAL {{ ?s <{EX}none> ?none }} }}"
    cells = [
        row["o"] for row in e.ask(query, headers={"Accept": _JSON}).json()["results"]["bindings"]
    ]
    assert {"type": "literal", "value": "城市", "xml:lang": "zh"} in cells
    assert any(c["value"] == "5" and c["datatype"].endswith("#integer") for c in cells)
    assert {"type": "literal", "value": "<script>alert(1)</script>"} in cells


@check(MUST)
def describe_gives_the_resource(e: Endpoint) -> None:
    response = e.ask(f"DESCRIBE <{EX}word/1>", headers={"Accept": "application/n-triples"})
    assert response.status_code == 200
    assert len(list(ox.parse(response.content, format=ox.RdfFormat.N_TRIPLES))) >= 1


# --- reading the request ------------------------------------------------------------------


@check(MUST)
def chinese_query_by_get_and_post(e: Endpoint) -> None:
    query = f'SELECT ?s {{ ?s <{EX}value> "城市"@zh }}'
    for method in ("GET", "POST"):
        found = e.ask(query, method=method, headers={"Accept": _JSON}).json()["results"]["bindings"]
        assert [row["s"]["value"] for row in found] == [f"{EX}word/1"], method


@check(MUST)
def chinese_iri(e: Endpoint) -> None:
    assert e.rows(f"SELECT ?o {{ <{EX}城市/上海> ?p ?o }}") == [{"o": "上海"}]


@check(MUST)
def percent_escapes_are_decoded_once(e: Endpoint) -> None:
    assert e.rows('SELECT ("%2B%20" AS ?x) {}') == [{"x": "%2B%20"}]
    assert e.rows('SELECT ("a+b c" AS ?x) {}') == [{"x": "a+b c"}]


@check(MUST)
def plus_in_a_form_is_a_blank(e: Endpoint) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": _JSON}
    response = e.client.post(e.url, content=b"query=ASK+%7B%7D", headers=headers)
    assert response.json()["boolean"] is True


@check(MUST)
def content_type_in_capitals_with_charset(e: Endpoint) -> None:
    headers = {"Content-Type": "Application/SPARQL-Query; Charset=UTF-8"}
    assert e.client.post(e.url, content=b"ASK {}", headers=headers).status_code == 200


@check(MUST)
def invalid_utf8_is_4xx(e: Endpoint) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    response = e.client.post(e.url, content=b'ASK { ?s ?p "\xff" }', headers=headers)
    assert 400 <= response.status_code < 500
    assert 400 <= e.client.get(f"{e.url}?query=ASK%20%7B%FF%7D").status_code < 500


@check(MUST)
def chunked_body_is_read(e: Endpoint) -> None:
    def parts() -> Iterator[bytes]:
        yield b"ASK "
        yield b"{}"

    headers = {"Content-Type": "application/sparql-query"}
    assert e.client.post(e.url, content=parts(), headers=headers).status_code == 200


@check(MUST)
def empty_query_is_4xx(e: Endpoint) -> None:
    assert 400 <= e.ask("").status_code < 500
    assert 400 <= e.ask("  # nothing but this").status_code < 500
    assert 400 <= e.client.post(e.url, data={"other": "x"}).status_code < 500


@check(MUST)
def unknown_parameters_are_let_pass(e: Endpoint) -> None:
    assert (
        e.client.get(e.url, params={"query": "ASK {}", "x": "1", "timeout": "5"}).status_code == 200
    )


@check(MUST)
def two_queries_in_two_places_are_4xx(e: Endpoint) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    response = e.client.post(e.url, params={"query": "ASK {}"}, content=b"ASK {}", headers=headers)
    assert 400 <= response.status_code < 500


@check(MUST)
def unicode_escapes_work_everywhere(e: Endpoint) -> None:
    assert e.truth(r"\u0041SK {}")
    assert e.rows(r'SELECT ("\u4E0A" AS ?x) {}') == [{"x": "上"}]


# --- dataset ------------------------------------------------------------------------------


@check(MUST)
def default_graph_is_the_union(e: Endpoint) -> None:
    assert e.rows(COUNT) == [{"n": str(TOTAL)}]


@check(MUST)
def named_graphs_are_listed(e: Endpoint) -> None:
    rows = e.rows("SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")
    assert len(rows) == 5, rows


@check(MUST)
def from_restricts_the_default_graph(e: Endpoint) -> None:
    rows = e.rows(f"SELECT ?s FROM <{GRAPHS}data1.rdf> {{ ?s ?p ?o }}")
    assert rows == [{"s": f"{GRAPHS}data1.rdf"}]
    rows = e.rows(
        f"PREFIX d: <{GRAPHS}> SELECT ?s FROM d:data1.rdf FROM d:data2.rdf {{ ?s ?p ?o }}"
    )
    assert len(rows) == 2, rows


@check(MUST)
def from_named_restricts_named_graphs(e: Endpoint) -> None:
    query = f"SELECT ?g FROM NAMED <{GRAPHS}data1.rdf> {{ GRAPH ?g {{ ?s ?p ?o }} }}"
    assert e.rows(query) == [{"g": f"{GRAPHS}data1.rdf"}]
    assert e.rows(f"SELECT ?s FROM NAMED <{GRAPHS}data1.rdf> {{ ?s ?p ?o }}") == []


@check(MUST)
def protocol_graphs_restrict(e: Endpoint) -> None:
    params = {"default-graph-uri": f"{GRAPHS}data2.rdf"}
    assert len(e.rows("SELECT ?s { ?s ?p ?o }", params=params)) == 1
    assert e.rows("SELECT ?g { GRAPH ?g { ?s ?p ?o } }", params=params) == []


@check(MUST)
def protocol_graphs_go_before_from(e: Endpoint) -> None:
    params = {"default-graph-uri": f"{GRAPHS}data2.rdf"}
    rows = e.rows(f"SELECT ?s FROM <{GRAPHS}data1.rdf> {{ ?s ?p ?o }}", params=params)
    assert rows == [{"s": f"{GRAPHS}data2.rdf"}]


# --- answers of the engine ----------------------------------------------------------------

declare_each(MUST, "answer", (
    (name, partial(lambda query, expected, e: _same(e.rows(query), expected), query, expected))
    for name, query, expected in (
        ("aggregate", f"SELECT (SUM(?o) AS ?n) {{ ?s <{EX}value> ?o FILTER(ISNUMERIC(?o)) }}", [{"n": "6.5"}]),
        ("path", f"SELECT (COUNT(DISTINCT ?o) AS ?n) {{ <{EX}n/0> <{EX}near>+ ?o }}", [{"n": str(NODES)}]),
        ("not exists", f"SELECT ?s {{ ?s <{EX}name> ?o FILTER NOT EXISTS {{ ?s <{EX}value> ?x }} }}",
         [{"s": f"{EX}城市/上海"}]),
        ("values", 'SELECT ?x { VALUES ?x { "a" "b" } } ORDER BY DESC(?x)', [{"x": "b"}, {"x": "a"}]),
        ("subquery", "SELECT ?n { { SELECT (COUNT(*) AS ?n) { ?s ?p ?o } } }", [{"n": str(TOTAL)}]),
        ("limit 0", "SELECT ?s { ?s ?p ?o } LIMIT 0", []),
        ("unbound", "SELECT ?s ?x { VALUES ?s { 1 } }", [{"s": "1"}]),
    )
))  # fmt: skip


def _same(found: object, expected: object) -> None:
    assert found == expected, f"{found}, not {expected}"


# --- HTTP ---------------------------------------------------------------------------------


@check(MUST)
def head_is_get_without_a_body(e: Endpoint) -> None:
    response = e.client.head(e.url, params={"query": "ASK {}"})
    assert response.status_code == 200
    assert not response.content
    assert int(response.headers["content-length"]) > 0


@check(MUST)
def options_tells_the_methods(e: Endpoint) -> None:
    response = e.client.options(e.url)
    assert response.status_code in (200, 204)
    assert {"GET", "POST"} <= set(response.headers["allow"].replace(" ", "").split(","))


@check(MUST)
def preflight_lets_all_origins_ask(e: Endpoint) -> None:
    headers = {
        "Origin": "https://elsewhere.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    response = e.client.options(e.url, headers=headers)
    assert response.headers["access-control-allow-origin"] == "*"
    assert "POST" in response.headers["access-control-allow-methods"]
    assert "content-type" in response.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in response.headers


@check(MUST)
def results_and_errors_are_open_to_all_origins(e: Endpoint) -> None:
    for query in ("ASK {}", "ASK {"):
        headers = e.ask(query, headers={"Origin": "https://elsewhere.example"}).headers
        assert headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in headers


@check(MUST)
def other_methods_are_refused(e: Endpoint) -> None:
    for method in ("PUT", "DELETE", "PATCH"):
        assert 400 <= e.client.request(method, e.url).status_code < 500, method
    assert e.client.put(e.url).headers.get("allow"), "no Allow"


@check(MUST)
def gzip_is_sent_where_it_is_taken(e: Endpoint) -> None:
    query = f"SELECT * {{ ?s <{EX}near> ?o }} LIMIT 500"
    packed = e.ask(query, headers={"Accept-Encoding": "gzip"})
    plain = e.ask(query, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert len(packed.json()["results"]["bindings"]) == len(plain.json()["results"]["bindings"])
    assert "accept-encoding" in packed.headers["vary"].lower()


@check(MUST)
def vary_names_accept(e: Endpoint) -> None:
    assert "accept" in e.ask(CHEAP).headers["vary"].lower()


@check(MUST)
def etag_saves_the_second_answer(e: Endpoint) -> None:
    tag = e.ask(CHEAP).headers["etag"]
    assert e.ask(CHEAP, headers={"If-None-Match": tag}).status_code == 304
    assert e.ask(CHEAP, headers={"If-None-Match": '"other"'}).status_code == 200


@check(MUST)
def etags_differ_by_format_and_query(e: Endpoint) -> None:
    tags = {e.ask(CHEAP, headers={"Accept": accept}).headers["etag"] for accept in TABLES}
    assert len(tags) == len(TABLES)
    assert e.ask("ASK {}").headers["etag"] not in tags


@check(SHOULD)
def what_changes_has_no_etag(e: Endpoint) -> None:
    for query in (
        "SELECT (NOW() AS ?x) {}",
        "SELECT (RAND() AS ?x) {}",
        "SELECT (STRUUID() AS ?x) {}",
    ):
        assert "etag" not in e.ask(query).headers, query


@check(SHOULD)
def sniffing_is_forbidden(e: Endpoint) -> None:
    assert e.ask(CHEAP).headers["x-content-type-options"] == "nosniff"


@check(SHOULD)
def connection_is_kept(e: Endpoint) -> None:
    connection = HTTPConnection(*e.address, timeout=5)
    sockets = set()
    for _ in range(2):
        connection.request("GET", f"{urlsplit(e.url).path}?query=ASK%20%7B%7D")
        sockets.add(id(connection.sock))
        assert connection.getresponse().read()
    assert len(sockets) == 1
    connection.close()


@check(MUST)
def service_description(e: Endpoint) -> None:
    response = e.client.get(e.url, headers={"Accept": "text/turtle"})
    assert response.status_code == 200
    triples = list(ox.parse(response.content, format=ox.RdfFormat.TURTLE))
    sd = "http://www.w3.org/ns/sparql-service-description#"
    assert any(q.object == ox.NamedNode(f"{sd}Service") for q in triples)
    assert any(q.object == ox.NamedNode(f"{sd}SPARQL11Query") for q in triples)
    assert not any("Update" in str(q.object) for q in triples)
    names = [q.object.value for q in triples if q.predicate.value == f"{sd}name"]
    assert f"{GRAPHS}data1.rdf" in names


@check(SHOULD)
def void_counts_are_right(e: Endpoint) -> None:
    response = e.client.get(e.url, headers={"Accept": "application/n-triples"})
    triples = list(ox.parse(response.content, format=ox.RdfFormat.N_TRIPLES))
    counts = {q.object.value for q in triples if q.predicate.value.endswith("void#triples")}
    assert str(TOTAL) in counts, counts


# --- errors -------------------------------------------------------------------------------


@check(MUST)
def syntax_error_names_the_place(e: Endpoint) -> None:
    for line, query in (
        (2, "SELECT *\nWHERE { ?s ?p }\n"),
        (1, "SELEC * { ?s ?p ?o }\n\n"),
        (3, "SELECT * {\n  ?s ?p ?o .\n  FILTER(?o > )\n}"),
        (2, "SELECT * { ?s ?p ?o }\nLIMT 10"),
        (3, "SELECT * {\n ?s ?p '城市' .\n GRAPH }"),
    ):
        response = e.ask(query)
        assert response.status_code == 400
        found = re.search(r"(?:line|at) (\d+)", response.text)
        assert found, response.text
        assert int(found[1]) == line, f"line {found[1]}, not {line}: {response.text}"


@check(MUST)
def errors_do_not_echo_markup(e: Endpoint) -> None:
    response = e.ask("<script>alert(1)</script>")
    assert response.status_code == 400
    assert "html" not in response.headers["content-type"]


@check(MUST)
def errors_tell_nothing_of_the_machine(e: Endpoint) -> None:
    for query in ("ASK {", "SELECT (<http://x/f>(1) AS ?y) {}", "DESCRIBE"):
        text = e.ask(query).text
        assert "Traceback" not in text
        assert ".py" not in text
        assert "/home" not in text


@check(SHOULD)
def undeclared_prefix_is_named(e: Endpoint) -> None:
    response = e.ask("ASK { ?s undeclared:x ?o }")
    assert response.status_code == 400
    assert "undeclared" in response.text


# --- refusals -----------------------------------------------------------------------------


@contextmanager
def _trap() -> Iterator[tuple[str, list[object]]]:
    """A listening address and the connections that came to it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.02)
        came: list[object] = []
        running = threading.Event()
        running.set()

        def listen() -> None:
            while running.is_set():
                try:
                    came.append(server.accept())
                except TimeoutError:
                    continue
                except OSError:
                    return

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/sparql", came
        time.sleep(0.05)
        running.clear()
        thread.join(2)


_FEDERATED = {
    "plain": "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "silent": "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
    "small letters": "select * { service <URL> { ?s ?p ?o } }",
    "no blanks": "SELECT*{SERVICE<URL>{?s ?p ?o}}",
    "escaped": r"SELECT * { \u0053ERVICE <URL> { ?s ?p ?o } }",
    "escaped twice": r"SELECT * { S\u0045RV\U00000049CE <URL> { ?s ?p ?o } }",
    "variable": "SELECT * { VALUES ?e { <URL> } SERVICE ?e { ?s ?p ?o } }",
    "prefix": "PREFIX e: <URL> SELECT * { SERVICE e: { ?s ?p ?o } }",
    "empty prefix": "PREFIX : <URL> SELECT * { SERVICE:{ ?s ?p ?o } }",
    "as a prefix": "PREFIX : <URL> PREFIX SERVICE: <http://x/> SELECT * { SERVICE:{ ?s ?p ?o } }",
    "after a comment": "SELECT * { # SELECT\n SERVICE <URL> { ?s ?p ?o } }",
    "comment within": "SELECT * { SERVICE # x\n <URL> { ?s ?p ?o } }",
    "in exists": "ASK { FILTER EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "in a subquery": "SELECT * { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } }",
    "in optional": "SELECT * { OPTIONAL { SERVICE <URL> { ?s ?p ?o } } }",
    "construct": "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "describe": "DESCRIBE ?s WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "behind a comparison": "ASK { BIND(1 AS ?a) FILTER(?a<'>'||EXISTS{SERVICE<URL>{}}||?a>'') }",
    "behind a hash": "ASK { BIND(1 AS ?a) FILTER(?a<?a#>'''\n) SERVICE <URL> {} #'''\n}",
    "behind a string": 'ASK { FILTER("\\\\"="#"||EXISTS{SERVICE<URL>{}}) }',
    "long string": "ASK { FILTER('''a''b'''!=''||EXISTS{SERVICE<URL>{}}) }",
}


def _never_connects(query: str, e: Endpoint) -> None:
    with _trap() as (url, came):
        response = e.ask(query.replace("URL", url), method="POST")
    assert not came, "the server has connected"
    is_refused(response)


declare_each(MUST, "SERVICE", ((n, partial(_never_connects, q)) for n, q in _FEDERATED.items()))

_UPDATES = {
    "LOAD": "LOAD <URL>",
    "LOAD INTO": "LOAD SILENT <URL> INTO GRAPH <http://x/>",
    "INSERT DATA": "INSERT DATA { <http://x/> <http://x/> 1 }",
    "DELETE WHERE": "DELETE WHERE { ?s ?p ?o }",
    "CLEAR": "CLEAR ALL",
    "DROP": "DROP ALL",
    "behind a query": "ASK {} ; CLEAR ALL",
}


def _never_updates(update: str, e: Endpoint) -> None:
    with _trap() as (url, came):
        for response in (
            e.ask(update.replace("URL", url)),
            e.client.post(e.url, data={"update": update.replace("URL", url)}),
        ):
            assert 400 <= response.status_code < 500, response.status_code
    assert not came, "the server has connected"
    assert e.rows(COUNT) == [{"n": str(TOTAL)}], "the store has changed"


declare_each(
    MUST, "update as query", ((n, partial(_never_updates, q)) for n, q in _UPDATES.items())
)


def _never_reads(query: str, e: Endpoint) -> None:
    with _trap() as (url, came):
        response = e.ask(query.replace("URL", url), method="POST")
    assert not came, "the server has connected"
    assert "root:" not in response.text
    if response.status_code == 200:
        assert response.json().get("results", {}).get("bindings", []) == []


_FOREIGN = {
    "FROM file": "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }",
    "FROM NAMED file": "SELECT * FROM NAMED <file:///etc/passwd> { GRAPH ?g { ?s ?p ?o } }",
    "FROM http": "SELECT * FROM <URL> { ?s ?p ?o }",
    "GRAPH http": "SELECT * { GRAPH <URL> { ?s ?p ?o } }",
}
declare_each(MUST, "foreign", ((n, partial(_never_reads, q)) for n, q in _FOREIGN.items()))


@check(MUST)
def from_file_is_an_error(e: Endpoint) -> None:
    is_refused(e.ask("SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }"))
    is_refused(
        e.client.get(e.url, params={"query": "ASK {}", "default-graph-uri": "file:///etc/passwd"})
    )


_WORDS = {
    "string": f'SELECT ?s {{ ?s <{EX}value> "SERVICE <http://example.org/> {{}}" }}',
    "pattern": f'SELECT ?s {{ ?s <{EX}value> ?o FILTER(CONTAINS(?o, "SERVICE <")) }}',
    "variable": f'SELECT ?service {{ ?service <{EX}value> ?load FILTER(STRSTARTS(?load, "SERVICE")) }}',
    "dollar": f'SELECT $SERVICE {{ $SERVICE <{EX}value> ?LOAD FILTER(STRSTARTS(?LOAD, "SERVICE")) }}',
    "prefix": f'PREFIX service: <{EX}> PREFIX load: <{EX}> SELECT ?s {{ ?s service:value ?o . '
              'FILTER(STRSTARTS(?o, "SERVICE")) }',
    "comment": f'SELECT ?s {{ # SERVICE <http://x/> {{ LOAD\n ?s <{EX}value> ?o FILTER(STRSTARTS(?o, "SERVICE")) }}',
    "long string": f"SELECT ?s {{ ?s <{EX}value> ?o FILTER(CONTAINS(?o, '''SERVICE''')) }}",
    "IRI": f'SELECT ?s {{ ?s <{EX}value> ?o OPTIONAL {{ ?s <http://x/SERVICE#LOAD> ?x }} '
           'FILTER(STRSTARTS(?o, "SERVICE")) }',
}  # fmt: skip


def _answers_one(query: str, e: Endpoint) -> None:
    assert len(e.rows(query)) == 1


declare_each(MUST, "the word in a", ((n, partial(_answers_one, q)) for n, q in _WORDS.items()))


# --- limits -------------------------------------------------------------------------------

_TOO_MUCH = {
    "2,200 groups": "SELECT * " + "{" * 2200 + "}" * 2200,
    "4,800 parentheses": "ASK { FILTER(" + "(" * 4800 + "1" + ")" * 4800 + ") }",
    "9,500 negations": "ASK { FILTER(" + "!" * 9500 + "true) }",
    "9,500 negations apart": "ASK { FILTER(" + "! " * 9500 + "true) }",
    "40,000 terms": "SELECT (" + "+".join(["1"] * 40_000) + " AS ?x) {}",
    "40,000 ors": "ASK { FILTER(" + "||".join(["true"] * 40_000) + ") }",
    "5 MB literal": 'ASK { ?s ?p "' + "x" * 5_000_000 + '" }',
    "5 MB of groups": "ASK " + "{" * 2_500_000 + "}" * 2_500_000,
    "20,000 unions": "ASK { " + " UNION ".join(["{}"] * 20_000) + " }",
    "20,000 optionals": "ASK { " + "OPTIONAL {} " * 20_000 + " }",
    "20,000 paths": "ASK { ?s " + "/".join(["<http://x/p>"] * 20_000) + " ?o }",
    "9,500 lists": "ASK { ?s ?p " + "(" * 9500 + ")" * 9500 + " }",
    "9,500 nodes": "ASK { ?s ?p " + "[<http://x/p> " * 9500 + "1" + "]" * 9500 + " }",
}


def _refuses_at_once(query: str, e: Endpoint) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    start = time.monotonic()
    try:
        response = e.client.post(e.url, content=query.encode(), headers=headers)
    except (httpx.WriteError, httpx.ReadError):  # told to stop while still sending
        assert len(query) > 1_000_000
    else:
        assert 400 <= response.status_code < 500, response.status_code
    assert time.monotonic() - start < 1, "it took more than a second"
    lives(e)


declare_each(MUST, "too much", ((n, partial(_refuses_at_once, q)) for n, q in _TOO_MUCH.items()))


@check(MUST)
def long_address_is_4xx(e: Endpoint) -> None:
    with socket.create_connection(e.address, timeout=5) as connection:
        path = f"{urlsplit(e.url).path}?query=ASK%20%7B%7D%23{'x' * 300_000}"
        try:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert connection.recv(12).startswith(b"HTTP/1.1 4")
        except ConnectionError:
            pass  # told to stop while still sending
    lives(e)


_MOST = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
_NEAR = f"<{EX}near>"
RUNAWAYS = {
    "cross product": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "property paths": f"SELECT (COUNT(*) AS ?n) {{ ?a ({_NEAR}/{_NEAR}/{_NEAR})+ ?b . ?b ({_NEAR}|^{_NEAR})+ ?c . ?c {_NEAR}+ ?d }}",
    "VALUES joins": "SELECT (COUNT(*) AS ?n) { "
    + " ".join(f"VALUES ?v{i} {{ {' '.join(map(str, range(40)))} }}" for i in range(8))
    + " }",
    "ORDER BY": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?f ?c ?a",
    "string doubling": "SELECT (STRLEN(?x40) AS ?n) { BIND('0123456789' AS ?x0) "
    + " ".join(f"BIND(CONCAT(?x{i}, ?x{i}) AS ?x{i + 1})" for i in range(40))
    + " }",
    "DISTINCT": "SELECT DISTINCT ?a ?d ?g { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "GROUP_CONCAT": "SELECT (STRLEN(GROUP_CONCAT(?c)) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
    "long result": _MOST,
}


def _ends_at_the_limit(query: str, e: Endpoint) -> None:
    """The query ends in an error near the limit; meanwhile cheap ones are answered."""
    with ThreadPoolExecutor(1) as pool:
        start = time.monotonic()
        waiting = pool.submit(e.ask, query, method="POST", timeout=3 * e.time_limit + 10)
        while not waiting.done():
            lives(e)
            time.sleep(0.1)
        seconds = time.monotonic() - start
    response = waiting.result()
    assert response.status_code == 503, f"{response.status_code} {response.text[:100]}"
    assert seconds < e.time_limit + 2, f"it ended after {seconds:.1f} s"
    lives(e)


for _name, _query in RUNAWAYS.items():
    check(MUST, name=f"runaway: {_name}", slow=True)(partial(_ends_at_the_limit, _query))


@check(MUST, name="runaway: REGEX", slow=True)
def regex_ends(e: Endpoint) -> None:
    query = f'ASK {{ ?s ?p ?o . FILTER(REGEX("{"a" * 5000}b", "^(a+)+$")) }}'
    start = time.monotonic()
    response = e.ask(query, method="POST", timeout=3 * e.time_limit + 10)
    assert response.status_code in (200, 503)
    assert response.status_code == 503 or response.json()["boolean"] is False
    assert time.monotonic() - start < e.time_limit + 2
    lives(e)


@check(MUST, name="runaway: six at once", slow=True)
def many_runaways_leave_room(e: Endpoint) -> None:
    longest = 4 * e.time_limit + 10
    with ThreadPoolExecutor(6) as pool:
        query = RUNAWAYS["cross product"]
        waiting = [pool.submit(e.ask, query, method="POST", timeout=longest) for _ in range(6)]
        time.sleep(0.3)
        while not all(future.done() for future in waiting):
            lives(e)
            time.sleep(0.1)
    assert {future.result().status_code for future in waiting} <= {503, 429}


@check(MUST, slow=True)
def client_that_leaves_frees_its_worker(e: Endpoint) -> None:
    for _ in range(12):
        try:
            e.ask(RUNAWAYS["cross product"], method="POST", timeout=0.3)
        except httpx.TimeoutException:
            continue
    time.sleep(0.5)
    for _ in range(5):
        lives(e)


@check(MUST)
def two_hundred_at_once(e: Endpoint) -> None:
    def ask(number: int) -> tuple[int, str]:
        response = e.ask(f"SELECT (({number} + 1) AS ?n) {{}}", method="POST", timeout=30)
        return response.status_code, response.json()["results"]["bindings"][0]["n"]["value"]

    with ThreadPoolExecutor(200) as pool:
        found = list(pool.map(ask, range(200)))
    assert found == [(200, str(number + 1)) for number in range(200)]


@check(MUST)
def broken_requests_do_no_harm(e: Endpoint) -> None:
    for content in (
        b"\x00\x01\x02",
        b"GET\r\n\r\n",
        b"POST /sparql HTTP/1.1\r\nContent-Length: 9\r\n\r\nx",
    ):
        with socket.create_connection(e.address, timeout=5) as connection:
            connection.sendall(content)
    lives(e)


@check(SHOULD)
def cheap_queries_take_milliseconds(e: Endpoint) -> None:
    def measure() -> float:
        start = time.perf_counter()
        assert e.ask(CHEAP).status_code == 200
        return time.perf_counter() - start

    seconds = sorted(measure() for _ in range(100))
    assert seconds[94] < 0.02, f"p95 {seconds[94] * 1000:.1f} ms"
