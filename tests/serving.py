"""Servers for tests: started as a user would, stopped by the signal that a user would send."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kg.graph import stage_version
from kg.ontology import BASE

ROOT = Path(__file__).resolve().parent.parent
START_LIMIT = 30.0
PREPARE_LIMIT = 90.0


@dataclass
class Server:
    """A running server: its address, its process, the lines that it wrote to stderr."""

    url: str
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def wait_for(self, words: str) -> None:
        """Wait until a line with these words stands in the log."""
        end = time.monotonic() + PREPARE_LIMIT
        while not any(words in line for line in tuple(self.lines)):
            assert time.monotonic() < end, self.lines
            time.sleep(0.05)

    def workers(self) -> list[int]:
        """Return the ids of its worker processes (Linux)."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]


def _await_listening(server: Server) -> None:
    """Wait until the server takes connections: it says that it has started a moment before."""
    host, port = server.url.removeprefix("http://").split(":")
    end = time.monotonic() + START_LIMIT
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=5).close()
        except ConnectionRefusedError:
            assert time.monotonic() < end, server.lines
            time.sleep(0.02)
        else:
            return


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
        _await_listening(server)
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


def describe_documents(count: int, title: str, *, place: str = "310000") -> list[str]:
    """Write documents of a place, Shanghai if none is named, with one measure each."""
    pk, schema = f"{BASE}ontology#", "http://purl.org/dc/terms/"
    kind = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    instruments = ("LandFeeWaiver", "LandPriceWaiver", "InfrastructureFeeWaiver")
    found = []
    for number in range(count):
        document = f"{BASE}id/document/{place if place != '310000' else '000000'}{number:06x}"
        measure, text = f"{document}/measure/a-1", json.dumps(title, ensure_ascii=False)
        statements = {
            document: {
                kind: f"<{pk}Document>",
                f"<{pk}source>": f'"{place}-{number}.txt"',
                f"<{pk}sha256>": f'"{number:064x}"',
                f"<{pk}documentKind>": f"<{BASE}id/document-kind/normative>",
                f"<{schema}spatial>": f"<{BASE}id/place/{place}>",
                f"<{schema}title>": text,
            },
            measure: {
                kind: f"<{pk}Measure>",
                f"<{pk}document>": f"<{document}>",
                f"<{pk}evidence>": f"<{measure}/evidence>",
                f"<{pk}city>": f"<{BASE}id/place/{place}>",
                f"<{pk}status>": f"<{BASE}id/status/provided>",
                f"<{pk}category>": f"<{BASE}id/instrument/Location>",
                f"<{pk}instrument>": f"<{BASE}id/instrument/{instruments[number % 3]}>",
                f"<{pk}instrumentOrder>": f'"{instruments[number % 3]}"',
            },
            f"{measure}/evidence": {
                f"<{pk}quote>": text,
                f"<{pk}start>": '"1"^^<http://www.w3.org/2001/XMLSchema#integer>',
                f"<{pk}end>": '"9"^^<http://www.w3.org/2001/XMLSchema#integer>',
            },
        }
        found += [f"<{s}> {p} {o}" for s, about in statements.items() for p, o in about.items()]
    return found
