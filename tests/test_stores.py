"""Shards in other stores: what is loaded there answers the competency questions as it does here."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg.ask.queries import Question, describe_templates
from kg.cli import main
from kg.errors import GraphError
from kg.graph import open_version, run_query, write_shards
from kg.graph.loading import _LOAD, load_apart, load_store
from kg.graph.remote import ask_endpoint, open_client
from kg.graph.version import INDEX
from kg.ontology import BASE, resource_iri
from tests.virtuoso import find_free_port, run_virtuoso

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
SHANGHAI, BEIJING, PUDONG = (resource_iri("place", code) for code in ("310000", "110000", "310115"))
VALUES: dict[str, tuple[str | ox.Literal, ...]] = {
    "asked": (resource_iri("instrument", "Talent"),),
    "city": (SHANGHAI, BEIJING),
    "home": (SHANGHAI,),
    "side": (SHANGHAI, BEIJING),
    "place": (PUDONG,),
    "seat": (PUDONG,),
    "role": (resource_iri("role", "lead"),),
    "text": (ox.Literal("人才", language="zh"),),
}
NAMES = [template.name for template in describe_templates()]
NOT_VIRTUOSO = {  # what version 7.2.5 makes of them: docs/how-to-stores.md
    "amounts": "a path in a branch of UNION: 'neither end of it is bound'",
    "compare": "a path before a UNION: 'neither end of it is bound'",
    "gaps": "a path before a UNION: 'neither end of it is bound'",
    "known-words": "finds no rows where REPLACE takes out white space",
    "only": "gives rows that MINUS takes away",
    "targets": "another binding of an OPTIONAL that holds a path",
}


def make_question(name: str) -> Question:
    """Ask for what the question can be asked for at once: an instrument, a city, a district."""
    known = next(t.parameters for t in describe_templates() if t.name == name)
    apart = {"city"} & set(known) if {"home", "side"} & set(known) else set()
    apart |= {"seat"} if {"place", "city", "home", "side", "work"} & set(known) else set()
    return Question(name, {p: VALUES[p] for p in known if p in VALUES and p not in apart})


def read_rows(content: bytes) -> Counter[tuple[Any, ...]]:
    """Return the rows of a result in JSON with how often each comes; terms as all stores mean them."""
    rows = json.loads(content)["results"]["bindings"]
    return Counter(
        tuple(
            (name, term["type"].removeprefix("typed-"), _read_value(term), term.get("xml:lang", ""))
            for name, term in sorted(row.items())
        )
        for row in rows
    )


def _read_value(term: dict[str, str]) -> str:
    if term.get("datatype", "").endswith(("boolean", "integer")):  # Virtuoso says 1 of what is true
        return {"true": "1", "false": "0"}.get(term["value"], term["value"])
    return term["value"]


# Shards


@pytest.fixture(scope="module")
def shards(embedded_graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded corpus in shards."""
    folder = tmp_path_factory.mktemp("stores") / "shards"
    arguments = ["export", "--graph", embedded_graph, "--format", "nquads", "--shards", "40000"]
    result = CliRunner().invoke(main, [*map(str, arguments), "--out", str(folder)])
    assert result.exit_code == 0, result.stderr
    return folder


def test_shards_hold_whole_graphs_in_order(embedded_graph: Path, shards: Path) -> None:
    paths = sorted(shards.glob("*.nq"))
    version = open_version(embedded_graph)
    assert len(paths) > 1
    assert b"".join(path.read_bytes() for path in paths) == version.quads.read_bytes()
    graphs = [
        {line.rsplit(b" ", 2)[1] for line in path.read_bytes().splitlines()} for path in paths
    ]
    assert sum(map(len, graphs)) == len(set().union(*graphs))
    largest = max(piece.lines for piece in version.read_index().values())
    assert all(path.read_bytes().count(b"\n") <= max(40_000, largest) for path in paths)
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=shards, check=True)


def test_packed_shards_are_the_same_bytes_every_time(embedded_graph: Path, tmp_path: Path) -> None:
    version = open_version(embedded_graph)
    one = write_shards(version, tmp_path / "one", lines=50_000, packed=True)
    two = write_shards(version, tmp_path / "two", lines=50_000, packed=True)
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    content = b"".join(gzip.decompress(path.read_bytes()) for path in one)
    assert content == version.quads.read_bytes()


