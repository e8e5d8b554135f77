"""A fast check of N-Quads lines against the shapes, for every document of a build.

pySHACL needs some 0.2 ms a triple, more than the whole rest of a build; this reads the same
``shapes.ttl`` into look-ups and checks the lines as they are.  It knows the few core constraints
that the shapes use and refuses others, and agrees with pySHACL on them (tested).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from kg.errors import OntologyError
from kg.graph.literals import is_date, unescape_text
from kg.ontology import BASE, shipped_folder
from kg.ontology.namespaces import RDF, XSD

SH = "http://www.w3.org/ns/shacl#"

_TYPE = f"<{RDF}type>"
_LANGUAGE = re.compile(r'"@([A-Za-z]+(?:-[A-Za-z0-9]+)*)\Z')
_LEXICAL: dict[str, Callable[[str], object]] = {
    XSD + "integer": re.compile(r"[+-]?[0-9]+").fullmatch,
    XSD + "decimal": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)").fullmatch,
    XSD + "boolean": re.compile("true|false|0|1").fullmatch,
    XSD + "date": is_date,
    XSD + "gYear": re.compile("[0-9]{4}").fullmatch,
}
_INTEGER = f'"^^<{XSD}integer>'
_NUMERIC = (_INTEGER, f'"^^<{XSD}decimal>')
_NOT_CHECKED = {"path", "property", "targetClass", "name", "description", "message", "severity"}

Test = Callable[[str], bool]
Properties = Mapping[str, Sequence[str]]


class Violation(NamedTuple):
    """One thing wrong: IRIs of the resource and property, SHACL constraint, value, message."""

    resource: str
    path: str
    constraint: str
    value: str
    message: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What the shapes ask of one property: how many values, and tests each must pass.

    Terms are in N-Quads notation.  ``tests`` are pairs of a constraint's name and a test,
    ``accepts`` joins them, ``kind`` is the class that each value must have, ``not_above`` the
    property whose value is no less.
    """

    path: str
    least: int
    most: int | None
    tests: tuple[tuple[str, Test], ...]
    accepts: Test
    kind: str = ""
    not_above: str = ""
    unique_language: bool = False


Rules = Mapping[str, tuple[Rule, ...]]


def load_rules(path: Path | None = None, *, base: str = BASE) -> Rules:
    """Read the shapes, by default the shipped ones, as rules by class.

    Raises OntologyError for a file that cannot be read or a constraint that is not known here.
    """
    shapes = _read_shapes(path or shipped_folder() / "shapes.ttl", base=base)
    rules: dict[str, list[Rule]] = defaultdict(list)
    for found in shapes.values():
        for target in found.get("targetClass", ()):
            names = [n for n in found if n not in _NOT_CHECKED and n != "nodeKind"]
            if names:
                raise OntologyError(f"shape of {target}: unknown constraint {names[0]}")
            properties = found.get("property", ())
            rules[str(target)] += [_read_rule(shapes[p.value]) for p in properties]
    return {target: tuple(found) for target, found in rules.items()}


def check_graph(lines: Iterable[str], rules: Rules) -> list[Violation]:
    """Check the N-Quads lines of one document's named graph; an empty list means: sound."""
    resources = _read_resources(lines)
    types = {subject: properties.get(_TYPE, ()) for subject, properties in resources.items()}
    violations = []
    for subject, properties in resources.items():
        if subject[0] != "<":
            violations.append(_describe(subject, "", "NodeKind", subject, "resource has no IRI"))
        for kind in types[subject]:
            for rule in rules.get(kind, ()):
                values = properties.get(rule.path)
                if values is None:
                    sound = rule.least == 0
                else:
                    sound = len(values) == 1 and rule.accepts(values[0])
                    sound = sound and (not rule.kind or rule.kind in types.get(values[0], ()))
                    if rule.not_above:
                        others = properties.get(rule.not_above, ())
                        sound = sound and len(others) == 1 and _is_ordered(values[0], others[0])
                if not sound:
                    violations += _check_property(subject, properties, rule, types)
    return sorted(set(violations))


def _check_property(
    subject: str, properties: Properties, rule: Rule, types: Properties
) -> Iterator[Violation]:
    """Yield what is wrong with one property."""
    values = properties.get(rule.path, ())
    if len(values) < rule.least:
        yield _describe(subject, rule.path, "MinCount", "", f"fewer than {rule.least} values")
    if rule.most is not None and len(values) > rule.most:
        yield _describe(subject, rule.path, "MaxCount", "", f"more than {rule.most} values")
    for value in values:
        for name, test in rule.tests:
            if not test(value):
                yield _describe(subject, rule.path, name, value, "value is not as it must be")
        if rule.kind and rule.kind not in types.get(value, ()):
            yield _describe(subject, rule.path, "Class", value, f"value is no {rule.kind}")
    if rule.not_above:
        yield from _check_order(subject, properties, rule)
    if rule.unique_language and len(values) > 1:
        yield from _check_languages(subject, rule, values)


def _check_order(subject: str, properties: Properties, rule: Rule) -> Iterator[Violation]:
    for value in properties.get(rule.path, ()):
        for other in properties.get(rule.not_above, ()):
            low, high = _read_number(value), _read_number(other)
            if low is None or high is None or low > high:
                name, reason = "LessThanOrEquals", f"above {other} of {rule.not_above}"
                yield _describe(subject, rule.path, name, value, reason)


