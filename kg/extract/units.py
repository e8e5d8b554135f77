"""Responsible units: lists in brackets, cells and subjects become units with roles."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kg.model import Responsibility, Role
from kg.ontology import UnitKind, Vocabulary

_TYPES: dict[str, tuple[str, ...]] = {
    "city": ("Municipality", "Prefecture"),
    "district": ("County",),
    "province": ("Province", "Municipality"),
    "national": ("Country",),
}
_BELOW = ("province", "city", "district")  # the country
_GOVERNMENT = "PeoplesGovernment"
_GOVERNED = ("County", "Prefecture", "Municipality", "Province")
_ROLES: tuple[Role, ...] = ("responsible", "lead", "support")


@dataclass(frozen=True, slots=True)
class _Named:
    """What a surface stands for: id and full name, kind and jurisdiction where known."""

    id: str
    name: str
    kind: str = ""
    jurisdiction: str = ""
    rule: str = ""


class UnitResolver:
    """Read unit lists as written and resolve them within a document's jurisdiction."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        kinds = vocabulary.unit_kinds.values()
        self._kinds = {label: k for k in kinds for label in (*k.verbatim, *k.labels)}
        self._prefixed = {label: k for k in kinds for label in k.prefixed}
        self._verbatim = {label for k in kinds for label in k.verbatim}
        self._suffixes = sorted(
            ((suffix, k) for k in kinds for suffix in k.suffixes), key=lambda item: -len(item[0])
        )
        self._surfaces = [(_surface_pattern(s), k) for k in kinds for s in k.surfaces]
        self._local = {
            (label, u.jurisdiction): u for u in vocabulary.units.values() for label in u.local
        }
        self._government = vocabulary.unit_kinds.get(_GOVERNMENT)
        self._between = re.compile(vocabulary.pattern("unit-between"))
        self._stems = {stem: k for k in vocabulary.unit_kinds.values() for stem in k.stems}
        self._named = [(label, u) for u in vocabulary.units.values() for label in u.labels]
        self._by_label: dict[str, list[str]] = {}
        for label, unit in self._named:
            self._by_label.setdefault(label, []).append(unit.id)
        self._places = _place_labels(vocabulary)
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
        self._ends = re.compile(vocabulary.pattern("unit-tail"))
        self._split = re.compile(vocabulary.pattern("unit-separator"))
        self._among = re.compile(vocabulary.pattern("unit-among"))
        self._etc = re.compile(vocabulary.pattern("unit-rest"))
        self._leading = re.compile(vocabulary.pattern("level-lead"))
        self._beside = re.compile(vocabulary.pattern("unit-list-end"))
        self._every = re.compile(vocabulary.pattern("every-unit"))
        self._complete = re.compile(vocabulary.pattern("unit-complete"))
        self._own_place = re.compile(vocabulary.pattern("own-place"))
        self._each = vocabulary.cues("written")["each"][0]
        self._together = re.compile(vocabulary.pattern("bracket-together"))
        self._prefix = {
            label: level
            for level, labels in vocabulary.cues("level-prefix").items()
            for label in labels
        }
        self._levels = sorted(
            (label for label, level in self._prefix.items() if level in _BELOW),
            key=lambda label: -len(label),
        )
        self._no_level = re.compile(vocabulary.pattern("no-level"))
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
    ) -> Iterator[tuple[str, _Named | None, Role]]:
        """Yield each item as written, the unit it stands for where it does, and its role.

        A bare word after 各… shares that word with it: 各市、州 are all cities and prefectures.
        """
        prefix = every = ""
        for part, part_role in self._sections(self._beside.sub("", text.strip("（）() 。")), role):
            for surface in self._items(part):
                word = self._every.match(surface)
                every = word[0] if word else every
                unit, prefix = self._resolve(surface, prefix, place)
                if unit is None and every and self._is_bare(surface):
                    unit = self._unknown(every + surface, every + surface, place, "")
                yield surface, unit, part_role

    def _is_bare(self, surface: str) -> bool:
        """Tell a level or the ending of a unit's name that stands alone (州, 单位)."""
        return surface in self._prefix or (len(surface) < 3 and bool(self._ends.search(surface)))

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
            whole = surface
            if self._leading.fullmatch(surface) and position + 1 < len(surfaces):
                whole = surface + self._shared_tail(surfaces[position + 1 :])
            unit, prefix = self._resolve(whole, prefix, place)
            named = unit or self._unknown(whole, whole, place, "")
            units.append(_responsibility(named, surface, role))
        return tuple(units)

    def _shared_tail(self, items: Sequence[str]) -> str:
        """Return what 市 shares with the next full name (市、区人民政府: 人民政府)."""
        for item in items:
            tail = self._leading.sub("", item)
            if tail and tail != item:
                return tail
        return items[-1]

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

    def _resolve(
        self, surface: str, prefix: str, place: str, *, strict: bool = False
    ) -> tuple[_Named | None, str]:
        """Return what ``surface`` stands for and the level prefix that the next may lack."""
        surface = self._among.sub("", surface)
        named = self._find_named(self._own_place.sub("", surface), place)
        if named:
            return named, prefix
        code = self._nearest(self._places[surface], place) if surface in self._places else ""
        governed = bool(code) and self._vocabulary.places[code].type in _GOVERNED
        if governed and self._government and self._ends.search(surface):
            return self._of_kind(self._government, code, surface, "place-name"), prefix
        below = self._find_below(surface, place)
        if below:
            return below, prefix
        jurisdiction, rest, own = self._jurisdiction(surface, place)
        rule = ""
        if not own:
            jurisdiction, rule = self._of_prefix(prefix, place) or place, "elided-prefix"
        local = self._local.get((rest, jurisdiction)) or self._local.get((surface, place))
        if local:
            return _Named(local.id, local.name, local.kind, local.jurisdiction, rule), own or prefix
        kind = self._find_kind(rest) or (self._prefixed.get(rest) if own else None)
        if kind:
            return self._of_kind(kind, jurisdiction, rest, rule), own or prefix
        for pattern, kind in self._surfaces:
            if pattern.fullmatch(surface):
                return self._of_kind(kind, jurisdiction, rest, ""), own or prefix
        kind = next((k for suffix, k in self._suffixes if rest.endswith(suffix)), None)
        if kind and len(rest) > 2 and not strict:
            return self._of_kind(kind, jurisdiction, rest, ""), own or prefix
        if strict or not self._ends.search(surface) or len(surface) < 3:
            return None, own or prefix
        jurisdiction = jurisdiction if own else self._of_prefix(prefix, place) or place
        return self._unknown(surface, rest, jurisdiction, own), own or prefix

    def _find_below(self, surface: str, place: str) -> _Named | None:
        """Return the units of the places below that a level word means (区 in a city's document)."""
        found = self._leading.match(surface)
        wanted = self._types_of(self._level_of(surface))
        kinds = [self._vocabulary.places[c].type for c in self._vocabulary.place_chain(place)]
        if found is None or not kinds or any(kind in wanted for kind in kinds):
            return None
        own = surface[found.end() :]
        rest = self._bare(own)
        kind = self._find_kind(rest) or self._prefixed.get(rest)
        if self._find_kind(surface) or (kind is None and not self._between.match(own)):
            return None
        every = self._each + (found[0] + kind.zh if kind and rest in self._stems else surface)
        group = self._find_named(every, place)
        if group:
            return group
        above = "" if kinds[0] == "Country" else self.full_name(place)
        return _unlisted(f"{above}{every}", kind.id if kind else "", place)

    def _find_named(self, surface: str, place: str) -> _Named | None:
        chain = self._vocabulary.place_chain(place)
        for identifier in self._by_label.get(surface, ()):
            unit = self._vocabulary.units[identifier]
            if unit.group:
                return _Named(f"{place}-{unit.id}" if place else unit.id, unit.name, "", place)
            if not unit.jurisdiction or unit.jurisdiction in chain or _names_place(surface):
                return _Named(unit.id, unit.name, unit.kind, unit.jurisdiction)
        return None

    def _jurisdiction(self, surface: str, place: str) -> tuple[str, str, str]:
        """Return place, remaining name and the prefix as written (empty where there is none)."""
        for width in range(min(8, len(surface) - 1), 1, -1):
            codes = self._places.get(surface[:width])
            if codes:
                return self._nearest(codes, place), self._bare(surface[width:]), surface[:width]
        level = self._level_of(surface)
        code = self._of_prefix(level, place)
        rest = self._bare(surface[len(level) :])
        if code and rest and (self._find_kind(rest) or not self._find_kind(surface)):
            return code, rest, level
        return place, surface, ""

    def _level_of(self, surface: str) -> str:
        """Return the level word that a name begins with (设区的市 of 设区的市商务主管部门)."""
        if self._no_level.match(surface):
            return ""
        return next((level for level in self._levels if surface.startswith(level)), "")

    def _bare(self, rest: str) -> str:
        """Drop 人民政府 between a place and its department (市人民政府财政部门)."""
        bare = self._between.sub("", rest)
        return bare if bare and self._find_kind(bare) else rest

    def _of_prefix(self, prefix: str, place: str) -> str:
        """Return the place that 市, 区, 省 … stands for in a document of ``place``."""
        if not prefix:
            return ""
        if prefix in self._places:
            return self._nearest(self._places[prefix], place)
        level = self._prefix.get(prefix)
        chain = self._vocabulary.place_chain(place)
        wanted = self._types_of(prefix)
        found = (code for code in chain if self._vocabulary.places[code].type in wanted)
        return next(found, place if level else "")

    def _types_of(self, prefix: str) -> tuple[str, ...]:
        """Return the types of place that a level word means."""
        return _TYPES.get(self._prefix.get(prefix, ""), ())

    def _nearest(self, codes: list[str], place: str) -> str:
        chain = self._vocabulary.place_chain(place)
        inside = [code for code in codes if code in chain]
        below = [c for c in codes if place in self._vocabulary.place_chain(c)]
        return (inside or below or sorted(codes))[0]

    def _find_kind(self, rest: str) -> UnitKind | None:
        return self._kinds.get(rest) or self._stems.get(rest)

    def _of_kind(self, kind: UnitKind, jurisdiction: str, rest: str, rule: str) -> _Named:
        found = self._vocabulary.places.get(jurisdiction)
        template = kind.template or "{place}" + kind.zh
        if rest in self._verbatim:
            template = "{place}" + rest
        name = (
            template.replace("{place:short}", found.zh if found else "")
            .replace("{place:own}", found.official if found else "")
            .replace("{place}", self.full_name(jurisdiction))
            .replace("{name}", rest)
        )
        identifier = f"{jurisdiction or 'x'}-{kind.id}"
        if "{name}" in template or rest in self._verbatim:
            identifier += f"-{hashlib.sha256(rest.encode()).hexdigest()[:6]}"
        return _Named(identifier, name, kind.id, jurisdiction, rule)

    def _unknown(self, surface: str, rest: str, jurisdiction: str, own: str) -> _Named:
        found = self._vocabulary.places.get(jurisdiction)
        told = len(own) > 1 or self._complete.match(surface)
        name = surface
        if found and not told and found.type != "Country":
            above = found.official.removesuffix("" if own else self._level_of(rest))
            name = f"{above}{rest}"
        return _unlisted(name, "", jurisdiction)

    def full_name(self, place: str) -> str:
        """Return the official name with the city before a district: 上海市金山区."""
        names = [
            self._vocabulary.places[code].official
            for code in self._vocabulary.place_chain(place)
            if self._vocabulary.places[code].type in ("Municipality", "Prefecture", "County")
        ]
        found = self._vocabulary.places.get(place)
        return "".join(reversed(names)) or (found.official if found else "")


