"""Sheets on disk: workbooks with drop-downs, CSV and JSON Lines, written and read back."""

from __future__ import annotations

import csv
import datetime
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from kg.errors import ReviewError
from kg.graph.export import guard_cell
from kg.review.cells import (
    Cells,
    Finding,
    Written,
    name_columns,
    read_cells,
    read_object,
    write_cells,
)
from kg.review.codebook import BLIND_VERDICTS, VERDICTS, Codebook, load_words
from kg.review.rows import Row

SUFFIXES = (".xlsx", ".csv", ".json", ".jsonl")

_MADE = datetime.datetime(2000, 1, 1)  # the same rows give the same file
_WIDE = {
    "text": 70,
    "units": 34,
    "reason": 30,
    "title": 30,
    "clause": 24,
    "decided": 24,
    "one": 40,
    "two": 40,
}
_HIDDEN = ("id", "document", "sha256", "origin")
_EDITED = ("verdict", "units", "status", "strength", "cities", "reason", "category", "instrument")
_LARGEST = 1 << 29  # bytes that a workbook may unfold to
_ROOM = 200  # rows below the last one in which measures may be added


def write_sheet(
    path: Path, columns: Sequence[str], rows: Sequence[Cells], book: Codebook, *, blind: bool
) -> None:
    """Write a sheet in the form that the name's ending asks for; raises ReviewError for others.

    Nothing in it can be taken for a formula.
    """
    if path.suffix == ".xlsx":
        _write_workbook(path, columns, rows, book, blind=blind)
    elif path.suffix == ".csv":
        path.write_bytes(_format_csv(columns, rows).encode("utf-8-sig"))
    elif path.suffix in (".json", ".jsonl"):
        lines = (
            json.dumps({n: row.get(n, "") for n in columns}, ensure_ascii=False) for row in rows
        )
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    else:
        raise ReviewError(f"{path}: name a file that ends in {', '.join(SUFFIXES)}")


def _format_csv(columns: Sequence[str], rows: Iterable[Cells]) -> str:
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(columns)
    writer.writerows([guard_cell(row.get(name, "")) for name in columns] for row in rows)
    return output.getvalue()


def _write_workbook(
    path: Path, columns: Sequence[str], rows: Sequence[Cells], book: Codebook, *, blind: bool
) -> None:
    from xlsxwriter import Workbook

    options = dict.fromkeys(("strings_to_formulas", "strings_to_urls", "strings_to_numbers"), False)
    with Workbook(str(path), options) as workbook:
        workbook.set_properties({"created": _MADE})
        sheet = workbook.add_worksheet(load_words("sheets")["coding"][0])
        ranges = _write_lists(workbook, book, blind=blind)
        _write_help(workbook, columns)
        styles = _make_styles(workbook)
        for column, name in enumerate(columns):
            kind = _kind(name)
            zh = load_words("columns")[kind][0]
            sheet.write_string(0, column, f"{name} {zh}", styles["head"])
            width = _WIDE.get(kind, 18 if kind in _EDITED else 10)
            sheet.set_column(column, column, width, None, {"hidden": name in _HIDDEN})
            for number, row in enumerate(rows, 1):
                text = row.get(name, "")[:32767]
                style = "edit" if kind in _EDITED else "read"
                style = f"{style}-guarded" if guard_cell(text) != text else style
                sheet.write_string(number, column, text, styles[style])
            if kind in ranges:
                rule = {"validate": "list", "source": ranges[kind], "error_type": "warning"}
                sheet.data_validation(1, column, len(rows) + _ROOM, column, rule)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, max(1, len(rows)), len(columns) - 1)


def _kind(name: str) -> str:
    """Return a column's name without its number."""
    head, _, number = name.rpartition("_")
    return head if number.isdecimal() else name


def _make_styles(workbook: Any) -> dict[str, Any]:
    plain = {"text_wrap": True, "valign": "top", "num_format": "@"}
    edit, read = {**plain, "bg_color": "#FFFBEA"}, {**plain, "font_color": "#555555"}
    return {
        "head": workbook.add_format({"bold": True, "bg_color": "#E9E6DE", "bottom": 1}),
        "edit": workbook.add_format(edit),
        "read": workbook.add_format(read),
        "edit-guarded": workbook.add_format({**edit, "quote_prefix": True}),
        "read-guarded": workbook.add_format({**read, "quote_prefix": True}),
    }


def _write_lists(workbook: Any, book: Codebook, *, blind: bool) -> dict[str, str]:
    """Write the lists that cells are chosen from, and return column → their range."""
    lists: dict[str, list[str]] = {
        "verdict": list(BLIND_VERDICTS if blind else VERDICTS),
        "category": list(book.categories),
        "instrument": [book.write_instrument(instrument) for instrument in book.instruments],
        "status": [f"{code} {zh}" for code, zh in book.statuses.items()],
        "strength": [f"{code} {zh}" for code, zh in book.strengths.items()],
    }
    name = load_words("sheets")["lists"][0]
    sheet = workbook.add_worksheet(name)
    sheet.hide()
    ranges = {}
    for column, (kind, values) in enumerate(lists.items()):
        sheet.write_column(0, column, values)
        letter = "ABCDEFGH"[column]
        ranges[kind] = f"='{name}'!${letter}$1:${letter}${len(values)}"
    return ranges


