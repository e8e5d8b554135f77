"""The coding table (编码表): a code for every measure, document–chapter–clause–number."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kg.graph import Coding
from kg.model import Evidence
from kg.ontology import Vocabulary

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A measure with its code, such as 3-2-18-1: document, chapter, clause, number in the clause.

    Documents are numbered in the order of their sources from 1; chapter and clause are the
    outermost and innermost numbers of the text (二、 is 2; 0 where a text has none); a task of a
    table has the chapter T and the number of its row.  ``repeats`` is the code of the measure
    that a task table says again.
    """

    code: str
    measure: str
    chapter: str
    clause: str
    category: str
    instruments: tuple[str, ...]
    status: str
    strength: str
    evidence: Evidence
    repeats: str = ""


def tabulate_codes(codings: Iterable[Coding], vocabulary: Vocabulary) -> tuple[CodeRow, ...]:
    """Return the coding table in the order of source and text; the codes are unique."""
    found = tuple(codings)
    documents = {iri: n for n, iri in enumerate(dict.fromkeys(c.document for c in found), 1)}
    counts: Counter[tuple[int, str, str]] = Counter()
    codes: dict[str, str] = {}
    for coding in found:
        place = (documents[coding.document], *_locate(coding))
        counts[place] += 1
        codes[coding.measure] = "-".join(map(str, (*place, counts[place])))
    return tuple(
        CodeRow(
            code=codes[c.measure],
            measure=c.measure,
            chapter=c.numbers[0] if c.numbers else "",
            clause="".join(c.numbers) + c.heading,
            category=vocabulary.concepts[c.categories[0]].notation if c.categories else "",
            instruments=c.instruments,
            status=c.status,
            strength=c.strength,
            evidence=c.evidence,
            repeats=codes.get(c.repeats, ""),
        )
        for c in found
    )


def _locate(coding: Coding) -> tuple[str, str]:
    """Return chapter and clause as they stand in a code."""
    if coding.row:
        return "T", coding.row
    numbers = [read_ordinal(number) for number in coding.numbers]
    if not numbers:
        return "0", "0"
    return numbers[0], ".".join(numbers[1:]) or "0"


def read_ordinal(number: str) -> str:
    """Return the digits of the number of a clause, 0 where it has none.

    >>> read_ordinal("（十二）"), read_ordinal("18、")
    ('12', '18')
    """
    from cn2an import cn2an

    digits = _DIGITS.search(number)
    if digits:
        return str(int(digits[0]))
    letters = "".join(character for character in number if character.isalnum())
    for start in range(len(letters)):
        for end in range(len(letters), start, -1):
            try:
                return str(int(cn2an(letters[start:end], "smart")))
            except ValueError:
                continue
    return "0"
