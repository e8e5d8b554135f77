"""Servers for tests: started as a user would, stopped by the signal that a user would send."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kg.graph import stage_version

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT = 30.0


@dataclass
class Server:
    """A running server: its address, its process, the lines that it wrote to stderr."""

    url: str
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def workers(self) -> list[int]:
        """Return the ids of its worker processes (Linux)."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]


@contextmanager
def run_server(*arguments: str) -> Iterator[Server]:
    """Run ``kg serve`` on a free port until the end of the block."""
    command = [sys.executable, "-m", "kg", "serve", "--port", "0", *arguments]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    server = Server("", process)
    started = threading.Event()

    def read() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            server.lines.append(line.rstrip("\n"))
            if found := re.search(r"serving on (http://[^/\s]+)", line):
                server.url = found[1]
            if "startup complete" in line:
                started.set()
        started.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert started.wait(START_LIMIT), server.lines
        assert server.process.poll() is None, server.lines
        yield server
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(5)
        assert process.stderr is not None
        process.stderr.close()


def publish_triples(folder: Path, triples: Iterable[str]) -> str:
    """Publish a version with one graph of these triples; return its name."""
    graph = "https://w3id.org/policykg/id/graph/document/test"
    lines = sorted(f"{triple} <{graph}> .\n" for triple in triples)
    with stage_version(folder) as staging:
        staging.add_graph(graph, lines)
        return staging.publish({"base": "https://w3id.org/policykg/"}).name
