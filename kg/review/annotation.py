"""Annotation programs: tasks for Label Studio and doccano, and what comes back from them.

Label Studio counts offsets in code points (its editor converts from JavaScript's units since
version 1.4), doccano in UTF-16 code units, so that a rare character such as 𬭁 counts twice there.
Both take blanks for carriage returns and byte order marks, one for one, so that offsets hold.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import escape  # xml.sax.saxutils would load all that opens addresses
from pathlib import Path
from typing import Any

from kg import __version__
from kg.errors import ReviewError
from kg.graph import Version
from kg.model import Span
from kg.review.cells import Finding, Written, follow_instruments
from kg.review.changes import Reviewed
from kg.review.codebook import Codebook
from kg.review.decisions import Codes
from kg.review.rows import Row, group_rows
from kg.review.sheets import read_sheet

_BLANKED = dict.fromkeys((*range(9), *range(11, 32), 127, 65279, 65534, 65535), " ") | {13: " "}


def show_text(raw: str) -> str:
    r"""Return a text as annotation programs keep it: marks that they drop are blanks.

    >>> show_text("\ufeff一\r\n二")
    ' 一 \n二'
    """
    return raw.translate(_BLANKED)


class Units:
    """Offsets in UTF-16 code units for those in code points, and back."""

    def __init__(self, text: str) -> None:
        self._astral = [index for index, c in enumerate(text) if ord(c) > 0xFFFF]
        self._units = [index + extra for extra, index in enumerate(self._astral)]

    def encode(self, offset: int) -> int:
        """Return the number of UTF-16 code units before a code point."""
        return offset + bisect_left(self._astral, offset)

    def decode(self, offset: int) -> int:
        """Return the number of code points before a UTF-16 code unit."""
        return offset - bisect_left(self._units, offset)


def write_label_studio(path: Path, rows: Sequence[Row], version: Version, book: Codebook) -> None:
    """Write a task a document for Label Studio, and beside it the labelling configuration.

    The machine's coding comes as predictions; a blind row brings none.  The configuration stands
    in ``….config.xml``.
    """
    tasks = []
    for sha256, group in group_rows(rows).items():
        text = show_text(version.text(sha256))
        results = [part for row in group if row.codes for part in _make_results(row, text)]
        task: dict[str, Any] = {"data": {"text": text, **_describe(group[0])}}
        if results:
            task["predictions"] = [{"model_version": f"kg {__version__}", "result": results}]
        tasks.append(task)
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1), encoding="utf-8")
    path.with_suffix(".config.xml").write_text(_write_config(book), encoding="utf-8")


def _describe(row: Row) -> dict[str, str]:
    return {"source": row.source, "sha256": row.sha256, "title": row.title}


def _make_results(row: Row, text: str) -> Iterator[dict[str, Any]]:
    """Yield the region of a measure with its categories, and the choices that belong to it."""
    if row.codes is None:
        return
    place = {"start": row.start, "end": row.end, "text": text[row.start : row.end]}
    region = {"id": name_region(row.id), "to_name": "text"}
    choices = {
        "instrument": list(row.codes.instruments),
        "status": [row.codes.status],
        "strength": [row.codes.strength],
    }
    labels = list(row.codes.categories)
    yield {
        **region,
        "from_name": "category",
        "type": "labels",
        "value": {**place, "labels": labels},
    }
    for name, values in choices.items():
        yield {
            **region,
            "from_name": name,
            "type": "choices",
            "value": {**place, "choices": values},
        }


def name_region(measure: str) -> str:
    """Return the id of a measure's region: letters and digits that follow from its IRI."""
    return hashlib.sha256(measure.encode()).hexdigest()[:10]


def _quote(text: str) -> str:
    return f'"{escape(text)}"'


