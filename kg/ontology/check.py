"""Faults of the vocabulary: what a folder of Turtle files says wrongly, twice or not at all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import pyoxigraph as ox

from kg.ontology.namespaces import PK, RDF, SKOS
from kg.ontology.statements import read_statements, shipped_folder

Severity = Literal["error", "warning"]

_PREF, _ALT, _HIDDEN = SKOS + "prefLabel", SKOS + "altLabel", SKOS + "hiddenLabel"
_WEAK, _AVOID = PK + "weakLabel", PK + "avoidLabel"
_NAMES = (_PREF, _ALT)
_POSITIVE = (*_NAMES, _HIDDEN, _WEAK)
_LABELS = (
    *_POSITIVE,
    _AVOID,
    PK + "localLabel",
    PK + "verbatimLabel",
    PK + "contextLabel",
    PK + "stem",
    PK + "suffix",
    PK + "surfaceTemplate",
    PK + "officialName",
    PK + "abbreviation",
)
_TYPE, _BROADER, _RELATED = RDF + "type", SKOS + "broader", SKOS + "related"
_PATTERN, _DEFINITION, _NOTATION = PK + "pattern", SKOS + "definition", SKOS + "notation"
_INSTRUMENT, _PLACE, _UNIT = PK + "Instrument", PK + "Place", PK + "Unit"
_KIND, _GROUP = PK + "UnitKind", PK + "UnitGroup"
_BLANKS = re.compile(r"^\s|\s$|\s{2}|[\t\n\r\u3000]|(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: the resource by the last part of its IRI, its file, and what to do about it.

    A warning is worth a look and may be meant; an error stops a build or loses a term.
    """

    severity: Severity
    kind: str
    id: str
    file: str
    message: str


class _Value(NamedTuple):
    """An object with the language of a literal and the file that states it."""

    text: str
    language: str
    file: str


class _Terms:
    """The statements by subject and property, in the order of the files."""

    def __init__(self, statements: Mapping[ox.Triple, Path]) -> None:
        self.about: dict[str, dict[str, list[_Value]]] = defaultdict(lambda: defaultdict(list))
        self.typed: dict[str, list[str]] = defaultdict(list)
        for triple, path in statements.items():
            subject, value = triple.subject, triple.object
            if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
                language = value.language or "" if isinstance(value, ox.Literal) else ""
                found = _Value(value.value, language, str(path))
                self.about[subject.value][triple.predicate.value].append(found)
                if triple.predicate.value == _TYPE:
                    self.typed[value.value].append(subject.value)

    def values(self, subject: str, *properties: str, language: str = "") -> list[_Value]:
        """Return the values of ``properties``, those in ``language`` or without one if it is given."""
        found = self.about.get(subject, {})
        return [
            value
            for name in properties
            for value in found.get(name, ())
            if not language or value.language in (language, "")
        ]

    def file(self, subject: str) -> str:
        """Return the file that says what ``subject`` is, else the first that names it."""
        found = self.values(subject, _TYPE) or self.values(subject, *self.about[subject])
        return found[0].file

    def is_a(self, subject: str, *kinds: str) -> bool:
        """Tell whether ``subject`` is of one of ``kinds``."""
        return any(value.text in kinds for value in self.values(subject, _TYPE))


def check_vocabulary(*folders: Path) -> tuple[Finding, ...]:
    """Return the faults of the shipped vocabulary with ``folders`` layered over it, errors first.

    With ``folders``, warnings about files that are not theirs are left out.  Raises OntologyError
    where a folder or file cannot be read.
    """
    found = find_faults(read_statements(*folders))
    shipped = str(shipped_folder())
    return tuple(
        fault
        for fault in found
        if fault.severity == "error" or not folders or str(Path(fault.file).parent) != shipped
    )


def find_faults(statements: Mapping[ox.Triple, Path]) -> list[Finding]:
    """Return all faults of the statements, errors before warnings, then by kind and id."""
    terms = _Terms(statements)
    found = {fault for check in _CHECKS for fault in check(terms)}
    return sorted(found, key=lambda f: (f.severity, f.kind, f.id, f.message))


def _find_shared_names(terms: _Terms) -> Iterator[Finding]:
    """Two instruments of one name; a word that is only a cue of one of them is a warning."""
    holders: dict[str, dict[str, tuple[str, _Value]]] = defaultdict(dict)
    for subject in terms.typed[_INSTRUMENT]:
        for name in _POSITIVE:
            for value in terms.values(subject, name, language="zh"):
                holders[value.text.casefold()].setdefault(subject, (name, value))
    for found in holders.values():
        if len(found) > 1:
            yield _describe_shared(found)


def _describe_shared(found: Mapping[str, tuple[str, _Value]]) -> Finding:
    """Lay a shared label at the door of the instrument that the last file names."""
    subject, (_, label) = list(found.items())[-1]
    others = ", ".join(_local(other) for other in found if other != subject)
    if sum(name in _NAMES for name, _ in found.values()) > 1:
        advice = f'"{label.text}" also names {others}; keep it at one of them'
        return Finding("error", "shared-name", _local(subject), label.file, advice)
    advice = f'"{label.text}" also points to {others}; keep it at one unless both are meant'
    return Finding("warning", "shared-cue", _local(subject), label.file, advice)


