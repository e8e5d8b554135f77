"""Vocabulary: concepts, labels, places, units and cues, loaded from Turtle files."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.errors import OntologyError
from kg.ontology.namespaces import BASE, DCTERMS, PK, RDF, SKOS

SCHEME = BASE + "id/scheme/"
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
    """Everything the Turtle files say, in look-ups; ``version`` hashes their contents."""

    version: str
    concepts: Mapping[str, Concept]
    places: Mapping[str, Place]
    unit_kinds: Mapping[str, UnitKind]
    units: Mapping[str, Unit]
    schemes: Mapping[str, Mapping[str, tuple[Label, ...]]]
    patterns: Mapping[str, str]
    orders: Mapping[str, int]
    triples: tuple[ox.Triple, ...]

    def __repr__(self) -> str:
        return f"Vocabulary({self.version})"

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


def shipped_folder() -> Path:
    """Return the folder of the vocabulary that comes with the package."""
    return Path(str(files("kg") / "data" / "ontology"))


def load_vocabulary(*folders: Path) -> Vocabulary:
    """Load the shipped vocabulary with ``folders`` layered over it.

    As long as the files say the same, it is the same object: reading it takes a second or two.
    Raises OntologyError naming the file where a folder or file cannot be read.
    """
    return _load(tuple(_read_files(folders)))


@lru_cache(maxsize=2)
def _load(contents: tuple[tuple[Path, bytes], ...]) -> Vocabulary:
    digest = hashlib.sha256()
    for _, content in contents:
        digest.update(content)
    return _assemble(tuple(_merge(contents)), digest.hexdigest()[:12])


def read_statements(*folders: Path) -> dict[ox.Triple, Path]:
    """Return the triples of the shipped vocabulary and of ``folders``, each with its first file.

    They come in the order of the files and are not checked against each other.  Raises
    OntologyError as load_vocabulary does.
    """
    return _merge(_read_files(folders))


def _merge(contents: Iterable[tuple[Path, bytes]]) -> dict[ox.Triple, Path]:
    statements: dict[ox.Triple, Path] = {}
    for path, content in contents:
        for triple in _parse(path, content):
            statements.setdefault(triple, path)
    return statements


def _read_files(folders: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    for folder in (shipped_folder(), *folders):
        for path in _turtle_files(folder):
            yield path, path.read_bytes()


def _turtle_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise OntologyError(f"{folder}: no such vocabulary folder; give a folder of .ttl files")
    return sorted(path for path in folder.glob("*.ttl") if path.name != "shapes.ttl")


def _parse(path: Path, content: bytes) -> Iterable[ox.Triple]:
    try:
        return [quad.triple for quad in ox.parse(content, format=ox.RdfFormat.TURTLE)]
    except SyntaxError as error:
        raise OntologyError(f"{path}: not valid Turtle: {error}") from error


class _Index(NamedTuple):
    """Subject → predicate (short) → objects, as plain strings with the language of literals."""

    objects: dict[str, dict[str, list[Label]]]

    def texts(self, subject: str, predicate: str, language: str = "zh") -> tuple[str, ...]:
        found = self.objects[subject].get(predicate)
        if not found:
            return ()
        return tuple(dict.fromkeys([text for text, lang in found if lang in (language, "")]))

    def first(self, subject: str, predicate: str, language: str = "zh") -> str:
        for text, lang in self.objects[subject].get(predicate, ()):
            if lang in (language, ""):
                return text
        return ""

    def local(self, subject: str, predicate: str) -> tuple[str, ...]:
        return tuple(_local(text) for text in self.texts(subject, predicate))


_SHORT = {SKOS: "skos:", PK: "pk:", DCTERMS: "dcterms:", RDF: "rdf:"}


@lru_cache(maxsize=1024)
def _short(iri: str) -> str:
    for prefix, name in _SHORT.items():
        if iri.startswith(prefix):
            return name + iri[len(prefix) :]
    return iri


def _local(iri: str) -> str:
    return iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def _assemble(triples: tuple[ox.Triple, ...], version: str) -> Vocabulary:
    objects: dict[str, dict[str, list[Label]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in triples:
        language = value.language or "" if isinstance(value, ox.Literal) else ""
        objects[subject.value][_short(predicate.value)].append((value.value, language))
    index = _Index(objects)
    typed: dict[str, list[str]] = defaultdict(list)
    subjects = sorted(objects)
    for name in subjects:
        for kind, _ in objects[name].get("rdf:type", ()):
            typed[_short(kind)].append(name)
    concepts = {c.id: c for c in (_concept(index, s) for s in typed["pk:Instrument"])}
    _check_hierarchy(concepts)
    return Vocabulary(
        version=version,
        concepts=concepts,
        places={p.code: p for p in (_place(index, s) for s in typed["pk:Place"])},
        unit_kinds={k.id: k for k in (_unit_kind(index, s) for s in typed["pk:UnitKind"])},
        units={
            u.id: u
            for u in (
                *(_unit(index, s, group=False) for s in typed["pk:Unit"]),
                *(_unit(index, s, group=True) for s in typed["pk:UnitGroup"]),
            )
        },
        schemes=_schemes(index),
        patterns={
            _local(s): index.first(s, "pk:pattern") for s in subjects if "pk:pattern" in objects[s]
        },
        orders={
            _local(s): int(index.first(s, "pk:order")) for s in subjects if "pk:order" in objects[s]
        },
        triples=triples,
    )


def _labels(index: _Index, subject: str) -> tuple[Label, ...]:
    found = index.objects[subject]
    return tuple(dict.fromkeys([*found.get("skos:prefLabel", ()), *found.get("skos:altLabel", ())]))


def _concept(index: _Index, subject: str) -> Concept:
    return Concept(
        id=_local(subject),
        iri=subject,
        zh=index.first(subject, "skos:prefLabel"),
        en=index.first(subject, "skos:prefLabel", "en"),
        broader=next(iter(index.local(subject, "skos:broader")), ""),
        labels=_labels(index, subject),
        hidden=index.texts(subject, "skos:hiddenLabel"),
        weak=index.texts(subject, "pk:weakLabel"),
        avoid=index.texts(subject, "pk:avoidLabel"),
        competence=next(iter(index.local(subject, "pk:competence")), "Local").lower(),
        since=int(index.first(subject, "pk:since") or 1),
        related=index.local(subject, "skos:related"),
        notation=index.first(subject, "skos:notation"),
        definition=index.first(subject, "skos:definition"),
    )


def _place(index: _Index, subject: str) -> Place:
    zh = index.first(subject, "skos:prefLabel")
    return Place(
        code=_local(subject),
        iri=subject,
        zh=zh,
        en=index.first(subject, "skos:prefLabel", "en"),
        official=index.first(subject, "pk:officialName") or zh,
        type=next(iter(index.local(subject, "pk:placeType")), ""),
        broader=next(iter(index.local(subject, "skos:broader")), ""),
        labels=tuple(text for text, lang in _labels(index, subject) if lang == "zh"),
        abbreviation=index.first(subject, "pk:abbreviation"),
        ambiguous=index.texts(subject, "pk:contextLabel"),
    )


def _unit_kind(index: _Index, subject: str) -> UnitKind:
    return UnitKind(
        id=_local(subject),
        zh=index.first(subject, "skos:prefLabel"),
        en=index.first(subject, "skos:prefLabel", "en"),
        labels=tuple(text for text, lang in _labels(index, subject) if lang == "zh"),
        stems=index.texts(subject, "pk:stem"),
        function=next(iter(index.local(subject, "pk:function")), ""),
        template=index.first(subject, "pk:nameTemplate"),
        verbatim=index.texts(subject, "pk:verbatimLabel"),
        prefixed=index.texts(subject, "skos:hiddenLabel"),
        suffixes=index.texts(subject, "pk:suffix"),
        surfaces=index.texts(subject, "pk:surfaceTemplate"),
    )


def _unit(index: _Index, subject: str, *, group: bool) -> Unit:
    return Unit(
        id=_local(subject),
        name=index.first(subject, "skos:prefLabel"),
        labels=tuple(text for text, lang in _labels(index, subject) if lang == "zh"),
        jurisdiction=next(iter(index.local(subject, "pk:jurisdiction")), ""),
        function=next(iter(index.local(subject, "pk:function")), ""),
        kind=next(iter(index.local(subject, "pk:unitKind")), ""),
        group=group,
        local=index.texts(subject, "pk:localLabel"),
    )


def _schemes(index: _Index) -> dict[str, dict[str, tuple[Label, ...]]]:
    schemes: dict[str, dict[str, tuple[Label, ...]]] = defaultdict(dict)
    for subject in sorted(index.objects):
        for scheme, _ in index.objects[subject].get("skos:inScheme", ()):
            if scheme.startswith(SCHEME):
                hidden = index.objects[subject].get("skos:hiddenLabel", ())
                labels = (*_labels(index, subject), *hidden)
                schemes[scheme[len(SCHEME) :]][_local(subject)] = labels
    return dict(schemes)


def _check_hierarchy(concepts: Mapping[str, Concept]) -> None:
    for concept in concepts.values():
        seen: list[str] = []
        node = concept.id
        while node:
            if node in seen:
                raise OntologyError(f"instrument {concept.id}: its broader concepts form a circle")
            if node not in concepts:
                raise OntologyError(f"instrument {seen[-1]}: broader {node} is not defined")
            seen.append(node)
            node = concepts[node].broader