def _write_config(book: Codebook) -> str:
    def list_choices(name: str, values: Mapping[str, str], choice: str) -> str:
        lines = "".join(
            f"    <Choice value={_quote(code)} alias={_quote(code)} hint={_quote(zh)}/>\n"
            for code, zh in values.items()
        )
        head = f'  <Choices name="{name}" toName="text" perRegion="true" choice="{choice}">\n'
        return f"{head}{lines}  </Choices>\n"

    labels = "".join(f"    <Label value={_quote(c)}/>\n" for c in book.categories)
    return (
        f'<View>\n  <Labels name="category" toName="text" choice="multiple">\n{labels}  </Labels>\n'
        '  <Text name="text" value="$text"/>\n'
        + list_choices("instrument", book.instruments, "multiple")
        + list_choices("status", book.statuses, "single")
        + list_choices("strength", book.strengths, "single")
        + "</View>\n"
    )


def write_doccano(path: Path, rows: Sequence[Row], version: Version) -> None:
    """Write a line a document for doccano's sequence labelling; a label is an instrument's id."""
    lines = []
    for sha256, group in group_rows(rows).items():
        text = show_text(version.text(sha256))
        units = Units(text)
        labels = [
            [units.encode(row.start), units.encode(row.end), instrument]
            for row in group
            if row.codes
            for instrument in row.codes.instruments
        ]
        line = {"text": text, "label": labels, **_describe(group[0])}
        lines.append(json.dumps(line, ensure_ascii=False) + "\n")
    path.write_text("".join(lines), encoding="utf-8")


def read_any_sheet(path: Path, reviewed: Reviewed) -> tuple[list[Written], list[Finding]]:
    """Read a coder's sheet or the export of Label Studio or doccano, told apart by its content.

    Of an annotated document every measure counts: one without a region is deleted, a region
    without a measure adds one.  Raises ReviewError for a file that is none of these.
    """
    if path.suffix not in (".json", ".jsonl"):
        return read_sheet(path, reviewed.book)
    tasks = _read_tasks(path)
    if not any("annotations" in task or "label" in task or "entities" in task for task in tasks):
        return read_sheet(path, reviewed.book)
    rows: list[Written] = []
    findings: list[Finding] = []
    for number, task in enumerate(tasks, 1):
        for found in _read_task(number, task, reviewed):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                rows.append(found)
    return rows, findings


