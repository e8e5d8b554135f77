"""Places by name: which place id a researcher means."""

from __future__ import annotations

from difflib import get_close_matches

from kg.errors import QueryError
from kg.ontology import Place, Vocabulary


def resolve_place(vocabulary: Vocabulary, name: str) -> str:
    """Return the id of the place called ``name``: an id, a Chinese or an English name.

    Raises QueryError naming similar places where there is none, or all of them where there are
    several.
    """
    wanted = name.strip()
    if wanted in vocabulary.places:
        return wanted
    found = [p for p in vocabulary.places.values() if wanted.lower() in _names(p)]
    if len(found) == 1:
        return found[0].code
    if found:
        several = ", ".join(f"{p.code} ({_describe(vocabulary, p)})" for p in found)
        raise QueryError(f"{wanted} may be any of: {several}; give the id")
    known = [text for place in vocabulary.places.values() for text in _names(place)]
    similar = ", ".join(get_close_matches(wanted.lower(), known, n=3)) or "none is similar"
    raise QueryError(f"no place is called {wanted!r} ({similar})")


def _names(place: Place) -> frozenset[str]:
    texts = (place.zh, place.en, place.official, *place.labels)
    return frozenset(text.lower() for text in texts if text)


def _describe(vocabulary: Vocabulary, place: Place) -> str:
    chain = vocabulary.place_chain(place.code)[:-1]
    return "".join(vocabulary.places[code].official for code in reversed(chain)) or place.zh


def name_place(vocabulary: Vocabulary, place: str) -> str:
    """Return the short name of a place id, the id itself where the vocabulary lacks it."""
    found = vocabulary.places.get(place)
    return found.zh if found else place
