"""More checks of queries: datasets, results to the byte, hidden words, more ways to ask too much."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import partial

from tests.endpoint.checks import (
    COUNT,
    _answers_one,
    _ends_at_the_limit,
    _never_connects,
    _never_updates,
    _refuses_at_once,
)
from tests.endpoint.data import EX, GRAPHS, TOTAL
from tests.endpoint.suite import MUST, SHOULD, Endpoint, check, declare_each

ONE, TWO = f"{GRAPHS}data1.rdf", f"{GRAPHS}data2.rdf"
NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


# --- dataset ------------------------------------------------------------------------------


def _counts(params: list[tuple[str, str]], default: int, named: int, e: Endpoint) -> None:
    for query, expected in ((COUNT, default), (NAMED, named)):
        response = e.client.get(e.url, params=[("query", query), *params, ("format", "json")])
        found = response.json()["results"]["bindings"][0]["n"]["value"]
        assert int(found) == expected, f"{found}, not {expected}: {query}"


declare_each(MUST, "dataset of", (
    (name, partial(_counts, params, default, named))
    for name, params, default, named in (
        ("a named graph", [("named-graph-uri", ONE)], 0, 1),
        ("a default and a named graph", [("default-graph-uri", ONE), ("named-graph-uri", TWO)], 1, 1),
        ("two default graphs", [("default-graph-uri", ONE), ("default-graph-uri", TWO)], 2, 0),
        ("a default graph named twice", [("default-graph-uri", ONE)] * 2, 1, 0),
        ("a graph that is not there", [("default-graph-uri", f"{EX}none")], 0, 0),
    )
))  # fmt: skip


@check(MUST)
def graph_named_twice_in_from_counts_once(e: Endpoint) -> None:
    query = f"SELECT (COUNT(*) AS ?n) FROM <{ONE}> FROM <{ONE}> {{ ?s ?p ?o }}"
    assert e.rows(query) == [{"n": "1"}]


@check(MUST)
def from_is_resolved_against_base(e: Endpoint) -> None:
    query = f"BASE <{GRAPHS}> SELECT (COUNT(*) AS ?n) FROM <data1.rdf> {{ ?s ?p ?o }}"
    assert e.rows(query) == [{"n": "1"}]


@check(MUST)
def direct_post_takes_its_dataset_from_the_address(e: Endpoint) -> None:
    headers = {"Content-Type": "application/sparql-query", "Accept": "text/csv"}
    params = {"default-graph-uri": ONE}
    response = e.client.post(e.url, params=params, content=COUNT.encode(), headers=headers)
    assert response.text.split() == ["n", "1"]


@check(MUST)
def graphs_that_are_no_iris_give_nothing(e: Endpoint) -> None:
    for iri in ("", " ", "<>", "http://a b", "relative", "http://["):
        response = e.client.get(e.url, params={"query": COUNT, "default-graph-uri": iri})
        assert response.status_code in (200, 400), iri
        assert str(TOTAL) not in response.text, iri


@check(MUST)
def from_file_is_an_error_however_written(e: Endpoint) -> None:
    for iri in ("FILE:///etc/passwd", r"\u0066ile:///etc/passwd", "file:/etc/passwd"):
        response = e.ask(f"SELECT * FROM <{iri}> {{ ?s ?p ?o }}")
        assert 400 <= response.status_code < 500, iri
        assert "root:" not in response.text


# --- results ------------------------------------------------------------------------------


@check(MUST)
def csv_and_tsv_to_the_byte(e: Endpoint) -> None:
    query = "SELECT ?a ?b { VALUES (?a ?b) { ('x,\"y' 1) (UNDEF <http://a/>) } }"
    found = e.ask(query, headers={"Accept": "text/csv"}).content
    assert found == b'a,b\r\n"x,""y",1\r\n,http://a/\r\n', found
    query = "SELECT ?a ?b { VALUES (?a ?b) { ('x\\ty' 1) (UNDEF <http://a/>) } }"
    found = e.ask(query, headers={"Accept": "text/tab-separated-values"}).content
    assert found == b'?a\t?b\n"x\\ty"\t1\n\t<http://a/>\n', found


@check(MUST)
def xml_that_says_200_is_xml(e: Endpoint) -> None:
    select = r"SELECT ('a\u0001b' AS ?x) {}", "application/sparql-results+xml"
    construct = r"CONSTRUCT { <http://a/> <http://a/b> 'a\u000Bb' } {}", "application/rdf+xml"
    for query, accept in (select, construct):
        response = e.ask(query, headers={"Accept": accept})
        if response.status_code == 200:
            ET.fromstring(response.content)
        else:
            assert "XML" in response.text
    assert e.rows(select[0]) == [{"x": "a\x01b"}]


# --- hidden words -------------------------------------------------------------------------

_HIDDEN = {
    "comment that holds a quote": "SELECT * { #'\nSERVICE <URL> { ?s ?p ?o } }",
    "after a hash in a string": "SELECT * { ?s ?p '#' . SERVICE <URL> { ?s ?p ?o } }",
    "after a quote in a long string": 'SELECT * { ?s ?p """\'""" SERVICE <URL> { ?s ?p ?o } }',
    "after a backslash": r"SELECT * { ?s ?p '\\' SERVICE <URL> { ?s ?p ?o } }",
    "after a hash in an IRI": "SELECT * { ?s <http://a/#> ?o SERVICE <URL> { ?s ?p ?o } }",
    "after a number": "SELECT * { ?s ?p 1SERVICE <URL> {} }",
    "after a full stop": "SELECT * { ?s ?p ?o.SERVICE <URL> {} }",
    "after a language": "SELECT * { ?s ?p 'x'@en SERVICE <URL> {} }",
    "after a datatype": "SELECT * { ?s ?p 'x'^^<http://a/#b> SERVICE <URL> {} }",
    "between comparisons": "SELECT * { FILTER(1<2)SERVICE <URL> {} FILTER(3>2) }",
    "after a carriage return": "SELECT * { #\rSERVICE <URL> {} }",
    "after an escaped line end": "SELECT * { #\\u000ASERVICE <URL> {} }",
    "in minus": "SELECT * { ?s ?p ?o MINUS { SERVICE <URL> { ?s ?p ?o } } }",
    "in not exists": "ASK { FILTER NOT EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "in a graph": "SELECT * { GRAPH ?g { SERVICE <URL> { ?s ?p ?o } } }",
}
declare_each(MUST, "SERVICE", ((n, partial(_never_connects, q)) for n, q in _HIDDEN.items()))

