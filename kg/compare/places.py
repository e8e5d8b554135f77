"""Places by name: which place id a researcher means."""

from __future__ import annotations

from collections.abc import Iterable
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


def resolve_peers(vocabulary: Vocabulary, names: Iterable[str]) -> list[str]:
    """Return the ids of places to compare, each once, in their order.

    Raises QueryError for an unknown place, and where districts and cities are mixed: what a
    district has counts for its city, so that the two are no peers.
    """
    codes = list(dict.fromkeys(resolve_place(vocabulary, name) for name in names))
    districts = [code for code in codes if vocabulary.city_of(code) != code]
    if districts and len(districts) < len(codes):
        code = districts[0]
        city = name_place(vocabulary, vocabulary.city_of(code))
        raise QueryError(
            f"{name_place(vocabulary, code)} is a district; compare it with districts,"
            f" or name its city {city}"
        )
    return codes


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
