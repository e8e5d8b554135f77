"""Parts: which of several things that a question asks how much of are not in the answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kg.ask.clauses import translate
from kg.ask.cues import find_residue, load_words, mask_spans
from kg.ask.figures import pair
from kg.ask.found import Found
from kg.ask.plan import Plan
from kg.ask.readings import Reading, Spot, overlaps
from kg.ontology import Vocabulary

_ASKING = "asking-words"
_COUNTED = frozenset({"targets", "figures"})
_STOP = re.compile(r"[,;，；、?？]")
_EMPTY = frozenset({"function", "asking", "numbers"})  # fillers that tell of nothing
_SHORT = 2  # characters of a word that can tell parts apart


def find_unanswered(
    plan: Plan, reading: Reading, found: Iterable[Found], vocabulary: Vocabulary
) -> list[str]:
    """Return the parts of a question for figures or targets of which no answer holds a word.

    A question is one part unless several of its parts hold a word that asks.
    """
    answers = list(found)
    if plan.intent not in _COUNTED or not answers:
        return []
    parts = list(_split_parts(reading, vocabulary))
    if len(parts) < 2:
        return []
    told = pair("".join(map(_tell, answers))) | set().union(*(pair(_tell(a)) for a in answers))
    text = reading.wording.text
    return [
        text[start:end].strip()
        for start, end in parts
        if not _is_answered((start, end), told, reading, vocabulary)
    ]


def _split_parts(reading: Reading, vocabulary: Vocabulary) -> Iterator[Spot]:
    asking = load_words(vocabulary, _ASKING).find(reading.wording)
    at = 0
    for stop in [*(found.start() for found in _STOP.finditer(reading.wording.text)), None]:
        end = len(reading.wording.text) if stop is None else stop
        if any(at <= cue.start < end for cue in asking):
            yield at, end
        at = end + 1


def _tell(found: Found) -> str:
    """Return what an answer is about: the name and the words of its figure or target."""
    value = found.value.get("target") or found.value.get("figure") or {}
    return "".join(str(value.get(name, "")) for name in ("indicator", "surface", "unit"))


def _is_answered(part: Spot, told: set[str], reading: Reading, vocabulary: Vocabulary) -> bool:
    """Tell whether an answer holds a word of a part; units are no figure."""
    asks_units = any(overlaps(part, [spot]) for spot in reading.cues.get("units", ()))
    if asks_units:
        return False
    spots = _find_words(part, reading, vocabulary)
    words = [word for found in translate(reading.wording, spots, vocabulary) for word in found]
    return not words or any(pair(word) & told for word in words)


def _find_words(part: Spot, reading: Reading, vocabulary: Vocabulary) -> list[Spot]:
    """Return the words of a part that say what is asked: instruments, and those that are no cue."""
    named = [spot for spot in reading.instruments.values() if overlaps(spot, [part])]
    known = load_words(vocabulary, "question-cues", _ASKING)
    fillers = load_words(vocabulary, "question-fillers").find(reading.wording)
    empty = [cue for cue in fillers if cue.id in _EMPTY]
    cues = [(cue.start, cue.end) for cue in (*known.find(reading.wording), *empty)]
    others = [
        spot
        for slots in (reading.places, reading.units, reading.documents)
        for spot in slots.values()
    ]
    rest = find_residue(mask_spans(reading.wording, [*cues, *others]))
    return named + [s for s in rest if overlaps(s, [part]) and s[1] - s[0] >= _SHORT]
