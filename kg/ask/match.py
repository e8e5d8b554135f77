"""Looser matching: labels whose parts stand apart in a question, and words that labels absorb."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from kg.ask.wording import MASK, Wording, clean_label, to_plain, to_stem
from kg.ontology import Concept, Vocabulary

PIECE = 2  # characters that a part of a label has at least
GAP = 16  # characters between the two parts of a Chinese label, names not counted
WINDOW = 6  # further words among those of an English label
_BREAK = re.compile(r"[，。；？！,;?!:：]|\.(?=\s|$)")
_WORD = re.compile(r"[a-z0-9&]+")
_MINOR = frozenset(
    ["a", "an", "and", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"]
)


class Match(NamedTuple):
    """An instrument whose label stands in a question in parts; ``spans`` are the parts."""

    instrument: str
    spans: tuple[tuple[int, int], ...]


def match_instrument(wording: Wording, vocabulary: Vocabulary) -> Match | None:
    """Find the one instrument whose label stands in the text in parts, the longest label first.

    首次认定为高新技术企业的奖励 holds 首次认定…奖励; None where nothing or more than one fits
    equally well.
    """
    ranked: dict[tuple[int, int], dict[str, Match]] = {}
    for concept in vocabulary.concepts.values():
        for rank, match in _match_labels(wording.text, concept):
            ranked.setdefault(rank, {}).setdefault(concept.id, match)
    if not ranked:
        return None
    best = ranked[max(ranked)]
    return next(iter(best.values())) if len(best) == 1 else None


def matches_title(words: str, title: str) -> bool:
    """Tell whether a title holds some words, in at most two parts.

    >>> matches_title("十五条举措", "高新技术企业育苗造林十五条工作举措")
    True
    """
    cuts = [(words, ""), *_cut(words)]
    return any(
        left in title and right in title[title.index(left) + len(left) :] for left, right in cuts
    )


def absorb(words: str, instruments: Iterable[str], vocabulary: Vocabulary) -> str:
    """Return what is left of some words after those that labels of instruments hold.

    The labels of broader instruments count as well.
    """
    concepts = {name for found in instruments for name in vocabulary.ancestors(found)}
    labels = [
        clean_label(text) for name in concepts for text, _ in vocabulary.concepts[name].labels
    ]
    if words.isascii():
        stems = {stem(word) for label in labels for word in _WORD.findall(label)}
        return "" if stem(words) in stems else words
    left = words
    for size in range(len(words), PIECE - 1, -1):
        for start in range(len(words) - size + 1):
            piece = words[start : start + size]
            if piece in left and any(piece in label for label in labels):
                left = left.replace(piece, "")
    return left


def _match_labels(text: str, concept: Concept) -> Iterator[tuple[tuple[int, int], Match]]:
    for label, _ in concept.labels:
        cleaned = clean_label(label)
        spans = find_label(text, cleaned)
        if spans:
            gap = max(end for _, end in spans) - min(start for start, _ in spans)
            yield (len(cleaned), -gap), Match(concept.id, spans)


def find_label(text: str, label: str) -> tuple[tuple[int, int], ...]:
    """Find the parts in which a cleaned label stands in a cleaned text."""
    return _match_english(text, label) if label.isascii() else _match_parts(text, label)


def holds_label(text: str, label: str) -> bool:
    """Tell whether a passage holds a Chinese label, whole or in two parts."""
    cleaned = clean_label(text)
    return label in cleaned or bool(_match_parts(cleaned, label))


def _match_parts(text: str, label: str) -> tuple[tuple[int, int], ...]:
    """Find a Chinese label cut in two, in either order when the parts are close."""
    for left, right in _cut(label):
        for first, second, gap in ((left, right, GAP), (right, left, PIECE)):
            start = text.find(first)
            after = start + len(first)
            other = text.find(second, after) if start >= 0 else -1
            between = text[after:other].replace(MASK, "") if other >= 0 else None
            if between is not None and len(between) <= gap and not _BREAK.search(between):
                return (start, after), (other, other + len(second))
    return ()


def _match_english(text: str, label: str) -> tuple[tuple[int, int], ...]:
    """Find all words of an English label that carry meaning, in any order, close together."""
    wanted = {stem(word) for word in _WORD.findall(label) if word not in _MINOR}
    if len(wanted) < 2:
        return ()
    words = [(stem(found[0]), found.span()) for found in _WORD.finditer(text)]
    size = len(wanted) + WINDOW
    for first in range(len(words)):
        spans: Mapping[str, tuple[int, int]] = {
            found: span for found, span in words[first : first + size] if found in wanted
        }
        if len(spans) == len(wanted):
            return tuple(sorted(spans.values()))
    return ()


def _cut(label: str) -> Iterator[tuple[str, str]]:
    for cut in range(PIECE, len(label) - PIECE + 1):
        yield label[:cut], label[cut:]


def stem(word: str) -> str:
    """Return what the singular and plural and other endings of an English word share."""
    return to_stem(to_plain(word))
