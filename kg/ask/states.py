"""States of what a row says, decided as for the cells of a comparison."""

from __future__ import annotations

from kg.ask.queries import Row
from kg.model import Standing
from kg.ontology import Vocabulary, local_id
from kg.states import find_standing, judge_measure


def row_standing(row: Row, vocabulary: Vocabulary) -> Standing:
    """Tell how the document of a row stands to its city: own, of a superior level, or secondary."""
    kind, seat = local_id(row.get("kind")), local_id(row.get("seat"))
    city = find_city(row, vocabulary)
    return find_standing(kind, seat, city, vocabulary) if city or kind == "study" else "own"


def find_city(row: Row, vocabulary: Vocabulary) -> str:
    """Return the id of the city a row is about: its own, else that of its place or document."""
    place = local_id(row.get("place")) or local_id(row.get("seat"))
    return local_id(row.get("city")) or vocabulary.city_of(place)


def row_state(row: Row, vocabulary: Vocabulary) -> str:
    """Return the state that a row by itself gives to its city; ``applies`` for a superior level."""
    seat, city = local_id(row.get("seat")), find_city(row, vocabulary)
    return judge_measure(
        status=local_id(row.get("status")) or "provided",
        standing=row_standing(row, vocabulary),
        kind=local_id(row.get("kind")),
        strength=local_id(row.get("strength")),
        distributed=bool(row.get("distributed")),
        district=bool(city) and (local_id(row.get("place")) or seat) != city,
    )
