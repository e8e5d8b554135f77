"""Passages: words that name nothing known and yet stand in what the documents say."""

from __future__ import annotations

import pyoxigraph as ox

from kg.ask.queries import Question
from kg.ask.readings import Reading, Spot
from kg.ontology import Vocabulary, local_id

NAMED = 4  # characters of a name that passages are looked through for: 科创助力贷


def is_told(
    words: tuple[str, ...], reading: Reading, vocabulary: Vocabulary, store: ox.Store, base: str
) -> bool:
    """Tell whether a passage about an instrument that is named holds one of some words."""
    asked = set(reading.instruments)
    return any(
        asked & set(vocabulary.ancestors(found))
        for word in words
        for found in _find_instruments((word,), store, base)
    )


def take_name(text: str, spot: Spot, reading: Reading, store: ox.Store, base: str) -> bool:
    """Take a name that only passages hold for the instruments that these are about, if any are."""
    if reading.instruments or text.isascii() or len(text) < NAMED:
        return False
    found = _find_instruments((text,), store, base)
    if not found:
        return False
    reading.instruments |= dict.fromkeys(found, spot)
    reading.told.append(text)
    reading.taken.append(spot)
    reading.cues.setdefault("or", []).append(spot)  # one of them is enough
    return True


def take_thing(
    words: tuple[str, ...], spot: Spot, reading: Reading, store: ox.Store, base: str
) -> bool:
    """Take what an English word stands for as take_name does, where no instrument is named."""
    if reading.instruments:
        return False
    found = _find_instruments(words, store, base)
    reading.instruments |= dict.fromkeys(found, spot)
    if found:
        reading.worded = True
        reading.taken.append(spot)
        reading.cues.setdefault("or", []).append(spot)  # one of them is enough
    return bool(found)


def _find_instruments(words: tuple[str, ...], store: ox.Store, base: str) -> list[str]:
    """Return the instruments of the passages that hold one of some words; each word is a query of its own."""
    found: dict[str, None] = {}
    for word in words:
        rows = Question("known-words", {"text": (ox.Literal(word),)}, base).run(store)
        found |= dict.fromkeys(local_id(row["instrument"]) for row in rows)
    return sorted(found)
