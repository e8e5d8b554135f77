"""English words that name nothing known: what they narrow, and which of them decide a question."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pyoxigraph as ox

from kg.ask.clauses import GLOSSARY, VERB
from kg.ask.cues import Cue, keep_longest, load_words
from kg.ask.lexicon import Lexicon
from kg.ask.passages import is_told, take_thing
from kg.ask.readings import Reading, Spot, Unmapped, overlaps

THING = "thing-"  # what the ids of words begin with that tell an object apart: vaccine, chip
_TOPICS = ("amount-topics", "figure-topics", "target-topics")
_SENTENCE = re.compile(r"(?<=[a-z0-9]{2})[.!;?]\s+(?=[a-z])")


def read_words(
    reading: Reading, spots: Iterable[Spot], lexicon: Lexicon, store: ox.Store, base: str
) -> list[str]:
    """Narrow by the Chinese words that English ones stand for; return the words that change nothing.

    What only tells the circumstances, in a sentence of its own before the question, may be left
    out.  Raises Unmapped with the words of the question itself that stand for nothing that the
    passages hold: an answer without them would be one to a broader question.
    """
    text = reading.wording.text
    asking = find_asking(text)
    known = load_words(lexicon.vocabulary, *_TOPICS).find(reading.masked())
    topics = [(cue.start, cue.end) for cue in known]
    ignored: list[str] = []
    unread: dict[Spot, str] = {}
    for cue, spot in _pair_glosses(reading, spots, lexicon):
        words = lexicon.vocabulary.cues(GLOSSARY)[cue.id] if cue else ()
        if overlaps(spot, topics) or _is_titled(words, reading, lexicon) or _hints(words, reading):
            continue
        word = text[spot[0] : spot[1]]
        if cue and cue.id.startswith(VERB):
            ignored.append(word)
        elif cue and (
            is_told(words, reading, lexicon.vocabulary, store, base)
            or (cue.id.startswith(THING) and take_thing(words, spot, reading, store, base))
        ):
            reading.rendered[cue.id] = words
        elif overlaps(spot, asking):
            unread[spot] = word
        else:
            ignored.append(word)
    if unread:
        raise Unmapped(", ".join(word for _, word in sorted(unread.items())))
    return ignored


def find_asking(text: str) -> list[Spot]:
    """Return the spans of the sentences that ask, all of them where none ends in a question mark.

    >>> text = "a firm takes a loan. how much interest is paid?"
    >>> [text[start:end] for start, end in find_asking(text)]
    ['how much interest is paid?']
    """
    ends = [found.start() + 1 for found in _SENTENCE.finditer(text)]
    spans = list(zip([0, *ends], [*ends, len(text)], strict=True))
    asking = [(s, e) for s, e in spans if text[s:e].rstrip().endswith(("?", "？"))]
    return [(s + len(text[s:e]) - len(text[s:e].lstrip()), e) for s, e in asking or spans]


def drop_circumstances(reading: Reading) -> None:
    """Drop the loose names of the circumstances where the sentence that asks names an instrument.

    A bank loan is taken; what is asked is how much of the interest is paid.
    """
    asking = find_asking(reading.wording.text)
    asked = [name for name, spot in reading.instruments.items() if overlaps(spot, asking)]
    for name, spot in list(reading.instruments.items()):
        if asked and name not in asked and spot in reading.loose:
            del reading.instruments[name]


def _pair_glosses(
    reading: Reading, spots: Iterable[Spot], lexicon: Lexicon
) -> list[tuple[Cue | None, Spot]]:
    """Return each span with the entry of the glossary that it is part of, those that tell objects first."""
    cues = keep_longest(load_words(lexicon.vocabulary, GLOSSARY).find(reading.masked()))
    pairs = [
        (next((cue for cue in cues if overlaps(spot, [(cue.start, cue.end)])), None), spot)
        for spot in spots
    ]
    return sorted(pairs, key=lambda pair: not (pair[0] and pair[0].id.startswith(THING)))


def _is_titled(words: Iterable[str], reading: Reading, lexicon: Lexicon) -> bool:
    """Tell whether the title of a document that is named holds one of some words."""
    titles = [lexicon.documents[iri].title for iri in reading.documents]
    return any(word in title for word in words for title in titles)


def _hints(words: tuple[str, ...], reading: Reading) -> bool:
    """Tell whether words are hints of which target is meant."""
    return bool(words) and "targets" in reading.cues
