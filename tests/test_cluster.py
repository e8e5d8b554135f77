"""Builds by Dask: the same graph as one process makes, whatever becomes of the workers."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from building import write_document, write_documents
from click.testing import CliRunner

from kg.cli import apart, cluster, composition, main
from kg.cli.cluster import read_alike
from kg.cli.composition import Order, compose_build
from kg.cli.configuration import hash_configuration
from kg.cli.reading import Settings, find_jobs
from kg.corpus import Limits
from kg.errors import CorpusError, GraphError
from kg.graph import open_version, write_triples
from kg.ontology import BASE, Vocabulary

ROOT = Path(__file__).resolve().parent.parent
LIMITS = Limits(characters=5_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Documents of all kinds of outcome: read, a copy, refused, over a limit, left out."""
    folder = tmp_path_factory.mktemp("cluster") / "in"
    write_documents(folder, 30)
    write_document(folder, "copy.txt", number=7)
    (folder / "bad.txt").write_bytes(b"\x00\x01\x02" * 50)
    (folder / "long.txt").write_text("对企业给予奖励。\n" * 2000, encoding="utf-8")
    (folder / "other.xyz").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    return folder


@pytest.fixture(scope="module")
def local(folder: Path) -> dict[str, object]:
    """What a build in one process makes of them."""
    return build(folder, folder.parent / "local")


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Let workers import this tree, and cut the graph of the vocabulary short."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setattr(
            composition,
            "write_triples",
            lambda triples, graph, base: write_triples(triples[:2000], graph, base=base),
        )
        yield


def build(folder: Path, out: Path, **options: object) -> dict[str, object]:
    compose_build(Order(paths=(folder,), out=out, limits=LIMITS, **options))  # type: ignore[arg-type]
    version = open_version(out)
    of_the_run = ("built", "outputs", "store")
    manifest = {name: value for name, value in version.manifest.items() if name not in of_the_run}
    return {"manifest": manifest, "quads": version.quads.read_bytes()}


def test_two_workers_make_the_same_graph(
    folder: Path, local: dict[str, object], tmp_path: Path
) -> None:
    assert build(folder, tmp_path / "graph", engine="dask", workers=2) == local
    rejected = [row["reason"] for row in local["manifest"]["rejected"]]  # type: ignore[index]
    assert len(rejected) == 2
    assert "too-large" in rejected
    built = open_version(tmp_path / "graph").manifest["built"]
    assert (built["engine"], built["workers"]) == ("dask", 2)


