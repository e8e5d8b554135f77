"""What a vocabulary holds: instruments, places, units and cues, in look-ups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from kg.errors import OntologyError
from kg.ontology.statements import Contents, merge_contents

Label = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Concept:
    """An instrument: ``labels`` are (text, language), ``hidden``, ``weak`` and ``avoid`` cue texts.

    A cue text may hold ``…``: its parts then stand in this order within one sentence.
    """

    id: str
    iri: str
    zh: str
    en: str
    broader: str
    labels: tuple[Label, ...]
    hidden: tuple[str, ...]
    weak: tuple[str, ...]
    avoid: tuple[str, ...]
    competence: str
    since: int
    related: tuple[str, ...]
    notation: str
    definition: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place by its division code; ``broader`` is a code, empty for the country.

    ``ambiguous`` holds the short names that are also common words.
    """

    code: str
    iri: str
    zh: str
    en: str
    official: str
    type: str
    broader: str
    labels: tuple[str, ...]
    abbreviation: str
    ambiguous: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UnitKind:
    """A kind of unit that combines with a jurisdiction, such as 科学技术委员会 (科委).

    ``verbatim`` labels keep their own words in the full name, ``prefixed`` ones count right
    after a level or place only, ``suffixes`` end a proper name, ``surfaces`` are templates.
    """

    id: str
    zh: str
    en: str
    labels: tuple[str, ...]
    stems: tuple[str, ...]
    function: str
    template: str
    verbatim: tuple[str, ...]
    prefixed: tuple[str, ...]
    suffixes: tuple[str, ...]
    surfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with a name of its own, or a group of units (``group`` true)."""

    id: str
    name: str
    labels: tuple[str, ...]
    jurisdiction: str
    function: str
    kind: str
    group: bool
    local: tuple[str, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Vocabulary:
    """Everything the Turtle files say, in look-ups; ``version`` hashes their ``contents``.

    ``members`` are the codes of the places that a region counts as its own.
    """

    version: str
    concepts: Mapping[str, Concept]
    places: Mapping[str, Place]
    unit_kinds: Mapping[str, UnitKind]
    units: Mapping[str, Unit]
    schemes: Mapping[str, Mapping[str, tuple[Label, ...]]]
    patterns: Mapping[str, str]
    orders: Mapping[str, int]
    members: Mapping[str, tuple[str, ...]]
    contents: Contents

    def __repr__(self) -> str:
        return f"Vocabulary({self.version})"

    @cached_property
    def triples(self) -> tuple[ox.Triple, ...]:
        """Everything the files state, each triple once, in their order; parsed when it is asked for."""
        return tuple(merge_contents(self.contents))

    def cues(self, scheme: str, language: str = "zh") -> dict[str, tuple[str, ...]]:
        """Return id → labels in ``language`` of the cues in ``scheme``.

        Raises OntologyError where the scheme holds nothing.
        """
        if scheme not in self.schemes:
            known = ", ".join(sorted(self.schemes))
            raise OntologyError(f"no cues in scheme {scheme!r}; the vocabulary has: {known}")
        return {
            concept.removeprefix(f"{scheme}-"): tuple(t for t, lang in labels if lang == language)
            for concept, labels in self.schemes[scheme].items()
        }

    def pattern(self, name: str) -> str:
        """Return the regular expression called ``name``; OntologyError where there is none."""
        if name not in self.patterns:
            raise OntologyError(f"no pattern {name!r} in the vocabulary; see ontology/reading.ttl")
        return self.patterns[name]

    def ancestors(self, concept: str) -> tuple[str, ...]:
        """Return the concept itself and its broader ones up to the category."""
        chain = []
        while concept:
            chain.append(concept)
            concept = self.concepts[concept].broader
        return tuple(chain)

    def narrower(self, concept: str) -> frozenset[str]:
        """Return the concept itself and all below it."""
        return frozenset(c for c in self.concepts if concept in self.ancestors(c))

    def category_of(self, concept: str) -> str:
        """Return the top concept of an instrument, such as ``Location``."""
        return self.ancestors(concept)[-1]

    def notation(self, concept: str) -> str:
        """Return the Chinese name of the category an instrument belongs to, such as 区位."""
        return self.concepts[self.category_of(concept)].notation

    def city_of(self, place: str) -> str:
        """Return the city of a place: its municipality or prefecture, else the place itself."""
        code = place
        while code in self.places:
            found = self.places[code]
            if found.type in ("Municipality", "Prefecture", "Province", "Country"):
                return code
            code = found.broader
        return place

    def place_chain(self, place: str) -> tuple[str, ...]:
        """Return the place and what it lies in, up to the country."""
        chain = []
        while place in self.places and place not in chain:
            chain.append(place)
            place = self.places[place].broader
        return tuple(chain)
