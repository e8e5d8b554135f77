"""Parts: which of several things that a question asks are not in the answer."""

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
# What a part asks for by its cues, and the values of an answer that hold such a thing
_VALUES = {
    "units": frozenset({"units"}),
    "dates": frozenset({"date"}),
    "amount": frozenset({"amount", "figure", "target", "count", "sides"}),
    "figures": frozenset({"amount", "figure", "target", "count", "sides"}),
    "many": frozenset({"amount", "figure", "target", "count", "sides"}),
}
_TOLD = ("indicator", "surface", "unit")
_STOP = re.compile(r"[,;，；、?？]")
_EMPTY = frozenset({"function", "asking", "numbers"})  # fillers that tell of nothing
_SHORT = 2  # characters of a word that can tell parts apart


def find_unanswered(
    plan: Plan, reading: Reading, found: Iterable[Found], vocabulary: Vocabulary
) -> list[str]:
    """Return the parts of a question that no answer is about.

    A question is one part unless several of its parts hold a word that asks.  A part for units,
    dates or a quantity is not answered where no answer holds such a thing, one for a figure or
    target where none holds a word of it, and one that asks whether, where no passage does.
    """
    answers = list(found)
    parts = list(_split_parts(reading, vocabulary))
    if not answers or len(parts) < 2:
        return []
    told = "".join(map(_tell, answers))
    told_pairs = pair(told) | set().union(*(pair(_tell(answer)) for answer in answers))
    kinds = {name for answer in answers for name in answer.value}
    text = reading.wording.text
    return [
        text[start:end].strip()
        for start, end in parts
        if not _is_kind_told((start, end), kinds, reading)
        or not _is_asked_told((start, end), answers, reading)
        or (
            plan.intent in _COUNTED
            and not _is_answered((start, end), told_pairs, told, reading, vocabulary)
        )
    ]


def _is_kind_told(part: Spot, kinds: set[str], reading: Reading) -> bool:
    """Tell whether answers hold what a part asks for: units, dates, a quantity."""
    asked = [cue for cue in _VALUES if _holds(part, reading.cues.get(cue, ()))]
    return not asked or any(_VALUES[cue] & kinds for cue in asked)


def _is_asked_told(part: Spot, answers: Iterable[Found], reading: Reading) -> bool:
    """Tell whether a passage holds a word of a part that asks whether, if words of it name nothing."""
    asks = any(_holds(part, reading.cues.get(cue, ())) for cue in _VALUES)
    if asks or not _holds(part, reading.cues.get("check", ())):
        return True
    start, end = part
    words = [word for word in reading.ignored if word in reading.wording.text[start:end]]
    quotes = "".join(e.quote for answer in answers for e in answer.evidence)
    return not words or any(word in quotes for word in words)


def _holds(part: Spot, spots: Iterable[Spot]) -> bool:
    return any(overlaps(part, [spot]) for spot in spots)


def _split_parts(reading: Reading, vocabulary: Vocabulary) -> Iterator[Spot]:
    asking = [cue.start for cue in load_words(vocabulary, _ASKING).find(reading.wording)]
    asking += [start for start, _ in reading.cues.get("check", ())]
    at = 0
    for stop in [*(found.start() for found in _STOP.finditer(reading.wording.text)), None]:
        end = len(reading.wording.text) if stop is None else stop
        if any(at <= start < end for start in asking):
            yield at, end
        at = end + 1


def _tell(found: Found) -> str:
    """Return what an answer is about: the name and the words of its figure or target."""
    value = found.value.get("target") or found.value.get("figure") or {}
    return "".join(str(value.get(name, "")) for name in _TOLD)


def _is_answered(
    part: Spot, pairs: set[str], told: str, reading: Reading, vocabulary: Vocabulary
) -> bool:
    """Tell whether an answer holds a word of a part, else what it counts in; units are no figure."""
    if _holds(part, reading.cues.get("units", ())):
        return False
    spots = _find_words(part, reading, vocabulary)
    words = [word for found in translate(reading.wording, spots, vocabulary) for word in found]
    if words:
        return any(pair(word) & pairs for word in words)
    counted = re.search(vocabulary.pattern("asked-unit"), reading.wording.text[slice(*part)])
    return not counted or counted["unit"] in told


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
