"""Coverage: which categories a city's own documents are about, whatever was found in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

import networkx as nx

from kg.compare.records import Entry
from kg.ontology import Vocabulary
from kg.states import ENACTED


def find_coverage(
    claims: nx.DiGraph, vocabulary: Vocabulary, city: str
) -> dict[str, tuple[str, ...]]:
    """Return category id → IRIs of the city's own enacted documents whose scope includes it.

    The scope is read from what a document is about, never from what was extracted: a general
    document on the enterprises in question (a cue of the scheme ``scope-cues`` in its title)
    covers all categories; any other covers those that its title or a heading names, by a word
    of the scheme ``scope-words`` or a label of an instrument.  Documents of districts do not
    cover the city.  The projection holds the documents in force at its date; with a level, only
    documents of that level cover anything.
    """
    words = _read_words(vocabulary)
    general = _read_general(vocabulary)
    level = claims.graph.get("level", "")
    covered: dict[str, list[str]] = defaultdict(list)
    own = [iri for iri, entry in claims.graph["documents"].items() if entry.place == city]
    for iri in sorted(own):
        entry = claims.graph["documents"][iri]
        counts = not level or entry.level == level
        if counts and entry.kind in ENACTED:
            for category in find_scope(entry, words, general):
                covered[category].append(iri)
    return {category: tuple(found) for category, found in covered.items()}


def find_scope(
    entry: Entry, words: Mapping[str, Iterable[str]], general: Iterable[str]
) -> tuple[str, ...]:
    """Return the ids of the categories a document is about.

    ``words`` maps a category to what names it, ``general`` are words of a title that is about
    all of them.
    """
    if any(word in entry.title for word in general):
        return tuple(words)
    scope = "\n".join((entry.title, *entry.headings))
    return tuple(
        category for category, found in words.items() if any(word in scope for word in found)
    )


@lru_cache(maxsize=2)
def _read_words(vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """Collect what names a category in a heading: its own words, and labels of instruments."""
    words = {category: set(found) for category, found in vocabulary.cues("scope-words").items()}
    for concept in vocabulary.concepts.values():
        labels = {text for text, lang in concept.labels if lang == "zh"}
        words.setdefault(vocabulary.category_of(concept.id), set()).update(labels)
    return {category: frozenset(words[category]) for category in sorted(words)}


@lru_cache(maxsize=2)
def _read_general(vocabulary: Vocabulary) -> tuple[str, ...]:
    cues = vocabulary.cues("scope-cues")
    return tuple(word for found in cues.values() for word in found)
