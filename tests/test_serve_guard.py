"""What the guard lets pass and what it refuses, before the engine sees it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.graph.query import make_prefixes
from kg.serve.engine import RejectedError
from kg.serve.explain import PADDING, explain_rejection
from kg.serve.guard import Checked, TooLongError, check_query
from kg.serve.lexer import LexicalError, decode_escapes, read_tokens
from kg.serve.settings import Settings

KNOWN = frozenset(("http://x/known",))


def check(query: str, **limits: int) -> Checked:
    return check_query(
        query, Settings(**limits), prefixes=make_prefixes(), known_graphs=KNOWN
    )  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        'SELECT ?service { ?service a "SERVICE <http://x/> {" }',
        "SELECT * { ?s ?p ?o } # SERVICE <http://x/> {}",
        "SELECT * { ?s ?p '''SERVICE ' '' {''' }",
        "PREFIX service: <http://x/> SELECT * { GRAPH service:g { ?s service:p ?o } }",
        "SELECT * { ?s <http://x/SERVICE> ?o }",
        'SELECT * { ?s ?p "x"@en , "y"^^xsd:string ; a ?c . _:b ?q 1.5e3 }',
        "SELECT * { ?s (<http://x/a>|^<http://x/b>)*/!(a|^a) ?o }",
        "SELECT (?a<?b AS ?c) { VALUES (?a ?b) { (1 2) (UNDEF 3) } }",
        "ASK { FILTER(?a < ?b && ?c > ?d) }",
        "ASK { ?s ex\\u0070:x ?o }".replace("ex\\u0070", "skos"),
    ],
)
def test_check_query_lets_pass(query: str) -> None:
    assert check(query).text


@pytest.mark.parametrize(
    ("query", "word", "line", "column"),
    [
        ("SELECT * {\n SERVICE <http://x/> {} }", "SERVICE", 2, 2),
        (r"SELECT * { S\u0045RVICE <http://x/> {} }", "SERVICE", 1, 12),
        ("PREFIX : <http://x/> ASK { SERVICE:x {} }", "'SERVICE:' is not declared", 1, 28),
        ("PREFIX service: <http://x/> ASK { service:x {} }", "SERVICE", 1, 35),
        ("ASK { FILTER(?a<'>'||EXISTS{SERVICE<http://x/>{}}||?a>'') }#'", "comparison", 1, 16),
        ("INSERT DATA { <http://x/> a 1 }", "updates", 1, 1),
        ("PREFIX x: <http://x/>\nLOAD <http://x/>", "updates", 2, 1),
        ("SELECT * FROM <file:///etc/passwd> {}", "not in this dataset", 1, 15),
        ("PREFIX x: <http://x/> SELECT * FROM NAMED x:y {}", "not in this dataset", 1, 43),
        ("BASE <http://x/> SELECT * FROM <other> {}", "not in this dataset", 1, 32),
        ("SELECT * { ?s ?p 'open }", "not closed", 1, 18),
        ("SELECT * { ?s ?p ?o ) }", "closes no bracket", 1, 21),
        ("SELECT * { ?s foo:bar ?o }", "'foo:' is not declared", 1, 15),
        ("\nfoo", "no SELECT", 2, 1),
    ],
)
def test_check_query_refuses_and_names_the_place(
    query: str, word: str, line: int, column: int
) -> None:
    with pytest.raises(LexicalError, match=word) as caught:
        check(query)
    assert (caught.value.place.line, caught.value.place.column) == (line, column)


def test_check_query_finds_known_graphs() -> None:
    checked = check("PREFIX x: <http://x/> SELECT * FROM x:known FROM NAMED <http://x/known> {}")
    assert checked.graphs == ("http://x/known",)
    assert checked.named == ("http://x/known",)


@pytest.mark.parametrize(
    ("query", "limits"),
    [
        ("ASK " + "{" * 11 + "}" * 11, {"depth_limit": 10}),
        ("ASK { FILTER(" + "! " * 11 + "true) }", {"depth_limit": 10}),
        ("SELECT (1" + "+1" * 11 + " AS ?x) {}", {"operator_limit": 10}),
        ("ASK { " + "{} UNION " * 11 + "{} }", {"operator_limit": 10}),
        ("ASK { VALUES ?x { " + "1 " * 100 + "} }", {"token_limit": 50}),
    ],
)
def test_check_query_limits(query: str, limits: dict[str, int]) -> None:
    assert check(query)
    with pytest.raises(LexicalError, match=str(next(iter(limits.values())))):
        check(query, **limits)


def test_check_query_limits_length() -> None:
    with pytest.raises(TooLongError, match="1000 characters"):
        check("ASK {} #" + "x" * 1000, query_limit=1000)


@pytest.mark.parametrize(
    ("query", "steady"), [("SELECT (NOW() AS ?x) {}", False), ("SELECT ('NOW()' AS ?x) {}", True)]
)
def test_check_query_knows_what_changes(query: str, steady: bool) -> None:
    assert check(query).steady is steady


@given(st.text("\\uU0041'\"\n{}<># ?aSERVICE:", max_size=40))
def test_decode_escapes_is_stable(text: str) -> None:
    """What is decoded once holds no escape that would be decoded again."""
    once = decode_escapes(text)
    assert decode_escapes(once) == once


PIECES = (
    "SERVICE", "service", "SERVICE:", "<http://x/>", "{", "}", "(", ")", "'", "'''", '"', "#", "\n",
    "<", ">", "?a", "||", "EXISTS", "FILTER", "BIND", "1", ":", ".", " ", "\\", "<'>", "?a<?b#>",
    "UNION", "SILENT", "OPTIONAL", "GRAPH", "\\u0053ERVICE", "ASK", "SELECT", "*", "=", "_:a.", "a:b.", "SERVICE SILENT <http://x/> {}", "SERVICE<http://x/>{}", "SERVICE:x{}",
    "EXISTS{SERVICE<http://x/>{}}", "BIND(1 AS ?a)", "FILTER(?a",
)  # fmt: skip


@pytest.fixture(scope="module")
def trap() -> Iterator[socket.socket]:
    """A listening socket that nothing may reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def _reaches(trap: socket.socket, text: str) -> bool:
    """Run a query in a thread and tell whether it came to the trap's address."""
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_run, text)
        while not running.done():
            with contextlib.suppress(BlockingIOError):
                trap.accept()[0].close()
                return True
    with contextlib.suppress(BlockingIOError):
        trap.accept()[0].close()
        return True
    return False


