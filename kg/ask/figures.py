"""Figures: which indicators that documents report a question asks for."""

from __future__ import annotations

import pyoxigraph as ox

from kg.ask.cues import load_words
from kg.ask.queries import Question
from kg.ask.readings import Reading
from kg.ontology import Vocabulary, place_iri

COVERED = 0.75  # share of an indicator's name that the words of a question must hold
SHORT = 4  # characters that the name of an indicator has at least
_ASKING = ("amount", "figures", "many")


def match_figures(
    reading: Reading, store: ox.Store, vocabulary: Vocabulary, base: str
) -> tuple[str, ...]:
    """Return the names of the indicators that the words of a question cover best.

    Names of indicators are Chinese; what English words stand for them is in the vocabulary.
    """
    if not any(cue in reading.cues for cue in _ASKING):
        return ()
    topics = load_words(vocabulary, "figure-topics").find(reading.wording)
    words = [text for cue in topics for text in vocabulary.cues("figure-topics")[cue.id]]
    asked = set().union(*map(_pairs, (reading.wording.text, *words)))
    places = tuple(place_iri(code, base=base) for code in reading.places)
    rows = Question("known-figures", {"place": places} if places else {}, base).run(store)
    names = [str(row["indicator"]) for row in rows]
    shares = {name: len(_pairs(name) & asked) / max(len(_pairs(name)), 1) for name in names}
    fitting = [name for name in names if len(name) >= SHORT and shares[name] >= COVERED]
    best = max(fitting, key=lambda name: (len(_pairs(name) & asked), -len(name)), default="")
    return tuple(name for name in fitting if name in best or best in name)


def _pairs(text: str) -> set[str]:
    """Return the pairs of neighbouring characters."""
    return {text[start : start + 2] for start in range(len(text) - 1)}
