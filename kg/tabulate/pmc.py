"""The PMC index: policy documents scored by variables that the coding answers.

Method: M. A. Ruiz Estrada (2011), "Policy modeling: Definition, classification and evaluation",
Journal of Policy Modeling 33(4), 523-536: sub-variables are 0 or 1, a variable is the mean of its
sub-variables, the index their sum.  The variables are ours, see ``ontology/tables.ttl``.
"""

from __future__ import annotations

import csv
import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kg.errors import QueryError
from kg.graph import Aim, Coding
from kg.ontology import BASE, Vocabulary
from kg.ontology.namespaces import SKOS
from kg.tabulate.force import find_rank
from kg.tabulate.lenses import make_lens, name_class, read_pairs, read_values

SCORED = frozenset({"law", "rule", "normative", "work"})
COLUMNS = ("source", "variable", "value")
_LONG, _MEDIUM = 5.0, 2.0


@dataclass(frozen=True, slots=True)
class Variable:
    """A sub-variable: id (X4-2), id of its variable (X4), Chinese name, test."""

    id: str
    parent: str
    label: str
    test: str


@dataclass(frozen=True, slots=True)
class Score:
    """The value of a sub-variable for a document, and the measures (IRIs) that bear it out.

    ``by_hand`` marks a value that a file of corrections sets.
    """

    variable: str
    value: float
    measures: tuple[str, ...]
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class PMC:
    """A document with its scores: ``variables`` are (id, mean), ``index`` is their sum.

    ``grade`` is an id of the grades; ``most`` is what the index can reach.
    """

    document: str
    source: str
    number: str
    title: str
    scores: tuple[Score, ...]
    variables: tuple[tuple[str, float], ...]
    index: float
    most: int
    grade: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A document under test: what the list of documents says of it, its measures without repeats."""

    about: Mapping[str, Any]
    codings: tuple[Coding, ...]
    aimed: frozenset[str] = frozenset()


def read_variables(vocabulary: Vocabulary) -> tuple[Variable, ...]:
    """Return the sub-variables in the order of their ids (X2 before X10)."""
    start = f"{BASE}id/pmc/"
    parents, tests = (
        {
            subject[len(start) :]: value
            for subject, value in read_pairs(vocabulary, SKOS + name)
            if subject.startswith(start)
        }
        for name in ("broader", "notation")
    )
    return tuple(
        Variable(
            name,
            parents[name][len(start) :],
            name_class(vocabulary, "pmc-variables", name),
            tests[name],
        )
        for name in sorted(parents, key=_order)
        if name in tests
    )


def _order(name: str) -> tuple[int, ...]:
    return tuple(int(part) for part in name.lstrip("X").split("-") if part.isdigit())


def score_documents(
    codings: Iterable[Coding],
    documents: Sequence[Mapping[str, Any]],
    vocabulary: Vocabulary,
    *,
    aims: Iterable[Aim] = (),
    by_hand: Mapping[tuple[str, str], float] | None = None,
) -> tuple[PMC, ...]:
    """Return the PMC index of each policy document, the highest first.

    ``documents`` are the rows of ``kg.graph.read_documents``; laws, rules, normative and working
    documents are scored, reports and studies are not.  ``aims`` are the targets of the graph, those
    of sentences and tables that are no measures among them.  ``by_hand`` maps (source, sub-variable) to
    the value that counts instead.  Raises QueryError for a test that does not exist.
    """
    by_source: dict[str, list[Coding]] = defaultdict(list)
    for coding in codings:
        if coding.kind in SCORED and not coding.repeats:
            by_source[coding.evidence.source].append(coding)
    variables = read_variables(vocabulary)
    aimed = frozenset(aim.document for aim in aims)
    found = [
        _score(
            Subject(about, tuple(by_source[about["source"]]), aimed),
            variables,
            vocabulary,
            by_hand or {},
        )
        for about in documents
        if by_source.get(about["source"])
    ]
    return tuple(sorted(found, key=lambda pmc: (-pmc.index, pmc.source)))


def read_corrections(path: Path, vocabulary: Vocabulary) -> dict[tuple[str, str], float]:
    """Read values set by hand from CSV with the columns source, variable, value (0 to 1).

    Further columns are ignored: the file may be what ``kg pmc --inputs --csv`` prints, edited.
    Raises QueryError naming the line for a column, sub-variable or value that cannot be.
    """
    known = {variable.id for variable in read_variables(vocabulary)}
    found: dict[tuple[str, str], float] = {}
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise QueryError(
                f"{path}: no column {', '.join(missing)}; needed: {', '.join(COLUMNS)}"
            )
        for row in reader:
            name, text = row["variable"], row["value"]
            if name not in known:
                raise QueryError(f"{path}, line {reader.line_num}: no sub-variable {name!r}")
            found[row["source"], name] = _read_value(text, path, reader.line_num)
    return found


def _read_value(text: str, path: Path, line: int) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise QueryError(f"{path}, line {line}: {text!r} is no number from 0 to 1") from error
    if not 0 <= value <= 1:
        raise QueryError(f"{path}, line {line}: {text} is not between 0 and 1")
    return value


def _score(
    subject: Subject,
    variables: Sequence[Variable],
    vocabulary: Vocabulary,
    by_hand: Mapping[tuple[str, str], float],
) -> PMC:
    source = str(subject.about["source"])
    scores = []
    for variable in variables:
        held, measures = run_test(variable.test, subject, vocabulary)
        score = Score(variable.id, float(held), measures)
        hand = by_hand.get((source, variable.id))
        if hand is not None and hand != score.value:
            score = replace(score, value=hand, by_hand=True)
        scores.append(score)
    means: dict[str, list[float]] = defaultdict(list)
    for variable, score in zip(variables, scores, strict=True):
        means[variable.parent].append(score.value)
    averaged = tuple((name, round(sum(v) / len(v), 4)) for name, v in means.items())
    index = round(sum(sum(v) / len(v) for v in means.values()), 2)
    return PMC(
        document=subject.codings[0].document,
        source=source,
        number=str(subject.about["number"] or ""),
        title=str(subject.about["title"] or ""),
        scores=tuple(scores),
        variables=averaged,
        index=index,
        most=len(averaged),
        grade=find_grade(index, len(averaged), vocabulary),
    )


def find_grade(index: float, most: int, vocabulary: Vocabulary) -> str:
    """Return the grade of an index; bounds are for ten variables and scaled to ``most``."""
    grades = read_values(vocabulary, "pmc-grades")
    return next((name for name, bound in grades.items() if index >= bound * most / 10), "")


def run_test(test: str, subject: Subject, vocabulary: Vocabulary) -> tuple[bool, tuple[str, ...]]:
    """Return whether a document meets a test, and the measures (IRIs) that show it."""
    kind, _, listed = test.partition(":")
    wanted = frozenset(filter(None, listed.split(",")))
    if kind == "always":
        return True, ()
    if kind == "level":
        return find_rank(subject.codings[0].seat, vocabulary) in wanted, ()
    if kind == "term":
        return find_term(subject.about) in wanted, ()
    if kind == "has" and listed in _ABOUT:
        return bool(subject.about[_ABOUT[listed]]), ()
    matches = _find_test(kind, listed, wanted, vocabulary)
    measures = tuple(c.measure for c in subject.codings if matches(c))
    aimed = test == "has:targets" and subject.codings[0].document in subject.aimed
    return bool(measures) or aimed, measures


_ABOUT = {"cites": "cites", "tables": "tables"}
_HAS: dict[str, Callable[[Coding], bool]] = {
    "amounts": lambda c: bool(c.amounts),
    "targets": lambda c: bool(c.targets),
    "units": lambda c: bool(c.duties),
    "joint": lambda c: len({duty.unit for duty in c.duties}) > 1,
    "leads": lambda c: {"lead", "support"} <= {duty.role for duty in c.duties},
}


def _find_test(
    kind: str, listed: str, wanted: frozenset[str], vocabulary: Vocabulary
) -> Callable[[Coding], bool]:
    if kind == "has" and listed in _HAS:
        return _HAS[listed]
    if kind == "strength":
        return lambda c: c.strength in wanted
    if kind == "category":
        return lambda c: bool(wanted & set(c.categories))
    if kind == "beneficiary":
        return lambda c: bool(wanted & set(c.beneficiaries))
    if kind == "lens":
        lens = make_lens("rothwell", vocabulary)
        return lambda c: bool(wanted & set(lens.classify(c)))
    if kind == "instrument":
        below = {n for name in wanted for n in vocabulary.narrower(name)}
        return lambda c: bool(below & set(c.instruments))
    known = "always, level, term, strength, category, lens, beneficiary, instrument, has"
    raise QueryError(f"no test {kind}:{listed} for the PMC index; there are: {known}")


def find_term(about: Mapping[str, Any]) -> str:
    """Return long, medium or short by the years from entry into force (else issue) to the end.

    A document without a stated end counts as long.
    """
    start, end = about["effective"] or about["issued"], about["expires"]
    if not end or not start:
        return "long"
    days = (datetime.date.fromisoformat(end) - datetime.date.fromisoformat(start)).days
    years = days / 365.25
    return "long" if years >= _LONG else "medium" if years >= _MEDIUM else "short"
