"""Offices: units by a free English name (District Market Regulation Bureau)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from kg.ask.clauses import GLOSSARY
from kg.ask.lexicon import Lexicon, Unit
from kg.ask.match import stem
from kg.ask.readings import Reading, Spot, Unmapped, overlaps
from kg.ontology import Vocabulary

OFFICES = "office-words"
ALIKE = 3  # units of a place that one rendering may name: an office and what law texts call it
REACH = 8  # words of an English name on one side of the word for its sort
_WORD = re.compile(r"[a-z0-9&]+")


def read_offices(reading: Reading, lexicon: Lexicon) -> None:
    """Map English names of offices to the units of the places and documents that are named.

    Raises Unmapped where a question for what an office answers for names one that is unknown.
    """
    seats = {*reading.places, *(lexicon.documents[iri].seat for iri in reading.documents)}
    for spot, words in _find_names(reading, lexicon.vocabulary):
        units = _choose(words, seats, lexicon)
        if not units:
            if "units" not in reading.cues and {"clauses", "responsible"} <= reading.cues.keys():
                raise Unmapped(reading.wording.text[spot[0] : spot[1]])
            continue
        reading.units |= dict.fromkeys(units, spot)
        reading.taken.append(spot)
        for name, other in list(reading.instruments.items()):
            if overlaps(other, [spot]):
                del reading.instruments[name]


def _find_names(reading: Reading, vocabulary: Vocabulary) -> Iterator[tuple[Spot, frozenset[str]]]:
    """Yield the spans of offices with the stems that say what they do, unless a unit is named there."""
    known = [*reading.units.values(), *reading.clauses.values(), *reading.documents.values()]
    known += reading.cues.get("units", ())
    sorts = _words(vocabulary, "sort")
    joints = _words(vocabulary, "joint")
    fields = _fields(vocabulary)
    words = [(found[0], found.span()) for found in _WORD.finditer(reading.wording.text)]
    for at, (word, spot) in enumerate(words):
        if word not in sorts or overlaps(spot, known):
            continue

        def belongs(item: tuple[str, Spot]) -> bool:
            return item[0] in joints or stem(item[0]) in fields

        ahead = list(takewhile(belongs, reversed(words[max(0, at - REACH) : at])))
        after = list(takewhile(belongs, words[at + 1 : at + 1 + REACH]))
        while after and overlaps(after[-1][1], reading.cues.get("lead", ())):
            after.pop()  # the office is the lead
        name = [*reversed(ahead), words[at], *after]
        said = frozenset(stem(w) for w, _ in name if w not in joints | sorts)
        if said:
            yield (name[0][1][0], name[-1][1][1]), said


def _words(vocabulary: Vocabulary, name: str) -> frozenset[str]:
    return frozenset(vocabulary.cues(OFFICES, "en")[name])


def _fields(vocabulary: Vocabulary) -> frozenset[str]:
    """Return the stems of the words that tell kinds of units apart."""
    kinds = (_kind_words(kind.en, vocabulary) for kind in vocabulary.unit_kinds.values())
    words = (text for texts in vocabulary.cues(GLOSSARY, "en").values() for text in texts)
    return frozenset().union(*kinds, (stem(word) for word in words))


def _kind_words(english: str, vocabulary: Vocabulary) -> frozenset[str]:
    dull = _words(vocabulary, "sort") | _words(vocabulary, "joint")
    found = _WORD.findall(english.lower().replace("-", " "))
    return frozenset(stem(word) for word in found if word not in dull)


def _choose(words: frozenset[str], seats: set[str], lexicon: Lexicon) -> list[str]:
    """Return the units of one kind that the words name: exactly, else the only one with more."""
    near = {iri: unit for iri, unit in lexicon.units.items() if unit.jurisdiction in seats}
    names = {iri: _unit_words(unit, lexicon.vocabulary) for iri, unit in near.items()}
    exact = [iri for iri, found in names.items() if found == words]
    more = [iri for iri, found in names.items() if words <= found]
    fewer = [iri for iri, found in names.items() if found and found <= words]
    told = [
        iri
        for iri, unit in near.items()
        if all(_renders(w, unit, lexicon.vocabulary) for w in words)
    ]
    single = next((found for found in (more, fewer) if len(found) == 1), [])
    return exact or single or (told if len(told) <= ALIKE else [])


def _renders(word: str, unit: Unit, vocabulary: Vocabulary) -> bool:
    """Tell whether the Chinese name of a unit holds what an English word may stand for."""
    english = vocabulary.cues(GLOSSARY, "en")
    ids = (name for name, texts in english.items() if word in map(stem, texts))
    return any(text in unit.name for name in ids for text in vocabulary.cues(GLOSSARY)[name])


def _unit_words(unit: Unit, vocabulary: Vocabulary) -> frozenset[str]:
    kind = vocabulary.unit_kinds.get(unit.kind)
    place = vocabulary.places.get(unit.jurisdiction)
    english = kind.en if kind else unit.english
    own = _kind_words(place.en, vocabulary) if place else frozenset()
    return _kind_words(english, vocabulary) - own
