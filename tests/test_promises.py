"""What a build promises, kept against real processes: killed, stopped, without memory or disk."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx2 as httpx
import pyoxigraph as ox
import pytest
from building import hash_published, read_content, write_document, write_documents
from serving import run_server

from kg.graph import open_version, prune_versions, select, verify_version

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
MOMENTS = 20
DOCUMENTS = 60

pytestmark = pytest.mark.slow


def start(folder: Path, out: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kg", "build", str(folder), "--out", str(out), *options]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def write_all(folder: Path, amount: int) -> None:
    for number in range(1, DOCUMENTS + 1):
        write_document(folder, f"{number}.txt", number=number, amount=amount)
    for path in sorted((ROOT / "corpus").glob("*.txt"))[:5]:
        text = path.read_text(encoding="utf-8")
        (folder / path.name).write_text(f"{text}\n{amount}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents and a graph made of them."""
    folder = tmp_path_factory.mktemp("made")
    write_all(folder / "in", 10)
    assert finish(start(folder / "in", folder / "graph"))[0] == 0
    return folder


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """A copy of that; all documents have changed since."""
    shutil.copytree(made, tmp_path / "place")
    write_all(tmp_path / "place" / "in", 20)
    return tmp_path / "place"


def children(process: subprocess.Popen[str]) -> list[int]:
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    try:
        return [int(pid) for pid in path.read_text().split()]
    except OSError:
        return []


def wait_until_gone(pids: list[int]) -> None:
    end = time.monotonic() + 20
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        assert time.monotonic() < end, "a worker outlives its build"
        time.sleep(0.1)


def is_old_or_new(out: Path, before: dict[str, str]) -> bool:
    """Check that a graph is as it was, or wholly the new one; tell whether it is as it was."""
    if hash_published(out) == before:
        return True
    assert verify_version(open_version(out)) == []
    assert read_amounts(open_version(out).store()) == {200000}
    return False


def read_amounts(store: ox.Store) -> set[object]:
    """Return the amounts of the rewards in the notices: one version holds one amount alone."""
    rows = select(
        store,
        """SELECT DISTINCT ?value {
          ?document schema:legislationIdentifier ?number FILTER (STRSTARTS(?number, "杭政规"))
          ?measure pk:document ?document ; pk:amount/pk:value ?value }""",
    )
    return {row["value"] for row in rows}


