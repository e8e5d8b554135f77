"""Responsible units: lists in brackets, cells and subjects become units with roles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from kg.extract.resolution import Named, UnitResolver
from kg.model import Responsibility, Role
from kg.ontology import Vocabulary

_ROLES: tuple[Role, ...] = ("responsible", "lead", "support")


class UnitReader:
    """Read lists of units as they are written, each in its role."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._resolver = UnitResolver(vocabulary)
        labels = {
            label: role
            for role in _ROLES
            for label in vocabulary.cues("role")[role]
            if len(label) > 1
        }
        self._role_of = labels
        words = "|".join(sorted(map(re.escape, labels), key=len, reverse=True))
        self._section = re.compile(
            rf"[【\[]?({words}|(?<![^，,；;、\s【\[]){vocabulary.pattern('unit-label')})[】\]]?[：:]"
        )
        self._tail = re.compile(vocabulary.pattern("bracket-tail"))
        self._split = re.compile(vocabulary.pattern("unit-separator"))
        self._etc = re.compile(vocabulary.pattern("unit-rest"))
        self._beside = re.compile(vocabulary.pattern("unit-list-end"))
        self._every = re.compile(vocabulary.pattern("every-unit"))
        self._shared = re.compile(vocabulary.pattern("shared-tail"))
        self._together = re.compile(vocabulary.pattern("bracket-together"))
        self._lead_words = vocabulary.cues("role-tail").get("lead", ())
        self._support_words = vocabulary.cues("role-tail").get("support", ())

    def parse_list(
        self, text: str, place: str, role: Role = "responsible"
    ) -> tuple[Responsibility, ...]:
        """Return the units of a bracket, line or cell, in order, each in its role.

        ``text`` may carry role labels (责任单位：…；配合部门：…) or tails (…牵头，…配合).
        """
        found: dict[tuple[str, Role], Responsibility] = {}
        for surface, unit, part_role in self._read_list(text, place, role):
            if unit is not None:
                found.setdefault((surface, part_role), _responsibility(unit, surface, part_role))
        return tuple(found.values())

    def _read_list(
        self, text: str, place: str, role: Role
    ) -> Iterator[tuple[str, Named | None, Role]]:
        """Yield each item as written, the unit it stands for where it does, and its role.

        A bare word after 各… shares that word with it: 各市、州 are all cities and prefectures.
        """
        prefix = every = ""
        for part, part_role in self._sections(self._beside.sub("", text.strip("（）() 。")), role):
            for surface in self._items(part):
                word = self._every.match(surface)
                every = word[0] if word else every
                unit, prefix = self._resolver.resolve(surface, prefix, place)
                if unit is None and every and self._resolver.is_bare(surface):
                    unit = self._resolver.name_unknown(every + surface, place)
                yield surface, unit, part_role

    def role_of(self, label: str) -> Role:
        """Return the role that the head of a column or bracket gives (牵头部门: lead)."""
        found = self._section.match(f"{label}：")
        return self._label_role(found[1]) if found else "responsible"

    def _label_role(self, label: str) -> Role:
        """Return the role of a label: its own, or that of the words in it (牵头考核单位: lead)."""
        return self._role_of.get(label) or self._tail_role(label)

    def unread_items(self, text: str, place: str) -> list[str]:
        """Return the items of a bracket or cell that name no unit (cut off, mistyped)."""
        items = self._read_list(text, place, "responsible")
        return [surface for surface, unit, _ in items if unit is None]

    def name_list(
        self, surfaces: Sequence[str], place: str, role: Role
    ) -> tuple[Responsibility, ...]:
        """Return the unit that each of a list of surfaces stands for; 市 shares the tail of 区人民政府."""
        units, prefix = [], ""
        for position, surface in enumerate(surfaces):
            unit, prefix = self._name(surface, surfaces[position + 1 :], prefix, place)
            units.append(_responsibility(unit, surface, role))
        return tuple(units)

    def _name(
        self, surface: str, following: Sequence[str], prefix: str, place: str
    ) -> tuple[Named, str]:
        """Return the unit of a name, with what it lacks and those after it tell, and its prefix."""
        resolver = self._resolver
        if following and resolver.is_level(surface):
            tails = ((item, resolver.strip_above(item)) for item in following)
            shared = next((tail for item, tail in tails if tail and tail != item), following[-1])
            surface += shared
        unit, own = resolver.resolve(surface, prefix, place)
        tail = self._shared.search(following[-1]) if following else None
        if tail and not (unit and unit.kind) and not resolver.is_whole(surface):
            surface += tail[0].removeprefix(surface[-2:])
            unit, own = resolver.resolve(surface, prefix, place)
        return unit or resolver.name_unknown(surface, place), own

    def _sections(self, text: str, role: Role) -> Iterator[tuple[str, Role]]:
        heads = list(self._section.finditer(text))
        if heads:
            if heads[0].start() > 1:
                yield from self._tailed(text[: heads[0].start()], role)
            ends = [head.start() for head in heads[1:]] + [len(text)]
            for head, end in zip(heads, ends, strict=True):
                yield from self._tailed(text[head.end() : end], self._label_role(head[1]))
            return
        yield from self._tailed(text, role)

    def _tailed(self, text: str, role: Role) -> Iterator[tuple[str, Role]]:
        """Split where each part tells its own role (市科委牵头，市财政局配合)."""
        parts = [part for part in re.split("[，；,;]", text) if part.strip()]
        if not any(self._tail.search(part.strip()) for part in parts):
            yield text, role
            return
        for part in parts:
            tail = self._tail.search(part.strip())
            name = part.strip()
            if tail:
                word = tail[0]
                role = self._tail_role(word)
                name = name[: tail.start()]
            yield from self._joined(name, role)

    def _joined(self, name: str, role: Role) -> Iterator[tuple[str, Role]]:
        """Split off those with whom a unit acts (市科委会同市财政局负责)."""
        found = self._together.search(name)
        if found is None or not found.start():
            yield name, role
            return
        yield name[: found.start()], "lead"
        yield name[found.end() :], "support"

    def _tail_role(self, word: str) -> Role:
        if any(w in word for w in self._lead_words):
            return "lead"
        return "support" if any(w in word for w in self._support_words) else "responsible"

    def _items(self, text: str) -> Iterator[str]:
        for item in self._split.split(text):
            surface = self._etc.sub("", item.strip(" 。；，、（）："))
            if surface:
                yield surface


def _responsibility(unit: Named, surface: str, role: Role) -> Responsibility:
    return Responsibility(
        unit.id, unit.name, surface, role, unit.kind, unit.jurisdiction, unit.rule
    )


@lru_cache(maxsize=2)
def compile_units(vocabulary: Vocabulary) -> UnitReader:
    """Return the reader of ``vocabulary``, built once."""
    return UnitReader(vocabulary)