def _surface_pattern(template: str) -> re.Pattern[str]:
    """Return the pattern of an abbreviation with its place inside (人行合肥中心支行)."""
    escaped = re.escape(template)
    for name, pattern in (("place:short", ".{2,5}"), ("place", ".{2,8}"), ("level", ".")):
        escaped = escaped.replace(re.escape("{" + name + "}"), pattern)
    return re.compile(escaped)


def _names_place(surface: str) -> bool:
    return len(surface) >= 5


def _unlisted(name: str, kind: str, place: str) -> _Named:
    """Return a unit that the vocabulary does not list: its id is a digest of its name."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:10]
    return _Named(f"x-{digest}", name, kind, place)


def _responsibility(unit: _Named, surface: str, role: Role) -> Responsibility:
    return Responsibility(
        unit.id, unit.name, surface, role, unit.kind, unit.jurisdiction, unit.rule
    )


def _place_labels(vocabulary: Vocabulary) -> dict[str, list[str]]:
    labels: dict[str, list[str]] = {}
    for place in vocabulary.places.values():
        for label in dict.fromkeys((place.official, place.zh, *place.labels)):
            if len(label) >= 2:
                labels.setdefault(label, []).append(place.code)
    return labels


@lru_cache(maxsize=2)
def compile_units(vocabulary: Vocabulary) -> UnitResolver:
    """Return the resolver of ``vocabulary``, built once."""
    return UnitResolver(vocabulary)
