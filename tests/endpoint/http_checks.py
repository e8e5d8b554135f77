"""More checks of HTTP: what lies beneath a query, sent byte by byte where a client would mend it."""

from __future__ import annotations

import gzip
import re
import socket
import time
from functools import partial
from http.client import HTTPConnection
from urllib.parse import quote, urlencode, urlsplit

from tests.endpoint.data import EX
from tests.endpoint.suite import MUST, SHOULD, Endpoint, check, declare_each

CHEAP = f"SELECT ?o {{ <{EX}word/0> ?p ?o }}"
MANY = f"SELECT * {{ ?s <{EX}near> ?o }} LIMIT 500"
JSON = "application/sparql-results+json"
LAST = b"Connection: close\r\n\r\n"


def send(e: Endpoint, content: bytes, *, seconds: float = 5) -> bytes:
    """Send bytes to the server and return all that it says until it closes or time is up."""
    said = b""
    with socket.create_connection(e.address, timeout=seconds) as connection:
        try:
            connection.sendall(content)
            while part := connection.recv(1 << 16):
                said += part
        except (TimeoutError, ConnectionError):
            pass
    return said


def read_statuses(said: bytes) -> list[int]:
    """Return the statuses of the responses."""
    return [int(found) for found in re.findall(rb"HTTP/1\.[01] (\d{3}) ", said)]


def _get(e: Endpoint, query: str = "ASK {}", head: bytes = b"Host: x\r\n") -> bytes:
    path = f"{urlsplit(e.url).path}?{urlencode({'query': query})}"
    return f"GET {path} HTTP/1.1\r\n".encode() + head


def _post(
    e: Endpoint, body: bytes, head: bytes, kind: bytes = b"application/sparql-query"
) -> bytes:
    path = urlsplit(e.url).path.encode()
    return b"POST %b HTTP/1.1\r\nHost: x\r\nContent-Type: %b\r\n%b\r\n%b" % (path, kind, head, body)


# --- Accept -------------------------------------------------------------------------------


@check(MUST)
def accept_that_cannot_be_read_is_no_failure(e: Endpoint) -> None:
    for header in (";;;,,", "a", "*/*;q=abc", "text/csv;q=2", ",", "q=0.1", '"', "*/*;q="):
        status = e.ask(CHEAP, headers={"Accept": header}).status_code
        assert status in (200, 400, 406), f"{status} for {header}"


@check(MUST)
def accept_in_two_headers_is_one_list(e: Endpoint) -> None:
    said = send(e, _get(e, CHEAP) + b"Accept: image/png\r\nAccept: text/csv\r\n" + LAST)
    assert b"content-type: text/csv" in said.lower(), said[:300]


@check(MUST)
def accept_goes_by_the_most_exact_range(e: Endpoint) -> None:
    header = f"*/*;q=0.9, {JSON};q=0.1, text/csv ; q=0.95"
    assert e.ask(CHEAP, headers={"Accept": header}).headers["content-type"].startswith("text/csv")
    refused = e.ask(CHEAP, headers={"Accept": f"*/*, {JSON};q=0"})
    assert not refused.headers["content-type"].startswith(JSON)


# --- compression and entity tags ----------------------------------------------------------


@check(MUST)
def gzip_is_not_sent_where_it_is_refused(e: Endpoint) -> None:
    for header in ("gzip;q=0", "*;q=0, identity", "gzip;q=0, *", "*, gzip ; q=0.000"):
        response = e.ask(MANY, headers={"Accept-Encoding": header})
        assert "content-encoding" not in response.headers, header


@check(SHOULD)
def gzip_is_named_in_capitals_and_before_a_star(e: Endpoint) -> None:
    for header in ("br, GZIP", "*;q=0, gzip", "x-gzip"):
        found = e.ask(MANY, headers={"Accept-Encoding": header}).headers.get("content-encoding")
        assert found == "gzip", header


@check(MUST)
def packed_queries_do_no_harm(e: Endpoint) -> None:
    bomb = gzip.compress(b"ASK {}" + b" " * 100_000_000)
    headers = {"Content-Type": "application/sparql-query", "Content-Encoding": "gzip"}
    start = time.monotonic()
    status = e.client.post(e.url, content=bomb, headers=headers).status_code
    assert 400 <= status < 500, status
    assert time.monotonic() - start < 2


