"""Quantities: numbers with unit and operator, as ranges (20—50万元) and lists (10、20、30万元)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from kg.extract.numbers import read_digits, read_numeral, read_share
from kg.model import UNREADABLE, Operator
from kg.ontology import Vocabulary

Kind = Literal["money", "share", "duration", "term", "multiple", "ratio", "count", "bare", ""]
_REACH, _HEDGE = 28, 3
_LEAST_NUMERAL = 10
_HALF = 50.0
_TAIL = re.compile(r"0\d")  # what a number that is torn apart leaves
_CENTURIES = range(1900, 2101)
_BEFORE: tuple[tuple[str, Operator], ...] = (
    ("operator-at-most", "<="),
    ("operator-at-least", ">="),
    ("operator-more-than", ">"),
    ("operator-less-than", "<"),
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit at ``start``–``end``, with its operator at ``first``–``last``.

    ``kind`` is empty for a number without a unit, ``bare`` where it has a scale (5亿) at least;
    ``scale`` is 0 where none is written, ``hedge`` the word that makes it a round number (左右).
    """

    start: int
    end: int
    value: float
    unit: str
    kind: Kind
    scale: float = 0.0
    op: Operator = "="
    first: int = -1
    last: int = -1
    hedge: str = ""

    def surface(self, text: str) -> str:
        """Return the number with its operator and unit as written in ``text``."""
        return text[self.first : self.last]


@dataclass(frozen=True, slots=True)
class Grammar:
    """Compiled patterns of numbers, units and operators; built from the vocabulary."""

    any_number: re.Pattern[str]
    number: re.Pattern[str]
    fraction: re.Pattern[str]
    proportion: re.Pattern[str]
    plot_ratio: re.Pattern[str]
    half: re.Pattern[str]
    range_sign: re.Pattern[str]
    list_sign: re.Pattern[str]
    ordinal: re.Pattern[str]
    divisor: re.Pattern[str]
    increase: re.Pattern[str]
    before: tuple[tuple[Operator, re.Pattern[str]], ...]
    after: re.Pattern[str]
    hedge: re.Pattern[str]
    after_operators: dict[str, Operator]
    scales: dict[str, float]
    kinds: dict[str, tuple[Kind, str]]
    units: dict[str, str]
    one: str
    points: tuple[str, ...]
    rounds: tuple[str, ...]


@lru_cache(maxsize=2)
def compile_grammar(vocabulary: Vocabulary) -> Grammar:
    """Return the patterns of quantities of ``vocabulary``."""
    units = {name: labels[0] for name, labels in vocabulary.cues("amount-unit").items()}
    kinds = _unit_kinds(vocabulary, units)
    scales = {
        label: float(name) for name, labels in vocabulary.cues("scale").items() for label in labels
    }
    numeral = vocabulary.pattern("numeral")
    words = vocabulary.cues("operator")
    operators: dict[str, Operator] = {
        **dict.fromkeys(words["at-most"], "<="),
        **dict.fromkeys(words["at-least"], ">="),
        **dict.fromkeys(words["about"], "="),
    }
    ratio = any_of(vocabulary.cues("measurement")["ratio"])
    one = vocabulary.cues("written")["one"][0]
    read_numeral(one, one)  # loads what reads numerals at the start, not within a document
    return Grammar(
        any_number=re.compile(
            rf"\d|(?:{numeral})(?:{any_of(kinds)})|{_fraction(vocabulary)}|{vocabulary.pattern('half')}"
        ),
        number=re.compile(_number(vocabulary, scales, kinds)),
        fraction=re.compile(_fraction(vocabulary)),
        proportion=re.compile(vocabulary.pattern("proportion")),
        plot_ratio=re.compile(rf"(?:{ratio})[^\d，。；]{{0,4}}(?P<value>\d+(?:\.\d+)?)"),
        half=re.compile(vocabulary.pattern("half")),
        range_sign=re.compile(vocabulary.pattern("range-sign")),
        list_sign=re.compile(vocabulary.pattern("list-sign")),
        ordinal=re.compile(vocabulary.pattern("ordinal")),
        divisor=re.compile(vocabulary.pattern("divisor")),
        increase=re.compile(vocabulary.pattern("increase")),
        before=tuple((op, re.compile(vocabulary.pattern(name))) for name, op in _BEFORE),
        after=re.compile(
            rf"{vocabulary.pattern('inclusive')}(?:\s?(?P<word>{any_of(operators)}))?"
            rf"{vocabulary.pattern('inclusive')}"
        ),
        hedge=re.compile(rf"(?:{any_of(vocabulary.cues('approx-before')['eq'])})$"),
        after_operators=operators,
        scales=scales,
        kinds=kinds,
        units=units,
        one=one,
        points=vocabulary.cues("written")["points"],
        rounds=vocabulary.cues("written")["rounds"],
    )


