"""The reading patterns of the vocabulary, compiled once per process."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kg.ontology import Vocabulary

_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Grammar:
    """Compiled patterns and word lists with which documents are read.

    ``numbering`` names a kind of number in a group each, ``ranks`` gives their usual depth.
    """

    vocabulary: Vocabulary
    numbering: re.Pattern[str]
    ranks: dict[str, int]
    page_number: re.Pattern[str]
    alone: re.Pattern[str]
    printing: re.Pattern[str]
    bracket: re.Pattern[str]
    bracket_line: re.Pattern[str]
    role_of: dict[str, str]
    kinds: tuple[tuple[str, re.Pattern[str]], ...]
    report_signs: re.Pattern[str]
    total: frozenset[str]
    unit_columns: tuple[str, ...]

    def search(self, name: str, text: str) -> re.Match[str] | None:
        """Search the pattern called ``name`` in ``text``."""
        return compiled(self.vocabulary.pattern(name)).search(text)

    def find_number(self, text: str) -> tuple[str, str] | None:
        """Return kind and text of the number that opens ``text``, or None."""
        found = self.numbering.match(text)
        return (str(found.lastgroup), found[0]) if found else None

    def starts_block(self, text: str) -> bool:
        """Tell whether a line with this text opens a paragraph of its own."""
        opens = self.numbering.match(text) or self.bracket_line.match(text)
        return bool(opens or self.search("adoption", text)) or self.stands_alone(text)

    def stands_alone(self, text: str) -> bool:
        """Tell whether a line is one that no sentence goes on from: a date, a number, an annex.

        A note of printing is looked for only where there is a digit: its date has some.
        """
        opens = self.alone.match(text)
        return bool(opens or (_DIGIT.search(text) and self.printing.search(text)))


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern."""
    return re.compile(pattern)


@lru_cache(maxsize=4)
def compile_grammar(vocabulary: Vocabulary) -> Grammar:
    """Compile the reading patterns of ``vocabulary``; OntologyError names a missing one."""
    pattern = vocabulary.pattern
    roles = {
        label: role
        for role, labels in vocabulary.cues("role").items()
        for label in labels
        if len(label) > 1
    }
    words = "|".join(sorted(map(re.escape, roles), key=len, reverse=True))
    number = pattern("document-number").replace("?P<agency>", "?:").replace("?P<year>", "?:")
    number = number.replace("?P<serial>", "?:")
    kinds = sorted(
        vocabulary.cues("document-kinds").items(), key=lambda item: _order(vocabulary, item[0])
    )
    return Grammar(
        vocabulary=vocabulary,
        numbering=re.compile(_numbering(vocabulary)),
        ranks={kind.replace("-", "_"): rank for kind, rank in vocabulary.orders.items()},
        page_number=re.compile(pattern("page-number")),
        alone=re.compile(f"{pattern('date-only')}|^[（(]?{number}[)）]?$|{pattern('annex')}"),
        printing=re.compile(pattern("printing")),
        bracket=re.compile(
            rf"（(?:{words})[：:]?[^（）]*(?:（[^（）]*）[^（）]*)*）"
            rf"|（{pattern('bracket-lead')}(?:{words}|{pattern('unit-label')})"
            rf"[：:][^（）]*(?:（[^（）]*）[^（）]*)*）"
            rf"|（[^（）：。]{{2,200}}{pattern('bracket-tail')[:-1]}"
            rf"{pattern('bracket-deadline')}）"
        ),
        bracket_line=re.compile(rf"[【\[]?(?:{words}|{pattern('unit-label')})[】\]]?[：:]"),
        role_of=roles,
        kinds=tuple((kind, _any(labels)) for kind, labels in kinds),
        report_signs=_any(vocabulary.cues("report-signs")["report"]),
        total=frozenset(vocabulary.cues("total-row")["total"]),
        unit_columns=vocabulary.cues("unit-column")["unit-column"],
    )


def _any(labels: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(sorted(map(re.escape, labels), key=len, reverse=True)))


def _order(vocabulary: Vocabulary, identifier: str) -> int:
    return vocabulary.orders.get(identifier, 99)


def _numbering(vocabulary: Vocabulary) -> str:
    kinds = sorted(vocabulary.cues("numbering"), key=lambda kind: _order(vocabulary, kind))
    return "|".join(f"(?P<{kind.replace('-', '_')}>{vocabulary.pattern(kind)})" for kind in kinds)