def test_shards_need_a_folder_of_their_own(embedded_graph: Path, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("", encoding="utf-8")
    with pytest.raises(GraphError, match="choose a new folder"):
        write_shards(open_version(embedded_graph), tmp_path, lines=1000)
    result = CliRunner().invoke(main, ["export", "--shards", "10"])
    assert result.exit_code == 2
    assert "--format nquads" in result.stderr


def test_store_of_several_chunks_is_merged(
    embedded_graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query would have to look into the tables of every chunk."""
    version = open_version(embedded_graph)
    pieces = version.read_index()
    load_store(tmp_path / "one", version.quads, pieces)
    lines = sum(piece.lines for piece in pieces.values())
    monkeypatch.setattr("kg.graph.loading.WHOLE", lines // 3)
    monkeypatch.setattr("kg.graph.loading.CHUNK", lines // 3)
    load_store(tmp_path / "several", version.quads, pieces)
    one, several = (ox.Store.read_only(str(tmp_path / name)) for name in ("one", "several"))
    assert len(one) == len(several)
    tables = {name: len([*(tmp_path / name).glob("*.sst")]) for name in ("one", "several")}
    assert tables["several"] < 2 * tables["one"]  # unmerged it would be four times as many


def test_store_loaded_in_a_process_of_its_own_is_the_same(
    embedded_graph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = open_version(embedded_graph)
    monkeypatch.setattr("kg.graph.loading.WHOLE", 0)
    load_apart(tmp_path / "store", version.quads, version.folder / INDEX, lines=1)
    loaded = ox.Store.read_only(str(tmp_path / "store"))
    assert set(loaded) == set(version.store())
    assert [*tmp_path.iterdir()] == [tmp_path / "store"]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", MemoryError),
        ("import sys; sys.exit('No space left on device')", OSError),
    ],
)
def test_store_that_cannot_be_loaded_is_an_error(
    embedded_graph: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    error: type[Exception],
) -> None:
    version = open_version(embedded_graph)
    monkeypatch.setattr("kg.graph.loading.WHOLE", 0)
    monkeypatch.setattr("kg.graph.loading._LOAD", code)
    with pytest.raises(error, match=r"^(No space left on device|.* want of memory)$"):
        load_apart(tmp_path / "store", version.quads, version.folder / INDEX, lines=1)


def test_what_loads_a_store_ends_with_the_build(tmp_path: Path) -> None:
    """It would go on writing where the next build writes."""
    os.mkfifo(tmp_path / "index")  # keeps it waiting
    command = [sys.executable, "-c", _LOAD, *(str(tmp_path / n) for n in ("s", "q", "index"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 1


# Servers


@contextmanager
def _run(command: list[str], folder: Path, url: str) -> Iterator[str]:
    """Run a server until the end of the block."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, stdout=quiet, stderr=quiet, env=ENVIRONMENT)
    try:
        for _ in range(600):
            assert process.poll() is None, command
            try:
                httpx.get(url)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def _load(script: str, *arguments: Path | str, **environment: str) -> None:
    command = [str(ROOT / "scripts" / script), *map(str, arguments)]
    done = subprocess.run(
        command, env={**ENVIRONMENT, **environment}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def oxigraph(shards: Path) -> Iterator[str]:
    """The address of Oxigraph's server with the shards; skips where there is none."""
    if shutil.which("oxigraph", path=ENVIRONMENT["PATH"]) is None:
        pytest.skip("no oxigraph server here: pip install oxigraph")
    store, address = shards.parent / "store", f"127.0.0.1:{find_free_port()}"
    _load("load-oxigraph", shards, store)
    command = ["oxigraph", "serve-read-only", "--location", str(store), "--bind", address]
    with _run([*command, "--union-default-graph"], shards.parent, f"http://{address}/") as url:
        yield f"{url}query"


@pytest.fixture(scope="module")
def virtuoso(shards: Path) -> Iterator[str]:
    """The address of a Virtuoso with the shards, loaded twice; skips where there is none."""
    with run_virtuoso(shards.parent / "virtuoso", shards) as (url, port):
        _load("load-virtuoso", shards, VIRTUOSO_PORT=str(port))
        _load("load-virtuoso", shards, "2", VIRTUOSO_PORT=str(port))
        yield f"{url}/sparql"


def answer_both(embedded_graph: Path, name: str, url: str) -> tuple[Counter[Any], Counter[Any]]:
    query = make_question(name).show()
    here = run_query(open_version(embedded_graph).store(), query, "json")
    with open_client() as client:
        there = ask_endpoint(url, query, "json", client)
    return read_rows(here), read_rows(there)


@pytest.mark.parametrize("name", NAMES)
def test_oxigraph_answers_alike(embedded_graph: Path, oxigraph: str, name: str) -> None:
    here, there = answer_both(embedded_graph, name, oxigraph)
    assert there == here
    assert here


def test_oxigraph_holds_as_many_triples(embedded_graph: Path, oxigraph: str) -> None:
    with open_client() as client:
        count = ask_endpoint(
            oxigraph, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }", "json", client
        )
    triples = open_version(embedded_graph).manifest["triples"]
    assert json.loads(count)["results"]["bindings"][0]["n"]["value"] == str(triples)


@pytest.mark.slow
def test_virtuoso_holds_as_many_triples(embedded_graph: Path, virtuoso: str) -> None:
    query = (
        "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } "
        f"FILTER(STRSTARTS(STR(?g), '{BASE}id/graph/')) }}"
    )
    with open_client() as client:
        count = ask_endpoint(virtuoso, query, "json", client)
    triples = open_version(embedded_graph).manifest["triples"]
    assert json.loads(count)["results"]["bindings"][0]["n"]["value"] == str(triples)


def _mark_known(name: str) -> Any:
    if name not in NOT_VIRTUOSO:
        return name
    known = pytest.mark.xfail(strict=True, reason=NOT_VIRTUOSO[name])
    return pytest.param(name, marks=known)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*map(_mark_known, NAMES)])
def test_virtuoso_answers_alike(embedded_graph: Path, virtuoso: str, name: str) -> None:
    here, there = answer_both(embedded_graph, name, virtuoso)
    assert there == here