def _find_circles(terms: _Terms) -> Iterator[Finding]:
    for subject in list(terms.about):
        circle = _walk_up(terms, subject)
        if circle and subject == min(circle):
            path = " > ".join(_local(node) for node in (*circle, subject))
            message = f"its broader terms form a circle: {path}; remove one skos:broader"
            file = terms.values(subject, _BROADER)[0].file
            yield Finding("error", "circle", _local(subject), file, message)


def _walk_up(terms: _Terms, start: str) -> tuple[str, ...]:
    """Return the way over broader terms from ``start`` back to it, empty where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for value in terms.values(way[-1], _BROADER):
            if value.text == start:
                return way
            if value.text not in seen:
                seen.add(value.text)
                ways.append((*way, value.text))
    return ()


def _find_broken_links(terms: _Terms) -> Iterator[Finding]:
    """Terms that point to what is not there or is something else."""
    links = (
        ("broader", (_INSTRUMENT,), _BROADER, (_INSTRUMENT,)),
        ("parent", (_PLACE,), _BROADER, (_PLACE,)),
        ("related", (_INSTRUMENT,), _RELATED, (_INSTRUMENT,)),
        ("jurisdiction", (_UNIT, _GROUP), PK + "jurisdiction", (_PLACE,)),
        ("unit-kind", (_UNIT, _GROUP), PK + "unitKind", (_KIND,)),
    )
    for name, kinds, link, wanted in links:
        for subject in (s for kind in kinds for s in terms.typed[kind]):
            for value in terms.values(subject, link):
                if not terms.is_a(value.text, *wanted):
                    what = f"{_local(link)} {_local(value.text)}"
                    message = f"{what} is no pk:{_local(wanted[0])}; define it or mend its id"
                    yield Finding("error", name, _local(subject), value.file, message)


def _find_missing_texts(terms: _Terms) -> Iterator[Finding]:
    """Instruments without label or definition in one of both languages; other terms without name."""
    for subject in terms.typed[_INSTRUMENT]:
        for name, kind in ((_PREF, "no-label"), (_DEFINITION, "no-definition")):
            for language in ("zh", "en"):
                yield from _require(terms, subject, name, language, kind)
    for group in (_PLACE, _UNIT, _GROUP, _KIND):
        for subject in terms.typed[group]:
            yield from _require(terms, subject, _PREF, "zh", "no-label")


def _require(terms: _Terms, subject: str, name: str, language: str, kind: str) -> Iterator[Finding]:
    if not any(value.language == language for value in terms.values(subject, name)):
        message = f'no {_local(name)} in {language}; add skos:{_local(name)} "…"@{language}'
        yield Finding("error", kind, _local(subject), terms.file(subject), message)


def _find_contradictions(terms: _Terms) -> Iterator[Finding]:
    for subject in list(terms.about):
        positive = {v.text.casefold() for v in terms.values(subject, *_POSITIVE)}
        for value in terms.values(subject, _AVOID):
            if value.text.casefold() in positive:
                message = f'"{value.text}" is a label and a pk:avoidLabel; remove one of them'
                yield Finding("error", "avoided-label", _local(subject), value.file, message)


def _find_stray_blanks(terms: _Terms) -> Iterator[Finding]:
    for subject in list(terms.about):
        for name in _LABELS:
            for value in terms.values(subject, name):
                if not value.text.strip() or _BLANKS.search(value.text):
                    what = "has stray blanks" if value.text.strip() else "is empty"
                    message = f'{_local(name)} "{value.text}" {what}; mend or remove it'
                    yield Finding("error", "blanks", _local(subject), value.file, message)


def _find_one_sided(terms: _Terms) -> Iterator[Finding]:
    for subject in terms.typed[_INSTRUMENT]:
        for value in terms.values(subject, _RELATED):
            back = (other.text for other in terms.values(value.text, _RELATED))
            if terms.is_a(value.text, _INSTRUMENT) and subject not in back:
                name = _local(value.text)
                message = f"related {name}, but not the other way; add skos:related to {name}"
                yield Finding("error", "one-sided", _local(subject), value.file, message)


def _find_bad_patterns(terms: _Terms) -> Iterator[Finding]:
    for subject in list(terms.about):
        for value in terms.values(subject, _PATTERN):
            try:
                re.compile(value.text)
            except re.error as error:
                message = f"pk:pattern does not compile: {error}; mend the regular expression"
                yield Finding("error", "pattern", _local(subject), value.file, message)


def _find_strays(terms: _Terms) -> Iterator[Finding]:
    """Labels of nothing, as after a slip in an id, and instruments outside the categories."""
    for subject in list(terms.about):
        labels = terms.values(subject, *_LABELS)
        if labels and not terms.values(subject, _TYPE):
            message = "has labels but no type; mend its id, or say what it is: a pk:Instrument …"
            yield Finding("error", "no-type", _local(subject), labels[0].file, message)
    for subject in terms.typed[_INSTRUMENT]:
        if not terms.values(subject, _BROADER, _NOTATION):
            message = "stands in no category; add skos:broader with an instrument or category"
            yield Finding("error", "no-category", _local(subject), terms.file(subject), message)


def _local(iri: str) -> str:
    return iri.rsplit("/", 1)[-1].rsplit("#", 1)[-1]


_CHECKS: tuple[Callable[[_Terms], Iterable[Finding]], ...] = (
    _find_shared_names,
    _find_circles,
    _find_broken_links,
    _find_missing_texts,
    _find_contradictions,
    _find_stray_blanks,
    _find_one_sided,
    _find_bad_patterns,
    _find_strays,
)