@check(MUST)
def etag_is_compared_as_a_list_and_weakly(e: Endpoint) -> None:
    response = e.ask(CHEAP)
    tag = response.headers["etag"]
    strong = tag.removeprefix("W/")
    for known in (f'"x", {tag}', f"W/{strong}", "*"):
        again = e.ask(CHEAP, headers={"If-None-Match": known})
        assert again.status_code == 304, known
        assert not again.content
        assert again.headers["etag"] == tag
        assert again.headers["vary"] == response.headers["vary"]


@check(MUST)
def etag_of_an_error_is_none(e: Endpoint) -> None:
    response = e.ask("ASK {", headers={"If-None-Match": "*"})
    assert response.status_code == 400
    assert "etag" not in response.headers


@check(SHOULD)
def post_is_never_not_modified(e: Endpoint) -> None:
    tag = e.ask(CHEAP).headers["etag"]
    for known in (tag, "*"):
        status = e.ask(CHEAP, method="POST", headers={"If-None-Match": known}).status_code
        assert status in (200, 412), status


@check(MUST)
def etag_depends_on_dataset_and_compression(e: Endpoint) -> None:
    plain = e.ask(MANY, headers={"Accept-Encoding": "identity"}).headers["etag"]
    packed = e.ask(MANY, headers={"Accept-Encoding": "gzip"}).headers["etag"]
    assert plain != packed or plain.startswith("W/")
    params = {"query": MANY, "default-graph-uri": f"{EX}dense"}
    assert e.client.get(e.url, params=params).headers["etag"] != plain


# --- methods and forms --------------------------------------------------------------------


@check(MUST)
def head_of_a_bad_query_is_400(e: Endpoint) -> None:
    response = e.client.head(e.url, params={"query": "ASK {"})
    assert response.status_code == 400
    assert not response.content


@check(MUST)
def head_has_the_headers_of_get(e: Endpoint) -> None:
    given = {"params": {"query": CHEAP}, "headers": {"Accept-Encoding": "identity"}}
    got, told = e.client.get(e.url, **given), e.client.head(e.url, **given)  # type: ignore[arg-type]
    for name in ("content-type", "etag", "vary", "content-length"):
        assert got.headers.get(name) == told.headers.get(name), name


@check(MUST)
def trace_repeats_nothing(e: Endpoint) -> None:
    response = e.client.request("TRACE", e.url, headers={"X-Secret": "hidden"})
    assert response.status_code in (405, 501)
    assert "hidden" not in response.text


@check(MUST)
def charset_that_is_no_charset_is_4xx(e: Endpoint) -> None:
    for name in ("nonsense", "rot13", "hex", "zlib", "unicode_escape", "undefined"):
        headers = {"Content-Type": f"application/sparql-query; charset={name}"}
        status = e.client.post(e.url, content=b"ASK {}", headers=headers).status_code
        assert status in (400, 415), name


@check(MUST)
def charset_in_quotes_is_read(e: Endpoint) -> None:
    headers = {"Content-Type": 'application/sparql-query; charset="UTF-8"', "Accept": JSON}
    content = 'SELECT ("上" AS ?x) {}'.encode()
    assert "上" in e.client.post(e.url, content=content, headers=headers).text


@check(MUST)
def percent_escapes_that_are_none_are_no_failure(e: Endpoint) -> None:
    for query in ("ASK%7B%7D%", "ASK%7B%7D%zz", "%FF%FE", "ASK%20%7B%7D%00"):
        assert e.client.get(f"{e.url}?query={query}").status_code in (200, 400), query


# --- connections --------------------------------------------------------------------------


@check(MUST)
def connection_serves_on_after_errors(e: Endpoint) -> None:
    connection = HTTPConnection(*e.address, timeout=10)
    path = urlsplit(e.url).path
    for query, status in (("ASK {", 400), ("ASK {}", 200), ("{" * 3000, 400), ("ASK {}", 200)):
        connection.request("GET", f"{path}?query={quote(query)}")
        response = connection.getresponse()
        response.read()
        assert response.status == status, query[:9]
    connection.close()