_CHANGES = {
    "small letters": "load <URL>",
    "escaped": r"\u004cOAD <URL>",
    "after a comment": "# ASK {}\nDROP ALL",
    "after a prefix": "PREFIX a: <http://a/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "after a base": "BASE <http://a/> CLEAR ALL",
    "WITH": "WITH <http://a/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "CREATE": "CREATE GRAPH <http://a/>",
    "COPY": "COPY DEFAULT TO <http://a/>",
    "MOVE": "MOVE DEFAULT TO <http://a/>",
    "ADD": "ADD DEFAULT TO <http://a/>",
    "INSERT WHERE": "insert { ?s ?p ?o } where { ?s ?p ?o }",
    "behind a SELECT": "SELECT * {} ; INSERT DATA { <http://x/> <http://x/> 1 }",
}
declare_each(
    MUST, "update as query", ((n, partial(_never_updates, q)) for n, q in _CHANGES.items())
)

_THIS = f'?s <{EX}value> ?o FILTER(STRSTARTS(?o, "SERVICE"))'
_INNOCENT = {
    "local name": f"PREFIX e: <{EX}> SELECT ?s {{ {_THIS} OPTIONAL {{ ?s e:SERVICE e:LOAD }} }}",
    "name after a full stop": f"PREFIX e: <{EX}> SELECT ?s {{ {_THIS} OPTIONAL {{ ?s e:a.SERVICE ?x }} }}",
    "name after a hyphen": f"PREFIX e: <{EX}> SELECT ?s {{ {_THIS} OPTIONAL {{ ?s e:x-load e:drop-all }} }}",
    "blank node": f"SELECT ?s {{ {_THIS} OPTIONAL {{ _:SERVICE ?LOAD _:INSERT FILTER(false) }} }}",
    "empty prefix": f"PREFIX : <{EX}> SELECT ?s {{ {_THIS} OPTIONAL {{ ?s :SERVICE :LOAD }} }}",
    "language": f"SELECT ?s {{ {_THIS} OPTIONAL {{ ?s ?p 'x'@load }} }}",
    "escaped quote": f"SELECT ?s {{ {_THIS} FILTER('SERVICE\\' <x>' != ?o) }}",
}
declare_each(MUST, "the word in a", ((n, partial(_answers_one, q)) for n, q in _INNOCENT.items()))


# --- errors -------------------------------------------------------------------------------

_BROKEN = {
    "open string": "ASK { ?s ?p 'open }",
    "open long string": 'ASK { ?s ?p """open }',
    "IRI with a blank": "ASK { <http://a b> ?p ?o }",
    "bad escape": r"ASK { ?s ?p '\q' }",
    "half a character": r"ASK { ?s ?p '\uD800' }",
    "no character": r"ASK { ?s ?p '\U99999999' }",
    "negative limit": "SELECT * { ?s ?p ?o } LIMIT -1",
    "huge limit": "SELECT * { ?s ?p ?o } LIMIT 99999999999999999999999",
    "NUL": "ASK { ?s ?p '\x00' }}",
    "two queries": "ASK {} ASK {}",
    "VALUES of another width": "SELECT * {} VALUES (?x ?y) { (1) }",
    "not grouped": "SELECT ?x ?y { ?x a ?z } GROUP BY ?x",
    "bound twice": "ASK { BIND(1 AS ?x) BIND(2 AS ?x) }",
    "node in two groups": "ASK { _:a ?p ?o . { _:a ?p ?o } }",
    "unknown function": "ASK { BIND(unknown(1) AS ?x) }",
}


