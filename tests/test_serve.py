"""The server: versions, linked data, limits, budgets, figures, logs, start and stop."""

from __future__ import annotations

import gc
import gzip
import json
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx2 as httpx
import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from kg.errors import GraphError, KGError
from kg.graph import open_version
from kg.graph.hold import claim_file
from kg.graph.version import MANIFEST
from kg.ontology import BASE, Vocabulary
from kg.serve import Settings, make_app
from kg.serve import published as published_module
from kg.serve import worker as worker_module
from kg.serve.budgets import Budgets
from kg.serve.engine import StoppedError
from kg.serve.negotiation import GRAPHS, TABLES, choose_format
from kg.serve.settings import read_networks
from tests.serving import ROOT, Server, publish_triples, run_server

RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
TRIPLES = [
    *(f"<{BASE}id/thing/{n}> <{BASE}ontology#next> <{BASE}id/thing/{n + 1}>" for n in range(300)),
    f'<{BASE}id/thing/0> <http://www.w3.org/2004/02/skos/core#prefLabel> "<script>\\n\'x\' & \\"y\\""@zh',
    f'<{BASE}id/城市/上海%7CA> <{BASE}ontology#name> "上海"@zh',
    f"<{BASE}id/thing/0> <{BASE}ontology#near> <http://elsewhere.example/a?b=c#d>",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph")
    publish_triples(folder, TRIPLES)
    return folder


@pytest.fixture(scope="module")
def client(folder: Path, vocabulary: Vocabulary) -> Iterator[TestClient]:
    settings = Settings(quick=2, slow=1, time_limit=1.0, result_limit=20_000, refresh=0.1)
    with TestClient(make_app(folder, vocabulary, settings)) as client:
        yield client


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    limits = (
        "--time-limit",
        "2",
        "--budget",
        "1",
        "--budget-window",
        "30",
        "--exempt",
        "10.0.0.0/8",
    )
    with run_server("--graph", str(folder), *limits, "--root-path", "/kg") as server:
        yield server


# --- versions -----------------------------------------------------------------------------


def test_new_version_is_taken_up_without_dropping_a_request(tmp_path: Path) -> None:
    first = publish_triples(tmp_path, [f"<{BASE}id/a> <{BASE}id/p> <{BASE}id/one>"])
    answers: list[tuple[int, str]] = []
    done = threading.Event()
    query = {"query": f"SELECT ?o {{ <{BASE}id/a> <{BASE}id/p> ?o }}"}

    with run_server("--graph", str(tmp_path), "--time-limit", "5") as server:

        def ask() -> None:
            with httpx.Client() as client:
                while not done.is_set():
                    response = client.post(f"{server.url}/sparql", data=query)
                    answers.append((response.status_code, response.text))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)
        assert httpx.get(f"{server.url}/ready").json()["version"] == first
        for number in range(3):
            name = publish_triples(tmp_path, [f"<{BASE}id/a> <{BASE}id/p> <{BASE}id/two{number}>"])
            _wait_for(lambda name=name: httpx.get(f"{server.url}/ready").json()["version"] == name)  # type: ignore[misc]
        done.set()
        for thread in threads:
            thread.join()
        assert "two2" in httpx.post(f"{server.url}/sparql", data=query).text
    assert {status for status, _ in answers} == {200}
    assert len(answers) > 50
    assert {"one" in text for _, text in answers} == {True, False}


