"""Indicators: the short noun phrase that tells what a target counts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from kg.ontology import Vocabulary

_LONGEST = 24
_MARKS = " *：:、"


@dataclass(frozen=True)
class IndicatorNames:
    """Reads the name of what is counted before or after a number."""

    lead: re.Pattern[str]
    tail: re.Pattern[str]
    end: re.Pattern[str]
    gap: re.Pattern[str]
    attribute: str

    def read(self, text: str, start: int, first: int, last: int) -> str:
        """Return what the number at ``first``–``last`` counts in the segment from ``start``.

        What stands after the number counts (800个智能工厂), else what stands before (企业超60家).

        >>> from kg.ontology import load_vocabulary
        >>> names = compile_names(load_vocabulary())
        >>> names.read("力争培育800个智能工厂", 0, 4, 8), names.read("科技企业超60家。", 0, 4, 8)
        ('智能工厂', '科技企业')
        """
        found = self.gap.match(text, last) or self.end.search(text, last)
        after = self._strip(text[last : found.start() if found else len(text)])
        return after[:_LONGEST] or self.before(text[start:first])

    def before(self, phrase: str) -> str:
        """Return the name that ``phrase``, which leads to a number, ends in."""
        return self._strip(phrase)[-_LONGEST:]

    def _strip(self, phrase: str) -> str:
        phrase = phrase.strip(_MARKS)
        for pattern in (self.lead, self.tail):
            while found := pattern.search(phrase):
                rest = phrase[: found.start()] + phrase[found.end() :]
                phrase = rest.strip(_MARKS)
        head, _, noun = phrase.rpartition(self.attribute)
        return noun if head and len(noun) >= 2 else phrase


@lru_cache(maxsize=2)
def compile_names(vocabulary: Vocabulary) -> IndicatorNames:
    """Return the reader of indicator names of ``vocabulary``."""
    return IndicatorNames(
        lead=re.compile(vocabulary.pattern("counted-lead")),
        tail=re.compile(vocabulary.pattern("counted-tail")),
        end=re.compile(vocabulary.pattern("counted-end")),
        gap=re.compile(vocabulary.pattern("list-sign")),
        attribute=vocabulary.cues("written")["attribute"][0],
    )