@check(MUST)
def pipelined_requests_are_answered_in_order(e: Endpoint) -> None:
    said = send(e, _get(e) + b"\r\n" + _get(e, "ASK {") + b"\r\n" + _get(e) + LAST)
    assert read_statuses(said) == [200, 400, 200], said
    length = b"Content-Length: 6\r\n"
    good, bad = _post(e, b"ASK {}", length), _post(e, b"ASK {}", length, b"text/plain")
    statuses = read_statuses(send(e, good + bad + good + _get(e) + LAST))
    assert statuses[0] == 200
    assert statuses[1] in (400, 415)
    assert statuses[2:] == [200, 200]


@check(MUST)
def http_1_0_gets_no_chunks(e: Endpoint) -> None:
    said = send(e, _get(e).replace(b"HTTP/1.1", b"HTTP/1.0") + b"\r\n")
    assert read_statuses(said) == [200]
    assert b"chunked" not in said.lower()


@check(SHOULD)
def expectation_is_met(e: Endpoint) -> None:
    head = b"Content-Length: 6\r\nExpect: 100-continue\r\n" + LAST[:-2]
    with socket.create_connection(e.address, timeout=5) as connection:
        connection.sendall(_post(e, b"", head))
        assert connection.recv(1000).startswith(b"HTTP/1.1 100 ")
        connection.sendall(b"ASK {}")
        assert b" 200 " in connection.recv(1 << 16)


_TWISTED = {
    "length and chunks": b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
    "two lengths": b"Content-Length: 6\r\nContent-Length: 5\r\n",
    "negative length": b"Content-Length: -1\r\n",
    "length with a sign": b"Content-Length: +6\r\n",
    "blank before the colon": b"Content-Length : 6\r\n",
    "chunks that are none": b"Transfer-Encoding: chunked\r\n",
}


def _is_no_request(head: bytes, e: Endpoint) -> None:
    """What two servers in a row could read in two ways is refused, and what follows not read."""
    hidden = _get(e, "ASK { 1 }") + LAST
    statuses = read_statuses(send(e, _post(e, b"ASK {}", head) + hidden, seconds=3))
    assert len(statuses) == 1, statuses
    assert 400 <= statuses[0] < 500, statuses


declare_each(MUST, "twisted", ((n, partial(_is_no_request, head)) for n, head in _TWISTED.items()))


@check(SHOULD)
def host_is_named_once(e: Endpoint) -> None:
    for head in (b"", b"Host: a\r\nHost: b\r\n"):
        assert read_statuses(send(e, _get(e, head=head) + LAST)) == [400], head


@check(SHOULD)
def head_without_end_is_refused(e: Endpoint) -> None:
    for head in (b"X: " + b"a" * 1_000_000, b"X: a\r\n" * 200_000):
        statuses = read_statuses(send(e, _get(e) + head + b"\r\n" + LAST))
        assert statuses in ([], [400], [431]), statuses


@check(SHOULD)
def long_address_is_414(e: Endpoint) -> None:
    said = send(e, _get(e, f"ASK {{}} # {'x' * 80_000}") + LAST)
    assert read_statuses(said) == [414], said[:100]


@check(MUST)
def hosts_and_bytes_that_are_none_are_no_failure(e: Endpoint) -> None:
    for content in (
        _get(e, head=b'Host: x"><script>\r\n') + LAST,
        _get(e, head=b"Host: x> . <a> <b\r\n") + LAST,
        _get(e) + b"X: a\x00b\r\n" + LAST,
        b"GET /\xff\xe4 HTTP/1.1\r\nHost: x\r\n" + LAST,
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\n" + LAST,
        b"GET http://elsewhere.example/ HTTP/1.1\r\nHost: x\r\n" + LAST,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100 + b"\r\n\r\n",
    ):
        statuses = read_statuses(send(e, content, seconds=3))
        assert all(status < 500 for status in statuses), content[:60]


@check(MUST)
def clients_that_wait_keep_nobody_waiting(e: Endpoint) -> None:
    waiting = [socket.create_connection(e.address, timeout=5) for _ in range(200)]
    for connection in waiting:
        connection.sendall(_post(e, b"ASK", b"Content-Length: 100\r\n"))
    start = time.monotonic()
    assert e.ask(CHEAP).status_code == 200
    assert time.monotonic() - start < 1
    for connection in waiting:
        connection.close()
