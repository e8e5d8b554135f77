"""Reading apart: batches are read in a process of their own, in its main thread.

An engine runs tasks in threads, where no signal ends a search that takes for ever; so each thread
has such a process, which holds the limits of documents as a worker of the local pool does.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from queue import SimpleQueue
from typing import Any

from kg.errors import GraphError

Task = tuple[Callable[..., Any], tuple[Any, ...]]

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from kg.cli.apart import serve; serve(int(sys.argv[2]))"
)
_here = threading.local()


def call_apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in the process that belongs to this thread; it starts with the first call.

    Raises what the function raises, and GraphError where the process dies of it.
    """
    process: Apart | None = getattr(_here, "process", None)
    if process is None:
        process = _here.process = Apart()
        atexit.register(process.close)
    try:
        return process.call(function, *arguments)
    except (EOFError, OSError) as error:
        process.close()
        atexit.unregister(process.close)
        del _here.process
        raise GraphError(
            "a process that reads documents has died, perhaps for want of memory"
        ) from error


class Apart:
    """A process that calls one function after the other; it ends with the process that made it."""

    def __init__(self) -> None:
        self._connection, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, json.dumps(sys.path), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what the function returns; raises EOFError or OSError where the process dies."""
        self._connection.send((function, arguments))
        done, result = self._connection.recv()
        if not done:
            raise result
        return result

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._connection.close()


def serve(descriptor: int) -> None:
    """Answer calls on the socket ``descriptor`` until the other side is gone, whatever then runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the build alone
    tasks: SimpleQueue[Task] = SimpleQueue()
    with Connection(descriptor) as connection:
        threading.Thread(target=_receive, args=(connection, tasks), daemon=True).start()
        while True:
            connection.send(_answer(*tasks.get()))


def _receive(connection: Connection, tasks: SimpleQueue[Task]) -> None:
    try:
        while True:
            tasks.put(connection.recv())
    except (EOFError, OSError):
        os._exit(1)


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        return True, function(*arguments)
    except Exception as error:  # it is raised where the call came from
        return False, error
