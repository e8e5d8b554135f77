"""A worker as the server sees it: what it sends is put together, its end is told."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from kg.errors import GraphError
from kg.ontology import BASE
from kg.serve import worker as protocol
from kg.serve.engine import Answer, Job, RejectedError, Source, Worker, _Line
from tests.serving import publish_triples

Found = TypeVar("Found")
LIMIT = 1 << 20
RUNAWAY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
TRIPLES = [f"<{BASE}id/{n}> <{BASE}id/next> <{BASE}id/{n + 1}>" for n in range(3000)]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graph")
    return folder / "versions" / publish_triples(folder, TRIPLES) / "store"


def _use(store: Path, ask: Callable[[Worker], Awaitable[Found]]) -> Found:
    async def run() -> Found:
        worker = await Worker.start(Source(store, {}))
        try:
            return await ask(worker)
        finally:
            await worker.kill()

    return asyncio.run(run())


def _frame(query: str) -> bytes:
    return Job(query).frame(LIMIT)


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_frames_are_put_together_however_they_are_cut(size: int) -> None:
    done = json.dumps({"kind": "solutions"}).encode()
    frames = ((protocol.DATA, b"one,"), (protocol.DATA, b""), (protocol.DATA, b"two"))
    sent = b"".join(protocol.make_frame(*frame) for frame in (*frames, (protocol.DONE, done)))

    async def read() -> Answer:
        line = _Line()
        for start in range(0, len(sent), size):
            line.data_received(sent[start : start + size])
        return line.answer.result()

    assert asyncio.run(read()) == ({"kind": "solutions"}, b"one,two")


def test_worker_answers_one_query_after_the_other(store: Path) -> None:
    async def ask(worker: Worker) -> list[Answer]:
        with pytest.raises(RejectedError):
            await worker.ask(_frame("SELECT {"))
        queries = ("ASK {}", "SELECT * { ?s ?p ?o }")
        return [await worker.ask(_frame(query)) for query in queries]

    (first, truth), (second, table) = _use(store, ask)
    assert (first["kind"], json.loads(truth)["boolean"]) == ("boolean", True)
    assert (second["kind"], len(json.loads(table)["results"]["bindings"])) == ("solutions", 3000)


def test_worker_that_ends_is_told_to_who_asks_and_who_asks_then(store: Path) -> None:
    async def ask(worker: Worker) -> None:
        running = worker.ask(_frame(RUNAWAY))
        await asyncio.sleep(0.05)
        assert not running.done()
        await worker.kill()
        for answer in (running, worker.ask(_frame("ASK {}"))):
            with pytest.raises(ConnectionResetError):
                await answer

    _use(store, ask)


def test_worker_without_a_store_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GraphError, match="cannot open"):
        asyncio.run(Worker.start(Source(tmp_path / "nothing", {})))
