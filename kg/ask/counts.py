"""Counting: what a question wants to have counted, if anything."""

from __future__ import annotations

from collections.abc import Iterable

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
        told = [start for start, _ in reading.cues.get("clauses", ()) if start >= spots[0][1]]
        classes = [start for start in _find_classes(reading, vocabulary) if start > spots[0][1]]
        listed = _first_listed(reading, min(told, default=len(reading.wording.text)), classes)
        named = bool(reading.instruments or reading.units)
        if listed or (told and named) or spots[0][1] + 1 in classes:
            return listed or "measures", spots
    ends = {end for _, end in reading.cues.get("amount", ())}
    if ends & {*_find_classes(reading, vocabulary)}:
        return "measures", reading.cues["amount"]
    return "", []


def _first_listed(reading: Reading, before: int, classes: Iterable[int]) -> str:
    """Return what is asked for first, unless measures are asked for before it."""
    end = min([before, *classes])
    found = {name: min(reading.cues[name])[0] for name in _LISTED if name in reading.cues}
    known = {name: at for name, at in found.items() if at < end}
    return min(known, key=lambda name: known[name], default="")


def _find_classes(reading: Reading, vocabulary: Vocabulary) -> list[int]:
    """Return where names of a whole class of measures begin (财政措施, fiscal measures)."""
    labels = {text for text, _ in vocabulary.schemes["category-endings"]["category"]}
    endings = tuple(labels | {"measures", "policy"})
    text = reading.wording.text
    return [
        start for start, end in reading.instruments.values() if text[start:end].endswith(endings)
    ]
