"""Subjects: the units that a sentence names as those who act, with their roles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice, takewhile

from kg.extract.units import UnitReader, compile_units
from kg.model import Responsibility, Role
from kg.ontology import Vocabulary

_STARTS, _ENDS = 4, 6
_LONGEST = 110
_FIELD = 16
_MARK = re.compile("[，。；：]")


class SubjectReader:
    """Read the subject of a sentence as a list of units, resolved in the document's place."""

    def __init__(self, vocabulary: Vocabulary, resolver: UnitReader) -> None:
        self._resolver = resolver
        pattern = vocabulary.pattern
        self._begin = re.compile(pattern("subject-begin"))
        self._end = re.compile(pattern("subject-end"))
        self._beside = re.compile(pattern("subject-beside"))
        self._separator = re.compile(pattern("subject-separator"))
        self._unit = re.compile(pattern("subject-unit"))
        self._level = re.compile(pattern("subject-level"))
        self._field = re.compile(pattern("subject-field"))
        self._other = re.compile(pattern("subject-other"))
        self._pronoun = re.compile(pattern("subject-pronoun"))
        self._lead = re.compile(pattern("subject-lead"))
        self._leads = re.compile(pattern("subject-leads"))
        self._follows = re.compile(pattern("subject-follows"))
        self._short = re.compile(pattern("subject-short"))
        self._later = re.compile(pattern("subject-later"))

    def read(self, text: str, place: str) -> tuple[Responsibility, ...]:
        """Return the units that act in ``text``, empty where others act or none is named.

        The subject stands at the beginning or after a comma, before a modal verb, a preposition
        or another verb that ``subject-end`` names (市科技部门应当…); 会同 and 联合 add units that
        support, and the subject leads.
        """
        for start in self._starts(text):
            for end in self._ends(text, start):
                units = self._units(text[start:end], place, "responsible")
                if units:
                    return self._with_others(text, end, units, place)
        return ()

    def read_list(self, text: str, place: str) -> tuple[Responsibility, ...]:
        """Return the government units of a list that stands apart from any verb."""
        return self._units(text, place, "responsible")

    def is_elided(self, text: str) -> bool:
        """Tell whether a sentence opens with its verb, so that a subject before it may hold."""
        return self._lead.match(text) is not None

    def _starts(self, text: str) -> list[int]:
        found = [begin.end() for begin in self._begin.finditer(text)]
        return sorted({0, *found})[:_STARTS]

    def _ends(self, text: str, start: int) -> list[int]:
        limit = min(len(text), start + _LONGEST)
        mark = _MARK.search(text, start)
        stop = mark.start() if mark else limit
        found = (end.start() for end in self._end.finditer(text, start + 1, limit))
        return list(islice(takewhile(stop.__ge__, found), _ENDS))

    def _with_others(
        self, text: str, end: int, units: tuple[Responsibility, ...], place: str
    ) -> tuple[Responsibility, ...]:
        beside = self._beside.match(text, end)
        if beside is None:
            return self._leading(text, end, units, place)
        others: tuple[Responsibility, ...] = ()
        for stop in (*self._ends(text, beside.end()), self._comma(text, beside.end())):
            others = self._units(text[beside.end() : stop], place, "support")
            if others:
                break
        return _joined(units, others)

    def _leading(
        self, text: str, end: int, units: tuple[Responsibility, ...], place: str
    ) -> tuple[Responsibility, ...]:
        """Return a subject that leads (市科技部门牵头，市财政部门配合) in its role, with its support."""
        later = self._later.search(text, end)
        if later:
            return self._with_others(text, later.start("with"), units, place)
        leads = self._leads.match(text, end)
        if leads is None:
            return units
        follows = self._follows.match(text, leads.end())
        others = self._units(follows["list"], place, "support") if follows else ()
        return _joined(units, others)

    def _comma(self, text: str, start: int) -> int:
        found = re.search("[，。；]", text[start:])
        return start + found.start() if found else len(text)

    def _units(self, text: str, place: str, role: Role) -> tuple[Responsibility, ...]:
        """Return the government units of a list, none where its first item is something else."""
        items = [item for item in self._items(text) if item]
        kept = self._government(items)
        if not kept or kept[0] != items[0]:
            return ()
        named = self._resolver.name_list(kept, place, role)
        return tuple(replace(unit, surface=item) for unit, item in zip(named, kept, strict=True))

    def _items(self, text: str) -> Iterator[str]:
        """Yield the items of a list; commas inside brackets (县（市、区）) part nothing."""
        start = depth = 0
        for found in self._separator.finditer(text):
            depth = text.count("（", 0, found.start()) - text.count("）", 0, found.start())
            if depth == 0 and self._parts(text[start : found.start()], found[0]):
                yield self._own(text[start : found.start()])
                start = found.end()
        yield self._own(text[start:])

    def _own(self, item: str) -> str:
        """Drop the pronoun of 其有关部门 (but not of 其他部门)."""
        return self._pronoun.sub("", item)

    def _parts(self, left: str, mark: str) -> bool:
        """Tell whether a conjunction parts two units (not 人力资源和社会保障部门)."""
        if mark == "、":
            return True
        return bool(self._unit.search(left) or self._level.fullmatch(left))

    def _government(self, items: Sequence[str]) -> list[str]:
        """Return the items that are units, levels (市) or fields with a shared tail (科技、教育等部门)."""
        kept: list[str] = []
        shared = False
        for item in reversed(items):
            named = len(item) > 2 or self._short.fullmatch(item)
            unit = bool(self._unit.search(item) and named)
            if self._other.search(item):
                continue
            if unit and self._field.search(item):
                shared = True
            if unit or (kept and self._level.fullmatch(item)) or (shared and len(item) <= _FIELD):
                kept.append(item)
        return kept[::-1]


def _joined(
    units: tuple[Responsibility, ...], others: tuple[Responsibility, ...]
) -> tuple[Responsibility, ...]:
    """Return units that lead, and others that support them."""
    known = {unit.surface for unit in units}
    leading = (replace(unit, role="lead") for unit in units)
    return (*leading, *(unit for unit in others if unit.surface not in known))


@lru_cache(maxsize=2)
def compile_subjects(vocabulary: Vocabulary) -> SubjectReader:
    """Return the reader of ``vocabulary``, built once."""
    return SubjectReader(vocabulary, compile_units(vocabulary))
