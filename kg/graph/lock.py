"""One writer at a time: the lock on a graph folder, which tells who holds it."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from kg.errors import GraphError
from kg.graph.durable import explain_failure


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Hold the lock of a graph folder, which goes with the process however that ends.

    The folder is made where missing.  Raises GraphError at once, naming the other process with
    its host and since when, where another holds the lock.
    """
    import fcntl  # not on every platform, and reading needs no lock

    with explain_failure(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = open(folder / ".lock", "a+", encoding="utf-8")  # noqa: SIM115 (closed below)
    with lock:
        _take(lock, fcntl.LOCK_EX, folder)
        with explain_failure(folder):
            _sign(lock)
        yield


def refuse_held(folder: Path) -> None:
    """Raise GraphError, as ``lock_folder`` does, where another process holds the lock now.

    It is for those who would have much to do before they come to the lock themselves.
    """
    import fcntl

    with suppress(OSError), open(folder / ".lock", encoding="utf-8") as lock:
        _take(lock, fcntl.LOCK_SH, folder)


def _take(lock: IO[str], kind: int, folder: Path) -> None:
    """Take the lock at once, or raise GraphError naming who holds it."""
    import fcntl

    with explain_failure(folder):
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _describe_holder(lock)
            raise GraphError(
                f"{folder}: {holder} is writing this graph; wait for it or stop it"
            ) from None


def _sign(lock: IO[str]) -> None:
    """Write into the lock who holds it."""
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    lock.truncate(0)
    lock.write(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}))
    lock.flush()


def _describe_holder(lock: IO[str]) -> str:
    lock.seek(0)
    try:
        holder = json.loads(lock.read())
        return f"process {holder['pid']} on {holder['host']} (since {holder['since']})"
    except (ValueError, KeyError, TypeError):
        return "another process"