def any_of(words: Iterable[str]) -> str:
    """Return an alternation of ``words``, the longest first.

    >>> any_of(["元", "元整"])
    '元整|元'
    """
    return "|".join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))


def _fraction(vocabulary: Vocabulary) -> str:
    return vocabulary.pattern("fraction")


def _unit_kinds(vocabulary: Vocabulary, units: dict[str, str]) -> dict[str, tuple[Kind, str]]:
    """Return unit as written → (kind, unit as told)."""
    counted = vocabulary.cues("count-unit")["count"]
    kinds: dict[str, tuple[Kind, str]] = {label: ("count", label) for label in counted}
    measured = vocabulary.cues("measurement")
    named: tuple[tuple[str, Kind, str], ...] = (
        ("money", "money", "money"),
        ("dollars", "money", "dollars"),
        ("share", "share", "share"),
        ("permille", "share", "permille"),
        ("years", "duration", "years"),
        ("terms", "term", "years"),
        ("months", "duration", "months"),
        ("multiple", "multiple", "multiple"),
    )
    for name, kind, unit in named:
        kinds.update(dict.fromkeys(measured[name], (kind, units[unit])))
    return kinds


def _number(
    vocabulary: Vocabulary, scales: dict[str, float], kinds: dict[str, tuple[Kind, str]]
) -> str:
    about = any_of(vocabulary.cues("about")["about"])
    never = any_of([x for x in vocabulary.cues("not-counted")["not"] if x not in kinds])
    unit = rf"(?:\s?(?!{never})(?P<unit>{any_of(kinds)}))?"
    money = any_of(label for label, (kind, _) in kinds.items() if kind == "money")
    torn = rf"(?<=[\u3400-\u9fff])\d(?=[\d,]* )(?:[, ]{{0,2}}\d)*(?:\.\d+)?(?=\s?(?:{any_of(scales)}|{money}))"
    groups = r"(?:,\d{3}|，0\d\d(?!\d))*"
    cut = rf"(?!\d*[{UNREADABLE}]\d)"  # 1□20元 is neither 1 nor 20元
    digits = rf"(?<![\d.A-Za-z])(?<!\d[{UNREADABLE}])(?P<digits>{torn}|\d+{groups}(?:\.\d+)?){cut}(?:\s?(?P<scale>{any_of(list(scales))}){vocabulary.pattern('scale-end')})?"
    return rf"(?:{digits}|(?P<numeral>{vocabulary.pattern('numeral')}))(?:\s?(?:{about}))?{unit}"


def find_quantities(text: str, grammar: Grammar) -> list[Quantity]:
    """Return the quantities in ``text`` in order; ranges give a floor and a ceiling.

    >>> from kg.ontology import load_vocabulary
    >>> grammar = compile_grammar(load_vocabulary())
    >>> [(q.op, q.value, q.unit) for q in find_quantities("给予20—50万元补助", grammar)]
    [('>=', 200000.0, 'CNY'), ('<=', 500000.0, 'CNY')]
    """
    if not grammar.any_number.search(text):
        return []
    found = [*_special(text, grammar)]
    taken = [(q.start, q.end) for q in found]
    plain = [
        quantity
        for match in grammar.number.finditer(text)
        if not any(start < match.end() and match.start() < end for start, end in taken)
        and (quantity := _read(match, grammar)) is not None
    ]
    for group in _group(sorted([*plain, *found], key=lambda q: q.start), text, grammar):
        found.extend(_with_operators(group, text, grammar))
    told = [q for q in found if q.first >= 0 and q.kind]
    return sorted(told, key=lambda q: (q.start, q.end))


def _special(text: str, grammar: Grammar) -> Iterator[Quantity]:
    """Yield fractions, proportions and plot ratios, which have no unit after the number, and halves."""
    units = grammar.units
    for found in grammar.fraction.finditer(text):
        value = read_share(found, grammar.one)
        if value is not None:
            yield Quantity(*found.span(), value, units["share"], "share")
    for found in grammar.proportion.finditer(text):
        value = round(float(found["share"]) / (float(found["base"]) or 1.0), 6)
        yield Quantity(*found.span(), value, units["multiple"], "multiple")
    for found in grammar.half.finditer(text):
        yield Quantity(*found.span(), _HALF, units["share"], "share")
    for found in grammar.plot_ratio.finditer(text):
        yield Quantity(*found.span("value"), float(found["value"]), units["ratio"], "ratio")


