"""How fast cheap queries are answered through HTTP, beside the bare engine.

``python benchmarks/endpoint.py [GRAPH]`` serves a graph, without one that of the embedded corpus,
on a free port and prints, for each query, the median and the 95th percentile through HTTP on one
kept connection and in this process: first with a server that keeps no results, so that every
query runs, then with one that keeps them.  The two take turns, many queries at a time, so that
other work on the machine weighs on both; the client is the standard library's.  ``CPU ms`` is the
processor time of the server and its workers for a query, which other work hardly moves.
"""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlencode

from kg.cli.graphs import Opened, open_graph
from kg.graph import run_query

TURNS, TURN = 20, 50
ROUNDS = TURNS * TURN
QUERIES = {
    "ask": "ASK {}",
    "label": 'SELECT ?l { ?i a pk:Instrument ; skos:prefLabel ?l FILTER(LANG(?l) = "zh") } LIMIT 20',
    "measures of a city": "SELECT ?m ?q { ?m pk:city ?c ; pk:evidence/pk:quote ?q ."
    ' ?c skos:prefLabel "北京"@zh } LIMIT 20',
    "describe": "DESCRIBE <https://w3id.org/policykg/id/instrument/LandFeeWaiver>",
}


def measure(*runs: Callable[[], object]) -> list[tuple[float, float]]:
    """Return median and 95th percentile of each in milliseconds; they take turns."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(TURNS):
        for run, found in zip(runs, times, strict=True):
            for _ in range(TURN):
                start = time.perf_counter()
                run()
                found.append((time.perf_counter() - start) * 1000)
    ordered = map(sorted, times)
    return [(found[ROUNDS // 2], found[int(ROUNDS * 0.95)]) for found in ordered]


def read_processor(pid: int) -> float:
    """Return the processor time of a process and its children in milliseconds (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = 0
    for process in (str(pid), *children):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks * 1000 / os.sysconf("SC_CLK_TCK")


def ask(connection: http.client.HTTPConnection, query: str) -> bytes:
    """Return the answer to a query, sent as a form."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/sparql", urlencode({"query": query}), form)
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise SystemExit(body.decode())
    return body


def wait_for_pages(log: Path) -> str:
    """Return the server's address when it has prepared its pages and has nothing else to do."""
    while "are prepared" not in (text := log.read_text(encoding="utf-8")):
        time.sleep(0.2)
    found = re.search(r"serving on http://(\S+)/", text)
    assert found is not None
    return found[1]


def main() -> None:
    """Print one line a query, for both servers."""
    graph = open_graph(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    for kept in ("0", "32"):
        print(f"--kept-limit {kept}")
        compare(graph, kept)


def compare(graph: Opened, kept: str) -> None:
    """Print one line a query, for a server that keeps so many megabytes of results."""
    folder = graph.version.folder.parent.parent
    command = [sys.executable, "-m", "kg", "serve", "--graph", str(folder), "--port", "0"]
    command += ["--kept-limit", kept]
    with (
        tempfile.NamedTemporaryFile() as log,  # a pipe would have to be read by this process
        subprocess.Popen(command, stderr=log) as process,
    ):
        url = wait_for_pages(Path(log.name))
        print(
            f"{'query':20} {'HTTP ms':>8} {'p95':>8} {'bare ms':>8} {'p95':>8} {'over p95':>9}"
            f" {'CPU ms':>8}"
        )
        connection = http.client.HTTPConnection(url)
        for name, query in QUERIES.items():
            kind = "turtle" if name == "describe" else "json"
            run, bare = (
                partial(ask, connection, query),
                partial(run_query, graph.store, query, kind),
            )
            run()
            before = read_processor(process.pid)
            over, under = measure(run, bare)
            spent = (read_processor(process.pid) - before) / ROUNDS
            print(
                f"{name:20} {over[0]:8.2f} {over[1]:8.2f} {under[0]:8.2f} {under[1]:8.2f}"
                f" {over[1] - under[1]:9.2f} {spent:8.2f}"
            )
        process.terminate()


if __name__ == "__main__":
    main()
