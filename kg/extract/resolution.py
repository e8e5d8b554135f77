"""Resolution: what a unit's name as written stands for in a document of a place."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from kg.ontology import UnitKind, Vocabulary

_TYPES: dict[str, tuple[str, ...]] = {
    "city": ("Municipality", "Prefecture"),
    "district": ("County",),
    "province": ("Province", "Municipality"),
    "national": ("Country",),
}
_BELOW = ("province", "city", "district")  # levels below the country
_LONGEST = 8  # characters of a place's name that are looked for
_GOVERNMENT = "PeoplesGovernment"
_GOVERNED = ("County", "Prefecture", "Municipality", "Province")


@dataclass(frozen=True, slots=True)
class Named:
    """What a surface stands for: id and full name, kind and jurisdiction where known."""

    id: str
    name: str
    kind: str = ""
    jurisdiction: str = ""
    rule: str = ""


class UnitResolver:
    """Resolve names of units within a document's jurisdiction."""

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
        self._stems = {stem: k for k in kinds for stem in k.stems}
        self._by_label: dict[str, list[str]] = {}
        for unit in vocabulary.units.values():
            for label in unit.labels:
                self._by_label.setdefault(label, []).append(unit.id)
        self._places = _place_labels(vocabulary)
        self._between = re.compile(vocabulary.pattern("unit-between"))
        self._ends = re.compile(vocabulary.pattern("unit-tail"))
        self._offices = re.compile(vocabulary.pattern("unit-office"))
        self._among = re.compile(vocabulary.pattern("unit-among"))
        self._leading = re.compile(vocabulary.pattern("level-lead"))
        self._complete = re.compile(vocabulary.pattern("unit-complete"))
        self._own_place = re.compile(vocabulary.pattern("own-place"))
        self._no_level = re.compile(vocabulary.pattern("no-level"))
        self._each = vocabulary.cues("written")["each"][0]
        self._prefix = {
            label: level
            for level, labels in vocabulary.cues("level-prefix").items()
            for label in labels
        }
        self._levels = sorted(
            (label for label, level in self._prefix.items() if level in _BELOW),
            key=lambda label: -len(label),
        )

    def is_bare(self, surface: str) -> bool:
        """Tell a level or the ending of a unit's name that stands alone (州, 单位)."""
        return surface in self._prefix or (len(surface) < 3 and bool(self._ends.search(surface)))

    def is_whole(self, surface: str) -> bool:
        """Tell a name that ends as those of units do (教育部门, not 教育)."""
        return bool(self._ends.search(surface) or self._offices.search(surface))

    def is_level(self, surface: str) -> bool:
        """Tell a level that stands for its government or department (市 in 市、区财政部门)."""
        return self._leading.fullmatch(surface) is not None

    def strip_above(self, surface: str) -> str:
        """Return a name without the level or the place that it begins with."""
        bare = self._leading.sub("", surface)
        if bare != surface:
            return bare
        width = self._place_width(surface)
        return surface[width:]

    def name_unknown(self, surface: str, place: str) -> Named:
        """Return a unit of ``place`` that nothing is known of but its name."""
        return self._unknown(surface, surface, place, "")

    def resolve(self, surface: str, prefix: str, place: str) -> tuple[Named | None, str]:
        """Return what ``surface`` stands for, and the level prefix that the next may lack.

        ``prefix`` is that of the name before, such as 区 in 区国资委、科经委.
        """
        surface = self._own_place.sub("", self._among.sub("", surface))
        whole = self._find_whole(surface, place)
        if whole:
            return whole, prefix
        jurisdiction, rest, own = self._jurisdiction(surface, place)
        group = self._find_group(rest, jurisdiction) if len(own) > 1 else None
        if group:
            return group, prefix
        rule = ""
        if not own:
            jurisdiction, rule = self._of_prefix(prefix, place) or place, "elided-prefix"
        local = self._local.get((rest, jurisdiction)) or self._local.get((surface, place))
        if local:
            return Named(local.id, local.name, local.kind, local.jurisdiction, rule), own or prefix
        kind = self._find_kind(rest) or (self._prefixed.get(rest) if own else None)
        if kind:
            return self._of_kind(kind, jurisdiction, rest, rule), own or prefix
        kind = self._find_kind_in(surface, rest)
        if kind:
            return self._of_kind(kind, jurisdiction, rest, ""), own or prefix
        if not self._ends.search(surface) or len(surface) < 3:
            return None, own or prefix
        return self._unknown(surface, rest, jurisdiction, own), own or prefix

    def _find_whole(self, surface: str, place: str) -> Named | None:
        """Return what is known by the whole of a name: a unit, a place's government, a group."""
        named = self._find_named(surface, place)
        if named:
            return named
        code = self._nearest(self._places[surface], place) if surface in self._places else ""
        governed = bool(code) and self._vocabulary.places[code].type in _GOVERNED
        if governed and self._government and self._ends.search(surface):
            return self._of_kind(self._government, code, surface, "place-name")
        return self._find_below(surface, place)

    def _find_kind_in(self, surface: str, rest: str) -> UnitKind | None:
        """Return the kind whose pattern a name fits, or whose ending its proper name has."""
        fitting = (kind for pattern, kind in self._surfaces if pattern.fullmatch(surface))
        ending = (k for suffix, k in self._suffixes if rest.endswith(suffix) and len(rest) > 2)
        return next(fitting, None) or next(ending, None)

    def _find_group(self, surface: str, place: str) -> Named | None:
        """Return the group of a place that a name stands for (有关部门)."""
        units = (self._vocabulary.units[name] for name in self._by_label.get(surface, ()))
        group = next((unit for unit in units if unit.group), None)
        if group is None:
            return None
        return Named(f"{place}-{group.id}" if place else group.id, group.name, "", place)

    def _find_below(self, surface: str, place: str) -> Named | None:
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

    def _find_named(self, surface: str, place: str) -> Named | None:
        chain = self._vocabulary.place_chain(place)
        for identifier in self._by_label.get(surface, ()):
            unit = self._vocabulary.units[identifier]
            if unit.group:
                return self._find_group(surface, place)
            if not unit.jurisdiction or unit.jurisdiction in chain or _names_place(surface):
                return Named(unit.id, unit.name, unit.kind, unit.jurisdiction)
        return None

    def _jurisdiction(self, surface: str, place: str) -> tuple[str, str, str]:
        """Return place, remaining name and the prefix as written (empty where there is none)."""
        width = self._place_width(surface)
        if width:
            name = surface[:width]
            return self._nearest(self._places[name], place), self._bare(surface[width:]), name
        level = self._level_of(surface)
        code = self._of_prefix(level, place)
        rest = self._bare(surface[len(level) :])
        if code and rest and (self._find_kind(rest) or not self._find_kind(surface)):
            return code, rest, level
        return place, surface, ""

    def _place_width(self, surface: str) -> int:
        """Return how many characters of a name are a place that it begins with."""
        widths = range(min(_LONGEST, len(surface) - 1), 1, -1)
        return next((width for width in widths if surface[:width] in self._places), 0)

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

    def _of_kind(self, kind: UnitKind, jurisdiction: str, rest: str, rule: str) -> Named:
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
        return Named(identifier, name, kind.id, jurisdiction, rule)

    def _unknown(self, surface: str, rest: str, jurisdiction: str, own: str) -> Named:
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


def _unlisted(name: str, kind: str, place: str) -> Named:
    """Return a unit that the vocabulary does not list: its id is a digest of its name."""
    digest = hashlib.sha256(name.encode()).hexdigest()[:10]
    return Named(f"x-{digest}", name, kind, place)


def _place_labels(vocabulary: Vocabulary) -> dict[str, list[str]]:
    labels: dict[str, list[str]] = {}
    for place in vocabulary.places.values():
        for label in dict.fromkeys((place.official, place.zh, *place.labels)):
            if len(label) >= 2:
                labels.setdefault(label, []).append(place.code)
    return labels
