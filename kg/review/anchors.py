"""Anchors: a sentence is found again by its words and what stands around them, wherever it moved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from kg.model import Span, hash_sentence
from kg.review.decisions import Anchor

CONTEXT = 40  # characters kept on each side of a sentence
ALIKE = 90.0  # of 100, from which a sentence counts as the same with small edits
APART = 3.0  # by which the best must lead the next best sentence
SHORTEST = 8  # characters below which words inside another sentence prove nothing

# Blanks, zero-width and direction marks: what a layout or a copy changes without changing words.
_LAYOUT = re.compile("[\\s\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")


def squeeze(text: str) -> str:
    """Return a text without blanks and invisible marks.

    >>> squeeze("给予 一次性\\n奖励")
    '给予一次性奖励'
    """
    return _LAYOUT.sub("", text)


@dataclass(frozen=True, slots=True)
class Found:
    """Where an anchor's sentence stands now; ``edited`` where its words changed a little."""

    span: Span
    edited: bool = False


class Text:
    """A text in which anchors are looked for; ``sentences`` are its sentences: spans and words."""

    def __init__(self, raw: str, sentences: Iterable[tuple[Span, str]] = ()) -> None:
        self.raw = raw
        self.plain = squeeze(raw)
        self._offsets = [i for i, c in enumerate(raw) if not _LAYOUT.match(c)]
        self._sentences = [(span, squeeze(words)) for span, words in dict(sentences).items()]
        self._borders = {offset for span, _ in self._sentences for offset in span}

    def locate(self, anchor: Anchor, *, exact: bool = False) -> Found | None:
        """Return where the anchor's sentence stands, None where it is gone.

        Of several equal sentences it is the one with the same words around it, then the one
        nearest to the old place.  Without an equal one a sentence that is nearly the same is
        taken (not with ``exact``), unless a second one is nearly as like.
        """
        wanted = squeeze(anchor.quote)
        if not wanted:
            return None
        spans = [s for s in self.find(anchor.quote) if self._is_whole(s, len(wanted))]
        if not spans:  # a page break may now part its words, or no longer does
            spans = [s for s, words in self._sentences if hash_sentence(words) == anchor.sentence]
        if spans:
            return Found(max(spans, key=lambda span: self._rank(span, anchor)))
        return None if exact else self._locate_edited(wanted, anchor)

    def describe(self, span: Span) -> tuple[str, str]:
        """Return the words before and after a span, without layout."""
        before = squeeze(self.raw[max(0, span.start - 4 * CONTEXT) : span.start])
        after = squeeze(self.raw[span.end : span.end + 4 * CONTEXT])
        return before[-CONTEXT:], after[:CONTEXT]

    def find(self, words: str) -> Iterator[Span]:
        """Yield where the words stand, whatever the layout."""
        wanted = squeeze(words)
        at = self.plain.find(wanted) if wanted else -1
        while at >= 0:
            yield Span(self._offsets[at], self._offsets[at + len(wanted) - 1] + 1)
            at = self.plain.find(wanted, at + 1)

    def _is_whole(self, span: Span, length: int) -> bool:
        """Tell whether words are a sentence of their own or too many to be there by chance."""
        return length >= SHORTEST or (span.start in self._borders and span.end in self._borders)

    def _rank(self, span: Span, anchor: Anchor) -> tuple[bool, int, int]:
        whole = span.start in self._borders and span.end in self._borders
        return whole, self._shared_context(span, anchor), -abs(span.start - anchor.start)

    def _shared_context(self, span: Span, anchor: Anchor) -> int:
        """Count the characters that stand next to the span as they stood next to the anchor."""
        before, after = self.describe(span)
        left = _count_shared(before[::-1], squeeze(anchor.before)[::-1])
        return left + _count_shared(after, squeeze(anchor.after))

    def _locate_edited(self, wanted: str, anchor: Anchor) -> Found | None:
        from rapidfuzz import fuzz, process

        if len(wanted) < SHORTEST:
            return None
        texts = [text for _, text in self._sentences]
        found = process.extract(wanted, texts, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=8)
        if not found:
            return None
        best = found[0][1]
        near = [self._sentences[i][0] for _, score, i in found if score > best - APART]
        near.sort(key=lambda span: self._shared_context(span, anchor), reverse=True)
        if len(near) > 1:
            first, second = (self._shared_context(span, anchor) for span in near[:2])
            if first == second:
                return None
        return Found(near[0], edited=True)


def _count_shared(one: str, other: str) -> int:
    """Return how many characters two texts begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
