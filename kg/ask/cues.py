"""Cues and fillers: the words of a question that name nothing, found where no name stands."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import ahocorasick_rs

from kg.ask.lexicon import split_words
from kg.ask.wording import MASK, Wording, clean_label
from kg.ontology import Vocabulary

_GAP = "…"
_BETWEEN = rf"(?:{MASK}|[\s,'’]|\b(?:the|s)\b)+"  # a name among English words
_CHINESE = re.compile(r"[\u3400-\u9fff]+")


class Cue(NamedTuple):
    """A cue word in the text of a question."""

    start: int
    end: int
    id: str


@dataclass(frozen=True, eq=False)
class WordList:
    """Words with ids, found longest first; Chinese by character, English by word."""

    chinese: Mapping[str, tuple[str, ...]]
    gapped: tuple[tuple[re.Pattern[str], str], ...]
    english: Mapping[tuple[str, ...], tuple[str, ...]]
    automaton: ahocorasick_rs.AhoCorasick

    def find(self, wording: Wording) -> list[Cue]:
        """Find the words from left to right; a text may be masked where names stand."""
        return sorted({*self._find_chinese(wording.text), *self._find_english(wording)})

    def _find_chinese(self, text: str) -> Iterator[Cue]:
        words = list(self.chinese)
        found = self.automaton.find_matches_as_indexes(text, overlapping=True)
        for pattern, start, end in _drop_contained(found):
            yield from (Cue(start, end, name) for name in self.chinese[words[pattern]])
        for expression, name in self.gapped:
            yield from (Cue(*found.span(), name) for found in expression.finditer(text))

    def _find_english(self, wording: Wording) -> Iterator[Cue]:
        words = wording.words()
        longest = max(map(len, self.english), default=0)
        for position in range(len(words)):
            for size in range(min(longest, len(words) - position), 0, -1):
                found = words[position : position + size]
                names = self.english.get(tuple(word for word, _, _ in found), ())
                yield from (Cue(found[0][1], found[-1][2], name) for name in names)


def _drop_contained(found: Iterable[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Drop the words that lie within a longer one, or that a longer one before them cuts.

    哪几条 holds no 几条, and 别处没有的 no 没有的.
    """
    reach = size = 0
    for pattern, start, end in sorted(found, key=lambda match: (match[1], -match[2])):
        if end > reach and (start >= reach or end - start >= size):
            yield pattern, start, end
            reach, size = end, end - start


def keep_longest(cues: Iterable[Cue]) -> list[Cue]:
    """Return the cues that overlap no longer one, in the order of the text."""
    kept: list[Cue] = []
    for cue in sorted(cues, key=lambda cue: (cue.start - cue.end, cue)):
        if all(cue.end <= other.start or other.end <= cue.start for other in kept):
            kept.append(cue)
    return sorted(kept)


@lru_cache(maxsize=32)
def load_words(vocabulary: Vocabulary, *schemes: str) -> WordList:
    """Collect the labels of the cues in some schemes, in both languages."""
    chinese: dict[str, dict[str, None]] = defaultdict(dict)
    english: dict[tuple[str, ...], dict[str, None]] = defaultdict(dict)
    gapped = []
    for scheme in schemes:
        for name, labels in vocabulary.schemes[scheme].items():
            for text, language in labels:
                cleaned = clean_label(text)
                if _GAP in text:
                    gapped.append((_compile_gap(text, language), name))
                elif language == "en":
                    english[split_words(cleaned)][name] = None
                else:
                    chinese[cleaned][name] = None
    chinese.pop("", None)
    return WordList(
        chinese={word: tuple(names) for word, names in chinese.items()},
        gapped=tuple(gapped),
        english={words: tuple(names) for words, names in english.items() if words},
        automaton=ahocorasick_rs.AhoCorasick(list(chinese)),
    )


def _compile_gap(text: str, language: str) -> re.Pattern[str]:
    """Return an expression for a cue with a name in it; English names have spaces around and an 's."""
    parts = [re.escape(part.strip()) for part in text.split(_GAP)]
    if language == "en":
        return re.compile(rf"\b{_BETWEEN.join(parts)}\b")
    return re.compile(f"{MASK}+".join(parts))


def mask_spans(wording: Wording, spans: Iterable[tuple[int, int]]) -> Wording:
    """Blank out spans of a text, keeping all offsets."""
    text = list(wording.text)
    for start, end in spans:
        text[start:end] = MASK * (end - start)
    return Wording("".join(text), wording.quotes, wording.asides)


def find_residue(wording: Wording) -> list[tuple[int, int]]:
    """Return the spans of Chinese runs and English words that are left in a masked text."""
    runs = [found.span() for found in _CHINESE.finditer(wording.text)]
    words = [(start, end) for word, start, end in wording.words() if not word.isdigit()]
    return sorted([*runs, *words])