@pytest.mark.slow
def test_a_killed_worker_changes_nothing(
    folder: Path, local: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its batches are read again by others, also those that it had read and not yet handed over."""
    from distributed import default_client

    killed: list[int] = []

    def kill_one(characters: int) -> None:
        if not killed:
            workers: dict[str, int] = default_client().run(os.getpid)
            killed.append(workers[min(workers)])
            os.kill(killed[0], signal.SIGKILL)

    monkeypatch.setattr("kg.cli.reading.BATCH", 2)
    options = {"engine": "dask", "workers": 2, "on_document": kill_one}
    assert build(folder, tmp_path / "graph", **options) == local
    assert killed


@pytest.mark.slow
def test_a_cluster_that_is_there_is_joined(
    folder: Path, local: dict[str, object], tmp_path: Path, scheduler: str
) -> None:
    graph = build(folder, tmp_path / "graph", engine="dask", scheduler=scheduler)
    assert graph == local


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler with a worker of two threads, as a user starts them."""
    place = tmp_path / "scheduler.json"
    common = {"cwd": tmp_path, "stderr": subprocess.DEVNULL}
    started = [
        subprocess.Popen([sys.executable, "-m", f"distributed.cli.{name}", *options], **common)  # type: ignore[call-overload]
        for name, options in (
            (
                "dask_scheduler",
                ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", place],
            ),
            (
                "dask_worker",
                [
                    "--scheduler-file",
                    place,
                    "--nthreads",
                    "2",
                    "--host",
                    "127.0.0.1",
                    "--no-dashboard",
                ],
            ),
        )
    ]
    for _ in range(400):
        if place.exists() and place.read_text(encoding="utf-8").endswith("}"):
            break
        time.sleep(0.05)
    yield json.loads(place.read_text(encoding="utf-8"))["address"]
    for process in reversed(started):
        process.terminate()
        process.wait(20)


# What goes wrong


def run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, result.stderr


def test_without_the_extra_the_error_says_so(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda name: None)
    code, message = run("build", folder, "--out", tmp_path / "graph", "--engine", "dask")
    assert (code, "policykg[cluster]" in message) == (1, True)
    assert not (tmp_path / "graph").exists()


def test_a_scheduler_needs_the_engine(folder: Path, tmp_path: Path) -> None:
    code, message = run("build", folder, "--out", tmp_path, "--scheduler", "tcp://127.0.0.1:1")
    assert (code, "--engine dask" in message) == (2, True)


def test_a_scheduler_that_does_not_answer_is_one_line(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_SECONDS_TO_CONNECT", 0.5)
    address = "tcp://127.0.0.1:9"
    options = ("--engine", "dask", "--scheduler", address)
    code, message = run("build", folder, "--out", tmp_path / "graph", *options)
    assert (code, address in message, "Traceback" in message) == (1, True, False)


def settings_and_configuration(vocabulary: Vocabulary) -> tuple[Settings, str]:
    settings = Settings((), vocabulary.version, BASE, limits=LIMITS)
    configuration = hash_configuration(
        vocabulary=vocabulary.version, base=BASE, limits=repr(LIMITS)
    )
    return settings, configuration


def test_a_worker_with_another_program_is_refused(folder: Path, vocabulary: Vocabulary) -> None:
    settings, _ = settings_and_configuration(vocabulary)
    with pytest.raises(GraphError, match="another program"):
        read_alike(((), settings), "0" * 64)


def test_a_worker_that_sees_other_files_is_refused(
    folder: Path, tmp_path: Path, vocabulary: Vocabulary
) -> None:
    settings, configuration = settings_and_configuration(vocabulary)
    path = write_document(tmp_path / "in", "1.txt", number=1)
    jobs, _ = find_jobs([path], None, out=tmp_path / "graph")
    assert [result.name for result in read_alike((jobs, settings), configuration)] == ["1.txt"]
    path.write_text("甲", encoding="utf-8")
    with pytest.raises(GraphError, match=r"does not see .*1\.txt"):
        read_alike((jobs, settings), configuration)
    path.unlink()
    with pytest.raises(GraphError, match=r"does not see .*1\.txt"):
        read_alike((jobs, settings), configuration)


# The process apart


@pytest.fixture
def process() -> Iterator[apart.Apart]:
    made = apart.Apart()
    yield made
    made.close()


def test_a_process_apart_has_the_deadline_of_documents(process: apart.Apart) -> None:
    """A thread has none: its search would go on for ever."""
    with pytest.raises(CorpusError, match="not read within") as caught:
        process.call(search_for_ever, 0.2)
    assert caught.value.reason == "too-slow"
    assert process.call(os.getpid) != os.getpid()


def search_for_ever(seconds: float) -> None:
    import re

    from kg.corpus import deadline

    with deadline(seconds, "slow.txt"):
        re.match("(a+)+$", "a" * 60 + "b")


def test_a_process_that_dies_is_an_error_and_is_replaced() -> None:
    first = apart.call_apart(os.getpid)
    assert apart.call_apart(os.getpid) == first
    with pytest.raises(GraphError, match="has died"):
        apart.call_apart(os._exit, 9)
    assert apart.call_apart(os.getpid) != first


@pytest.mark.parametrize(
    ("argument", "error"), [("x", ValueError), (None, TypeError)], ids=["value", "type"]
)
def test_an_error_that_nobody_expects_arrives_and_ends_the_process(
    argument: str | None, error: type[Exception]
) -> None:
    first = apart.call_apart(os.getpid)
    with pytest.raises(error, match="int"):
        apart.call_apart(int, argument)
    assert apart.call_apart(os.getpid) != first


def test_a_process_goes_on_after_an_error_that_is_told() -> None:
    first = apart.call_apart(os.getpid)
    with pytest.raises(CorpusError, match="nowhere") as caught:
        apart.call_apart(refuse, "nowhere")
    assert caught.value.reason == "missing"
    assert apart.call_apart(os.getpid) == first


def refuse(name: str) -> None:
    raise CorpusError(f"{name}: no such file", reason="missing")


def test_a_process_apart_ends_with_its_owner() -> None:
    """Also in the middle of a call, when the owner is killed."""
    code = (
        "import os, threading, time\n"
        "from kg.cli.apart import Apart\n"
        "made = Apart()\n"
        "print(made.call(os.getpid), flush=True)\n"
        "threading.Timer(0.3, os._exit, [9]).start()\n"
        "made.call(time.sleep, 60)\n"
    )
    owner = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=30,
    )  # fmt: skip
    pid = int(owner.stdout)
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists() or "zombie" in Path(f"/proc/{pid}/status").read_text():
            return
        time.sleep(0.05)
    pytest.fail("it goes on")
