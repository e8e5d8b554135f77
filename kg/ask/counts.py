"""Counting: what a question wants to have counted, if anything."""

from __future__ import annotations

from kg.ask.readings import Reading, overlaps
from kg.ontology import Vocabulary

_COUNT = "count-"
_LISTED = ("documents", "cities", "districts", "units")  # what an answer can be a list of


def read_count(reading: Reading, vocabulary: Vocabulary) -> None:
    """Read 多少条 and how many as questions for a complete list whose answers are counted."""
    names = [name for name in reading.cues if name.startswith(_COUNT)]
    if names:
        spots = [spot for name in names for spot in reading.cues.pop(name)]
        counted = names[0].removeprefix(_COUNT)
    else:
        counted, spots = _read_open_count(reading, vocabulary)
    if not counted:
        return
    reading.counted = counted
    reading.cues[counted] = spots
    for other in ("amount", "clauses", "many", "figures"):
        kept = [spot for spot in reading.cues.get(other, ()) if not overlaps(spot, spots)]
        if kept:
            reading.cues[other] = kept
        else:
            reading.cues.pop(other, None)


def _read_open_count(reading: Reading, vocabulary: Vocabulary) -> tuple[str, list[tuple[int, int]]]:
    """Read how many and 多少 where no word beside them says of what; measures by default."""
    if "many" in reading.cues and "targets" not in reading.cues:
        spots = reading.cues["many"]
        listed = next((name for name in _LISTED if name in reading.cues), "")
        told = [start for start, _ in reading.cues.get("clauses", ()) if start >= spots[0][1]]
        if (
            listed
            or (told and reading.instruments)
            or _names_measures(reading, vocabulary, [end + 1 for _, end in spots])
        ):
            return listed or "measures", spots
    ends = [end for _, end in reading.cues.get("amount", ())]
    if _names_measures(reading, vocabulary, ends):
        return "measures", reading.cues["amount"]
    return "", []


def _names_measures(reading: Reading, vocabulary: Vocabulary, starts: list[int]) -> bool:
    """Tell whether an instrument's name that begins there is one of a whole class (财政措施)."""
    labels = {text for text, _ in vocabulary.schemes["category-endings"]["category"]}
    text = reading.wording.text
    names = [text[start:end] for start, end in reading.instruments.values() if start in starts]
    return any(name.endswith(tuple(labels | {"measures", "policy"})) for name in names)
