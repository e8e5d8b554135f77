"""What a question can name: instruments, places, and the units and documents of the graph."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import pyoxigraph as ox

from kg.ask.queries import Question, Row
from kg.ask.wording import Wording, clean_label, to_plain
from kg.ontology import BASE, Place, Vocabulary, local_id

WORK = 6  # characters that the title of a cited work has at least
_LEAD = 2  # characters of a name by which it is looked for, and the least that it has
_WORD = re.compile(r"[a-z0-9&]+")
TermKind = Literal["instrument", "place", "unit", "document", "work"]


class Term(NamedTuple):
    """What a name stands for: an instrument or place id, the IRI of a unit or document, a cited work."""

    kind: TermKind
    id: str


class Hit(NamedTuple):
    """A name in the text of a question, and what it may stand for."""

    start: int
    end: int
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of the graph; ``jurisdiction`` is a place id, ``kind`` an id of the unit kinds."""

    iri: str
    name: str
    english: str
    kind: str
    jurisdiction: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the graph; ``seat`` is the id of its place, ``kind`` that of its class.

    ``issued`` is its date of signing, ``effective`` and ``expires`` are its first and last day in
    force, empty where it states none.
    """

    iri: str
    title: str
    number: str
    seat: str
    kind: str
    issued: str
    effective: str
    expires: str = ""

    @property
    def serial(self) -> tuple[str, str]:
        """Year and serial number of its document number, as digits; empty where it has none."""
        return read_serial(self.number)


def read_serial(number: str) -> tuple[str, str]:
    """Return year and serial number of a document number, as digits; empty where it has none."""
    digits = re.findall(r"\d+", unicodedata.normalize("NFKC", number))
    return (digits[-2], digits[-1]) if len(digits) > 1 else ("", "")


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Names and what they stand for; Chinese names are found by character, English by word.

    ``lengths`` are those of the Chinese names by their first two characters, longest first.  ``works`` are the titles and
    numbers of what documents cite.
    """

    vocabulary: Vocabulary
    chinese: Mapping[str, tuple[Term, ...]]
    lengths: Mapping[str, tuple[int, ...]]
    english: Mapping[tuple[str, ...], tuple[Term, ...]]
    units: Mapping[str, Unit]
    documents: Mapping[str, Document]
    works: frozenset[str] = frozenset()

    def find(self, wording: Wording) -> list[Hit]:
        """Find the longest names from left to right."""
        chinese = self._find_chinese(wording.text, 0, len(wording.text))
        return sorted([*chinese, *self._find_english(wording)])

    def unit_name(self, iri: str) -> str:
        """Return the full name of a unit."""
        return self.units[iri].name if iri in self.units else local_id(iri)

    def document_name(self, iri: str) -> str:
        """Return the number of a document, else its title."""
        document = self.documents[iri]
        return document.number or document.title

    def place_name(self, iri: str) -> str:
        """Return the short name of a place."""
        place = self.vocabulary.places.get(local_id(iri))
        return place.zh if place else local_id(iri)

    def _find_chinese(self, text: str, start: int, end: int) -> Iterator[Hit]:
        """Find names within a span; a unit gives way to an instrument that it cuts in two.

        北京政府采购 is no 采购 of the 北京政府.
        """
        while start < end:
            hit = self._find_longest(text, start, end)
            cut = self._find_crossing(text, hit, end) if hit else 0
            if cut:
                yield from self._find_chinese(text, start, cut)
                start = cut
            elif hit:
                yield hit
                start = hit.end
            else:
                start += 1

    def _find_longest(self, text: str, start: int, end: int) -> Hit | None:
        """Return the longest Chinese name that begins at ``start`` and ends by ``end``."""
        for length in self.lengths.get(text[start : start + _LEAD], ()):
            terms = self.chinese.get(text[start : start + length])
            if terms and start + length <= end:
                return Hit(start, start + length, terms)
        return None

    def _find_crossing(self, text: str, hit: Hit, end: int) -> int:
        """Return where an instrument's name begins in a unit's and ends behind it, 0 for nowhere."""
        if not any(term.kind == "unit" for term in hit.terms):
            return 0
        for cut in range(hit.start + 1, hit.end):
            other = self._find_longest(text, cut, end)
            if other and other.end > hit.end and any(t.kind == "instrument" for t in other.terms):
                return cut
        return 0

    def _find_english(self, wording: Wording) -> Iterator[Hit]:
        words = wording.words()
        longest = max(map(len, self.english), default=0)
        position = 0
        while position < len(words):
            for size in range(min(longest, len(words) - position), 0, -1):
                found = words[position : position + size]
                terms = self.english.get(tuple(word for word, _, _ in found))
                if terms:
                    yield Hit(found[0][1], found[-1][2], terms)
                    position += size - 1
                    break
            position += 1


