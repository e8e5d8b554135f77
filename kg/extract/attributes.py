"""What a measure says beside its instruments: beneficiaries, object, conditions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kg.extract.judge import Reading
from kg.extract.lexicon import Hit
from kg.extract.sections import is_below
from kg.model import Document

_LONGEST = 24
_LONGEST_CONDITION, _MOST_CONDITIONS = 240, 40


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


def read_listed_conditions(document: Document, index: int, sign: re.Pattern[str]) -> Iterator[str]:
    """Yield the items of the list that a sentence announces (符合下列条件之一的，…), in order.

    They stand below its clause, or behind it as its lead.
    """
    sentence = document.sentences[index]
    if sign.search(sentence.text) is None:
        return
    for item in document.sentences[index + 1 : index + 1 + _MOST_CONDITIONS]:
        listed = item.lead == sentence.text or is_below(document, item.clause, sentence.clause)
        if item.kind not in ("body", "heading") or not listed:
            return
        titled = item.kind == "heading" and item.clause is not None
        text = document.clauses[item.clause or 0].heading if titled else item.text
        if len(text) <= _LONGEST_CONDITION:
            yield text.rstrip("；。")


def read_conditions(text: str, tail: re.Pattern[str]) -> tuple[str, ...]:
    """Return the conditions: what stands before a comma and ends in 的 (经批准提高容积率的，)."""
    return tuple(
        part.strip()
        for part in text.replace("；", "，").split("，")
        if tail.search(part) and 4 <= len(part) <= 60
    )
