"""The gold standard and the coding sheet as comparable values."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg.errors import CorpusError
from kg.model import Span
from kg.ontology import Vocabulary

SUFFIX = ".gold.jsonl"


@dataclass(frozen=True, slots=True)
class Coded:
    """One coded line: its span and labels; several lines may share a span (parts).

    ``units`` are surfaces without blanks, ``names`` the full unit names that were resolved,
    ``called`` all unit names, ``amounts`` pairs of value and unit.
    """

    span: Span
    categories: tuple[str, ...]
    instruments: tuple[str, ...]
    cities: tuple[str, ...]
    status: str
    strength: str
    units: tuple[str, ...]
    names: tuple[str, ...]
    called: tuple[str, ...]
    amounts: tuple[tuple[float, str], ...]
    damaged: bool = False
    text: str = ""

    def labels(self) -> Coded:
        """Return the line with no more than its span, categories, instruments and strength."""
        return replace(
            self, cities=(), status="provided", units=(), names=(), called=(), amounts=()
        )


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """The coded lines of one document; ``start``–``end`` is the part that was coded.

    ``key`` is how the names of its sources begin, or a SHA-256.  Of a document coded ``plainly``
    only instruments and strengths are known, no units, amounts, cities or status.  ``parts`` are
    the stretches that were coded where these are several, such as a sample of sentences.
    """

    key: str
    start: int
    end: int
    lines: tuple[Coded, ...]
    plainly: bool = False
    parts: tuple[Span, ...] = ()

    def covers(self, span: Span) -> bool:
        """Tell whether a span begins in what was coded."""
        if not self.parts:
            return self.start <= span.start < self.end
        at = bisect_right(self.parts, (span.start, 1 << 60)) - 1
        return at >= 0 and span.start < self.parts[at].end


def read_gold(folder: Path, vocabulary: Vocabulary | None = None) -> list[GoldDocument]:
    """Read every ``*.gold.jsonl`` of ``folder`` in name order.

    With ``vocabulary`` newer instruments become those that the first coding knew, as in
    ``read_sheet``.  Raises CorpusError where the folder has none or a line cannot be read.
    """
    paths = sorted(folder.glob(f"*{SUFFIX}"))
    if not paths:
        raise CorpusError(f"{folder}: no *{SUFFIX} file in it", reason="missing")
    documents = [_read_document(path) for path in paths]
    return documents if vocabulary is None else [_known(d, vocabulary) for d in documents]


def _known(document: GoldDocument, vocabulary: Vocabulary) -> GoldDocument:
    def known(line: Coded) -> Coded:
        instruments = dict.fromkeys(known_instrument(i, vocabulary) for i in line.instruments)
        return replace(line, instruments=tuple(instruments))

    return replace(document, lines=tuple(map(known, document.lines)))


def _read_document(path: Path) -> GoldDocument:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return _make_document(rows, path)


def make_gold(rows: Sequence[Mapping[str, Any]], key: str, vocabulary: Vocabulary) -> GoldDocument:
    """Make a gold document of the lines that a gold file holds; ``key`` names it in messages."""
    return _known(_make_document(rows, Path(key)), vocabulary)


def _make_document(rows: Sequence[Mapping[str, Any]], path: Path) -> GoldDocument:
    parts = [row for row in rows if row.get("kind") == "range"]
    first: Mapping[str, Any] = parts[0] if parts else {}
    head: Mapping[str, Any] = next((row for row in rows if row.get("kind") == "document"), {})
    lines = tuple(_coded(row, path) for row in rows if row.get("kind", "measure") == "measure")
    spans = sorted(Span(int(part.get("start", 0)), int(part.get("end", 1 << 60))) for part in parts)
    return GoldDocument(
        key=str(head.get("sha256") or path.name.removesuffix(SUFFIX)),
        start=spans[0].start if spans else 0,
        end=max((span.end for span in spans), default=1 << 60),
        lines=lines,
        plainly="units" not in first.get("coded", ("units",)),
        parts=tuple(spans) if len(spans) > 1 else (),
    )


def read_sheet(rows: Iterable[Mapping[str, Any]], vocabulary: Vocabulary) -> dict[str, list[Coded]]:
    """Return source → coded lines of a coding sheet, also under the SHA-256 of the source.

    Instruments that the gold coding did not know (``since`` above 1) become their nearest
    broader concept that it knew.
    """
    sheet: dict[str, list[Coded]] = {}
    for row in rows:
        known = dict.fromkeys(known_instrument(i, vocabulary) for i in row["instruments"])
        coded = _coded({**row, "instruments": list(known)}, Path(row["source"]))
        for key in (Path(row["source"]).name, row.get("sha256", "")):
            if key:
                sheet.setdefault(key, []).append(coded)
    return sheet


def known_instrument(instrument: str, vocabulary: Vocabulary) -> str:
    """Return the instrument, or its nearest broader one that the first coding knew."""
    while instrument in vocabulary.concepts and vocabulary.concepts[instrument].since > 1:
        instrument = vocabulary.concepts[instrument].broader
    return instrument


def _coded(row: Mapping[str, Any], path: Path) -> Coded:
    try:
        span = Span(int(row["start"]), int(row["end"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CorpusError(f"{path}: a coded line has no span: {row}", reason="gold") from error
    units = list(row.get("units") or ())
    return Coded(
        span=span,
        categories=tuple(row.get("categories") or ()),
        instruments=tuple(row.get("instruments") or ()),
        cities=tuple(row.get("cities") or ()),
        status=row.get("status") or "provided",
        strength=row.get("strength") or "",
        units=tuple("".join((u.get("surface") or u["name"]).split()) for u in units),
        names=_full_names(units),
        called=tuple(u["name"] for u in units if u.get("name")),
        amounts=tuple(
            (round(float(a["value"]), 4), a["unit"])
            for a in row.get("amounts") or ()
            if a.get("value") is not None
        ),
        damaged=any(u.get("damaged") for u in units),
        text=row.get("text") or "",
    )


def _full_names(units: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(u["name"] for u in units if u.get("name") and u["name"] != u.get("surface"))
