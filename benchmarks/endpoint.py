"""How fast cheap queries are answered through HTTP, beside the bare engine.

``python benchmarks/endpoint.py`` serves the embedded corpus on a free port and prints, for each
query, the median and the 95th percentile through HTTP on one kept connection and in this process.
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import httpx2 as httpx

from kg.cli.graphs import open_graph
from kg.graph import run_query

ROUNDS = 400
QUERIES = {
    "ask": "ASK {}",
    "label": 'SELECT ?l { ?i a pk:Instrument ; skos:prefLabel ?l FILTER(LANG(?l) = "zh") } LIMIT 20',
    "measures of a city": "SELECT ?m ?q { ?m pk:city ?c ; pk:evidence/pk:quote ?q ."
    ' ?c skos:prefLabel "北京"@zh } LIMIT 20',
    "describe": "DESCRIBE <https://w3id.org/policykg/id/instrument/LandFeeWaiver>",
}


def measure(run: Callable[[], object]) -> tuple[float, float]:
    """Return median and 95th percentile in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    return times[ROUNDS // 2], times[int(ROUNDS * 0.95)]


def main() -> None:
    """Print one line a query."""
    graph = open_graph(None)
    folder = graph.version.folder.parent.parent
    command = [sys.executable, "-m", "kg", "serve", "--graph", str(folder), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        url = ""
        for line in process.stderr:
            if found := re.search(r"serving on (http://\S+)/", line):
                url = f"{found[1]}/sparql"
            if "startup complete" in line:
                break
        threading.Thread(target=process.stderr.read, daemon=True).start()
        print(f"{'query':20} {'HTTP ms':>8} {'p95':>8} {'bare ms':>8} {'p95':>8} {'over p95':>9}")
        with httpx.Client() as client:
            for name, query in QUERIES.items():
                kind = "turtle" if name == "describe" else "json"
                run = lambda query=query: client.post(url, data={"query": query}).raise_for_status()  # noqa: E731
                bare = lambda query=query, kind=kind: run_query(graph.store, query, kind)  # noqa: E731
                run()
                over, under = measure(run), measure(bare)
                print(
                    f"{name:20} {over[0]:8.2f} {over[1]:8.2f} {under[0]:8.2f} {under[1]:8.2f}"
                    f" {over[1] - under[1]:9.2f}"
                )
        process.terminate()


if __name__ == "__main__":
    main()
