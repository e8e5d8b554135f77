"""A build after one document has changed against a full one, start-up of both apart.

usage: python benchmarks/incremental.py DOCUMENTS.jsonl.gz [NUMBER]

The file holds one JSON object with ``id`` and ``text`` a line.  Every build is a process of its
own, as a user starts it; the start-up is what a build of one short document takes.  Times are
CPU and elapsed seconds.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from kg.graph import open_version

SHORT = "杭州市人民政府通知\n\n杭政规〔2024〕1号\n\n对高新技术企业给予奖励。\n"


def write_documents(source: Path, number: int, folder: Path) -> list[Path]:
    """Write the first documents as files; return their paths."""
    folder.mkdir()
    paths = []
    with gzip.open(source, "rt", encoding="utf-8") as lines:
        for index, line in enumerate(islice(lines, number)):
            paths.append(folder / f"{index:05}.txt")
            paths[-1].write_text(json.loads(line)["text"], encoding="utf-8")
    return paths


def build(documents: Path, out: Path) -> tuple[float, float]:
    """Build a graph; return CPU and elapsed seconds."""
    before, begin = os.times(), time.perf_counter()
    command = [sys.executable, "-m", "kg", "build", str(documents), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr)
    after, end = os.times(), time.perf_counter()
    cpu = after.children_user + after.children_system
    return cpu - before.children_user - before.children_system, end - begin


def main() -> None:
    """Measure and print one line a figure."""
    source, number = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write_documents(source, number, folder / "documents")
        (folder / "short").mkdir()
        (folder / "short" / "short.txt").write_text(SHORT, encoding="utf-8")
        start = min(build(folder / "short", folder / f"graph-{n}") for n in range(3))
        full = build(folder / "documents", folder / "graph")
        nothing = build(folder / "documents", folder / "graph")
        changed = paths[number // 2]
        text = changed.read_text(encoding="utf-8")
        changed.write_text(text + "\n对首次认定的企业给予10万元奖励。\n", encoding="utf-8")
        some = build(folder / "documents", folder / "graph")
        again = build(folder / "documents", folder / "other")
        same = open_version(folder / "graph").hash == open_version(folder / "other").hash
    for label, (cpu, elapsed) in {
        "start-up": start,
        "full": full,
        "nothing changed": nothing,
        "one changed": some,
        "full again": again,
    }.items():
        print(f"{label:16} {cpu:7.2f} s CPU, {elapsed:7.2f} s")
    for kind, index in (("CPU", 0), ("elapsed", 1)):
        share = (some[index] - start[index]) / (full[index] - start[index])
        print(f"one of {number} changed, start-up apart: {share:.1%} of a full build ({kind})")
    print(f"same hash as a full build: {same}")


if __name__ == "__main__":
    main()
