"""How much faster several processes read and code documents than one, start-up apart.

usage: python benchmarks/workers.py DOCUMENTS.jsonl.gz [NUMBER] [WORKERS]

The file holds one JSON object with ``id`` and ``text`` a line.  All that a build does for each
document by itself is measured by the clock, from its file to its checked N-Quads in the hands of
the build; what it does with all of them together is not.  What the first 48 take, with the start
of the processes, is taken off.  One process and several take turns; the median of three counts.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from incremental import write_documents

from kg.cli.reading import Job, Settings, find_jobs, read_all
from kg.ontology import BASE, load_vocabulary

ROUNDS, FEW = 3, 48


def measure(jobs: list[Job], settings: Settings, workers: int) -> float:
    """Return the seconds that all jobs take, start-up apart: what the first few take is taken off."""
    times = []
    for some in (jobs[:FEW], jobs):
        begin = time.perf_counter()
        for _ in read_all(some, settings, workers=workers):
            pass
        times.append(time.perf_counter() - begin)
    return times[1] - times[0]


def main() -> None:
    """Print seconds for one process and for several, and how many times faster these are."""
    source, number = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500
    workers = int(sys.argv[3]) if len(sys.argv) > 3 else os.cpu_count() or 2
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_documents(source, number, folder / "documents")
        jobs, _ = find_jobs([folder / "documents"], None, out=folder / "graph")
        settings = Settings((), load_vocabulary().version, BASE)
        measure(jobs[: FEW + 1], settings, 1)  # loads what this process keeps
        rounds = [[measure(jobs, settings, n) for n in (1, workers)] for _ in range(ROUNDS)]
    one, several = (median(times) for times in zip(*rounds, strict=True))
    print(f"{number - FEW} documents: 1 process {one:.1f} s, {workers} processes {several:.1f} s,")
    print(f"{one / several:.2f} times as fast")


if __name__ == "__main__":
    main()
