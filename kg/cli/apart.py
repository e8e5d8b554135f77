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
from types import TracebackType
from typing import Any

from kg.errors import GraphError, KGError

Task = tuple[Callable[..., Any], tuple[Any, ...]]

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from kg.cli.apart import serve; serve(int(sys.argv[2]))"
)
_DONE, _REFUSED, _ENDED = range(3)  # the last one: by an error that nobody expects
_here = threading.local()


def call_apart(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function in the process that belongs to this thread; it starts with the first call.

    Raises what the function raises, and GraphError where the process dies of it.  After any error
    but a KGError another process answers the next call.
    """
    process: Apart | None = getattr(_here, "process", None)
    if process is None:
        process = _here.process = Apart()
        atexit.register(process.close)
    try:
        return process.call(function, *arguments)
    finally:
        if process.ended:
            process.close()
            atexit.unregister(process.close)
            del _here.process


class Apart:
    """A process that calls one function after the other; it ends with the process that made it."""

    def __init__(self) -> None:
        self.ended = False
        self._connection, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _START, json.dumps(sys.path), str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what the function returns; raises what it raises.

        ``ended`` tells whether the process lived through it; GraphError where it said nothing.
        """
        try:
            self._connection.send((function, arguments))
            outcome, result = self._connection.recv()
        except (EOFError, OSError) as error:
            self.ended = True
            raise GraphError(
                "a process that reads documents has died, perhaps for want of memory"
            ) from error
        self.ended = outcome == _ENDED
        if outcome != _DONE:
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
    connection = Connection(descriptor)

    def tell(
        _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
    ) -> None:
        connection.send((_ENDED, error))

    sys.excepthook = tell  # an error that ends this process is raised where the call came from
    threading.Thread(target=_receive, args=(connection, tasks), daemon=True).start()
    while True:
        connection.send(_answer(*tasks.get()))


def _receive(connection: Connection, tasks: SimpleQueue[Task]) -> None:
    try:
        while True:
            tasks.put(connection.recv())
    except (EOFError, OSError):
        os._exit(1)


def _answer(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[int, Any]:
    try:
        return _DONE, function(*arguments)
    except KGError as error:
        return _REFUSED, error