def test_version_before_is_let_go_of_when_its_requests_are_answered(
    tmp_path: Path, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where pages were made of it and nothing afterwards makes the interpreter clear up."""
    monkeypatch.setattr(published_module, "GRACE", 1.0)
    first = publish_triples(tmp_path, TRIPLES[:3])
    manifest = tmp_path / "versions" / first / MANIFEST
    gc.disable()
    try:
        with TestClient(make_app(tmp_path, vocabulary, Settings(quick=1, refresh=0.1))) as client:
            assert client.get("/").status_code == 200
            assert claim_file(manifest) is None
            second = publish_triples(tmp_path, TRIPLES[:4])
            _wait_for(lambda: client.get("/ready").json()["version"] == second)
            assert claim_file(manifest) is None  # its workers still live
            _wait_for(lambda: claim_file(manifest) is not None)
            assert claim_file(tmp_path / "versions" / second / MANIFEST) is None
    finally:
        gc.enable()


def test_version_that_cannot_be_opened_changes_nothing(tmp_path: Path) -> None:
    publish_triples(tmp_path, TRIPLES[:3])
    with run_server("--graph", str(tmp_path)) as server:
        (tmp_path / "CURRENT").write_text("0123456789abcdef\n", encoding="utf-8")
        _wait_for(lambda: any("cannot be taken up" in line for line in server.lines))
        assert httpx.get(f"{server.url}/sparql", params={"query": "ASK {}"}).status_code == 200
        name = publish_triples(tmp_path, TRIPLES[:4])
        _wait_for(lambda: httpx.get(f"{server.url}/ready").json()["version"] == name)


def _wait_for(condition) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


# --- linked data --------------------------------------------------------------------------


def test_every_iri_of_the_graph_answers(embedded_graph: Path, vocabulary: Vocabulary) -> None:
    version = open_version(embedded_graph)
    terms: set[str] = set()
    for quad in ox.parse(path=str(version.quads), format=ox.RdfFormat.N_QUADS):
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, ox.NamedNode) and term.value.startswith(BASE):
                terms.add(term.value)
    chosen = random.Random(1).sample(sorted(terms), 250)
    chosen += [term for term in terms if not term.isascii()][:20]
    with TestClient(make_app(embedded_graph, vocabulary, Settings(quick=1))) as client:
        for number, iri in enumerate(chosen):
            accept = ("text/turtle", "application/ld+json", "text/html")[number % 3]
            path = "/" + quote(iri.removeprefix(BASE).partition("#")[0], safe="/%:@!$&'()*+,;=~")
            response = client.get(path, headers={"Accept": accept})
            assert response.status_code == 200, (iri, response.text)
            assert response.headers["content-type"].startswith(accept)
            if "/graph/" not in iri:
                assert iri.rpartition("#")[2] in response.text, iri


def test_resource_as_rdf_and_page(client: TestClient) -> None:
    response = client.get("/id/thing/1", headers={"Accept": "application/n-triples"})
    triples = {q.triple for q in ox.parse(response.content, format=ox.RdfFormat.N_TRIPLES)}
    assert len(triples) == 2  # one leaves, one arrives
    page = client.get("/id/thing/0", headers={"Accept": "text/html,*/*;q=0.8"})
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    tag = page.headers["etag"]
    known = client.get("/id/thing/0", headers={"Accept": "text/html", "If-None-Match": tag})
    assert known.status_code == 304


def test_resource_with_chinese_and_escapes_in_its_iri(client: TestClient) -> None:
    path = "/id/%E5%9F%8E%E5%B8%82/%E4%B8%8A%E6%B5%B7%7CA"
    assert "上海" in client.get(path, headers={"Accept": "text/turtle"}).text


def test_resource_of_elsewhere(client: TestClient) -> None:
    found = client.get("/resource", params={"iri": "http://elsewhere.example/a?b=c#d"})
    assert f"{BASE}ontology#near" in found.text or "pk:near" in found.text
    assert client.get("/resource", params={"iri": "http://nowhere.example/"}).status_code == 404
    assert client.get("/resource", params={"iri": "not an iri"}).status_code == 404
    assert client.get("/resource").status_code == 400


def test_resource_whose_links_are_cut_says_so(tmp_path: Path, vocabulary: Vocabulary) -> None:
    hub = f"<{BASE}id/hub>"
    publish_triples(tmp_path, [f"<{BASE}id/{n}> <{BASE}ontology#p> {hub}" for n in range(600)])
    with TestClient(make_app(tmp_path, vocabulary, Settings(quick=1))) as client:
        text = client.get("/id/hub", headers={"Accept": "text/turtle"}).text
        assert "only 500 of the links" in text
        page = client.get("/id/hub?lang=en", headers={"Accept": "text/html"}).text
        assert "there are more" in page


def test_unknown_resource_is_404(client: TestClient) -> None:
    assert client.get("/id/nothing").status_code == 404


def test_page_follows_the_language(client: TestClient) -> None:
    assert 'lang="zh-CN"' in client.get("/").text
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "en-GB"}).text
    assert 'lang="en"' in client.get("/?lang=en").text


# --- limits -------------------------------------------------------------------------------


def test_result_over_the_limit_is_an_error(client: TestClient) -> None:
    for query in ("SELECT * { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"):
        response = client.post("/sparql", data={"query": query})
        assert response.status_code == 503
        assert "larger" in response.text
    assert client.post("/sparql", data={"query": "ASK {}"}).json()["boolean"]


def test_body_over_the_limit_is_413(client: TestClient) -> None:
    content = b"ASK {} #" + b"x" * (3 << 20)
    headers = {"Content-Type": "application/sparql-query"}
    assert client.post("/sparql", content=content, headers=headers).status_code == 413


def test_memory_limit_ends_a_query(folder: Path) -> None:
    query = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?i ?f ?c"
    with run_server("--graph", str(folder), "--memory-limit", "150") as server:
        largest = 0
        answered: list[httpx.Response] = []
        thread = threading.Thread(
            target=lambda: answered.append(
                httpx.post(f"{server.url}/sparql", data={"query": query}, timeout=60)
            )
        )
        thread.start()
        while thread.is_alive():
            for pid in server.workers():
                largest = max(largest, _read_memory(pid))
            time.sleep(0.01)
        assert answered[0].status_code == 503
        assert "150 MB" in answered[0].text
        assert largest < 400 << 20
        stopped = httpx.get(f"{server.url}/metrics").text
        assert 'kg_queries_stopped_total{reason="memory"} 1.0' in stopped


def _read_memory(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    except OSError:
        return 0


def test_worker_that_is_killed_is_replaced(server: Server) -> None:
    before = server.workers()
    for pid in before:
        subprocess.run(["kill", "-9", str(pid)], check=False)
    # No query comes meanwhile: none would be sent to a server that is not ready.
    _wait_for(lambda: len(set(server.workers()) - set(before)) == len(before))
    assert httpx.get(f"{server.url}/ready").status_code == 200
    for number in range(5):  # none of them is kept: each needs a worker
        query = f"ASK {{ BIND({number} AS ?killed) }}"
        assert httpx.get(f"{server.url}/sparql", params={"query": query}).status_code == 200
    assert set(server.workers()).isdisjoint(before)


def test_worker_opens_no_network(folder: Path) -> None:
    """Even a query that the guard never saw reaches no socket."""
    store = open_version(folder).folder / "store"
    process = subprocess.Popen(
        [sys.executable, "-P", worker_module.__file__, str(store), "{}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None

    def receive() -> tuple[int, bytes]:
        kind, length = worker_module.HEAD.unpack(process.stdout.read(worker_module.HEAD.size))
        return kind, process.stdout.read(length)

    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.3)
        ready = json.loads(receive()[1])
        if not ready["sealed"]:
            process.kill()
            pytest.skip("the kernel has no filter for system calls")
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/"
        request = {
            "query": f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}", "base": None,
            "union": True, "default_graph": None, "named_graphs": None, "limit": 1 << 20,
            "table": "json", "graph": "turtle",
        }  # fmt: skip
        content = json.dumps(request).encode()
        process.stdin.write(worker_module.HEAD.pack(worker_module.REQUEST, len(content)) + content)
        process.stdin.flush()
        kind, _ = receive()
        assert kind == worker_module.FAILED
        with pytest.raises(TimeoutError):
            trap.accept()
    process.stdin.close()
    assert process.wait(5) == 0
    process.stdout.close()


# --- budgets ------------------------------------------------------------------------------


def test_budget_ends_a_query_and_refuses_the_next(server: Server) -> None:
    """The server's clients have one second; a client is told by X-Forwarded-For from a proxy."""
    poor, rich = {"X-Forwarded-For": "192.0.2.7"}, {"X-Forwarded-For": "10.1.2.3"}
    for headers in (poor, {"X-Forwarded-For": "2001:db8::1"}):
        response = httpx.post(
            f"{server.url}/sparql", data={"query": RUNAWAY}, headers=headers, timeout=30
        )
        assert response.status_code == 429
        assert int(response.headers["retry-after"]) > 0
    for address in ("192.0.2.7", "2001:db8::2"):
        headers = {"X-Forwarded-For": address}
        response = httpx.post(f"{server.url}/sparql", data={"query": "ASK {}"}, headers=headers)
        assert response.status_code == 429
    for headers in (rich, {"X-Forwarded-For": "192.0.2.8"}):
        response = httpx.post(f"{server.url}/sparql", data={"query": "ASK {}"}, headers=headers)
        assert response.status_code == 200


def test_refused_request_leaves_no_query_running(folder: Path, vocabulary: Vocabulary) -> None:
    app = make_app(folder, vocabulary, Settings(budget=1e-9, exempt=(), quick=1))
    with TestClient(app, client=("192.0.2.1", 1)) as client:
        answers = [client.post("/sparql", data={"query": "ASK {}"}) for _ in range(3)]
    assert answers[-1].status_code == 429
    assert [b.running for b in app.state.kg.budgets._balances.values()] == [0]


def test_a_result_that_is_kept_is_sent_again(folder: Path, vocabulary: Vocabulary) -> None:
    query = {"query": "SELECT ?a { ?a pk:next ?b } ORDER BY ?a LIMIT 3"}
    app = make_app(folder, vocabulary, Settings(quick=1))
    with TestClient(app) as client:
        first, again = (client.get("/sparql", params=query) for _ in range(2))
        assert float(first.headers["x-query-seconds"]) > 0
        assert again.headers["x-query-seconds"] == "0.0000"
        assert (again.text, again.headers["etag"]) == (first.text, first.headers["etag"])
        table = client.get("/sparql", params=query, headers={"Accept": "text/csv"})
        assert table.text.startswith("a\r\n")
        assert "etag" not in client.post("/sparql", data=query).headers
        held = {"If-None-Match": first.headers["etag"]}
        assert client.get("/sparql", params=query, headers=held).status_code == 304
        graph = {**query, "default-graph-uri": f"{BASE}graph/nothing"}
        assert client.get("/sparql", params=graph).json()["results"]["bindings"] == []


def test_what_changes_is_not_kept(folder: Path, vocabulary: Vocabulary) -> None:
    query = {"query": "SELECT (STRUUID() AS ?id) {}"}
    with TestClient(make_app(folder, vocabulary, Settings(quick=1))) as client:
        first, again = (client.post("/sparql", data=query) for _ in range(2))
    assert first.text != again.text


def test_a_kept_result_costs_its_client_what_it_took_to_make(
    folder: Path, vocabulary: Vocabulary
) -> None:
    app = make_app(folder, vocabulary, Settings(budget=1, budget_window=1e6, exempt=(), quick=1))
    with TestClient(app, client=("192.0.2.1", 1)) as client:
        client.post("/sparql", data={"query": "ASK {}"})
        app.state.kg.budgets._balances["192.0.2.1"].seconds = 1e-9
        statuses = [client.post("/sparql", data={"query": "ASK {}"}).status_code for _ in range(3)]
    assert statuses == [200, 429, 429]


def test_budgets_fill_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    budgets = Budgets(Settings(budget=10, budget_window=20))
    account = budgets.open_account("192.0.2.1")
    account.charge(9)
    with pytest.raises(StoppedError, match="budget") as caught:
        account.charge(2)
    assert caught.value.retry_after == 4  # one second too much, and one to spend, at 0.5 a second
    now += caught.value.retry_after
    account.check()
    budgets.open_account("127.0.0.1").charge(1000)  # loopback is exempt
    budgets.open_account("::ffff:127.0.0.1").charge(1000)


def test_read_networks_refuses_what_is_none() -> None:
    with pytest.raises(KGError, match=r"no address or network"):
        read_networks(["example.org"])


# --- negotiation --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("application/json", "json"),
        ("text/csv;q=0.1, */*;q=0.05", "csv"),
        ("application/sparql-results+xml, application/json", "xml"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "xml"),
        ("application/*;q=0.2, text/tab-separated-values;q=0.3", "tsv"),
        ("application/sparql-results+json;q=0, */*", "xml"),
        ("text/csv; q=nonsense", None),
        ("image/png", None),
    ],
)
def test_choose_format(accept: str, expected: str | None) -> None:
    chosen = choose_format(accept, TABLES)
    assert (chosen.name if chosen else None) == expected


