"""Cells: rows as the named texts of a sheet, and what a coder wrote in them as values."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from kg.graph.export import guard_cell
from kg.review.codebook import BLIND_VERDICTS, SEPARATOR, VERDICTS, Codebook
from kg.review.decisions import Codes, UnitCode
from kg.review.rows import Row

Cells = Mapping[str, str]
LEAST = {"category": 3, "instrument": 4}  # columns for several codes of a measure
_BEFORE = ("verdict", "text")
_AFTER = (
    "units",
    "status",
    "strength",
    "cities",
    "reason",
    "clause",
    "title",
    "source",
    "start",
    "end",
)
_LAST = ("confidence", "decided", "id", "document", "sha256", "origin")
_BLIND_LAST = ("id", "document", "sha256")


@dataclass(frozen=True, slots=True)
class Written:
    """A row as a coder left it; ``number`` is its line in the file, from 1.

    ``codes`` hold what stands in the cells, ``origin`` what stood there when the sheet was
    written; either is None where there is nothing.  Offsets are None where none are given.
    """

    number: int
    id: str = ""
    document: str = ""
    source: str = ""
    sha256: str = ""
    title: str = ""
    text: str = ""
    start: int | None = None
    end: int | None = None
    verdict: str = ""
    codes: Codes | None = None
    origin: Codes | None = None
    why: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a row, and what to do about it."""

    number: int
    message: str


def name_columns(rows: Iterable[Cells], *, blind: bool, extra: Sequence[str] = ()) -> list[str]:
    """Return the columns of a sheet, in order, with room for all codes of the fullest row."""
    used = {name for row in rows for name in row}
    repeated = []
    for kind, least in LEAST.items():
        numbers = [int(name.rpartition("_")[2]) for name in used if name.startswith(f"{kind}_")]
        repeated += [f"{kind}_{n}" for n in range(1, max([least, *numbers]) + 1)]
    return [*_BEFORE, *extra, *repeated, *_AFTER, *(_BLIND_LAST if blind else _LAST)]


def write_cells(row: Row, book: Codebook, *, blind: bool) -> dict[str, str]:
    """Return the cells of a row; a blind one says nothing of the machine."""
    cells = {
        "text": row.text,
        "clause": row.clause,
        "title": row.title,
        "source": row.source,
        "start": str(row.start),
        "end": str(row.end),
        "id": row.id,
        "document": row.document,
        "sha256": row.sha256,
    }
    if blind or row.codes is None:
        return cells
    confidence = "" if row.confidence is None else f"{row.confidence:g}"
    return {
        **cells,
        **write_codes(row.codes, book),
        "confidence": confidence,
        "decided": row.decided,
        "origin": dump_codes(row.codes),
    }


def write_codes(codes: Codes, book: Codebook) -> dict[str, str]:
    """Return the cells of codes: a category or instrument a column, the main one first."""
    instruments = map(book.write_instrument, codes.instruments)
    return {
        **{f"category_{n}": text for n, text in enumerate(codes.categories, 1)},
        **{f"instrument_{n}": text for n, text in enumerate(instruments, 1)},
        "units": book.write_units(codes.units),
        "status": codes.status,
        "strength": codes.strength,
        "cities": book.write_cities(codes.cities),
    }


def dump_codes(codes: Codes) -> str:
    """Return codes as JSON on one line."""
    return json.dumps(asdict(codes), ensure_ascii=False)


def load_codes(text: str) -> Codes:
    """Read what ``dump_codes`` wrote; ValueError for anything else."""
    row = json.loads(text)
    if not isinstance(row, dict) or set(row) != set(Codes.__dataclass_fields__):
        raise ValueError("the cell origin was altered")
    units = tuple(UnitCode(u["name"], u["role"], u["surface"]) for u in row["units"])
    lists = {name: tuple(row[name]) for name in ("categories", "instruments", "cities")}
    return Codes(**lists, units=units, status=row["status"], strength=row["strength"])


def unguard_cell(text: str) -> str:
    """Undo what keeps a text from being taken for a formula.

    >>> unguard_cell("'=1+1"), unguard_cell("'quoted'")
    ('=1+1', "'quoted'")
    """
    return text[1:] if text.startswith("'") and guard_cell(text[1:]) == text else text


