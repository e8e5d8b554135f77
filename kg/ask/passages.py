"""Passages: words that name nothing known and yet stand in what the documents say."""

from __future__ import annotations

import pyoxigraph as ox

from kg.ask.queries import Parameters, Question
from kg.ask.readings import Reading, Spot
from kg.ontology import instrument_iri, local_id

NAMED = 4  # characters of a name that passages are looked through for: 科创助力贷


def is_told(words: tuple[str, ...], reading: Reading, store: ox.Store, base: str) -> bool:
    """Tell whether a passage about an instrument that is named holds one of some words."""
    asked = tuple(instrument_iri(name, base=base) for name in reading.instruments)
    return bool(asked and words) and bool(_find_instruments(words, store, base, asked))


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


def _find_instruments(
    words: tuple[str, ...], store: ox.Store, base: str, asked: tuple[str, ...] = ()
) -> list[str]:
    given: Parameters = {"text": tuple(map(ox.Literal, words))}
    if asked:
        given = {**given, "asked": asked}
    rows = Question("known-words", given, base).run(store)
    return [local_id(row["instrument"]) for row in rows]
