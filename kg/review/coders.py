"""Two coders: what each says of the same units, how far they agree, and what is to be settled."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.model import Span
from kg.review.agreement import measure_alpha, measure_f1, measure_kappa, measure_unitizing_alpha
from kg.review.cells import Cells, Finding, Written, name_columns, write_codes
from kg.review.codebook import Codebook
from kg.review.decisions import FIELDS, Codes

EXTRA = ("differs", "one", "two")


@dataclass(frozen=True, slots=True)
class Pair:
    """A unit that both coded: the row of the first, and the codes of each (None: no measure)."""

    row: Written
    one: Codes | None
    two: Codes | None

    @property
    def differing(self) -> tuple[str, ...]:
        """The fields on which the coders differ; ``measure`` where only one sees a measure."""
        if (self.one is None) is not (self.two is None):
            return ("measure",)
        if self.one is None or self.two is None:
            return ()
        return tuple(name for name in self.one.differing(self.two) if name != "cities")


@dataclass(frozen=True, slots=True)
class Comparison:
    """What both coded, and how many units one of them left out or has alone."""

    pairs: tuple[Pair, ...]
    uncoded: int
    unmatched: int


def read_judgement(row: Written) -> Codes | Finding | None:
    """Return the codes of a row, None for no measure, a finding where nothing is said.

    A verdict ``none`` or ``delete`` says that there is no measure; a row with codes is one.
    """
    if row.verdict in ("none", "delete"):
        return None
    if row.codes is not None and row.codes.instruments:
        return row.codes
    if row.verdict == "measure" or row.codes is not None:
        return Finding(row.number, "a measure without an instrument; choose one, or none")
    return Finding(row.number, "")


def pair_rows(
    one: Sequence[Written], two: Sequence[Written], *, blank_is_none: bool = False
) -> tuple[Comparison, list[Finding], list[Finding]]:
    """Pair the rows of two sheets by their ids; and what is wrong with rows of either.

    A row in which a coder wrote nothing is not coded and counts for nothing; with
    ``blank_is_none`` it says that there is no measure.
    """
    judged, wrong = zip(*(_judge(rows, blank_is_none) for rows in (one, two)), strict=True)
    first, second = judged
    rows = {row.id: row for row in one}
    both = [key for key in rows if key in first and key in second]
    pairs = tuple(Pair(rows[key], first[key], second[key]) for key in both)
    known = {row.id for row in two}
    shared = sum(key in known for key in rows)
    comparison = Comparison(pairs, shared - len(both), len(rows) + len(known) - 2 * shared)
    return comparison, wrong[0], wrong[1]


def _judge(
    rows: Iterable[Written], blank_is_none: bool
) -> tuple[dict[str, Codes | None], list[Finding]]:
    judged: dict[str, Codes | None] = {}
    wrong: list[Finding] = []
    for row in rows:
        if not row.id:
            wrong.append(Finding(row.number, "no id; both coders code the rows of one export"))
            continue
        found = read_judgement(row)
        if not isinstance(found, Finding):
            judged[row.id] = found
        elif found.message:
            wrong.append(found)
        elif blank_is_none:
            judged[row.id] = None
    return judged, wrong


def list_agreement(comparison: Comparison, book: Codebook) -> list[dict[str, Any]]:
    """Return a row of figures for each thing that was coded.

    ``measure`` counts over all units; main category, main instrument, status and strength over the
    units in which both see a measure; each category and instrument whether a unit was given it, over
    all units; ``…, all`` and units are sets of labels, F1 over all of them.
    """
    pairs = comparison.pairs
    shared = [(p.one, p.two) for p in pairs if p.one is not None and p.two is not None]
    rows = [_describe_measure(pairs)]
    for name, read in _MAIN.items():
        one, two = [read(a) for a, _ in shared], [read(b) for _, b in shared]
        rows.append(_describe_values(name, one, two))
    for name, labels in _LABELS.items():
        rows.append(_describe_sets(f"{name}, all", pairs, labels))
    for kind, known in (("category", book.categories), ("instrument", book.instruments)):
        read_labels = _LABELS["categories" if kind == "category" else "instruments"]
        for code in known:
            has_one = [code in read_labels(p.one) for p in pairs]
            has_two = [code in read_labels(p.two) for p in pairs]
            if any(has_one) or any(has_two):
                f1 = measure_f1(has_one, has_two)
                rows.append(_describe_values(code, has_one, has_two, f1=f1))
    return rows


Read = Callable[[Codes], str]
_MAIN: Mapping[str, Read] = {
    "main category": lambda codes: codes.categories[0],
    "main instrument": lambda codes: codes.instruments[0],
    "status": lambda codes: codes.status,
    "strength": lambda codes: codes.strength,
}


def _list_categories(codes: Codes | None) -> tuple[str, ...]:
    return codes.categories if codes else ()


def _list_instruments(codes: Codes | None) -> tuple[str, ...]:
    return codes.instruments if codes else ()


def _list_units(codes: Codes | None) -> tuple[str, ...]:
    return tuple(f"{unit.name} ({unit.role})" for unit in codes.units) if codes else ()


_LABELS: Mapping[str, Callable[[Codes | None], tuple[str, ...]]] = {
    "categories": _list_categories,
    "instruments": _list_instruments,
    "units": _list_units,
}


def _describe_values(
    name: str, one: Sequence[Any], two: Sequence[Any], *, f1: float | None = None
) -> dict[str, Any]:
    same = sum(a == b for a, b in zip(one, two, strict=True))
    return {
        "figure": name,
        "n": len(one),
        "one": sum(map(bool, one)),
        "two": sum(map(bool, two)),
        "agreement": _round(same / len(one) if one else None),
        "kappa": _round(measure_kappa(one, two)),
        "alpha": _round(measure_alpha([one, two])),
        "unitizing_alpha": "",
        "f1": _round(f1),
    }


def _describe_measure(pairs: Sequence[Pair]) -> dict[str, Any]:
    one = [pair.one is not None for pair in pairs]
    two = [pair.two is not None for pair in pairs]
    row = _describe_values("measure", one, two, f1=measure_f1(one, two))
    return {**row, "unitizing_alpha": _round(_measure_unitizing(pairs))}


def _measure_unitizing(pairs: Sequence[Pair]) -> float | None:
    """Return unitizing alpha over the coded units, put end to end as one continuum."""
    coders: tuple[list[Span], list[Span]] = ([], [])
    at = 0
    for pair in pairs:
        size = max(1, (pair.row.end or 0) - (pair.row.start or 0))
        for units, codes in zip(coders, (pair.one, pair.two), strict=True):
            if codes is not None:
                units.append(Span(at, at + size))
        at += size
    return measure_unitizing_alpha(coders, Span(0, at)) if at else None


def _describe_sets(
    name: str, pairs: Sequence[Pair], read: Callable[[Codes | None], tuple[str, ...]]
) -> dict[str, Any]:
    sets = [(set(read(pair.one)), set(read(pair.two))) for pair in pairs]
    one, two = sum(len(a) for a, _ in sets), sum(len(b) for _, b in sets)
    both = sum(len(a & b) for a, b in sets)
    return {
        "figure": name,
        "n": len(pairs),
        "one": one,
        "two": two,
        "agreement": _round(sum(a == b for a, b in sets) / len(sets) if sets else None),
        "kappa": "",
        "alpha": "",
        "unitizing_alpha": "",
        "f1": _round(2 * both / (one + two) if one + two else None),
    }


def _round(value: float | None) -> float | str:
    return "" if value is None else round(value, 3)


def list_disagreements(comparison: Comparison, book: Codebook) -> list[dict[str, Any]]:
    """Return the units on which the coders differ, with the codes of both side by side."""
    return [
        {
            "text": "".join(pair.row.text.split()),
            "differs": list(pair.differing),
            "one": _show(pair.one, book),
            "two": _show(pair.two, book),
            "source": pair.row.source,
            "start": pair.row.start,
            "id": pair.row.id,
        }
        for pair in comparison.pairs
        if pair.differing
    ]


def _show(codes: Codes | None, book: Codebook) -> str:
    if codes is None:
        return "none"
    instruments = " ".join(codes.instruments)
    parts = (" ".join(codes.categories), instruments, codes.status, codes.strength)
    return " · ".join(filter(None, (*parts, book.write_units(codes.units))))


def list_adjudication(comparison: Comparison, book: Codebook) -> tuple[list[str], list[Cells]]:
    """Return columns and rows of a sheet in which a third person settles what the two left open.

    Where they agree the codes are filled in; where they differ the fields that do are empty, and
    so is the verdict where only one sees a measure.
    """
    rows = [_settle(pair, book) for pair in comparison.pairs]
    return name_columns(rows, blind=True, extra=EXTRA), rows


def _settle(pair: Pair, book: Codebook) -> Cells:
    row, differing = pair.row, pair.differing
    known = {
        "text": row.text,
        "title": row.title,
        "source": row.source,
        "start": str(row.start or 0),
        "end": str(row.end or 0),
        "id": row.id,
        "document": row.document,
        "sha256": row.sha256,
        "differs": " ".join(differing),
        "one": _show(pair.one, book),
        "two": _show(pair.two, book),
    }
    if "measure" in differing:
        return known
    if pair.one is None:
        return {**known, "verdict": "none"}
    return {**known, "verdict": "measure", **dict(_keep_agreed(pair.one, differing, book))}


def _keep_agreed(
    codes: Codes, differing: Sequence[str], book: Codebook
) -> Iterator[tuple[str, str]]:
    kinds = {"categories": "category_", "instruments": "instrument_"}
    left = {kinds.get(name, name) for name in FIELDS if name in differing}
    if "instruments" in differing:
        left.add("category_")
    for name, text in write_codes(codes, book).items():
        if not any(name.startswith(kind) for kind in left):
            yield name, text
