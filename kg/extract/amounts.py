"""Amounts and targets: a number belongs to the support, to a goal or to a condition."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import category

from kg.extract.counted import IndicatorNames, compile_names
from kg.extract.quantities import Grammar, Quantity, any_of, compile_grammar, find_quantities
from kg.model import Amount, Target
from kg.ontology import Vocabulary

_BRACKETS = ("Ps", "Pe")
_NEAR = 5


@dataclass(frozen=True)
class Measures:
    """Compiled patterns that tell what a number is for; built from the vocabulary."""

    grammar: Grammar
    names: IndicatorNames
    segment: re.Pattern[str]
    giving: re.Pattern[str]
    support: re.Pattern[str]
    supported: re.Pattern[str]
    given: re.Pattern[str]
    threshold_noun: re.Pattern[str]
    rate_base: re.Pattern[str]
    duration: re.Pattern[str]
    duration_after: re.Pattern[str]
    duration_not: re.Pattern[str]
    loan_term: re.Pattern[str]
    per_unit: re.Pattern[str]
    goal_sign: re.Pattern[str]
    goal_aim: re.Pattern[str]
    goal_lead: re.Pattern[str]
    rate_noun: re.Pattern[str]
    permission: re.Pattern[str]
    group_begin: re.Pattern[str]
    not_aimed: tuple[re.Pattern[str], re.Pattern[str]]
    changed: tuple[re.Pattern[str], re.Pattern[str]]
    compared: re.Pattern[str]
    goal_measure: re.Pattern[str]
    condition: re.Pattern[str]
    noun: re.Pattern[str]
    doubled: re.Pattern[str]
    doubling: re.Pattern[str]
    multiples: dict[str, float]
    year: re.Pattern[str]
    yearly: re.Pattern[str]
    plan_ends: dict[str, str]


@lru_cache(maxsize=2)
def compile_measures(vocabulary: Vocabulary) -> Measures:
    """Return the patterns of amounts and targets of ``vocabulary``."""

    def pattern(name: str) -> re.Pattern[str]:
        return re.compile(vocabulary.pattern(name))

    doubling = {
        label: float(name)
        for name, labels in vocabulary.cues("doubling").items()
        for label in labels
    }
    return Measures(
        grammar=compile_grammar(vocabulary),
        names=compile_names(vocabulary),
        segment=pattern("segment"),
        giving=pattern("giving"),
        support=pattern("support"),
        supported=pattern("supported"),
        given=pattern("given"),
        threshold_noun=pattern("threshold-noun"),
        rate_base=pattern("rate-base"),
        duration=pattern("duration"),
        duration_after=pattern("duration-after"),
        duration_not=pattern("duration-not"),
        loan_term=pattern("loan-term"),
        per_unit=pattern("per-unit"),
        goal_sign=pattern("goal-sign"),
        goal_aim=pattern("goal-aim"),
        goal_lead=pattern("goal-lead"),
        rate_noun=pattern("rate-noun"),
        permission=pattern("permission"),
        group_begin=pattern("group-begin"),
        not_aimed=(pattern("not-aimed-before"), pattern("not-aimed-after")),
        changed=(pattern("previous-value"), pattern("changed-value")),
        compared=pattern("compared-year"),
        goal_measure=pattern("goal-measure"),
        condition=pattern("clause-tail"),
        noun=pattern("qualified-noun"),
        doubled=re.compile(any_of(list(doubling))),
        doubling=re.compile(
            f"{vocabulary.pattern('doubling-years')}(?P<word>{any_of(list(doubling))})"
            f"(?!{vocabulary.pattern('programme')})"
        ),
        multiples=doubling,
        year=pattern("year"),
        yearly=pattern("yearly"),
        plan_ends={
            label: year for year, labels in vocabulary.cues("plan-end").items() for label in labels
        },
    )


def find_amounts(text: str, measures: Measures) -> tuple[Amount, ...]:
    """Return the amounts of support in ``text``: yuan (CNY), %, years, months, multiples.

    A range gives its floor and its ceiling; thresholds of eligibility are left out.

    >>> from kg.ontology import load_vocabulary
    >>> measures = compile_measures(load_vocabulary())
    >>> [amount] = find_amounts("对年收入2000万元以上的企业，给予最高500万元资助", measures)
    >>> amount.value, amount.unit, amount.op, amount.surface
    (5000000.0, 'CNY', '<=', '最高500万元')
    """
    return read_quantities(text, measures)[0]


def find_targets(text: str, measures: Measures) -> tuple[Target, ...]:
    """Return the quantified goals in a sentence: value, operator, unit, deadline, indicator.

    >>> from kg.ontology import load_vocabulary
    >>> [target] = find_targets("到2025年，科技企业超60家", compile_measures(load_vocabulary()))
    >>> target.value, target.op, target.unit, target.deadline, target.surface, target.indicator
    (60.0, '>', '家', '2025', '超60家', '科技企业')
    """
    return read_quantities(text, measures)[1]


def read_quantities(text: str, measures: Measures) -> tuple[tuple[Amount, ...], tuple[Target, ...]]:
    """Return the amounts of support and the goals in ``text``; no number is both."""
    quantities = find_quantities(text, measures.grammar)
    if not quantities and not measures.doubled.search(text):
        return (), ()
    sentence = _Sentence(text, measures)
    roles = [(quantity, sentence.role(quantity)) for quantity in quantities]
    amounts = tuple(sentence.amount(q) for q, role in roles if role == "amount")
    granting = any(role == "amount" and q.kind == "money" for q, role in roles)
    goals = [
        q
        for q, role in roles
        if role == "target" or (role == "count" and sentence.is_goal(q, granting=granting))
    ]
    return amounts, tuple(sentence.targets(goals))


class _Sentence:
    """A sentence with its segments, and what each of its numbers is for."""

    def __init__(self, text: str, measures: Measures) -> None:
        self.text = text
        self.measures = measures
        self.breaks = [(m.start(), m.end()) for m in measures.segment.finditer(text)]
        self.stops = [end for start, end in self.breaks if category(text[start]) not in _BRACKETS]
        self.giving = [m.end() for m in measures.giving.finditer(text)]
        self.support = sorted([*self.giving, *(m.end() for m in measures.support.finditer(text))])
        self.goals = [m.start() for m in measures.goal_sign.finditer(text)]

    def role(self, quantity: Quantity) -> str:
        """Return amount, target, count (perhaps a goal) or nothing for a quantity."""
        if self._is_threshold(quantity) or self._is_previous(quantity):
            return ""
        if quantity.kind in ("count", "bare") and not self._is_money(quantity):
            return "count"
        if quantity.kind in ("duration", "term"):
            return "amount" if self._is_duration(quantity) else ""
        if quantity.kind == "ratio":
            return "amount"
        return self._purpose(quantity)

    def _is_previous(self, quantity: Quantity) -> bool:
        """Tell the value that a new one replaces (由6%至10%提高至…)."""
        before, after = self.measures.changed
        begins = quantity.first if quantity.first >= 0 else quantity.start
        return bool(before.search(self.text[:begins]) and after.match(self.text, quantity.last))

    def _aims(self, quantity: Quantity) -> bool:
        """Tell whether the clause of a number aims (力争, 新增) and gives nothing."""
        start, _ = self._segment(quantity)
        given = any(start < at <= quantity.start for at in self.giving)
        return not given and bool(self.measures.goal_aim.search(self.text[start : quantity.first]))

    def _purpose(self, quantity: Quantity) -> str:
        """Tell support from goal: what is named last before the number decides."""
        if self._aims(quantity):
            return "target"
        support = max((at for at in self.support if at <= quantity.start), default=-1)
        goal = max((at for at in self.goals if at < quantity.start), default=-1)
        if support >= 0 or self.measures.given.match(self.text, quantity.last):
            start, _ = self._segment(quantity)
            return "target" if goal > support and support < start else "amount"
        ends = (quantity.first, quantity.start)
        if goal >= 0 or any(self.measures.goal_measure.search(self.text, 0, e) for e in ends):
            return "target"
        start, end = self._segment(quantity)
        if quantity.kind == "share":
            before = self.text[: quantity.first]
            steered = self.measures.rate_noun.search(before[start:])
            return "target" if steered and not self.measures.permission.search(before) else "amount"
        bounded = quantity.op in (">", ">=") and self._is_based(quantity)
        if bounded and end >= len(self.text.rstrip("。；")) and quantity.first < quantity.start:
            return "target"
        return "" if bounded else "amount"

    def _is_based(self, quantity: Quantity) -> bool:
        """Tell whether the number measures what a firm must reach (年营业收入, 投资额)."""
        start, _ = self._segment(quantity)
        return bool(self.measures.threshold_noun.search(self.text[start : quantity.first]))

    def _is_money(self, quantity: Quantity) -> bool:
        """Tell whether a number without a unit (奖励50万) is money."""
        start, _ = self._segment(quantity)
        given = any(start < at <= quantity.start for at in self.giving)
        return quantity.kind == "bare" and (given or self._is_based(quantity))

    def _segment(self, quantity: Quantity) -> tuple[int, int]:
        start = max((end for _, end in self.breaks if end <= quantity.first), default=0)
        end = min((at for at, _ in self.breaks if at >= quantity.last), default=len(self.text))
        return start, end

    def _is_threshold(self, quantity: Quantity) -> bool:
        """Tell whether a number belongs to a condition (年营业收入2000万元以上的企业，…)."""
        start, end = self._segment(quantity)
        if self.measures.supported.match(self.text, quantity.last):
            return False
        given = any(start < at <= quantity.start for at in self.giving)
        if quantity.kind != "count" and self._aims(quantity) and self._ends_open(end):
            return False
        if self.measures.condition.search(self.text[start:end]):
            return not given or self.text[end : end + 1] in ("，", "；", "。", "：", "")
        based = self._is_based(quantity)
        bounded = quantity.op in (">", ">=")
        qualifies = bool(self.measures.noun.match(self.text, quantity.last))
        if given:
            return based and bounded and qualifies
        if (
            quantity.kind != "count"
            and self.measures.given.match(self.text, quantity.last)
            and not bounded
        ):
            return False
        if self.measures.rate_base.search(self.text[start : quantity.first]):
            return False
        later = any(at > quantity.end for at in self.giving)
        if quantity.kind == "count" and (led := self._led_by(quantity)):
            grouped = later and self.measures.group_begin.match(self.text, start)
            apart = led.end() != quantity.first
            limits = bounded and later and (qualifies or apart)
            return (
                bool(grouped)
                or limits
                or (qualifies and bounded and not self._is_near(led, quantity))
            )
        return qualifies or (later and (based or bounded or quantity.kind == "count"))

    def _ends_open(self, end: int) -> bool:
        """Tell whether a clause states no condition: it does not end in 的 and nothing is given later."""
        conditional = self.measures.condition.search(self.text[:end])
        return not conditional and not any(at > end for at in self.giving)

    def _led_by(self, quantity: Quantity) -> re.Match[str] | None:
        """Return the words of a goal that lead to a count (每年遴选20家, 实现100户以上)."""
        start, _ = self._segment(quantity)
        leads = list(self.measures.goal_lead.finditer(self.text, start, quantity.start))
        if leads and (quantity.op == "=" or self._is_near(leads[-1], quantity)):
            return leads[-1]
        before = self.text[start : quantity.first]
        return self.measures.yearly.search(before) or self.measures.goal_sign.search(before)

    def _is_near(self, led: re.Match[str], quantity: Quantity) -> bool:
        """Tell whether the words of a goal stand next to the count, or to another in its list."""
        between = self.text[led.end() : quantity.first]
        return len(between) <= _NEAR or bool(self.measures.grammar.any_number.search(between))

    def _is_duration(self, quantity: Quantity) -> bool:
        """Tell how long support lasts (连续3年, 贴息期不超过3年) from other spans of time."""
        start, end = self._segment(quantity)
        before = self.text[start : quantity.start]
        if self.measures.per_unit.search(before) or self.measures.loan_term.search(before):
            return False
        limited = quantity.op == "<=" and any(at <= start for at in self.giving)
        supported = (
            limited or quantity.kind == "term" or any(start < a <= end for a in self.support)
        )
        if self.measures.duration_not.match(self.text, quantity.end) or not supported:
            return False
        return bool(
            self.measures.duration.search(before)
            or self.measures.duration_after.match(self.text, quantity.end)
        )

    def amount(self, quantity: Quantity) -> Amount:
        """Return the quantity as an amount."""
        unit = quantity.unit or self.measures.grammar.units["money"]
        surface = quantity.surface(self.text)
        return Amount(quantity.value, unit, quantity.op, surface, quantity.hedge)

    def is_goal(self, quantity: Quantity, *, granting: bool) -> bool:
        """Tell a count that is aimed at from one that belongs to the rules of the support."""
        start, _ = self._segment(quantity)
        before = self.text[start : quantity.first]
        if self.measures.per_unit.search(before) or self._is_called(quantity):
            return False
        signs = [at for at in self.goals if at < quantity.start]
        if quantity.op in ("<=", "<") and not signs:
            return False
        return not granting or bool(self.measures.goal_lead.search(before))

    def _is_called(self, quantity: Quantity) -> bool:
        """Tell a count of what is there already (甲、乙等4个园区) or is called by it (32条措施)."""
        before, after = self.measures.not_aimed
        return bool(
            after.match(self.text, quantity.last)
            or (
                (listed := before.search(self.text[: quantity.first]))
                and not self.measures.goal_lead.search(listed[0])
                and self._goes_on(quantity.last)
            )
        )

    def _goes_on(self, position: int) -> bool:
        return category(self.text[position : position + 1] or "。") == "Lo"

    def targets(self, quantities: Iterable[Quantity]) -> Iterator[Target]:
        """Yield the targets of the sentence in order."""
        reach = 0
        for q in quantities:
            start = max([reach, *(at for at in self.stops if at <= q.first)])
            name = self.measures.names.read(self.text, min(start, q.first), q.first, q.last)
            unit = q.unit or self._unit(q)
            deadline = self._deadline(q.start)
            yield Target(q.value, q.op, unit, deadline, q.surface(self.text), name, q.hedge)
            reach = q.last
        unit = self.measures.grammar.units["multiple"]
        for found in self.measures.doubling.finditer(self.text):
            start = max((e for _, e in self.breaks if e <= found.start()), default=0)
            name = self.measures.names.before(self.text[start : found.start()])
            value = self.measures.multiples[found["word"]]
            yield Target(value, "=", unit, self._deadline(found.start()), found[0], name)

    def _unit(self, quantity: Quantity) -> str:
        """Return the unit of a number with a scale alone (突破5亿): yuan or pieces."""
        units = self.measures.grammar.units
        return units["money"] if self._is_money(quantity) else units["piece"]

    def _deadline(self, position: int) -> str:
        """Return the last year named before the number, else 每年, else the end of a plan named."""
        before = self.text[:position]
        years = [
            found[1]
            for found in self.measures.year.finditer(before)
            if not self.measures.compared.search(before[: found.start()])
        ]
        if years:
            return str(years[-1])
        if self.measures.yearly.search(before):
            return self.measures.grammar.units["yearly"]
        return next((y for name, y in self.measures.plan_ends.items() if name in before), "")
