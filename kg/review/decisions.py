"""Decisions: what a person decided about a measure, kept as one line of JSON each."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast, get_args

from kg.errors import ReviewError
from kg.model import Action, Role

FILE = "corrections.jsonl"
FIELDS = ("categories", "instruments", "units", "status", "strength", "cities")

_ACTIONS = get_args(Action)
_ROLES = get_args(Role)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}Z)?")
_CONFLICT = ("<<<<<<<", "=======", ">>>>>>>")


@dataclass(frozen=True, slots=True)
class UnitCode:
    """A responsible unit as a coder names it: full name, words of the text, role."""

    name: str
    role: Role = "responsible"
    surface: str = ""


@dataclass(frozen=True, slots=True)
class Codes:
    """What a person decides about a measure; the main category and instrument come first.

    Categories are notations (财政), instruments ids, cities place codes.
    """

    categories: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    units: tuple[UnitCode, ...] = ()
    status: str = "provided"
    strength: str = "implement"
    cities: tuple[str, ...] = ()

    def differing(self, other: Codes) -> tuple[str, ...]:
        """Return the names of the fields in which two codings differ; a unit's words do not count."""
        return tuple(name for name in FIELDS if _plain(self, name) != _plain(other, name))


def _plain(codes: Codes, name: str) -> object:
    if name == "units":
        return sorted((unit.name, unit.role) for unit in codes.units)
    return getattr(codes, name)


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a decision belongs: the document, the sentence's words and the words around them.

    ``document`` is the document's id, ``source`` the path it was read from, ``sentence`` the hash
    of the sentence as keys of measures have it; offsets are code points of the text at that time.
    """

    document: str
    source: str
    sha256: str
    title: str
    start: int
    end: int
    sentence: str
    quote: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision: what was coded before (None: no measure) and what is from then on.

    ``on`` is a day or a time in UTC (2026-11-26T14:00:00Z); ``id`` follows from the rest.
    """

    action: Action
    anchor: Anchor
    old: Codes | None
    new: Codes | None
    by: str
    on: str
    why: str = ""

    @property
    def id(self) -> str:
        """The decision's name: 16 hex digits of the SHA-256 of its line."""
        return hashlib.sha256(_dump(_describe(self)).encode()).hexdigest()[:16]

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that the decision settles; all of them where it adds or confirms."""
        if self.new is None:
            return ()
        if self.action != "change" or self.old is None:
            return FIELDS
        return self.old.differing(self.new)


def read_decisions(paths: Iterable[Path]) -> tuple[Decision, ...]:
    """Read files of decisions, one JSON object a line; in the order of time, each decision once.

    Neither the order of the lines nor of the files matters, so that files merge like any text.
    Raises ReviewError, naming file and line, for what is no decision.
    """
    found = {decision.id: decision for path in paths for decision in _read_file(path)}
    return tuple(sorted(found.values(), key=lambda decision: (decision.on, decision.id)))


def append_decisions(path: Path, decisions: Sequence[Decision]) -> int:
    """Add decisions to a file and return how many were new; what stands there stays untouched.

    Two programs may do so at once; where writing fails the file is as it was.  Raises ReviewError
    where the file holds something else.
    """
    import fcntl  # not on every platform, and reading needs no lock

    with open(path, "a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        known = {decision.id for decision in _read_file(path)}
        added = {d.id: write_decision(d) for d in decisions if d.id not in known}
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 1))
        gap = "" if file.read(1) in (b"", b"\n") else "\n"
        try:
            file.write((gap + "".join(added.values())).encode() if added else b"")
            file.flush()
            os.fsync(file.fileno())
        except OSError:
            file.truncate(size)
            raise
    return len(added)


def write_decision(decision: Decision) -> str:
    """Return the line of a decision, with its newline."""
    return _dump({"id": decision.id, **_describe(decision)}) + "\n"


def _describe(decision: Decision) -> dict[str, Any]:
    return {
        "action": decision.action,
        **asdict(decision.anchor),
        "old": _describe_codes(decision.old),
        "new": _describe_codes(decision.new),
        "by": decision.by,
        "on": decision.on,
        "why": decision.why,
    }


def _describe_codes(codes: Codes | None) -> dict[str, Any] | None:
    if codes is None:
        return None
    return asdict(codes)


def _dump(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(", ", ": "))


def _read_file(path: Path) -> list[Decision]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ReviewError(f"{path}: not UTF-8 ({error.reason}); save it as UTF-8") from error
    lines = enumerate(text.split("\n"), 1)
    return [_read_line(line, f"{path}:{number}") for number, line in lines if line.strip()]


def _read_line(line: str, place: str) -> Decision:
    if line.startswith(_CONFLICT):
        raise ReviewError(f"{place}: a merge was left undone; keep the lines of both sides")
    try:
        row = json.loads(line)
        decision = _make_decision(row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{place}: no decision ({error}); restore the line or take it out"
        raise ReviewError(message) from error
    if row.get("id") != decision.id:
        raise ReviewError(
            f"{place}: the line was altered by hand; decide anew with kg review import instead"
        )
    return decision


def _make_decision(row: Mapping[str, Any]) -> Decision:
    names = Anchor.__dataclass_fields__
    anchor = Anchor(**{name: _typed(row[name], name in ("start", "end")) for name in names})
    old, new = _make_codes(row["old"]), _make_codes(row["new"])
    if row["action"] not in _ACTIONS:
        raise ValueError(f"action {row['action']!r}")
    if (old is None) is not (row["action"] == "add") and row["action"] != "confirm":
        raise ValueError("what was coded before does not fit the action")
    if (new is None) is not (row["action"] == "delete"):
        raise ValueError("what is coded now does not fit the action")
    if not _DAY.fullmatch(row["on"]) or not row["by"].strip():
        raise ValueError("by or on is missing")
    return Decision(
        cast("Action", row["action"]), anchor, old, new, row["by"], row["on"], str(row["why"])
    )


def _typed(value: Any, number: bool) -> Any:
    if isinstance(value, bool) or not isinstance(value, int if number else str):
        raise ValueError(f"{value!r} is no {'number' if number else 'text'}")
    return value


def _make_codes(row: Mapping[str, Any] | None) -> Codes | None:
    if row is None:
        return None
    units = tuple(UnitCode(u["name"], u["role"], u["surface"]) for u in row["units"])
    if any(unit.role not in _ROLES for unit in units):
        raise ValueError(f"a role is none of {', '.join(_ROLES)}")
    return Codes(
        categories=tuple(row["categories"]),
        instruments=tuple(row["instruments"]),
        units=units,
        status=row["status"],
        strength=row["strength"],
        cities=tuple(row["cities"]),
    )
