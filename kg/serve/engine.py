"""A query as a job for a worker process, and the worker as the server sees it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kg.errors import GraphError, QueryError
from kg.serve import worker as protocol

START_LIMIT = 30.0
NICE = 10

_PAGE = os.sysconf("SC_PAGE_SIZE")


class StoppedError(QueryError):
    """A query ended at a limit of the server; ``reason`` says at which.

    ``reason`` is one of ``time``, ``memory``, ``size``, ``busy``, ``crash``, ``budget``,
    ``closing``, ``unwritable``, ``left``.
    """

    def __init__(self, message: str, *, reason: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.reason = reason
        self.retry_after = retry_after


class RejectedError(QueryError):
    """The engine refused a query, with the reason in its own words; ``syntax`` tells malformed."""

    def __init__(self, message: str, *, syntax: bool) -> None:
        super().__init__(message)
        self.syntax = syntax


@dataclass(frozen=True, slots=True)
class Job:
    """A query with what it may read and how its result is written.

    ``graphs`` and ``named`` are None for the dataset of the store, where ``union`` says that the
    default graph is the union of all.  ``table`` and ``graph`` are names of formats, for SELECT
    and ASK, and for CONSTRUCT and DESCRIBE.
    """

    query: str
    prefixes: Mapping[str, str]
    base: str | None = None
    union: bool = True
    graphs: tuple[str, ...] | None = None
    named: tuple[str, ...] | None = None
    table: str = "json"
    graph: str = "turtle"

    def frame(self, limit: int) -> bytes:
        """Return the request as a worker reads it."""
        content = {
            "query": self.query,
            "prefixes": dict(self.prefixes),
            "base": self.base,
            "union": self.union,
            "default_graph": self.graphs,
            "named_graphs": self.named,
            "table": self.table,
            "graph": self.graph,
            "limit": limit,
        }
        return json.dumps(content).encode()


@dataclass(frozen=True, slots=True)
class Result:
    """A whole result: its bytes, and whether it is ``solutions``, ``boolean`` or ``graph``."""

    kind: str
    body: bytes
    seconds: float


class Worker:
    """One process over one store; made by ``Worker.start``."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.sealed = False

    @classmethod
    async def start(cls, store: Path) -> Worker:
        """Start a process and wait until it has opened the store.

        Raises GraphError where it does not.
        """
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", protocol.__file__, str(store),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL, limit=1 << 20, start_new_session=True,
        )  # fmt: skip
        worker = cls(process)
        try:
            _, content = await asyncio.wait_for(worker._receive(), START_LIMIT)
        except (asyncio.IncompleteReadError, TimeoutError) as error:
            await worker.kill()
            raise GraphError(f"{store}: a worker process cannot open it; run kg build") from error
        except asyncio.CancelledError:
            await worker.kill()
            raise
        worker.sealed = bool(json.loads(content)["sealed"])
        return worker

    async def ask(self, frame: bytes) -> tuple[str, bytes]:
        """Run one query; return the kind of result and its bytes.

        Raises RejectedError, StoppedError for a result that is too large, and
        asyncio.IncompleteReadError where the process ends before the result does.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(protocol.HEAD.pack(protocol.REQUEST, len(frame)) + frame)
        with suppress(ConnectionError):
            await self._process.stdin.drain()
        body = bytearray()
        while True:
            kind, content = await self._receive()
            if kind == protocol.DATA:
                body += content
            elif kind == protocol.DONE:
                return json.loads(content)["kind"], bytes(body)
            else:
                raise _read_failure(json.loads(content))

    async def _receive(self) -> tuple[int, bytes]:
        assert self._process.stdout is not None
        head = await self._process.stdout.readexactly(protocol.HEAD.size)
        kind, length = protocol.HEAD.unpack(head)
        return kind, await self._process.stdout.readexactly(length)

    def memory(self) -> int:
        """Return the resident memory in bytes, 0 where it cannot be told."""
        try:
            fields = Path(f"/proc/{self._process.pid}/statm").read_bytes().split()
        except OSError:
            return 0
        return int(fields[1]) * _PAGE

    def lower_priority(self) -> None:
        """Let the other workers go first."""
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, self._process.pid, NICE)
            for thread in Path(f"/proc/{self._process.pid}/task").iterdir():
                os.setpriority(os.PRIO_PROCESS, int(thread.name), NICE)

    @property
    def alive(self) -> bool:
        """Tell whether the process still runs."""
        return self._process.returncode is None

    async def kill(self) -> None:
        """End the process now and wait for its end."""
        if self.alive:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
        await self._process.wait()


def _read_failure(content: Mapping[str, str]) -> QueryError:
    if content["reason"] == protocol.TOO_LARGE:
        message = "the result is larger than this server sends; ask for less, or use LIMIT"
        return StoppedError(message, reason="size")
    if content["reason"] == protocol.UNWRITABLE:
        message = "the result holds a character that XML cannot carry; ask for another format"
        return StoppedError(message, reason="unwritable")
    return RejectedError(content["message"], syntax=content["reason"] == "syntax")
