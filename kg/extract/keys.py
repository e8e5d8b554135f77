"""Keys of measures: the hash of the sentence, an ordinal among equals, a part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kg.model import Document, Measure


def identify_measures(measures: Sequence[Measure], document: Document) -> tuple[Measure, ...]:
    """Give each measure its key: hash of the sentence, ordinal among equals, part."""
    ordinals: Counter[str] = Counter()
    named = []
    previous: Measure | None = None
    part = 0
    counts = Counter((m.span, m.key) for m in measures)
    for measure in measures:
        if previous is None or measure.span != previous.span:
            ordinals[measure.key] += 1
            part = 0
        else:
            part += 1
        previous = measure
        key = f"{measure.key}-{ordinals[measure.key]}"
        if counts[measure.span, measure.key] > 1:
            key += f"-{chr(97 + part)}" if part < 26 else f"-{part}"
        named.append(replace(measure, key=key))
    return tuple(named)