def _names_the_place(query: str, e: Endpoint) -> None:
    response = e.ask(query)
    assert response.status_code == 400, response.status_code
    assert "line 1" in response.text, response.text


declare_each(MUST, "error", ((n, partial(_names_the_place, q)) for n, q in _BROKEN.items()))


# --- limits -------------------------------------------------------------------------------

_TOO_MUCH = {
    "9,500 signs": "ASK { FILTER(" + "- " * 9500 + "1 = 1) }",
    "9,000 inverse paths": "ASK { ?s " + "^" * 9000 + "a ?o }",
    "3,000 conditions": "ASK { FILTER(" + "IF(true," * 3000 + "1" + ",1)" * 3000 + ") }",
    "3,000 nested functions": "ASK { FILTER(" + "STR(" * 3000 + "1" + ")" * 3000 + ") }",
    "1,500 subqueries": "SELECT * { " + "{ SELECT * {" * 1500 + "}}" * 1500 + " }",
    "2,500 nested EXISTS": "ASK { " + "FILTER EXISTS {" * 2500 + "}" * 2500 + " }",
    "40,000 differences": "ASK { FILTER(1" + " -1" * 40_000 + " = 1) }",
    "40,000 filters": "ASK { " + "FILTER(true)" * 40_000 + " }",
    "20,000 variables": "SELECT * { " + "".join(f"BIND(1 AS ?v{i})" for i in range(20_000)) + " }",
    "40,000 objects": "ASK { ?s a ?o" + " , ?o" * 40_000 + " }",
    "40,000 predicates": "ASK { ?s a ?o" + " ; a ?o" * 40_000 + " }",
    "40,000 triples": "ASK { " + "?s a ?o . " * 40_000 + " }",
    "groups by escapes": "SELECT * " + r"\u007B" * 2200 + r"\u007D" * 2200,
    "groups without end": "SELECT * " + "{" * 2200,
}
declare_each(MUST, "too much", ((n, partial(_refuses_at_once, q)) for n, q in _TOO_MUCH.items()))

_ALL = "?a ?b ?c . ?d ?e ?f"
_RUNAWAYS = {
    "CONSTRUCT": f"CONSTRUCT {{ ?a ?b ?f }} {{ {_ALL} }}",
    "DESCRIBE": f"DESCRIBE ?a ?f {{ {_ALL} FILTER(STR(?a) > STR(?f)) }}",
    "NOT EXISTS": "SELECT (COUNT(*) AS ?n) { ?a ?b ?c FILTER NOT EXISTS "
    "{ ?x ?y ?z . ?u ?v ?w FILTER(?x = ?w && ?z = ?b && STRLEN(STR(?u)) > 99999) } }",
    "subqueries": "SELECT (COUNT(*) AS ?n) { { SELECT ?a { ?a ?b ?c } } { SELECT ?d { ?d ?e ?f } } "
    "{ SELECT ?g { ?g ?h ?i } } FILTER(?a != ?g) }",
    "long text": f"SELECT (STRLEN(GROUP_CONCAT(CONCAT(STR(?a), STR(?d)))) AS ?n) {{ {_ALL} . ?g ?h ?i }}",
    "REPLACE": "SELECT (STRLEN(?x12) AS ?n) { BIND('aaaaaaaaaaaaaaaa' AS ?x0) "
    + " ".join(f"BIND(REPLACE(?x{i}, 'a', '{'a' * 28}') AS ?x{i + 1})" for i in range(12))
    + " }",
    "ENCODE_FOR_URI": "SELECT (STRLEN(?x30) AS ?n) { BIND('%%%%%%%%%%%%%%%%' AS ?x0) "
    + " ".join(f"BIND(ENCODE_FOR_URI(CONCAT(?x{i}, ?x{i})) AS ?x{i + 1})" for i in range(30))
    + " }",
}
for _name, _query in _RUNAWAYS.items():
    check(MUST, name=f"runaway: {_name}", slow=True)(partial(_ends_at_the_limit, _query))


@check(SHOULD)
def error_of_a_wide_line_shows_its_mark(e: Endpoint) -> None:
    text = e.ask("SELECT * { ?s ?p '城市' ?o . FILTER( }").text
    assert "^" in text.splitlines()[-1], text