def test_choose_format_of_graphs() -> None:
    found = choose_format("application/rdf+xml;q=0.9, text/turtle;q=0.9", GRAPHS)
    assert found is not None
    assert found.name == "turtle"


def test_format_by_name(client: TestClient) -> None:
    params = {"query": "SELECT (1 AS ?x) {}", "format": "csv"}
    assert client.get("/sparql", params=params).text == "x\r\n1\r\n"
    assert client.get("/sparql", params={**params, "format": "png"}).status_code == 406


# --- operations ---------------------------------------------------------------------------


def test_health_readiness_and_metrics(client: TestClient) -> None:
    assert client.get("/health").json()["status"] == "ok"
    assert client.get("/ready").json()["status"] == "ready"
    client.get("/sparql", params={"query": "ASK {}"})
    text = client.get("/metrics").text
    assert 'kg_http_requests_total{route="/sparql",status="200"}' in text
    assert "kg_workers_started_total" in text


def test_root_path_stands_in_links(server: Server) -> None:
    page = httpx.get(f"{server.url}/").text
    assert 'href="/kg/static/page.css?v=' in page
    assert httpx.get(f"{server.url}/static/page.css").status_code == 200
    described = httpx.get(f"{server.url}/sparql", headers={"Accept": "application/n-triples"}).text
    assert f"<{server.url}/kg/sparql>" in described
    assert httpx.get(f"{server.url}/id/thing/1").status_code == 200