def _read(found: re.Match[str], grammar: Grammar) -> Quantity | None:
    scale, numeral = found["scale"] or "", found["numeral"]
    if not numeral and _TAIL.match(found["digits"]):
        return None
    value = (
        read_numeral(numeral, grammar.one)
        if numeral
        else read_digits(found["digits"], scale, grammar.scales)
    )
    if value is None:
        return None
    kind, unit = grammar.kinds.get(found["unit"] or "", ("", ""))
    if kind == "count" and numeral and _is_vague(numeral, value, found["unit"], grammar):
        return None
    if not kind and scale and not numeral:
        kind = "bare"
    return Quantity(*found.span(), value, unit, kind, grammar.scales.get(scale, 0.0))


def _is_vague(numeral: str, value: float, unit: str, grammar: Grammar) -> bool:
    """Tell a numeral that counts nothing (一家, 千家场景) from one that does (十五家)."""
    return (value < _LEAST_NUMERAL and unit not in grammar.points) or numeral[0] in grammar.rounds


def _group(found: Sequence[Quantity], text: str, grammar: Grammar) -> Iterator[list[Quantity]]:
    """Yield runs of numbers that stand side by side, each with the unit of the one after it."""
    group: list[Quantity] = []
    for quantity in found:
        between = text[group[-1].end : quantity.start] if group else ""
        joined = grammar.range_sign.fullmatch(between) or grammar.list_sign.fullmatch(between)
        if group and not joined:
            yield _shared(group, text, grammar)
            group = []
        group.append(quantity)
    if group:
        yield _shared(group, text, grammar)


def _shared(group: list[Quantity], text: str, grammar: Grammar) -> list[Quantity]:
    """Give each number of a run that lacks a unit the unit (and scale) of the one after it."""
    shared = [group[-1]]
    for quantity in reversed(group[:-1]):
        after = shared[0]
        if quantity.kind in ("", "bare") and after.kind:
            quantity = _like(quantity, after, text, grammar)
        shared.insert(0, quantity)
    return shared


def _like(quantity: Quantity, after: Quantity, text: str, grammar: Grammar) -> Quantity:
    """Give a number the unit of the next: 50万元 gives 20 its 万 in 20—50万元, 1万元 none to 8000."""
    scale = after.scale if not quantity.scale else 0.0
    ranged = grammar.range_sign.fullmatch(text[quantity.end : after.start])
    if ranged and quantity.value * scale > after.value:
        scale = 0.0
    value = round(quantity.value * (scale or 1.0), 6)
    return replace(
        quantity, value=value, unit=after.unit, kind=after.kind, scale=scale or quantity.scale
    )


def _with_operators(group: list[Quantity], text: str, grammar: Grammar) -> Iterator[Quantity]:
    """Yield the quantities of a run with their operators; none of ordinals and years."""
    start, end = group[0].start, group[-1].end
    if grammar.ordinal.search(text[max(0, start - 2) : start]):
        return
    divisor = grammar.divisor.match(text, end) if group[-1].kind == "money" else None
    end = divisor.end() if divisor else end
    if any(q.kind == "duration" and q.value in _CENTURIES for q in group):
        return
    before, first = _operator_before(text, start, grammar)
    found = grammar.after.match(text, end)
    word = found["word"] or "" if found else ""
    after = grammar.after_operators.get(word, "=")
    about = bool(word) and after == "="
    last = found.end() if found else end
    rounded = grammar.hedge.search(text[max(0, start - _HEDGE) : start])
    hedge = word if about else (rounded[0] if rounded else "")
    for index, quantity in enumerate(group):
        left = first if index == 0 else quantity.start
        right = last if index == len(group) - 1 else quantity.end
        op: Operator = before if before != "=" and not about else after
        bounds = _bounds(group, index, text, grammar)
        if bounds:
            op, left, right = bounds[0], group[bounds[1]].start, group[bounds[1] + 1].end
        yield replace(quantity, op=op, first=left, last=right, hedge=hedge)


def _bounds(
    group: list[Quantity], index: int, text: str, grammar: Grammar
) -> tuple[Operator, int] | None:
    """Return the operator of an end of a range and the index where the range begins."""
    for lower, op in ((index, ">="), (index - 1, "<=")):
        if lower >= 0 and lower + 1 < len(group):
            between = text[group[lower].end : group[lower + 1].start]
            if grammar.range_sign.fullmatch(between):
                return (">=" if op == ">=" else "<="), lower
    return None


def _operator_before(text: str, start: int, grammar: Grammar) -> tuple[Operator, int]:
    """Return the operator that the words before a number give, and where they begin."""
    low = max(0, start - _REACH)
    window = text[low:start]
    for op, pattern in grammar.before:
        found = pattern.search(window)
        if found:
            return op, low + found.start()
    found = grammar.increase.search(window)
    return "=", low + found.start() if found else start