def load_lexicon(store: ox.Store, vocabulary: Vocabulary, *, base: str = BASE) -> Lexicon:
    """Collect the names of the vocabulary and of the graph's units and documents."""
    units = _read_units(Question("known-units", {}, base).run(store))
    documents = _read_documents(Question("known-documents", {}, base).run(store))
    works = _read_works(Question("known-works", {}, base).run(store))
    seats = {document.seat for document in documents.values()}
    names = defaultdict(list, {n: [*terms] for n, terms in _known_names(vocabulary).items()})
    for name, term in (
        *_name_seats(vocabulary, seats),
        *_name_units(units.values(), vocabulary),
        *_name_documents(documents.values(), vocabulary),
        *((work, Term("work", work)) for work in works),
    ):
        names[clean_label(name)].append(term)
    chinese = {n: _drop_doubles(t) for n, t in names.items() if len(n) >= _LEAD and not n.isascii()}
    return Lexicon(
        vocabulary=vocabulary,
        chinese=chinese,
        lengths=_measure(chinese),
        english=_split_names({n: terms for n, terms in names.items() if n.isascii()}),
        units=units,
        documents=documents,
        works=works,
    )


def _measure(names: Iterable[str]) -> dict[str, tuple[int, ...]]:
    lengths: dict[str, set[int]] = defaultdict(set)
    for name in names:
        lengths[name[:_LEAD]].add(len(name))
    return {lead: tuple(sorted(found, reverse=True)) for lead, found in lengths.items()}


def _split_names(names: Mapping[str, Iterable[Term]]) -> dict[tuple[str, ...], tuple[Term, ...]]:
    english: dict[tuple[str, ...], list[Term]] = defaultdict(list)
    for name, terms in names.items():
        english[split_words(name)].extend(terms)
    return {words: _drop_doubles(terms) for words, terms in english.items() if words}


def _drop_doubles(terms: list[Term]) -> tuple[Term, ...]:
    return tuple(dict.fromkeys(terms)) if len(terms) > 1 else tuple(terms)


@lru_cache(maxsize=2)
def _known_names(vocabulary: Vocabulary) -> Mapping[str, Sequence[Term]]:
    """Collect the names of the vocabulary's instruments and places, cleaned."""
    names: dict[str, list[Term]] = defaultdict(list)
    for name, term in (*_name_instruments(vocabulary), *_name_places(vocabulary)):
        names[clean_label(name)].append(term)
    return names


@lru_cache(maxsize=1 << 15)
def split_words(text: str) -> tuple[str, ...]:
    """Return the words of a cleaned English text in the singular and one spelling."""
    return tuple(to_plain(word) for word in _WORD.findall(text))


def _name_instruments(vocabulary: Vocabulary) -> Iterator[tuple[str, Term]]:
    endings = vocabulary.cues("category-endings")["category"]
    for concept in vocabulary.concepts.values():
        term = Term("instrument", concept.id)
        for text, _ in concept.labels:
            yield text, term
        if not concept.broader:
            for ending in endings:
                yield concept.notation + ending, term


def _name_places(vocabulary: Vocabulary) -> Iterator[tuple[str, Term]]:
    for place in vocabulary.places.values():
        for name in {place.official, place.zh, place.en, *place.labels}:
            yield name, Term("place", place.code)


def _name_seats(vocabulary: Vocabulary, seats: Iterable[str]) -> Iterator[tuple[str, Term]]:
    """Name the places of documents by their bare names too (金山 for 金山区)."""
    for code in sorted(seats):
        if code in vocabulary.places:
            yield _bare_name(vocabulary.places[code]), Term("place", code)


