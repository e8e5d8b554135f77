"""Amounts and targets: numbers with their unit, operator and deadline."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from kg.model import Amount, Operator, Target
from kg.ontology import Vocabulary

_NEAR = 8


@dataclass(frozen=True)
class Measures:
    """Compiled patterns of quantities; built from the vocabulary's operators and units."""

    money: re.Pattern[str]
    share: re.Pattern[str]
    years: re.Pattern[str]
    ratio: re.Pattern[str]
    count: re.Pattern[str]
    doubling: re.Pattern[str]
    before: tuple[tuple[Operator, re.Pattern[str]], ...]
    after: tuple[tuple[Operator, re.Pattern[str]], ...]
    multiples: dict[str, float]
    scales: dict[str, float]
    year: re.Pattern[str]
    units: dict[str, str]


_OPERATORS: tuple[tuple[str, Operator], ...] = (
    ("at-most", "<="),
    ("at-least", ">="),
    ("more-than", ">"),
)


@lru_cache(maxsize=2)
def compile_measures(vocabulary: Vocabulary) -> Measures:
    """Return the patterns of quantities of ``vocabulary``."""
    words = vocabulary.cues("operator")
    measured = vocabulary.cues("measurement")
    units = vocabulary.cues("count-unit")["count"]
    doubling = vocabulary.cues("doubling")
    scales = {
        label: float(name) for name, labels in vocabulary.cues("scale").items() for label in labels
    }
    about = _any(vocabulary.cues("about")["about"])
    number = (
        r"(?P<value>\d+(?:,\d{3})*(?:\.\d+)?)\s?"
        f"(?P<scale>{_any(tuple(scales))})?(?:{about})?"
    )
    return Measures(
        money=re.compile(number + f"(?:{_any(measured['money'])})"),
        share=re.compile(r"(?P<value>\d+(?:\.\d+)?)(?P<scale>)" + f"(?:{_any(measured['share'])})"),
        years=re.compile(r"(?P<value>\d+)(?P<scale>)" + f"(?:{_any(measured['years'])})"),
        ratio=re.compile(
            f"(?:{_any(measured['ratio'])})"
            + r"[^\d，。；]{0,4}(?P<value>\d+(?:\.\d+)?)(?P<scale>)"
        ),
        count=re.compile(number + f"(?P<unit>{_any(units)})"),
        doubling=re.compile(_any([label for labels in doubling.values() for label in labels])),
        before=tuple(
            (op, re.compile(f"(?:{_any(words[name])})[^\\d，。；、]{{0,4}}$"))
            for name, op in _OPERATORS
        ),
        after=tuple((op, re.compile(f"(?:{_any(words[name])})")) for name, op in _OPERATORS),
        multiples={label: float(name) for name, labels in doubling.items() for label in labels},
        scales=scales,
        year=re.compile(vocabulary.pattern("year")),
        units={
            name: vocabulary.cues("amount-unit")[name][0] for name in ("years", "ratio", "multiple")
        },
    )


def _any(words: Sequence[str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def find_amounts(text: str, measures: Measures) -> tuple[Amount, ...]:
    """Return the amounts in ``text``: money in yuan (CNY), shares in %, years, plot ratios.

    >>> from kg.ontology import load_vocabulary
    >>> vocabulary = load_vocabulary()
    >>> [amount] = find_amounts("给予最高500万元资助", compile_measures(vocabulary))
    >>> amount.value, amount.unit, amount.op, amount.surface
    (5000000.0, 'CNY', '<=', '500万元')
    """
    return tuple(amount for _, amount in sorted(_amounts(text, measures), key=lambda a: a[0]))


def _amounts(text: str, measures: Measures) -> Iterator[tuple[int, Amount]]:
    kinds = (
        (measures.money, "CNY"),
        (measures.share, "%"),
        (measures.years, measures.units["years"]),
        (measures.ratio, measures.units["ratio"]),
    )
    for pattern, unit in kinds:
        for found in pattern.finditer(text):
            start = found.start("value")
            op, _reach = find_operator(text, start, found.end(), measures)
            surface = text[start : found.end()]
            yield start, Amount(_value(found, measures), unit, op, surface)


def _value(found: re.Match[str], measures: Measures) -> float:
    value = float(found["value"].replace(",", "")) * measures.scales.get(found["scale"] or "", 1.0)
    return round(value, 6)


def find_operator(text: str, start: int, end: int, measures: Measures) -> tuple[Operator, int]:
    """Return the operator that a word right before or after a number gives, and its end."""
    before = text[max(0, start - _NEAR) : start]
    for op, pattern in measures.before:
        if pattern.search(before):
            return op, end
    for op, pattern in measures.after:
        found = pattern.match(text, end)
        if found:
            return op, found.end()
    return "=", end


def find_targets(text: str, measures: Measures) -> tuple[Target, ...]:
    """Return the quantified goals in a sentence: value, operator, unit, deadline."""
    targets: list[Target] = []
    for found in measures.count.finditer(text):
        unit = found["unit"]
        if found["unit"] == measures.units["years"] and len(found["value"]) == 4:
            continue
        op, end = find_operator(text, found.start(), found.end(), measures)
        start = found.start() - _operator_length(text, found.start(), measures)
        targets.append(
            Target(
                _value(found, measures),
                op,
                unit,
                _deadline(text, found.start(), measures),
                text[start:end],
            )
        )
    for found in measures.doubling.finditer(text):
        value = measures.multiples[found[0]]
        targets.append(
            Target(
                value,
                "=",
                measures.units["multiple"],
                _deadline(text, found.start(), measures),
                found[0],
            )
        )
    return tuple(targets)


def _operator_length(text: str, start: int, measures: Measures) -> int:
    before = text[max(0, start - _NEAR) : start]
    lengths = [len(m[0]) for _, pattern in measures.before if (m := pattern.search(before))]
    return max(lengths, default=0)


def _deadline(text: str, position: int, measures: Measures) -> str:
    """Return the last year named before the number, empty where there is none."""
    years = measures.year.findall(text[:position])
    return years[-1] if years else ""
