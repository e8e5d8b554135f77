"""States of what a row says, as the comparison decides them for its cells."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from kg.ask.lexicon import local_id
from kg.ask.queries import Row
from kg.ontology import Vocabulary

ENACTED = frozenset({"law", "rule", "normative", "work", "interpretation"})
POSITIVE = ("provided", "district", "exploratory", "implemented", "reported", "distributed")
DENIED = frozenset({"lacking", "recommended"})


def find_standing(row: Row, vocabulary: Vocabulary) -> Literal["own", "superior", "secondary"]:
    """Tell how the document of a row stands to its city: own, of a superior level, or secondary."""
    kind, seat = local_id(row.get("kind")), local_id(row.get("seat"))
    city = find_city(row, vocabulary)
    if kind == "study":
        return "secondary"
    if not city or city in vocabulary.place_chain(seat):
        return "own"
    above = kind in ENACTED and seat in vocabulary.place_chain(city)
    return "superior" if above else "secondary"


def find_city(row: Row, vocabulary: Vocabulary) -> str:
    """Return the id of the city a row is about: its own, else that of its place or document."""
    place = local_id(row.get("place")) or local_id(row.get("seat"))
    return local_id(row.get("city")) or vocabulary.city_of(place)


def row_state(row: Row, vocabulary: Vocabulary) -> str:
    """Return the state that a row by itself gives to its city; ``applies`` for a superior level."""
    status = local_id(row.get("status")) or "provided"
    if status in DENIED:
        return "denied"
    standing = find_standing(row, vocabulary)
    if standing == "superior":
        return "applies"
    if standing == "secondary":
        return "distributed" if row.get("distributed") else "reported"
    if local_id(row.get("kind")) == "report" or status == "reported":
        return "implemented"
    if local_id(row.get("strength")) == "explore":
        return "exploratory"
    seat, city = local_id(row.get("seat")), find_city(row, vocabulary)
    return "district" if city and seat != city else "provided"


def decide_state(states: Collection[str]) -> str:
    """Decide the state that several rows give together, empty where they give none.

    >>> decide_state({"denied", "provided"}), decide_state({"applies"})
    ('contested', '')
    """
    best = next((state for state in POSITIVE if state in states), "")
    if "denied" in states:
        return "contested" if best else "denied"
    return best
