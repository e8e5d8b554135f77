"""States: what documents together say of a place and an instrument (有规定, 仅见转述, 未见 …)."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Literal

from kg.model import Standing
from kg.ontology import Vocabulary

State = Literal[
    "provided",
    "exploratory",
    "district",
    "implemented",
    "reported",
    "distributed",
    "denied",
    "contested",
    "not-found",
    "no-coverage",
]
POSITIVE: tuple[State, ...] = (
    "provided",
    "district",
    "exploratory",
    "implemented",
    "reported",
    "distributed",
)
ABSENT: tuple[State, ...] = ("denied", "contested", "not-found", "no-coverage")
ENACTED = frozenset({"law", "rule", "normative", "work", "interpretation"})
BASES = {"lacking": "lacks", "recommended": "should-adopt"}


def find_standing(kind: str, seat: str, city: str, vocabulary: Vocabulary) -> Standing:
    """Tell how a document stands to a place: its own, one of a superior level, or secondary.

    ``kind`` is the document's class, ``seat`` the place id of its issuer.  Studies are secondary
    whatever their place; so are reports of a superior level, and the documents of other places.
    """
    if kind != "study":
        if city in vocabulary.place_chain(seat):
            return "own"
        if kind in ENACTED and seat in vocabulary.place_chain(city):
            return "superior"
    return "secondary"


@lru_cache(maxsize=1024)
def judge_measure(
    *, status: str, standing: Standing, kind: str, strength: str, distributed: bool, district: bool
) -> State | Literal["applies"]:
    """Return the state that one measure by itself gives to a place.

    ``applies`` stands for a document of a superior level, which gives the place no state;
    ``district`` tells that the document is one of a district of the place.
    """
    if status in BASES:
        return "denied"
    if standing == "superior":
        return "applies"
    if standing == "secondary":
        return "distributed" if distributed else "reported"
    if kind == "report" or status == "reported":
        return "implemented"
    if strength == "explore":
        return "exploratory"
    return "district" if district else "provided"


def combine_states(states: Collection[str]) -> State | Literal[""]:
    """Decide the state that several measures give together, empty where they give none.

    >>> combine_states({"denied", "provided"}), combine_states({"applies"})
    ('contested', '')
    """
    best = next((state for state in POSITIVE if state in states), None)
    if "denied" in states:
        return "contested" if best else "denied"
    return best or ""


def decide_state(states: Collection[str], *, covered: bool) -> State:
    """Decide the state of a cell from the states of its measures.

    ``covered`` tells whether a document of the place in force is about the category.

    >>> decide_state({"reported", "denied"}, covered=True)
    'contested'
    >>> decide_state({"district", "exploratory"}, covered=False)
    'district'
    >>> decide_state((), covered=False)
    'no-coverage'
    """
    return combine_states(states) or ("not-found" if covered else "no-coverage")
