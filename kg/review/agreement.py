"""Agreement between two coders, corrected for chance, over units and over stretches of text.

Cohen (1960), A coefficient of agreement for nominal scales; Krippendorff (2011), Computing
Krippendorff's alpha-reliability; for unitizing Krippendorff (2004), Measuring the reliability of
qualitative text analysis data, Quality & Quantity 38, with the exact formulas of his (1995).
The formulas stand here because the kept library of alpha is under the GPL and has no unitizing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from itertools import accumulate

from kg.model import Span

Value = Hashable | None


def measure_kappa(one: Sequence[Hashable], two: Sequence[Hashable]) -> float | None:
    """Return Cohen's kappa of two codings of the same units; None where chance explains all.

    >>> measure_kappa("aabbc", "aabbc"), measure_kappa("aa", "aa")
    (1.0, None)
    """
    pairs = list(zip(one, two, strict=True))
    if not pairs:
        return None
    observed = sum(a == b for a, b in pairs) / len(pairs)
    first, second = Counter(one), Counter(two)
    expected = sum(first[value] * second[value] for value in first) / len(pairs) ** 2
    return None if expected == 1 else (observed - expected) / (1 - expected)


def measure_alpha(codings: Sequence[Sequence[Value]]) -> float | None:
    """Return Krippendorff's alpha for nominal values; a coding a coder, None where one is missing.

    None where all values are the same, or nothing was coded twice.

    >>> round(measure_alpha(["aabbdcccedda", "babbbccceddd"]), 3)
    0.692
    """
    totals: Counter[Value] = Counter()
    disagreeing = 0.0
    for unit in zip(*codings, strict=True):
        values = [value for value in unit if value is not None]
        if len(values) < 2:
            continue
        counts = Counter(values)
        totals.update(counts)
        same = sum(n * (n - 1) for n in counts.values())
        disagreeing += (len(values) * (len(values) - 1) - same) / (len(values) - 1)
    size = sum(totals.values())
    expected = size * size - sum(n * n for n in totals.values())
    return 1 - (size - 1) * disagreeing / expected if expected else None


def measure_f1(one: Iterable[bool], two: Iterable[bool]) -> float | None:
    """Return the F1 of one coder's yes against the other's (the same both ways); None without any."""
    both = either = 0
    for a, b in zip(one, two, strict=True):
        both += a and b
        either += a + b
    return 2 * both / either if either else None


def measure_unitizing_alpha(coders: Sequence[Sequence[Span]], whole: Span) -> float | None:
    """Return Krippendorff's alpha for unitizing one category; a list of units a coder.

    ``whole`` is the continuum; units of one coder must not overlap.  Units that overlap disagree by
    the squares of their differences at both ends, a unit within another's gap by the square of its
    length.  None where no disagreement can be expected.
    """
    observed, expected = measure_disagreement(coders, whole)
    return 1 - observed / expected if expected else None


def measure_disagreement(coders: Sequence[Sequence[Span]], whole: Span) -> tuple[float, float]:
    """Return observed and expected disagreement of a unitizing (D_o and D_e of the source).

    Raises ValueError for units of one coder that overlap or leave the continuum.
    """
    length, number = whole.end - whole.start, len(coders)
    sections = [_cut_sections(units, whole) for units in coders]
    apart = sum(
        _compare_sections(one, two) for one in sections for two in sections if one is not two
    )
    observed = apart / (number * (number - 1) * length**2) if length and number > 1 else 0.0
    return observed, _expect_disagreement(sections, number * length, length)


Section = tuple[Span, bool]


def _cut_sections(units: Iterable[Span], whole: Span) -> list[Section]:
    """Cut the continuum into units (true) and the gaps between them (false)."""
    sections: list[Section] = []
    at = whole.start
    for unit in sorted(units):
        if unit.start < at or unit.end > whole.end or unit.end <= unit.start:
            raise ValueError(f"unit {unit} overlaps another one or leaves {whole}")
        if unit.start > at:
            sections.append((Span(at, unit.start), False))
        sections.append((unit, True))
        at = unit.end
    if at < whole.end:
        sections.append((Span(at, whole.end), False))
    return sections


def _compare_sections(one: Sequence[Section], two: Sequence[Section]) -> int:
    """Sum the disagreements of the units of one coder with the sections of another."""
    total, first = 0, 0
    for span, is_unit in one:
        while first < len(two) and two[first][0].end <= span.start:
            first += 1
        at = first
        while is_unit and at < len(two) and two[at][0].start < span.end:
            other, is_other = two[at]
            if is_other:
                total += (span.start - other.start) ** 2 + (span.end - other.end) ** 2
            elif other.start <= span.start and span.end <= other.end:
                total += 2 * (span.end - span.start) ** 2  # once from either side
            at += 1
    return total


def _expect_disagreement(sections: Sequence[Sequence[Section]], places: int, length: int) -> float:
    units = [span.end - span.start for found in sections for span, is_unit in found if is_unit]
    gaps = sorted(
        span.end - span.start for found in sections for span, is_unit in found if not is_unit
    )
    after = [*accumulate(reversed(gaps), initial=0)][::-1]
    total = 0.0
    for size in units:
        first = bisect_left(gaps, size)
        room = after[first] - (len(gaps) - first) * (size - 1)
        total += (len(units) - 1) / 3 * (2 * size**3 - 3 * size**2 + size) + size**2 * room
    left = places * (places - 1) - sum(size * (size - 1) for size in units)
    return 2 / length * total / left if left > 0 else 0.0