def read_cells(number: int, cells: Cells, book: Codebook) -> Written | Finding:
    """Read what a coder wrote in a row; the first thing wrong with it is returned instead.

    A cell left empty takes what follows from the others: categories from instruments, status
    provided, strength implement.
    """
    cells = {name: unguard_cell(text.strip()) for name, text in cells.items()}
    try:
        origin = load_codes(cells["origin"]) if cells.get("origin") else None
        return Written(
            number=number,
            id=cells.get("id", ""),
            document=cells.get("document", ""),
            source=cells.get("source", ""),
            sha256=cells.get("sha256", ""),
            title=cells.get("title", ""),
            text=cells.get("text", ""),
            start=_read_number(cells, "start"),
            end=_read_number(cells, "end"),
            verdict=_read_verdict(cells.get("verdict", "")),
            codes=_read_codes(cells, book, origin),
            origin=origin,
            why=cells.get("reason", ""),
        )
    except (ValueError, KeyError, TypeError) as error:
        return Finding(number, str(error))


def _read_number(cells: Cells, name: str) -> int | None:
    text = cells.get(name, "").removesuffix(".0")
    if not text:
        return None
    if not text.isdecimal():
        raise ValueError(f"{name} {text!r} is no number; restore it or leave the cell empty")
    return int(text)


def _read_verdict(text: str) -> str:
    words = text.split()
    if not words:
        return ""
    if words[0] not in (*VERDICTS, *BLIND_VERDICTS):
        known = ", ".join((*VERDICTS, *BLIND_VERDICTS))
        raise ValueError(f"no verdict {text!r}; choose one of {known} or leave the cell empty")
    return words[0]


def _read_codes(cells: Cells, book: Codebook, origin: Codes | None) -> Codes | None:
    categories = _read_repeated(cells, "category", book.read_category)
    instruments = _read_repeated(cells, "instrument", book.read_instrument)
    units = book.read_units(cells.get("units", ""))
    cities = book.read_cities(cells.get("cities", ""))
    texts = [cells.get(name, "") for name in ("status", "strength")]
    if not (categories or instruments or units or any(texts)):
        return None
    status = book.read_code(texts[0], book.statuses, "status") if texts[0] else "provided"
    strength = book.read_code(texts[1], book.strengths, "strength") if texts[1] else "implement"
    codes = Codes(categories, instruments, _keep_surfaces(units, origin), status, strength, cities)
    return follow_instruments(codes, origin, book)


def _read_repeated(cells: Cells, kind: str, read: Callable[[str], str]) -> tuple[str, ...]:
    names = [name for name in cells if name.startswith(f"{kind}_")]
    names.sort(key=lambda name: int(name.rpartition("_")[2]))
    texts = [part for name in names for part in cells[name].split(SEPARATOR) if part.strip()]
    return tuple(dict.fromkeys(map(read, texts)))


def _keep_surfaces(units: Iterable[UnitCode], origin: Codes | None) -> tuple[UnitCode, ...]:
    """Return the units with the words of the text that the machine had for them."""
    known = {unit.name: unit.surface for unit in origin.units} if origin else {}
    return tuple(replace(unit, surface=known.get(unit.name, "")) for unit in units)


def follow_instruments(codes: Codes, origin: Codes | None, book: Codebook) -> Codes:
    """Let the categories follow from the instruments where the coder changed only these."""
    untouched = origin is not None and codes.categories == origin.categories
    moved = origin is None or codes.instruments != origin.instruments
    if not codes.categories or (untouched and moved):
        return replace(codes, categories=book.derive_categories(codes.instruments))
    return codes


def read_object(number: int, row: Mapping[str, Any], book: Codebook) -> Written | Finding:
    """Read a row of the coding sheet's JSON form, with ``verdict`` and ``reason`` where given."""
    cells = {
        name: str(value)
        for name, value in row.items()
        if isinstance(value, str | int) and name not in ("categories", "instruments")
    }
    try:
        for kind, name in (("category", "categories"), ("instrument", "instruments")):
            cells |= {f"{kind}_{n}": text for n, text in enumerate(row.get(name) or (), 1)}
        if isinstance(row.get("units"), list):
            named = ((unit["name"], unit.get("role", "responsible")) for unit in row["units"])
            cells["units"] = SEPARATOR.join(f"{name} ({role})" for name, role in named)
        if isinstance(row.get("cities"), list):
            cells["cities"] = SEPARATOR.join(row["cities"])
        if isinstance(row.get("origin"), dict):
            cells["origin"] = json.dumps(row["origin"], ensure_ascii=False)
    except (TypeError, KeyError, AttributeError) as error:
        return Finding(number, f"not a row of the coding sheet ({error!r}); see docs")
    return read_cells(number, cells, book)
