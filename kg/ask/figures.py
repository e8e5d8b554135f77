"""Figures: which indicators that documents report a question asks for."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kg.ask.cues import load_words
from kg.ask.queries import Question
from kg.ask.readings import Reading
from kg.ontology import Vocabulary, place_iri

COVERED = 0.75  # share of an indicator's name that the words of a question must hold
SHORT = 3  # characters that the name of an indicator has at least
_SUBJECT = "subject-"
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
    named = {cue.id for cue in topics}
    particular = {name for name in named if not name.startswith(_SUBJECT)}
    known = vocabulary.cues("figure-topics")
    words = [text for name in sorted(particular or named) for text in known[name]]
    asked = set().union(*map(pair, (reading.wording.text, *words)))
    places = tuple(place_iri(code, base=base) for code in reading.places)
    rows = Question("known-figures", {"place": places} if places else {}, base).run(store)
    names = [str(row["indicator"]) for row in rows]
    if not {"figures", "many"} & reading.cues.keys():
        names = [name for name in names if len(without_receivers(name, vocabulary)) >= SHORT]
    if particular:
        names = [name for name in names if any(_is_alike(name, word) for word in words)]
    shares = {name: len(pair(name) & asked) / max(len(pair(name)), 1) for name in names}
    fitting = [name for name in names if len(name) >= SHORT and shares[name] >= COVERED]
    if not fitting:
        return _name_instruments(names, reading, vocabulary) if "amount" in reading.cues else ()
    best = max(fitting, key=lambda name: (len(pair(name) & asked), -len(name)))
    alike = {name for name in names if name.endswith(best)}
    return tuple(n for n in names if n in alike or (n in fitting and (n in best or best in n)))


def without_receivers(name: str, vocabulary: Vocabulary) -> str:
    """Return the name of an indicator without those whom support is given to.

    How much is not asked of 高新技术企业数量, which a question only names as receivers.
    """
    labels = {text for found in vocabulary.schemes["beneficiaries"].values() for text, _ in found}
    for label in sorted(labels, key=len, reverse=True):
        name = name.replace(label, "")
    return name


def _name_instruments(
    names: Iterable[str], reading: Reading, vocabulary: Vocabulary
) -> tuple[str, ...]:
    """Return the indicators that hold a Chinese name of an instrument asked for (创新券总额)."""
    labels = [
        text
        for name in reading.instruments
        for text, language in vocabulary.concepts[name].labels
        if language == "zh" and len(text) >= SHORT
    ]
    return tuple(name for name in names if any(label in name for label in labels))


def _is_alike(name: str, word: str) -> bool:
    """Tell whether the name of an indicator and a word for one hold each other, or half of it."""
    return word in name or name in word or len(pair(name) & pair(word)) * 2 >= len(pair(word))


def pair(text: str) -> set[str]:
    """Return the pairs of neighbouring characters of a text."""
    return {text[start : start + 2] for start in range(len(text) - 1)}
