"""Gold and training lines: what persons decided, in the forms that evaluation and training read."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg.evaluate import GoldDocument, make_gold
from kg.ontology import Vocabulary
from kg.review.cells import Finding, Written
from kg.review.codebook import Codebook
from kg.review.coders import read_judgement
from kg.review.decisions import Codes
from kg.review.rows import Row
from kg.review.status import Standing

_HOLDING = ("applied", "agreed", "restored")


def make_gold_rows(
    rows: Iterable[Written], book: Codebook, cities: Mapping[str, Sequence[str]] | None = None
) -> tuple[dict[str, list[dict[str, Any]]], list[Finding]]:
    """Return by document the lines of its gold file, and the rows that are not settled.

    A line of kind ``range`` stands for every unit that was coded, so that nothing else counts.
    ``cities`` are place codes by SHA-256, taken where a row names none.
    """
    files: dict[str, list[dict[str, Any]]] = {}
    findings: list[Finding] = []
    for row in rows:
        codes = read_judgement(row)
        if isinstance(codes, Finding):
            message = codes.message or "not settled; choose measure and its codes, or none"
            findings.append(Finding(row.number, message))
        elif row.start is None or row.end is None or not row.sha256:
            findings.append(Finding(row.number, "no start, end or sha256; restore the row"))
        else:
            head = {"kind": "document", "sha256": row.sha256, "title": row.title}
            lines = files.setdefault(row.sha256, [head])
            lines.append({"kind": "range", "start": row.start, "end": row.end})
            if codes is not None:
                default = (cities or {}).get(row.sha256, ())
                lines.append(_describe(row, codes, book, default))
    return files, findings


def _describe(row: Written, codes: Codes, book: Codebook, cities: Sequence[str]) -> dict[str, Any]:
    named = book.write_cities(codes.cities or tuple(cities))
    return {
        "start": row.start,
        "end": row.end,
        "kind": "measure",
        "categories": list(codes.categories),
        "instruments": list(codes.instruments),
        "status": codes.status,
        "strength": codes.strength,
        "cities": named.split("；") if named else [],
        "units": [
            {"surface": u.surface or u.name, "name": u.name, "role": u.role} for u in codes.units
        ],
        "text": row.text,
    }


def list_cities(rows: Iterable[Row]) -> dict[str, tuple[str, ...]]:
    """Return by SHA-256 the cities that most measures of a document are about."""
    counts: dict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for row in rows:
        if row.codes:
            counts[row.sha256][row.codes.cities] += 1
    return {sha256: max(sorted(found), key=found.__getitem__) for sha256, found in counts.items()}


def write_gold(folder: Path, files: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Path]:
    """Write a ``….gold.jsonl`` a document, as ``kg evaluate --gold`` reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for sha256, lines in files.items():
        path = folder / f"{sha256[:16]}.gold.jsonl"
        path.write_text("".join(map(_dump, lines)), encoding="utf-8")
        paths.append(path)
    return paths


def read_gold_sheet(
    rows: Iterable[Written], vocabulary: Vocabulary, cities: Mapping[str, Sequence[str]]
) -> tuple[list[GoldDocument], list[Finding]]:
    """Return an adjudicated sheet as gold standard, and the rows that are not settled."""
    files, findings = make_gold_rows(rows, Codebook(vocabulary), cities)
    return [make_gold(lines, sha256, vocabulary) for sha256, lines in files.items()], findings


def list_training(
    standings: Iterable[Standing], rows: Iterable[Row], hashes: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """Yield the lines that ``scripts/train --sentences`` reads, from decisions that hold.

    A measure that a person changed, added or confirmed is coded as it stands; the sentence of one
    that was deleted is of kind ``none``.  ``hashes`` gives source → SHA-256 of its text.
    """
    decided = [row for row in rows if row.decided]
    for row in decided:
        if row.codes:
            yield {
                "sha256": row.sha256,
                "start": row.start,
                "end": row.end,
                "kind": "measure",
                "instruments": list(row.codes.instruments),
                "strength": row.codes.strength,
            }
    taken = {(row.sha256, row.start) for row in decided}
    for standing in standings:
        sha256 = hashes.get(standing.source, "")
        gone = standing.decision.new is None and standing.outcome in _HOLDING
        if gone and sha256 and standing.start is not None and (sha256, standing.start) not in taken:
            yield {
                "sha256": sha256,
                "start": standing.start,
                "end": standing.end,
                "kind": "none",
            }


def _dump(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=False) + "\n"


def write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> int:
    """Write lines of JSON and return how many there are."""
    found = list(lines)
    path.write_text("".join(map(_dump, found)), encoding="utf-8")
    return len(found)