def _read_tasks(path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8-sig")
    try:
        if text.lstrip().startswith("["):
            found = json.loads(text)
        else:
            found = [json.loads(line) for line in text.split("\n") if line.strip()]
    except ValueError as error:
        raise ReviewError(f"{path}: no JSON ({error}); export it again") from error
    return [task for task in found if isinstance(task, dict)]


def _read_task(
    number: int, task: Mapping[str, Any], reviewed: Reviewed
) -> Iterator[Written | Finding]:
    """Yield what the annotations of a document decide, measure by measure."""
    about = task.get("data") or task
    meta = about.get("meta") if isinstance(about.get("meta"), dict) else {}
    source = str(about.get("source") or (meta or {}).get("source", ""))
    if source not in reviewed.sources:
        yield Finding(number, f"no document {source!r} in this graph; keep the field source")
        return
    sha256 = reviewed.sources[source]["sha256"]
    raw = reviewed.text(sha256).raw
    if str(about.get("text", "")).rstrip() != show_text(raw).rstrip():
        yield Finding(number, f"{source}: the text is another one now; export the task again")
        return
    try:
        regions = list(_read_regions(task, raw))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        yield Finding(number, f"{source}: no annotation ({error!r}); export it again")
        return
    if regions is not None and _is_submitted(task):
        yield from _match_regions(number, regions, source, reviewed)


def _is_submitted(task: Mapping[str, Any]) -> bool:
    """Tell whether somebody annotated a task: one that is skipped or untouched decides nothing."""
    if "annotations" not in task:
        return True
    return any(not found.get("was_cancelled") for found in task["annotations"])


Region = tuple[str, Span, dict[str, list[str]]]


def _read_regions(task: Mapping[str, Any], raw: str) -> Iterator[Region]:
    """Yield id, span and codes of each region of the last annotation of a task."""
    if "annotations" in task:
        done = [found for found in task["annotations"] if not found.get("was_cancelled")]
        yield from _read_results(done[-1]["result"] if done else [], raw)
        return
    units = Units(show_text(raw))
    spans: dict[Span, list[str]] = {}
    for item in task.get("label") or task.get("entities") or ():
        start, end, label = (
            (item["start_offset"], item["end_offset"], item["label"])
            if isinstance(item, dict)
            else item
        )
        span = Span(units.decode(int(start)), units.decode(int(end)))
        spans.setdefault(_check_span(span, raw), []).append(str(label))
    for span, labels in spans.items():
        yield "", span, {"instrument": labels}


def _read_results(results: Iterable[Mapping[str, Any]], raw: str) -> Iterator[Region]:
    found: dict[str, tuple[Span, dict[str, list[str]]]] = {}
    for result in results:
        value = result.get("value", {})
        if "start" not in value:
            continue
        span = _check_span(Span(int(value["start"]), int(value["end"])), raw)
        codes = found.setdefault(str(result["id"]), (span, {}))[1]
        codes[str(result["from_name"])] = list(value.get(str(result["type"])) or ())
    for identifier, (span, codes) in found.items():
        yield identifier, span, codes


def _check_span(span: Span, raw: str) -> Span:
    """Return the span without blanks at its ends; ValueError where nothing is left."""
    words = span.of(raw)
    start = span.start + len(words) - len(words.lstrip())
    end = span.end - len(words) + len(words.rstrip())
    if not 0 <= span.start < span.end <= len(raw) or start >= end:
        raise ValueError(f"offsets {span.start}–{span.end} outside of the text")
    return Span(start, end)


def _match_regions(
    number: int, regions: Sequence[Region], source: str, reviewed: Reviewed
) -> Iterator[Written | Finding]:
    rows = [row for row in reviewed.rows.values() if row.source == source]
    named = {name_region(row.id): row for row in rows}
    left = {row.id: row for row in rows}
    for identifier, span, codes in regions:
        row = named.get(identifier)
        if row is None or row.id not in left:
            row = next((r for r in left.values() if _overlap(r, span)), None)
        if row is not None:
            del left[row.id]
        yield _make_row(number, span, codes, row, source, reviewed)
    for row in left.values():
        yield Written(number, id=row.id, verdict="delete")


def _overlap(row: Row, span: Span) -> bool:
    shared = min(row.end, span.end) - max(row.start, span.start)
    return shared > 0 and 2 * shared >= min(row.end - row.start, span.end - span.start)


def _make_row(
    number: int,
    span: Span,
    codes: Mapping[str, list[str]],
    row: Row | None,
    source: str,
    reviewed: Reviewed,
) -> Written | Finding:
    book = reviewed.book
    old = (row.codes if row else None) or Codes()
    named = codes.get("instrument", [])
    try:
        instruments = tuple(
            dict.fromkeys(book.read_instrument(n) for n in named if n not in book.categories)
        )
        labels = [n for n in named if n in book.categories] + codes.get("category", [])
        categories = tuple(dict.fromkeys(map(book.read_category, labels))) or old.categories
    except ValueError as error:
        return Finding(number, f"{source}:{span.start}: {error}")
    if set(instruments) == set(old.instruments):  # these programs keep no order
        instruments = old.instruments
    if set(categories) == set(old.categories):
        categories = old.categories
    new = replace(
        old,
        categories=categories,
        instruments=instruments,
        status=(codes.get("status") or [old.status])[0],
        strength=(codes.get("strength") or [old.strength])[0],
    )
    new = follow_instruments(new, row.codes if row else None, book)
    if row is not None:
        return Written(number, id=row.id, codes=new, origin=row.codes)
    raw = reviewed.text(reviewed.sources[source]["sha256"]).raw
    return Written(
        number, source=source, text=span.of(raw), start=span.start, verdict="add", codes=new
    )