def _run(text: str) -> None:
    with contextlib.suppress(SyntaxError, ValueError, OSError, RuntimeError):
        result = ox.Store().query(text)
        assert bool(result) in (True, False)


def test_reaches_tells_of_a_connection(trap: socket.socket) -> None:
    url = f"http://127.0.0.1:{trap.getsockname()[1]}/"
    assert _reaches(trap, f"ASK {{ SERVICE SILENT <{url}> {{}} }}")
    assert not _reaches(trap, "ASK {}")


@given(st.lists(st.sampled_from(PIECES), max_size=14))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_check_query_lets_nothing_pass_that_federates(
    trap: socket.socket, pieces: list[str]
) -> None:
    """Whatever passes the guard makes the engine connect to nothing."""
    url = f"http://127.0.0.1:{trap.getsockname()[1]}/"
    query = f"PREFIX : <{url}> PREFIX a: <{url}> ASK {{ {''.join(pieces)} }}"
    try:
        text = check(query.replace("http://x/", url)).text
    except LexicalError:
        return
    assert not _reaches(trap, text), text


@given(st.text(max_size=60))
def test_read_tokens_ends(text: str) -> None:
    """Any text gives tokens in order, or an error with a place in it."""
    try:
        tokens = list(read_tokens(text))
    except LexicalError as error:
        line = error.place.line
    else:
        starts = [token.start for token in tokens]
        assert starts == sorted(set(starts))
        line = 1
    assert 1 <= line <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("SELECT * { ?s ?p ?o FILTER(?o > ) }", "line 1, column 33"),
        ("SELECT * {\n ?s ?p '城市' GRAPH }", "line 2, column 13"),
        ("SELECT * { ?s ?p ?o }\nLIMT 3", "line 2, column 1"),
        ("SELECT ?s (COUNT(?x) AS ?n) { ?s ?p ?x }", "unbound"),
    ],
)
def test_explain_rejection_names_the_place(query: str, place: str) -> None:
    with pytest.raises(SyntaxError) as caught:
        ox.Store().query(query + PADDING)
    message, status = explain_rejection(query, RejectedError(str(caught.value), syntax=True))
    assert status == 400
    assert place in message
