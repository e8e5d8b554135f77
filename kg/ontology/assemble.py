"""A vocabulary made of the statements of its files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

import pyoxigraph as ox

from kg.errors import OntologyError
from kg.ontology.namespaces import BASE, DCTERMS, PK, RDF, SKOS
from kg.ontology.statements import Contents, merge_contents
from kg.ontology.terms import Concept, Label, Place, Unit, UnitKind, Vocabulary

SCHEME = BASE + "id/scheme/"


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

    def about(self, predicate: str) -> list[str]:
        """Return what has a property, in order."""
        return sorted(name for name, said in self.objects.items() if predicate in said)


_SHORT = {SKOS: "skos:", PK: "pk:", DCTERMS: "dcterms:", RDF: "rdf:"}


@lru_cache(maxsize=1024)
def _short(iri: str) -> str:
    for prefix, name in _SHORT.items():
        if iri.startswith(prefix):
            return name + iri[len(prefix) :]
    return iri


def _local(iri: str) -> str:
    return iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


def assemble(contents: Contents, version: str) -> Vocabulary:
    """Return what the files of a vocabulary say, in look-ups.

    Raises OntologyError naming the file that is no Turtle, or the instrument whose broader ones
    are undefined or form a circle.
    """
    index = _index(merge_contents(contents))
    typed: dict[str, list[str]] = defaultdict(list)
    subjects = sorted(index.objects)
    for name in subjects:
        for kind, _ in index.objects[name].get("rdf:type", ()):
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
        patterns={_local(s): index.first(s, "pk:pattern") for s in index.about("pk:pattern")},
        orders={_local(s): int(index.first(s, "pk:order")) for s in index.about("pk:order")},
        members={
            _local(s): index.local(s, "pk:member")
            for s in typed["pk:Place"]
            if "pk:member" in index.objects[s]
        },
        contents=contents,
    )


def _index(triples: Iterable[ox.Triple]) -> _Index:
    objects: dict[str, dict[str, list[Label]]] = defaultdict(lambda: defaultdict(list))
    for subject, predicate, value in triples:
        language = value.language or "" if isinstance(value, ox.Literal) else ""
        objects[subject.value][_short(predicate.value)].append((value.value, language))
    return _Index(objects)


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
