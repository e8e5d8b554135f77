"""Check on real input that every exported measure is the text at its place in the source.

usage: python benchmarks/evidence.py FOLDER | DOCUMENTS.jsonl.gz [NUMBER]

Builds a graph of the documents in a temporary folder, exports the coding sheet and compares
``text`` with ``raw[start:end]`` of the file for each measure.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from itertools import islice
from pathlib import Path


def unpack(path: Path, number: int, folder: Path) -> None:
    """Write the first ``number`` documents of a JSON lines file as text files."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in islice(lines, number):
            row = json.loads(line)
            target = folder / f"{row['id'].replace('/', '_')}.txt"
            target.write_bytes(row["text"].encode("utf-8", "surrogatepass"))


def wrong_rows(rows: Iterable[str], folder: Path) -> tuple[int, list[str]]:
    """Return the number of rows and those whose text is not at its place."""
    cache: dict[str, str] = {}
    wrong, count = [], 0
    for line in rows:
        row = json.loads(line)
        source = row["source"]
        if source not in cache:
            cache = {source: (folder / source).read_bytes().decode("utf-8")}
        count += 1
        if cache[source][row["start"] : row["end"]] != row["text"]:
            wrong.append(row["id"])
    return count, wrong


def main() -> None:
    """Build, export, compare and print the figures; exit code 1 where a row is wrong."""
    path, number = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as temporary:
        folder = path if path.is_dir() else Path(temporary) / "texts"
        if not path.is_dir():
            folder.mkdir()
            unpack(path, number, folder)
        graph = Path(temporary) / "graph"
        kg = [sys.executable, "-m", "kg"]
        built = subprocess.run(
            [*kg, "build", str(folder), "--out", str(graph), "--workers", "2", "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
        report = json.loads(built.stdout)
        sheet = Path(temporary) / "measures.jsonl"
        subprocess.run([*kg, "export", "--graph", str(graph), "--out", str(sheet)], check=True)
        with sheet.open(encoding="utf-8") as rows:
            count, wrong = wrong_rows(rows, folder)
    shown = {k: report[k] for k in ("found", "ingested", "measures", "triples", "seconds")}
    print(f"{shown}, rejected {report['rejected']}, skipped {len(report['skipped'])}")
    print(f"{count} measures, {len(wrong)} not at their place")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
