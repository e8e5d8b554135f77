"""Aims: which targets a question names by most of what they are called, without the word target."""

from __future__ import annotations

import pyoxigraph as ox

from kg.ask.binding import expand_places
from kg.ask.figures import COVERED, pair
from kg.ask.queries import Question
from kg.ask.readings import Reading, Spot
from kg.ask.wording import clean_label
from kg.ontology import Vocabulary, place_iri

SHORT = 4  # characters that the name of a target has at least
_PIECE = 2  # characters that a part of it has at least
_ASKING = ("figures", "many")  # how much alone may be asked of money


def read_aims(reading: Reading, store: ox.Store, vocabulary: Vocabulary, base: str) -> None:
    """Take the names of targets that the words of a question cover, for one that asks how many.

    引进多少名高端创新创业人才 asks for the target 高端创新创业人才引进.
    """
    asks = any(cue in reading.cues for cue in _ASKING) and "targets" not in reading.cues
    if not asks or not (reading.places or reading.documents):
        return
    text = reading.wording.text
    told = pair(text)
    for name in _list_names(reading, store, vocabulary, base):
        pairs = pair(clean_label(name))
        if len(name) >= SHORT and len(pairs & told) >= COVERED * len(pairs):
            reading.aims = (*reading.aims, name)
            reading.taken.extend(_find_pieces(text, clean_label(name)))
    if reading.aims:
        reading.cues["targets"] = [spot for cue in _ASKING for spot in reading.cues.get(cue, ())]


def _list_names(reading: Reading, store: ox.Store, vocabulary: Vocabulary, base: str) -> list[str]:
    seats = expand_places(reading.places, vocabulary)
    given = {"seat": tuple(place_iri(code, base=base) for code in seats)} if seats else {}
    rows = Question("known-aims", given, base).run(store)
    return [str(row["indicator"]) for row in rows]


def _find_pieces(text: str, name: str) -> list[Spot]:
    """Return the spans of a text that hold the longest parts of a name."""
    spots: list[Spot] = []
    at = 0
    while at < len(text) - _PIECE + 1:
        longest = min(len(name), len(text) - at)
        size = next((n for n in range(longest, _PIECE - 1, -1) if text[at : at + n] in name), 0)
        if size:
            spots.append((at, at + size))
        at += size or 1
    return spots
