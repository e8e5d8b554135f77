"""What builds of growing size cost: time, processor time, memory, triples.

usage: python benchmarks/scaling.py DOCUMENTS.jsonl.gz [NUMBER ...] [--copies K] [--workers N]

The file holds one JSON object with ``id`` and ``text`` a line.  For each NUMBER (100, 400, 1600
and all without any) the first so many documents are built, each build from nothing and in a
process of its own, as a user starts it.  With ``--copies`` each build is repeated with so many
copies of each of its documents, every copy changed in the line of its number or title, so that
none counts as another's copy.
Memory is the most that any process held; of the processes that work beside, only those are seen that
live when the others are looked at, ten times a second (Linux).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from throughput import read_texts

NUMBERS = (100, 400, 1600, 10**9)
PAUSE = 0.1  # seconds
NUMBER = re.compile(r"([〔\[]\d{4}[〕\]]第?)(\d+号)")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one build cost: seconds, bytes; and what came of it."""

    documents: int
    triples: int
    elapsed: float
    processor: float
    memory: int


def change_line(text: str, copy: int) -> str:
    """Return a text with another document number, where it has none with another first line.

    >>> change_line("市府办〔2021〕9号", 12)
    '市府办〔2021〕12009号'
    """
    if not copy:
        return text
    changed, count = NUMBER.subn(rf"\g<1>{copy}00\2", text, count=1)
    return changed if count else f"第{copy}批{text.lstrip()}"


def write_copies(source: Path, number: int, copies: int, folder: Path) -> None:
    """Write the first documents as files, each as often as wanted."""
    for copy in range(copies):
        (folder / f"{copy:03}").mkdir()
    for index, (_, text) in enumerate(read_texts(source, number)):
        for copy in range(copies):
            target = folder / f"{copy:03}" / f"{index:05}.txt"
            target.write_text(change_line(text, copy), encoding="utf-8")


def list_family(pid: int) -> Iterator[int]:
    """Yield a process and all that descend from it, as far as they live."""
    yield pid
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from list_family(int(child))


def read_peak(pid: int) -> int:
    """Return the most memory that a process has held, in bytes; 0 where it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def build(documents: Path, out: Path, workers: int) -> Cost:
    """Build a graph; return what it cost."""
    command = [sys.executable, "-m", "kg", "build", str(documents), "--out", str(out), "--json"]
    command += ["--workers", str(workers)]
    before, begin = os.times(), time.perf_counter()
    peak, ended = 0, threading.Event()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:

        def watch() -> None:
            nonlocal peak
            while not ended.wait(PAUSE):
                peak = max(peak, *map(read_peak, list_family(process.pid)))

        watching = threading.Thread(target=watch)
        watching.start()
        report, _ = process.communicate()
        ended.set()
        watching.join()
    if process.returncode not in (0, 3):
        raise SystemExit(f"the build of {documents} failed")
    elapsed, after = time.perf_counter() - begin, os.times()
    spent = after.children_user + after.children_system
    processor = spent - before.children_user - before.children_system
    told = json.loads(report)
    return Cost(told["ingested"], told["triples"], elapsed, processor, peak)


def main() -> None:
    """Print one line a build."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("source", type=Path)
    parser.add_argument("numbers", nargs="*", type=int, default=NUMBERS)
    parser.add_argument("--copies", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    print(f"{'documents':>9} {'triples':>10} {'elapsed s':>9} {'CPU s':>8} {'MB':>5} {'times':>6}")
    for number in asked.numbers:
        first = 0.0
        for copies in sorted({1, asked.copies}):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                (folder / "documents").mkdir()
                write_copies(asked.source, number, copies, folder / "documents")
                cost = build(folder / "documents", folder / "graph", asked.workers)
            first = first or cost.elapsed
            print(
                f"{cost.documents:9} {cost.triples:10} {cost.elapsed:9.1f} {cost.processor:8.1f}"
                f" {cost.memory >> 20:5} {cost.elapsed / first:6.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