@pytest.mark.parametrize("options", [(), ("--workers", "2")], ids=["alone", "workers"])
def test_kill_at_spread_moments_changes_nothing(
    place: Path, made: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    """Each moment finds the graph as it was, or the new one whole; no worker outlives its build."""
    out, kept = place / "graph", 0
    before = hash_published(out)
    begin = time.monotonic()
    assert finish(start(place / "in", tmp_path / "other", *options))[0] == 0
    whole = time.monotonic() - begin
    for moment in range(MOMENTS):
        process = start(place / "in", out, *options)
        time.sleep(whole * (moment + 0.5) / MOMENTS)
        workers = children(process)
        process.send_signal(signal.SIGKILL)
        finish(process)
        wait_until_gone(workers)
        kept += is_old_or_new(out, before)
        shutil.rmtree(out)
        shutil.copytree(made / "graph", out)
    assert kept >= MOMENTS // 2
    print(f"{MOMENTS} kills within {whole:.1f} s: {kept} times the graph as it was, else the new")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_build_goes_on_after_a_signal(place: Path, tmp_path: Path, number: int) -> None:
    """What was read before is not read again, and the result is that of a build in one go."""
    out = place / "graph"
    before = hash_published(out)
    process = start(place / "in", out)
    journal = out / ".staging" / "journal.jsonl"
    while not journal.exists() or journal.read_bytes().count(b"\n") < DOCUMENTS // 3:
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(number)
    code, _, error = finish(process)
    assert hash_published(out) == before
    if number != signal.SIGKILL:
        assert code == 1
        assert "interrupted" in error
        assert "run the same command again to go on" in error
        assert "Traceback" not in error
    code, output, _ = finish(start(place / "in", out, "--json"))
    assert code == 0
    assert json.loads(output)["read"] < json.loads(output)["ingested"]
    assert finish(start(place / "in", tmp_path / "other"))[0] == 0
    assert read_content(out) == read_content(tmp_path / "other")
    assert not (out / ".staging").exists()


def test_a_full_disk_changes_nothing(place: Path, tmp_path: Path) -> None:
    """A file system of 1.3 times the published version, in a name space of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    size = int(1.3 * sum(p.stat().st_size for p in (place / "graph").rglob("*") if p.is_file()))
    script = f"""set -e
        mount -t tmpfs -o size={size} none {disk}
        cp -a {place}/graph {disk}/graph
        set +e
        {sys.executable} -m kg build {place}/in --out {disk}/graph 2> {tmp_path}/error
        echo $? > {tmp_path}/code
        ls -A {disk}/graph > {tmp_path}/names
        mkdir {tmp_path}/after; cp -a {disk}/graph {tmp_path}/after/graph
        """
    before = hash_published(place / "graph")
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if not (tmp_path / "code").exists():
        pytest.skip(f"no file system can be mounted here: {done.stderr}")
    error = (tmp_path / "error").read_text(encoding="utf-8")
    assert (tmp_path / "code").read_text() == "1\n", error
    assert "free space" in error
    assert "Traceback" not in error
    assert hash_published(tmp_path / "after" / "graph") == before
    assert (tmp_path / "names").read_text().split() == [".lock", "CURRENT", "versions"]


def test_want_of_memory_changes_nothing(place: Path, made: Path) -> None:
    """Address space runs out at one place after another, in Python, in NumPy, in the store."""
    out, failures = place / "graph", 0
    before = hash_published(out)
    for megabytes in range(250, 1500, 125):
        limit = megabytes << 20

        def confine(limit: int = limit) -> None:
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

        command = [sys.executable, "-m", "kg", "build", str(place / "in"), "--out", str(out)]
        done = subprocess.run(
            command,
            capture_output=True,
            check=False,
            env={**ENVIRONMENT, "OPENBLAS_NUM_THREADS": "1"},
            preexec_fn=confine,
        )
        failures += done.returncode != 0
        assert is_old_or_new(out, before) == (done.returncode != 0)
        shutil.rmtree(out)
        shutil.copytree(made / "graph", out)
    assert failures
    print(f"{failures} builds without enough memory")


def test_two_builds_at_once(place: Path) -> None:
    """The second ends in under a second."""
    first = start(place / "in", place / "graph")
    while not (place / "graph" / ".staging").exists():
        assert first.poll() is None
        time.sleep(0.01)
    spent = []
    for _ in range(3):
        begin = time.monotonic()
        code, _, error = finish(start(place / "in", place / "graph"))
        spent.append(time.monotonic() - begin)
        assert code == 1
        assert f"process {first.pid} on " in error
    assert first.poll() is None
    assert finish(first)[0] == 0
    assert min(spent) < 1, spent
    print(f"the second ended after {min(spent):.2f} s")


def test_readers_see_all_old_or_all_new(tmp_path: Path) -> None:
    """Twenty rebuilds, each with a pruning, under two loops of queries: library and server."""
    folder, out = tmp_path / "in", tmp_path / "graph"
    for number in range(1, 13):
        write_document(folder, f"{number}.txt", number=number, amount=10)
    assert finish(start(folder, out))[0] == 0
    seen: list[set[object]] = []
    done = threading.Event()

    def repeat(ask: Callable[[], set[object]]) -> threading.Thread:
        def loop() -> None:
            while not done.is_set():
                try:
                    seen.append(ask())
                except Exception as error:
                    seen.append({error, "failed"})

        thread = threading.Thread(target=loop)
        thread.start()
        return thread

    def ask_library() -> set[object]:
        version = open_version(out)
        hashes = select(version.store(), "SELECT ?sha { ?d a pk:Document ; pk:sha256 ?sha }")
        assert len(hashes) == len([version.text(str(row["sha"])) for row in hashes]) == 12
        return read_amounts(version.store())

    with run_server("--graph", str(out)) as server:
        query = "SELECT DISTINCT ?v { ?m pk:mainInstrument ?i ; pk:amount/pk:value ?v }"

        def ask_server() -> set[object]:
            found = httpx.get(f"{server.url}/sparql", params={"query": query, "format": "json"})
            return {float(row["v"]["value"]) for row in found.json()["results"]["bindings"]}

        threads = [repeat(ask_library), repeat(ask_server)]
        for amount in range(11, 31):
            for number in range(1, 13):
                write_document(folder, f"{number}.txt", number=number, amount=amount)
            assert finish(start(folder, out))[0] == 0
            prune_versions(out)
        done.set()
        for thread in threads:
            thread.join()
    assert [answer for answer in seen if len(answer) != 1] == []
    assert len({value for answer in seen for value in answer}) > 10
    print(f"{len(seen)} answers, each of one version")


def test_a_server_holds_the_version_that_it_serves(tmp_path: Path) -> None:
    """It lets go of it when it has taken up a newer one; then pruning removes it."""
    folder, out = tmp_path / "in", tmp_path / "graph"

    def build_with(amount: int) -> str:
        write_document(folder, "1.txt", number=1, amount=amount)
        assert finish(start(folder, out))[0] == 0
        return open_version(out).name

    served = build_with(10)
    with run_server("--graph", str(out)) as server:
        server.process.send_signal(signal.SIGSTOP)  # it takes up nothing meanwhile
        try:
            build_with(20), build_with(30)
            [left] = [item for item in prune_versions(out) if item.version == served]
            assert (left.outcome, left.reason) == ("kept", "a program is reading it")
        finally:
            server.process.send_signal(signal.SIGCONT)
        end = time.monotonic() + 120  # the pages of a new one are prepared before it is taken up
        while (out / "versions" / served).exists():
            assert time.monotonic() < end, "the server does not let go of the old version"
            time.sleep(0.5)
            prune_versions(out)
        query = {"query": "ASK { ?s ?p ?o }"}
        assert httpx.get(f"{server.url}/sparql", params=query).status_code == 200


def test_watching_builds_what_changes(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "graph"
    write_documents(folder, 3)
    process = start(folder, out, "--watch")
    assert process.stdout is not None
    try:
        lines = (line for line in process.stdout if line.startswith("version "))
        first = next(lines)
        write_document(folder, "4.txt", number=4)
        assert next(lines) != first
        assert open_version(out).manifest["sources"][3]["source"] == "4.txt"
    finally:
        process.send_signal(signal.SIGINT)
    assert finish(process)[0] == 0