def _write_help(workbook: Any, columns: Sequence[str]) -> None:
    sheet = workbook.add_worksheet(load_words("sheets")["help"][0])
    words = load_words("columns")
    for number, kind in enumerate(dict.fromkeys(map(_kind, columns))):
        for column, text in enumerate((kind, *words[kind])):
            sheet.write_string(number, column, text)
    sheet.set_column(2, 2, 90)


def read_sheet(path: Path, book: Codebook) -> tuple[list[Written], list[Finding]]:
    """Read a coder's sheet by its content's form: the rows, and what is wrong with others.

    Rows without any word are left out.  Raises ReviewError for a file that is no sheet.
    """
    rows: list[Written] = []
    findings: list[Finding] = []
    for found in _read_rows(path, book):
        if isinstance(found, Finding):
            findings.append(found)
        else:
            rows.append(found)
    return rows, findings


def _read_rows(path: Path, book: Codebook) -> Iterator[Written | Finding]:
    if path.suffix in (".json", ".jsonl"):
        for number, row in _read_objects(path):
            yield read_object(number, row, book)
        return
    if path.suffix not in (".xlsx", ".csv"):
        raise ReviewError(f"{path}: give a file that ends in {', '.join(SUFFIXES)}")
    table = _read_workbook(path) if path.suffix == ".xlsx" else _read_csv(path)
    head: list[str] = []
    for number, texts in table:
        if not head:
            head = _read_head(path, texts)
        elif isinstance(texts, Finding):
            yield texts
        elif any(text.strip() for text in texts):
            yield read_cells(number, dict(zip(head, texts, strict=False)), book)


def _read_head(path: Path, texts: list[str] | Finding) -> list[str]:
    """Return the names of the columns: the first word of each heading."""
    names = [] if isinstance(texts, Finding) else [(text.split() or [""])[0] for text in texts]
    for name in ("text", "verdict"):
        if name not in names:
            raise ReviewError(
                f"{path}: no column {name!r} in the first row; export a sheet with kg review export "
                "and keep its first row"
            )
    return names


def _read_csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")  # what Excel saves on a Chinese system
        except UnicodeDecodeError as error:
            raise ReviewError(f"{path}: neither UTF-8 nor GB18030; save it as CSV UTF-8") from error
    csv.field_size_limit(1 << 24)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise ReviewError(f"{path}:{reader.line_num}: {error}; save it as CSV again") from error


def _read_workbook(path: Path) -> Iterator[tuple[int, list[str] | Finding]]:
    """Yield number and texts of each row; a row with a formula is a finding."""
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(item.file_size for item in archive.infolist()) > _LARGEST:
                raise ReviewError(f"{path}: unfolds to more than 512 MB; split it")
        workbook = openpyxl.load_workbook(path, read_only=True, data_only=False)
        sheet = workbook.worksheets[0]
        rows = [[_read_value(cell) for cell in row] for row in sheet.iter_rows()]
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
        raise ReviewError(f"{path}: no workbook ({error}); save it as .xlsx again") from error
    workbook.close()
    for number, row in enumerate(rows, 1):
        formula = next((text for text in row if text is None), "")
        if formula is None:
            yield number, Finding(number, "a cell holds a formula; write its value instead")
        else:
            yield number, [text or "" for text in row]


def _read_value(cell: Any) -> str | None:
    """Return the text of a cell, None where it holds a formula."""
    value = cell.value
    if cell.data_type == "f":
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _read_objects(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield number and object of each row of JSON Lines or of a JSON list."""
    text = path.read_text(encoding="utf-8-sig")
    try:
        if text.lstrip().startswith("["):
            rows = list(enumerate(json.loads(text), 1))
        else:
            lines = enumerate(text.split("\n"), 1)
            rows = [(number, json.loads(line)) for number, line in lines if line.strip()]
    except ValueError as error:
        raise ReviewError(f"{path}: no JSON ({error}); export it again") from error
    for number, row in rows:
        if not isinstance(row, dict):
            raise ReviewError(f"{path}:{number}: {row!r} is no row; export it again")
        yield number, row


def write_rows(path: Path, rows: Sequence[Row], book: Codebook, *, blind: bool) -> None:
    """Write measures, or sentences for a blind coder, as a sheet; see ``write_sheet``."""
    cells = [write_cells(row, book, blind=blind) for row in rows]
    write_sheet(path, name_columns(cells, blind=blind), cells, book, blind=blind)
