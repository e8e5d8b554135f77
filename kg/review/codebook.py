"""The codebook: how codes are written in a sheet, read back and checked against the vocabulary."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import cast, get_args

from kg.model import Role, Status, Strength
from kg.ontology import Vocabulary
from kg.review.decisions import Codes, UnitCode

SEPARATOR = "；"
VERDICTS = ("confirm", "delete", "add")
BLIND_VERDICTS = ("measure", "none")
STATUSES: tuple[str, ...] = get_args(Status)
STRENGTHS: tuple[str, ...] = get_args(Strength)

_ROLES: tuple[str, ...] = get_args(Role)
_SPLIT = re.compile(r"[；;\n]+")
_ROLED = re.compile(r"(.+?)\s*[（(]\s*([^（()）]+?)\s*[)）]\s*", re.S)
_CITIES = ("Municipality", "Prefecture", "Province", "Country")


@cache
def load_words(table: str) -> dict[str, tuple[str, str]]:
    """Return key → Chinese and English words of a table of ``words.toml``."""
    content = tomllib.loads((files(__package__) / "words.toml").read_text("utf-8"))
    return {key: (zh, en) for key, (zh, en) in content[table].items()}


class Codebook:
    """The legal codes of a vocabulary, with the names that coders may write for them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        concepts = vocabulary.concepts.values()
        self.categories = {c.notation: c.notation for c in concepts if c.notation}
        self.instruments = {c.id: c.zh for c in sorted(concepts, key=lambda c: bool(c.notation))}
        self.statuses = self._read_scheme("status", STATUSES)
        self.strengths = self._read_scheme("strength", STRENGTHS)
        self._roles = self._read_scheme("role", _ROLES)
        self._instrument_names: dict[str, set[str]] = {}
        for concept in concepts:
            names = (concept.id, concept.zh, concept.en, concept.notation)
            for label in filter(None, (*names, *(text for text, _ in concept.labels))):
                self._instrument_names.setdefault(label.casefold(), set()).add(concept.id)
        self._places: dict[str, list[str]] = {}
        for place in vocabulary.places.values():
            for name in (place.code, place.zh, place.official):
                self._places.setdefault(name, []).append(place.code)

    def _read_scheme(self, scheme: str, codes: Iterable[str]) -> dict[str, str]:
        """Return code → its Chinese name."""
        labels = self._vocabulary.schemes.get(scheme, {})
        return {
            code: next((t for t, lang in labels.get(code, ()) if lang == "zh"), code)
            for code in codes
        }

    def write_instrument(self, instrument: str) -> str:
        """Return an instrument as it stands in a list: id and Chinese name."""
        return f"{instrument} {self.instruments.get(instrument, '')}".strip()

    def write_units(self, units: Sequence[UnitCode]) -> str:
        """Return units as one cell."""
        return SEPARATOR.join(f"{unit.name} ({unit.role})" for unit in units)

    def write_cities(self, cities: Sequence[str]) -> str:
        """Return places as one cell of short names."""
        places = self._vocabulary.places
        return SEPARATOR.join(places[c].zh if c in places else c for c in cities)

    def read_instrument(self, text: str) -> str:
        """Return the id of an instrument given by id, name or both.

        A category is the instrument of a measure of which no more is said.  Raises ValueError with
        the nearest names for anything else, and for a name that several instruments share.
        """
        found = self._instrument_names.get(text.strip().casefold(), set())
        first = text.split()[0] if text.split() else ""
        if not found and first in self.instruments:
            found = {first}
        if len(found) > 1:
            raise ValueError(f"{text!r} may be {' or '.join(sorted(found))}; write the id")
        if not found:
            near = self._find_near(text)
            raise ValueError(f"no instrument {text!r}; choose from the list, near are: {near}")
        [instrument] = found
        return instrument

    def _find_near(self, text: str) -> str:
        from rapidfuzz import process

        names = {name: min(ids) for name, ids in self._instrument_names.items()}
        found = process.extract(text.casefold(), names.keys(), limit=3)
        ids = (names[name] for name, _, _ in found)
        return ", ".join(dict.fromkeys(ids))

    def read_category(self, text: str) -> str:
        """Return the notation of a category given by notation, id or name; ValueError for others."""
        for concept in self._vocabulary.concepts.values():
            if concept.notation and text.strip() in (concept.notation, concept.id, concept.zh):
                return concept.notation
        raise ValueError(f"no category {text!r}; choose one of {' '.join(self.categories)}")

    def read_code(self, text: str, codes: dict[str, str], name: str) -> str:
        """Return the code of a closed list given by id, Chinese name or both; ValueError for others."""
        words = text.split()
        if words and words[0] in codes:
            return words[0]
        for code, label in codes.items():
            if text.strip() == label:
                return code
        raise ValueError(f"no {name} {text!r}; choose one of {', '.join(codes)}")

    def read_units(self, text: str) -> tuple[UnitCode, ...]:
        """Return the units of a cell: name (role), separated by ； or new lines.

        Raises ValueError for an unknown role.
        """
        units = []
        for part in filter(None, map(str.strip, _SPLIT.split(text))):
            found = _ROLED.fullmatch(part)
            if found and self._is_role(found[2]):
                role = self.read_code(found[2], self._roles, "role")
                units.append(UnitCode(found[1].strip(), cast("Role", role)))
            elif found and found[2].isascii():
                raise ValueError(
                    f"no role {found[2]!r} in {part!r}; write one of {', '.join(_ROLES)}"
                )
            else:
                units.append(UnitCode(part))
        return tuple(dict.fromkeys(units))

    def _is_role(self, text: str) -> bool:
        return text in self._roles or text in self._roles.values()

    def read_cities(self, text: str) -> tuple[str, ...]:
        """Return place codes of a cell of names; ValueError for a name that is no place's."""
        return tuple(
            dict.fromkeys(map(self._read_city, filter(None, map(str.strip, _SPLIT.split(text)))))
        )

    def _read_city(self, name: str) -> str:
        found = self._places.get(name, [])
        places = self._vocabulary.places
        cities = [code for code in found if places[code].type in _CITIES] or found
        if not cities:
            raise ValueError(f"no place {name!r}; write its short name or its division code")
        if len(cities) > 1 and len({self._vocabulary.city_of(code) for code in cities}) > 1:
            raise ValueError(f"{name!r} may be {' or '.join(cities)}; write the division code")
        return cities[0]

    def derive_categories(self, instruments: Sequence[str]) -> tuple[str, ...]:
        """Return the categories that follow from instruments, main one first."""
        return tuple(dict.fromkeys(map(self._vocabulary.notation, instruments)))

    def check(self, codes: Codes) -> str:
        """Return what is odd about codes that are legal: a category that no instrument has."""
        derived = self.derive_categories(codes.instruments)
        alone = [category for category in codes.categories if category not in derived]
        missing = [category for category in derived if category not in codes.categories]
        notes = [f"no instrument is of category {' '.join(alone)}"] if alone else []
        notes += [f"an instrument is of category {' '.join(missing)}"] if missing else []
        return "; ".join(notes)
