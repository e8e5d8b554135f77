"""A version written to other servers, and queries sent to them: Oxigraph's own server, and ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2 as httpx
import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.cli import main
from kg.errors import GraphError, QueryError
from kg.graph import open_version, stage_version
from kg.graph.remote import Credentials, Target, ask_endpoint, open_client, publish_version
from kg.ontology import BASE
from tests.serving import run_server
from tests.virtuoso import find_free_port, run_virtuoso

GRAPH = f"{BASE}id/graph/document/"
COUNT = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"


def publish_graphs(folder: Path, **sizes: int) -> None:
    """Publish a version with named graphs of so many triples."""
    with stage_version(folder) as staging:
        for name, size in sizes.items():
            lines = sorted(
                f'<{BASE}id/{n}> <{BASE}id/p> "第{n}行 <{GRAPH}{name}> ."@zh <{GRAPH}{name}> .\n'
                for n in range(size)
            )
            staging.add_graph(f"{GRAPH}{name}", lines)
        staging.publish({"base": BASE})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    publish_graphs(tmp_path, a=20, b=3)
    return tmp_path


@pytest.fixture(scope="module")
def oxigraph() -> Iterator[str]:
    """The address of a running server of Oxigraph's; skips where none is installed."""
    program = shutil.which("oxigraph", path=str(Path(sys.executable).parent)) or shutil.which(
        "oxigraph"
    )
    if program is None:
        pytest.skip("no oxigraph server here: pip install oxigraph")
    port = find_free_port()
    command = [program, "serve", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            httpx.get(url)
            break
        except httpx.TransportError:
            time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(10)


@pytest.mark.parametrize("protocol", ["graph-store", "update"])
def test_publish_and_query(
    oxigraph: str, folder: Path, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.graph.remote.CHUNK", 7)
    path = {"graph-store": "store", "update": "update"}[protocol]
    command = ["publish", "--graph", str(folder), "--to", f"{oxigraph}/{path}"]
    command += ["--protocol", protocol, "--query-url", f"{oxigraph}/query"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert "2 graphs, 23 triples" in done.output
    assert _read_quads(oxigraph) == set(ox.parse(path=str(open_version(folder).quads)))

    publish_graphs(folder, a=5, c=1)  # b is no longer
    done = CliRunner().invoke(main, [*command, "--json"])
    assert done.exit_code == 0, done.output
    assert '"removed": 1' in done.output
    assert _read_quads(oxigraph) == set(ox.parse(path=str(open_version(folder).quads)))

    query = ["query", "--endpoint", f"{oxigraph}/query", COUNT]
    assert CliRunner().invoke(main, query).output.split() == ["?n", "--", "6"]
    query = ["query", "--endpoint", f"{oxigraph}/query", "--union", "ASK { ?s a pk:Nothing }"]
    assert CliRunner().invoke(main, query).output == "no\n"


def _read_quads(url: str) -> set[ox.Quad]:
    headers = {"Accept": "application/n-quads"}
    content = httpx.get(f"{url}/store", headers=headers).content
    return set(ox.parse(content, format=ox.RdfFormat.N_QUADS))


def test_publish_leaves_graphs_of_others(oxigraph: str, folder: Path) -> None:
    other = {"graph": "http://other.example/graph"}
    content = b"<http://x/> <http://x/> <http://x/> ."
    headers = {"Content-Type": "text/turtle"}
    httpx.put(f"{oxigraph}/store", params=other, content=content, headers=headers)
    target = Target(url=f"{oxigraph}/store", query_url=f"{oxigraph}/query")
    with open_client() as client:
        publish_version(open_version(folder), target, client)
    assert httpx.get(f"{oxigraph}/store", params=other).status_code == 200
    httpx.delete(f"{oxigraph}/store", params=other)


@pytest.fixture(scope="module")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with run_virtuoso(tmp_path_factory.mktemp("virtuoso") / "database") as (url, _):
        yield url


@pytest.mark.slow
@pytest.mark.parametrize("protocol", ["graph-store", "update"])
def test_publish_to_virtuoso(
    virtuoso: str, tmp_path: Path, protocol: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = {"graph-store": "sparql-graph-crud-auth", "update": "sparql-auth"}[protocol]
    command = ["publish", "--graph", str(tmp_path), "--to", f"{virtuoso}/{path}", "--user", "dba"]
    command += ["--protocol", protocol, "--query-url", f"{virtuoso}/sparql", "--retries", "0"]
    command += ["--auth", "digest"]
    publish_graphs(tmp_path, a=9000, b=3)
    monkeypatch.setenv("KG_PASSWORD", "wrong")
    assert "status 401" in CliRunner().invoke(main, command).output
    monkeypatch.setenv("KG_PASSWORD", "dba")
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert _read_virtuoso(virtuoso, "a", "b") == _read_version(tmp_path)

    publish_graphs(tmp_path, a=5, c=1)  # b is no longer
    done = CliRunner().invoke(main, [*command, "--json"])
    assert '"removed": 1' in done.output
    assert _read_virtuoso(virtuoso, "a", "b", "c") == _read_version(tmp_path)

    if protocol == "update":  # what cannot be written whole is not written at all
        before = _read_version(tmp_path)
        publish_graphs(tmp_path, a=9000)
        monkeypatch.setattr("kg.graph.remote.CHUNK", 9000)  # more than Virtuoso takes
        done = CliRunner().invoke(main, command)
        assert "memory exhausted" in done.output
        assert _read_virtuoso(virtuoso, "a", "b", "c") == before


def _read_virtuoso(url: str, *names: str) -> set[ox.Triple]:
    found: set[ox.Triple] = set()
    for name in names:
        asked = {"params": {"graph": GRAPH + name}, "headers": {"Accept": "text/plain"}}
        response = httpx.get(f"{url}/sparql-graph-crud", **asked)  # type: ignore[arg-type]
        if response.status_code == 200:
            quads = ox.parse(response.content, format=ox.RdfFormat.N_TRIPLES)
            found |= {quad.triple for quad in quads}
    return found


def _read_version(folder: Path) -> set[ox.Triple]:
    return {quad.triple for quad in ox.parse(path=str(open_version(folder).quads))}


class _Flaky(BaseHTTPRequestHandler):
    """A server that wants a password, fails now and then, and remembers what it was sent."""

    graphs: dict[str, bytes]
    failures: list[int]

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Authorization") != "Basic bWU6c2VjcmV0":
            self._answer(401)
        elif self.failures:
            self._answer(self.failures.pop(0))
        else:
            self.graphs[self.path] = body
            self._answer(204)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def flaky() -> Iterator[tuple[str, type[_Flaky]]]:
    kind = type("Flaky", (_Flaky,), {"graphs": {}, "failures": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/store", kind
        server.shutdown()
        thread.join()


def test_publish_tries_again(flaky: tuple[str, type[_Flaky]], folder: Path) -> None:
    url, kind = flaky
    kind.failures[:] = [503, 429, 502]
    with open_client(Credentials(user="me", password="secret")) as client:
        target = Target(url=url, pause=0.01)
        assert publish_version(open_version(folder), target, client).graphs == 2
    assert len(kind.graphs) == 2


def test_publish_stops_at_a_lasting_failure(flaky: tuple[str, type[_Flaky]], folder: Path) -> None:
    url, kind = flaky
    kind.failures[:] = [400]
    with (
        open_client(Credentials(user="me", password="secret")) as client,
        pytest.raises(GraphError, match=r"document/a.*status 400.*0 of 2 graphs"),
    ):
        publish_version(open_version(folder), Target(url=url, pause=0.01), client)
    assert not kind.graphs


def test_publish_asks_for_a_password(
    flaky: tuple[str, type[_Flaky]], folder: Path, tmp_path: Path
) -> None:
    url, kind = flaky
    command = ["publish", "--graph", str(folder), "--to", url, "--retries", "0"]
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert "give --user or a token" in done.output
    password = tmp_path / "password"
    password.write_text("secret\n", encoding="utf-8")
    done = CliRunner().invoke(main, [*command, "--user", "me", "--password-file", str(password)])
    assert done.exit_code == 0, done.output
    assert len(kind.graphs) == 2


def test_publish_tells_what_cannot_be_reached(folder: Path) -> None:
    target = Target(url=f"http://127.0.0.1:{find_free_port()}/store", retries=1, pause=0.01)
    with open_client() as client, pytest.raises(GraphError, match="Connect"):
        publish_version(open_version(folder), target, client)


def test_credentials_hide_the_password() -> None:
    assert "secret" not in repr(Credentials(user="me", password="secret", token="secret"))


def test_query_our_own_server(folder: Path) -> None:
    with run_server("--graph", str(folder)) as server:
        url = f"{server.url}/sparql"
        command = ["query", "--endpoint", url, "--json", "SELECT ?x { VALUES ?x { skos:Concept } }"]
        done = CliRunner().invoke(main, command)
        assert "core#Concept" in done.output
        with open_client() as client:
            content = ask_endpoint(url, "CONSTRUCT WHERE { ?s ?p ?o }", "ntriples", client)
            assert content.count(b"\n") == 23
            with pytest.raises(QueryError, match=r"status 400.*line 1, column"):
                ask_endpoint(url, "SELECT * {", "json", client)
