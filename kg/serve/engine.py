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
from typing import Any

from kg.errors import GraphError, QueryError
from kg.serve import worker as protocol

START_LIMIT = 30.0
NICE = 10

Answer = tuple[Mapping[str, Any], bytes]

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
class Source:
    """What workers read: a store, and the prefixes that queries over it need not declare."""

    store: Path
    prefixes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Job:
    """A query with what it may read and how its result is written.

    ``graphs`` and ``named`` are None for the dataset of the store, where ``union`` says that the
    default graph is the union of all.  ``table`` and ``graph`` are names of formats, for SELECT
    and ASK, and for CONSTRUCT and DESCRIBE.
    """

    query: str
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


class _Line(asyncio.Protocol):
    """The line to a worker: puts its answers together as they arrive, without a task that waits.

    ``answer`` is what the worker says next, its notes and the bytes of a result; it fails with
    RejectedError, with StoppedError for a result that cannot be sent, and with
    ConnectionResetError where the process ends before.
    """

    def __init__(self) -> None:
        self._received, self._body = bytearray(), bytearray()
        self.expect()

    def expect(self) -> asyncio.Future[Answer]:
        """Return what the worker says next."""
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        return self.answer

    def data_received(self, data: bytes) -> None:
        """Take the frames that are complete."""
        self._received += data
        size = protocol.HEAD.size
        while len(self._received) >= size:
            kind, length = protocol.HEAD.unpack_from(self._received)
            if len(self._received) < size + length:
                break
            self._take(kind, self._received[size : size + length])
            del self._received[: size + length]

    def _take(self, kind: int, content: bytearray) -> None:
        if kind == protocol.DATA:
            self._body += content
            return
        notes, body = json.loads(content), bytes(self._body)
        self._body.clear()
        if self.answer.done():  # nobody waits for it any more
            return
        if kind == protocol.FAILED:
            self.answer.set_exception(_read_failure(notes))
        else:
            self.answer.set_result((notes, body))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell that nothing more will come."""
        if not self.answer.done():
            self.answer.set_exception(ConnectionResetError("the worker ended"))


class Worker:
    """One process over one store; made by ``Worker.start``."""

    def __init__(
        self, process: asyncio.subprocess.Process, transport: asyncio.ReadTransport, line: _Line
    ) -> None:
        self._process, self._transport, self._line = process, transport, line
        self.sealed = False

    @classmethod
    async def start(cls, source: Source) -> Worker:
        """Start a process and wait until it has opened the store.

        Raises GraphError where it does not.
        """
        ours, theirs = os.pipe()
        with open(theirs, "wb", buffering=0) as output:
            loop = asyncio.get_running_loop()
            transport, line = await loop.connect_read_pipe(_Line, os.fdopen(ours, "rb", 0))
            try:
                process = await asyncio.create_subprocess_exec(
                    sys.executable, "-P", protocol.__file__, str(source.store),
                    json.dumps(dict(source.prefixes)),
                    stdin=asyncio.subprocess.PIPE, stdout=output,
                    stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip
            except (OSError, asyncio.CancelledError):
                transport.close()
                raise
        worker = cls(process, transport, line)
        try:
            notes, _ = await asyncio.wait_for(line.answer, START_LIMIT)
        except (ConnectionError, TimeoutError) as error:
            await worker.kill()
            raise GraphError(
                f"{source.store}: a worker process cannot open it; run kg build"
            ) from error
        except asyncio.CancelledError:
            await worker.kill()
            raise
        worker.sealed = bool(notes["sealed"])
        return worker

    def ask(self, frame: bytes) -> asyncio.Future[Answer]:
        """Send a query; return its answer to come: notes with the kind of result, and its bytes."""
        assert self._process.stdin is not None
        answer = self._line.expect()
        if self._transport.is_closing():
            self._line.connection_lost(None)
        self._process.stdin.write(protocol.HEAD.pack(protocol.REQUEST, len(frame)) + frame)
        return answer

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

    async def ended(self) -> None:
        """Wait until the process has ended, whatever ended it."""
        await self._process.wait()

    async def kill(self) -> None:
        """End the process now and wait for its end."""
        if self.alive:
            with suppress(ProcessLookupError):
                self._process.send_signal(signal.SIGKILL)
        await self._process.wait()
        self._transport.close()


def _read_failure(content: Mapping[str, str]) -> QueryError:
    if content["reason"] == protocol.TOO_LARGE:
        message = "the result is larger than this server sends; ask for less, or use LIMIT"
        return StoppedError(message, reason="size")
    if content["reason"] == protocol.UNWRITABLE:
        message = "the result holds a character that XML cannot carry; ask for another format"
        return StoppedError(message, reason="unwritable")
    return RejectedError(content["message"], syntax=content["reason"] == "syntax")
