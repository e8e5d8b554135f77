"""Clauses that a question names: by heading, by number, or by an English rendering of a heading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import pyoxigraph as ox

from kg.ask.cues import Cue, find_residue, keep_longest, load_words, mask_spans
from kg.ask.lexicon import Lexicon
from kg.ask.queries import Question
from kg.ask.readings import Reading, Spot
from kg.ask.wording import Wording
from kg.ontology import Vocabulary

GLOSSARY = "question-glossary"
COVERED = 0.75  # share of the weight of English words that a heading must meet
VERB = "verb-"  # what the ids of words begin with that hardly tell headings apart
_LIGHT = 0.25  # the weight of such a word
_NUMBER = re.compile(r"\d+|[\u3400-\u9fff]+")


class Heading(NamedTuple):
    """A clause with its number as it is written, empty where it has none, and its heading."""

    clause: str
    number: str
    heading: str


def find_headings(words: str, store: ox.Store, base: str) -> dict[str, str]:
    """Return the clauses whose heading holds some words, with the heading."""
    rows = Question("headings", {"text": (ox.Literal(words),)}, base).run(store)
    return {str(row["clause"]): str(row["heading"]) for row in rows}


def list_headings(
    reading: Reading, lexicon: Lexicon, store: ox.Store, base: str
) -> tuple[Heading, ...]:
    """List the clauses of the documents that are named, else of those of the places named."""
    places = set(reading.places)
    seats = (iri for iri, known in lexicon.documents.items() if known.seat in places)
    documents = tuple(reading.documents) or tuple(seats)
    if not documents:
        return ()
    rows = Question("headings", {"document": documents}, base).run(store)
    return tuple(
        Heading(str(row["clause"]), str(row["number"] or ""), str(row["heading"])) for row in rows
    )


def read_number(text: str) -> int:
    """Return the number of a clause as an integer, 0 where it holds none.

    >>> read_number("12."), read_number("（十五）"), read_number("")
    (12, 15, 0)
    """
    from cn2an import cn2an

    found = _NUMBER.search(text)
    try:
        return int(cn2an(found[0], "smart")) if found else 0
    except ValueError:
        return 0


def read_ordinals(reading: Reading, headings: Iterable[Heading], vocabulary: Vocabulary) -> None:
    """Take the clauses that are named by number (第12条, measure 12) where there are such."""
    for found in re.finditer(vocabulary.pattern("question-clause"), reading.masked().text):
        number = read_number(found["number"] or found["count"])
        named = [known for known in headings if read_number(known.number) == number]
        if named:
            take_clauses(reading, named, found.span())


def take_clauses(reading: Reading, named: Iterable[Heading], spot: Spot) -> None:
    """Note the clauses that a span of the question names."""
    for known in named:
        reading.clauses[known.clause] = spot
        reading.headings[known.clause] = known.heading
    reading.taken.append(spot)


def match_heading(
    wording: Wording, headings: Iterable[Heading], vocabulary: Vocabulary, *, quoted: bool
) -> tuple[list[Heading], list[Spot]]:
    """Find the clauses of the one heading that English words render best, and these words.

    strengthening financial services is 强化金融服务效能.  In a quotation words that the glossary
    does not know count against a heading.
    """
    cues = keep_longest(load_words(vocabulary, GLOSSARY).find(wording))
    strong = [cue for cue in cues if not cue.id.startswith(VERB)]
    told = sum(len(wording.text[cue.start : cue.end].split()) for cue in cues)
    if told < 2 or not strong:
        return [], []
    total = sum(map(_weigh, cues)) + (_count_unknown(wording, cues, vocabulary) if quoted else 0)
    ranked: dict[tuple[float, int], dict[str, list[Heading]]] = {}
    for known in headings:
        met = sum(_weigh(cue) for cue in cues if _meets(cue, known.heading, vocabulary))
        if met >= COVERED * total:
            same = ranked.setdefault((met, -len(known.heading)), {})
            same.setdefault(known.heading, []).append(known)
    best = ranked[max(ranked)] if ranked else {}
    if len(best) != 1:
        return [], []
    [(heading, named)] = best.items()
    return named, [(cue.start, cue.end) for cue in cues if _meets(cue, heading, vocabulary)]


def _weigh(cue: Cue) -> float:
    return _LIGHT if cue.id.startswith(VERB) else 1


def _meets(cue: Cue, heading: str, vocabulary: Vocabulary) -> bool:
    return any(word in heading for word in vocabulary.cues(GLOSSARY)[cue.id])


def _count_unknown(wording: Wording, cues: Iterable[Cue], vocabulary: Vocabulary) -> int:
    fillers = load_words(vocabulary, "question-fillers").find(wording)
    known = [(cue.start, cue.end) for cue in (*cues, *fillers)]
    return len(find_residue(mask_spans(wording, known)))


def translate(
    wording: Wording, spots: Iterable[Spot], vocabulary: Vocabulary
) -> Iterator[tuple[str, ...]]:
    """Yield for each span the Chinese words that it may stand for: itself, or by the glossary."""
    cues = keep_longest(load_words(vocabulary, GLOSSARY).find(wording))
    for start, end in spots:
        text = wording.text[start:end]
        if text.isascii():
            inside = [cue for cue in cues if cue.start < end and start < cue.end]
            yield from (vocabulary.cues(GLOSSARY)[cue.id] for cue in inside)
        else:
            yield tuple(text[at : at + 2] for at in range(max(len(text) - 1, 1)))