def _is_ordered(low: str, high: str) -> bool:
    """Tell whether both are plain whole numbers, as offsets are, and the first no greater."""
    first, second = low[1 : -len(_INTEGER)], high[1 : -len(_INTEGER)]
    whole = low.endswith(_INTEGER) and high.endswith(_INTEGER)
    return whole and first.isdecimal() and second.isdecimal() and int(first) <= int(second)


def _check_languages(subject: str, rule: Rule, values: Sequence[str]) -> Iterator[Violation]:
    languages = [found[1].lower() for value in values if (found := _LANGUAGE.search(value))]
    for language in sorted({name for name in languages if languages.count(name) > 1}):
        reason = f"more than one value in language {language}"
        yield _describe(subject, rule.path, "UniqueLang", "", reason)


def _describe(subject: str, path: str, name: str, value: str, reason: str) -> Violation:
    constraint = f"{name}ConstraintComponent"
    return Violation(subject.strip("<>"), path.strip("<>"), constraint, value, reason)


def _read_resources(lines: Iterable[str]) -> dict[str, dict[str, list[str]]]:
    """Index lines as subject → property → objects, all in N-Quads notation."""
    resources: dict[str, dict[str, list[str]]] = {}
    for line in lines:
        subject, path, rest = line.split(" ", 2)
        properties = resources.get(subject)
        if properties is None:
            properties = resources[subject] = {}
        value = rest[: rest.rindex(" <")]
        if path in properties:
            properties[path].append(value)
        else:
            properties[path] = [value]
    return resources


def _read_shapes(path: Path, *, base: str) -> dict[str, dict[str, list[ox.NamedNode | ox.Literal]]]:
    """Read subject → local name of the SHACL property → objects."""
    try:
        text = path.read_text(encoding="utf-8").replace(BASE, base)
        quads = list(ox.parse(text, format=ox.RdfFormat.TURTLE))
    except (OSError, SyntaxError) as error:
        raise OntologyError(f"{path}: cannot be read: {error}") from error
    shapes: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = defaultdict(dict)
    for subject, predicate, value, _ in quads:
        if not isinstance(subject, ox.NamedNode) or isinstance(value, ox.BlankNode | ox.Triple):
            raise OntologyError(f"{path}: blank node in {subject} {predicate} {value}")
        if predicate.value.startswith(SH):
            shapes[subject.value].setdefault(predicate.value[len(SH) :], []).append(value)
    return shapes


def _read_rule(found: Mapping[str, list[ox.NamedNode | ox.Literal]]) -> Rule:
    """Turn a property shape into a rule; each constraint stands there once."""
    values = {name: objects[0] for name, objects in found.items() if name not in _NOT_CHECKED}
    most = values.pop("maxCount", None)
    least = values.pop("minCount", None)
    unique = values.pop("uniqueLang", None)
    not_above = values.pop("lessThanOrEquals", None)
    kind = values.pop("class", None)
    tests = tuple(_make_test(name, value.value) for name, value in values.items())
    return Rule(
        path=str(found["path"][0]),
        least=int(least.value) if least else 0,
        most=int(most.value) if most else None,
        tests=tests,
        accepts=_join_tests(tests),
        kind=str(kind) if kind else "",
        not_above=str(not_above) if not_above else "",
        unique_language=unique is not None and unique.value == "true",
    )


def _join_tests(tests: Sequence[tuple[str, Test]]) -> Test:
    """Join tests into one that remembers: most values are ids and small numbers."""
    return lru_cache(maxsize=4096)(lambda term: all(test(term) for _, test in tests))


def _make_test(name: str, parameter: str) -> tuple[str, Test]:
    """Make the test of one constraint on a term in N-Quads notation."""
    label = name[0].upper() + name[1:]
    if name == "datatype":
        return label, _make_datatype_test(parameter)
    if name == "nodeKind" and parameter in (SH + "IRI", SH + "Literal"):
        opening = "<" if parameter == SH + "IRI" else '"'
        return label, lambda term: term.startswith(opening)
    if name == "pattern":
        search = re.compile(parameter).search
        return label, lambda term: search(_read_value(term)) is not None
    if name == "minLength":
        return label, lambda term: len(_read_value(term)) >= int(parameter)
    if name in ("minInclusive", "maxInclusive"):
        bound, sign = Decimal(parameter), 1 if name == "minInclusive" else -1
        return label, lambda term: _is_at_least(term, bound, sign)
    raise OntologyError(f"the shapes use sh:{name} {parameter}, which the check does not know")


def _make_datatype_test(datatype: str) -> Test:
    if datatype == RDF + "langString":
        return lambda term: _LANGUAGE.search(term) is not None
    if datatype == XSD + "string":
        return lambda term: term[0] == '"' and term[-1] == '"'
    if datatype not in _LEXICAL:
        raise OntologyError(f"the shapes use {datatype}, which the check does not know")
    ending, is_lexical = f'"^^<{datatype}>', _LEXICAL[datatype]
    return lambda term: term.endswith(ending) and bool(is_lexical(term[1 : -len(ending)]))


def _read_value(term: str) -> str:
    """Return the text of a literal, or an IRI, from its N-Quads notation."""
    if term[0] == "<":
        return term[1:-1]
    return unescape_text(term[1 : term.rindex('"')])


def _read_number(term: str) -> Decimal | None:
    if not term.endswith(_NUMERIC):
        return None
    text = _read_value(term)
    return Decimal(text) if _LEXICAL[XSD + "decimal"](text) else None


def _is_at_least(term: str, bound: Decimal, sign: int) -> bool:
    number = _read_number(term)
    return number is not None and (number - bound) * sign >= 0