def test_access_log_has_no_query(server: Server) -> None:
    httpx.get(f"{server.url}/sparql", params={"query": "ASK { ?secret ?p ?o }"})
    _wait_for(lambda: any('"path": "/kg/sparql"' in line for line in server.lines))
    entry = json.loads([line for line in server.lines if '"/kg/sparql"' in line][-1])
    assert entry["status"] == 200
    assert entry["ms"] > 0
    assert not any("secret" in line for line in server.lines)


def test_stop_answers_what_runs(folder: Path) -> None:
    answered: list[httpx.Response] = []
    with run_server("--graph", str(folder), "--time-limit", "1.5", "--log-queries") as server:

        def ask() -> None:
            answered.append(httpx.post(f"{server.url}/sparql", data={"query": RUNAWAY}, timeout=30))

        thread = threading.Thread(target=ask)
        thread.start()
        time.sleep(0.5)
        pids = server.workers()
        server.process.send_signal(signal.SIGTERM)
        thread.join(10)
        assert server.process.wait(10) == 0 or server.process.returncode == -signal.SIGTERM
    assert answered[0].status_code == 503
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    _wait_for(lambda: any("?a ?b ?c" in line for line in server.lines))  # they are read beside


def test_large_results_are_compressed_wholly(folder: Path, vocabulary: Vocabulary) -> None:
    with TestClient(make_app(folder, vocabulary, Settings(quick=1))) as client:
        params = {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f } LIMIT 3000", "format": "tsv"}
        headers = {"Accept-Encoding": "gzip"}
        with client.stream("GET", "/sparql", params=params, headers=headers) as response:
            packed = b"".join(response.iter_raw())
        assert response.headers["content-encoding"] == "gzip"
        assert gzip.decompress(packed).count(b"\n") == 3001


def test_serve_without_a_graph_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kg", "serve", "--graph", str(tmp_path), "--port", "0"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "run kg build" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_on_a_taken_port_says_so(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "kg", "serve", "--graph", str(folder), "--port", port]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "choose --port" in done.stderr


def test_current_before_the_start_is_an_error(folder: Path, vocabulary: Vocabulary) -> None:
    app = make_app(folder, vocabulary)
    with pytest.raises(GraphError, match="no version is open"):
        _ = app.state.kg.publication.current
