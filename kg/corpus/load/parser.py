"""The parser process: files that are no plain text are parsed apart, within limits, and offline.

The process is given bytes and gives back JSON.  It is ended and replaced when it takes too long,
grows too large or breaks down; nothing that it does reaches this process but its answer.
"""

from __future__ import annotations

import atexit
import json
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from functools import lru_cache
from multiprocessing.connection import Connection, Pipe
from typing import Any

from kg.corpus.load.limits import Limits
from kg.corpus.load.loaded import Loaded, Note
from kg.corpus.load.recognize import Format
from kg.errors import CorpusError

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from kg.corpus.load.worker import serve; serve(int(sys.argv[2]), json.loads(sys.argv[3]))"
)
_SECONDS_TO_START = 300.0  # one that dies is noticed at once; a busy machine may need long
_SECONDS_TO_END = 5.0
_PATIENCE = 5  # times the seconds of computing, where other programs have the processor
_WORN = 0.4


class Parser:
    """A process that parses one document after the other; see ``parse``."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None

    def parse(self, format: Format, content: bytes, name: str) -> Loaded:
        """Return the text of a document.

        Raises CorpusError: what the loader found, or ``too-slow``, ``too-large``, ``crashed``.
        """
        connection = self._connection or self._start()
        question = json.dumps({"format": format, "name": name}).encode()
        overdue = threading.Event()
        timer = threading.Timer(self._limits.seconds * _PATIENCE, self._end_late, (overdue,))
        timer.daemon = True
        timer.start()
        answer: dict[str, Any] = {}
        try:
            connection.send_bytes(question)
            connection.send_bytes(content)
            # JSON takes at most 6 bytes for a character of the basic plane.
            answer = json.loads(connection.recv_bytes(self._limits.characters * 12 + 1_000_000))
        except (EOFError, OSError) as error:
            slow = self._await_end() == -signal.SIGXCPU or overdue.is_set()
            raise self._broken(name, slow=slow) from error
        finally:
            timer.cancel()
            if not answer:  # it would come later, to another question
                self.close()
        if answer["grown"] > _WORN * self._limits.memory:
            self.close()
        return _read_answer(answer, name)

    def close(self) -> None:
        """End the process; the next document starts a new one."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._connection is not None:
            self._connection.close()
        self._process = self._connection = None

    def _await_end(self) -> int | None:
        """Return how a process ended that does not answer any more."""
        try:
            return self._process.wait(_SECONDS_TO_END) if self._process else None
        except subprocess.TimeoutExpired:
            return None

    def _start(self) -> Connection:
        limits = self._limits
        ours, theirs = Pipe()
        with theirs:
            self._process = subprocess.Popen(
                [
                    sys.executable, "-c", _START,
                    json.dumps(sys.path), str(theirs.fileno()), json.dumps(asdict(limits)),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
        self._connection = ours
        try:
            ready = ours.poll(_SECONDS_TO_START) and ours.recv_bytes() == b"ready"
        except (EOFError, OSError):
            ready = False
        if not ready:
            self.close()
            raise CorpusError(
                "the process that parses documents does not start",
                reason="crashed",
                advice="reinstall the program with its dependencies (lxml, pypdfium2, selectolax)",
            )
        return ours

    def _end_late(self, overdue: threading.Event) -> None:
        overdue.set()
        if self._process is not None:
            self._process.kill()

    def _broken(self, name: str, *, slow: bool) -> CorpusError:
        if slow:
            return CorpusError(
                f"{name}: not parsed within {self._limits.seconds:.0f} seconds of computing",
                reason="too-slow",
                advice="open it and save it anew, split it, or raise the limit: --limit seconds=N",
            )
        return CorpusError(
            f"{name}: its parser broke down",
            reason="crashed",
            advice="the file is damaged or too large: open it and save it anew",
        )


@lru_cache(maxsize=4)
def parser(limits: Limits) -> Parser:
    """Return the parser of this process; its own process starts with the first document."""
    made = Parser(limits)
    atexit.register(made.close)
    return made


def _read_answer(answer: dict[str, Any], name: str) -> Loaded:
    if "reason" in answer:
        raise CorpusError(
            f"{name}: {answer['message']}", reason=answer["reason"], advice=answer["advice"]
        )
    notes = tuple(Note(kind, message) for kind, message in answer["notes"])
    return Loaded(answer["text"], answer["format"], answer["encoding"], notes)
