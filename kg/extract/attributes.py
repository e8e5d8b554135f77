"""What a measure says beside its instruments: beneficiaries, object, conditions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kg.extract.judge import Reading
from kg.extract.lexicon import Hit

_LONGEST = 24


def read_beneficiaries(hits: Sequence[Hit]) -> tuple[str, ...]:
    """Return the beneficiaries named, the longest name winning where names overlap."""
    named = [hit for hit in hits if hit.family == "beneficiaries"]
    kept = [
        hit
        for hit in named
        if not any(
            o.start <= hit.start and hit.end <= o.end and o.end - o.start > hit.end - hit.start
            for o in named
        )
    ]
    return tuple(dict.fromkeys(hit.id for hit in kept))


def read_object(text: str, reading: Reading) -> str:
    """Return the words that name the main instrument, at most 24 characters."""
    if not reading.instruments:
        return ""
    main = reading.instruments[0]
    return text[main.start : min(main.end, main.start + _LONGEST)]


def read_conditions(text: str, tail: re.Pattern[str]) -> tuple[str, ...]:
    """Return the conditions: what stands before a comma and ends in 的 (经批准提高容积率的，)."""
    return tuple(
        part.strip()
        for part in text.replace("；", "，").split("，")
        if tail.search(part) and 4 <= len(part) <= 60
    )