def _bare_name(place: Place) -> str:
    return place.zh[:-1] if place.zh == place.official and len(place.zh) > 2 else place.zh


def _name_units(units: Iterable[Unit], vocabulary: Vocabulary) -> Iterator[tuple[str, Term]]:
    for unit in units:
        for name in {*_unit_names(unit, vocabulary), *_english_names(unit, vocabulary)}:
            yield name, Term("unit", unit.iri)


def _unit_names(unit: Unit, vocabulary: Vocabulary) -> Iterator[str]:
    """Name a unit in full, without what it lies in, and by the names of its kind.

    A 科委 of 金山区 is 金山区科委, 金山科委, 区科委 and 科委.
    """
    yield unit.name
    known = vocabulary.units.get(local_id(unit.iri))
    yield from known.labels if known else ()
    chain = [vocabulary.places[code] for code in vocabulary.place_chain(unit.jurisdiction)]
    bare = unit.name
    for place in reversed(chain):
        bare = bare.removeprefix(place.official)
    kind = vocabulary.unit_kinds.get(unit.kind)
    labels = {*(kind.labels if kind else ()), *({bare} if bare != unit.name else ())}
    for label in labels if chain else ():
        yield label
        yield chain[0].official[-1] + label
        yield chain[0].official + label
        yield _bare_name(chain[0]) + label


def _english_names(unit: Unit, vocabulary: Vocabulary) -> Iterator[str]:
    """Name a unit by its place and kind: Jinshan (District) Tax Bureau, Bureau of Finance of …"""
    yield unit.english
    kind = vocabulary.unit_kinds.get(unit.kind)
    place = vocabulary.places.get(unit.jurisdiction)
    if kind is None or place is None or not kind.en or not place.en:
        return
    head, _, field = kind.en.partition(" of ")
    for name in {kind.en, f"{field} {head}" if field else kind.en}:
        for level in ("", "District ", "Municipal ", "City ", "Provincial "):
            yield f"{place.en} {level}{name}"
            yield f"{name} of {place.en} {level}".rstrip()


def _name_documents(
    documents: Iterable[Document], vocabulary: Vocabulary
) -> Iterator[tuple[str, Term]]:
    """Name documents by number and title, with the short name of the place that it begins with too."""
    for document in documents:
        term = Term("document", document.iri)
        yield document.number, term
        yield document.title, term
        place = vocabulary.places.get(document.seat)
        if place and document.title.startswith(place.official):
            yield place.zh + document.title.removeprefix(place.official), term
        for inner in re.findall(r"《(.+)》", document.title):
            yield inner, term


def _read_units(rows: Iterable[Row]) -> dict[str, Unit]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: (str(row["unit"]), str(row["name"]))):
        name = str(row["name"])
        unit = found[str(row["unit"])]
        unit.setdefault("english" if name.isascii() else "name", name)
        unit.setdefault("kind", local_id(row["unitKind"]))
        unit.setdefault("jurisdiction", local_id(row["jurisdiction"]))
    return {
        iri: Unit(
            iri=iri,
            name=unit.get("name") or unit["english"],
            english=unit.get("english", ""),
            kind=unit["kind"],
            jurisdiction=unit["jurisdiction"],
        )
        for iri, unit in found.items()
    }


def _read_documents(rows: Iterable[Row]) -> dict[str, Document]:
    return {
        str(row["document"]): Document(
            iri=str(row["document"]),
            title=str(row["title"] or ""),
            number=str(row["number"] or ""),
            seat=local_id(row["seat"]),
            kind=local_id(row["kind"]),
            issued=str(row["issued"] or ""),
            effective=str(row["effective"] or ""),
            expires=str(row["expires"] or ""),
        )
        for row in rows
    }


def _read_works(rows: Iterable[Row]) -> frozenset[str]:
    """Collect the titles and numbers of cited works, those that could be taken for words left out."""
    texts = {str(row[name]) for row in rows for name in ("workTitle", "workNumber") if row[name]}
    return frozenset(text for text in texts if len(clean_label(text)) >= WORK)
