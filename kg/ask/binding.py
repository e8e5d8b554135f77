"""Binding: the values that a reading gives to the parameters of a competency question."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

from kg.ask.queries import Parameters
from kg.ask.readings import Period, Reading
from kg.ontology import Vocabulary, instrument_iri, place_iri, resource_iri

# Which variable of a query the places of a question restrict
_PLACES = {
    "amounts": "place",
    "cities": "city",
    "citations": "seat",
    "clauses": "seat",
    "dates": "seat",
    "districts": "seat",
    "documents": "place",
    "figures": "place",
    "holdings": "seat",
    "measures": "place",
    "policies": "place",
    "targets": "seat",
    "units": "place",
}


_RECEIVED = frozenset({"cities", "documents", "measures", "policies"})
_DATED = frozenset(
    {"amounts", "cities", "citations", "clauses", "compare", "districts", "documents", "holdings"}
    | {"measures", "policies", "units"}
)


def bind_parameters(
    intent: str,
    query: str,
    reading: Reading,
    cities: tuple[str, ...],
    vocabulary: Vocabulary,
    base: str,
) -> Parameters:
    """Return the parameters of a query, those that have values."""
    bound: dict[str, tuple[str | ox.Literal, ...]] = {
        **_bind_names(intent, query, reading, cities, vocabulary, base),
        **_bind_texts(query, reading),
    }
    return {name: values for name, values in bound.items() if values}


def _bind_texts(query: str, reading: Reading) -> dict[str, tuple[ox.Literal, ...]]:
    """Return the parameters of a query that are texts: a period, years, indicators."""
    period = reading.period if query in _DATED else Period()
    texts: dict[str, tuple[str, ...]] = {
        "since": (period.since,),
        "before": (period.before,),
        "when": reading.years if query == "figures" else (),
        "indicator": reading.figures if query == "figures" else (),
        "work": tuple(reading.works) if query == "citations" else (),
        "lone": ("true",) if query == "clauses" and "lead" in reading.cues else (),
        "sole": ("true",) if query == "clauses" and _is_sole(reading) else (),
    }
    return {name: tuple(map(ox.Literal, filter(None, found))) for name, found in texts.items()}


def _is_sole(reading: Reading) -> bool:
    """Tell whether a question asks what one unit alone answers for: 只由, or 只有 with that unit.

    只有 beside a role (仅牵头) is said of the role.
    """
    only = "only" in reading.cues and len(reading.units) == 1
    return "sole" in reading.cues or (only and not {"lead", "support"} & reading.cues.keys())


def _bind_names(
    intent: str,
    query: str,
    reading: Reading,
    cities: tuple[str, ...],
    vocabulary: Vocabulary,
    base: str,
) -> dict[str, tuple[str | ox.Literal, ...]]:
    roles: list[str] = [role for role in ("lead", "support") if role in reading.cues]
    if "lead" in roles and query == "clauses":
        roles.append("responsible")  # who is responsible alone leads, too
    instruments = list(reading.instruments)
    if intent == "mix":
        instruments = [c.id for c in vocabulary.concepts.values() if not c.broader]
    found: dict[str, Iterable[str]] = {
        "asked": (instrument_iri(name, base=base) for name in instruments),
        "document": reading.documents,
    }
    if query in ("compare", "only"):
        name = "side" if query == "compare" else "city"
        found[name] = (place_iri(place, base=base) for place in reading.places)
        found["document"] = ()
    if query in _PLACES and intent != "elsewhere":
        within = expand_places(_drop_country(reading.places, vocabulary), vocabulary)
        found[_PLACES[query]] = (place_iri(place, base=base) for place in within)
    if query in ("gaps", "denials"):
        found["home"] = [place_iri(cities[0], base=base)]
    if query == "gaps":
        found["city"] = (place_iri(city, base=base) for city in cities)
    if query == "denials":
        bases = ["lacks"] if "lack" in reading.cues else ["should-adopt", "differs"]
        found["basis"] = (resource_iri("basis", name, base=base) for name in bases)
    if query == "units":
        found["part"] = _choose_parts(reading)
        found["document"] = () if found["part"] else reading.documents
        found["with"] = reading.units
    if query in ("clauses", "targets"):
        found["unit"] = reading.units
    if query in _RECEIVED:
        found["beneficiary"] = (
            resource_iri("beneficiary", name, base=base) for name in reading.receivers
        )
    if query in ("units", "clauses"):
        found["role"] = (resource_iri("role", role, base=base) for role in roles)
    return {name: tuple(values) for name, values in found.items()}


def _choose_parts(reading: Reading) -> list[str]:
    """Return the clauses that are named, of the documents that are named if any of them is."""
    documents = tuple(f"{iri}/" for iri in reading.documents)
    return [iri for iri in reading.clauses if iri.startswith(documents)] or [*reading.clauses]


def _drop_country(codes: Iterable[str], vocabulary: Vocabulary) -> list[str]:
    """Drop the country beside other places: its rank in 全国 is asked of a city."""
    named = list(codes)
    return [code for code in named if vocabulary.places[code].broader] or named


def expand_places(codes: Iterable[str], vocabulary: Vocabulary) -> list[str]:
    """Return the places with all that lies in them, the members of a region included."""
    wanted = set(codes)
    if not wanted:
        return []
    for region in [*wanted]:
        wanted.update(vocabulary.members.get(region, ()))
    return sorted(p for p in vocabulary.places if wanted & set(vocabulary.place_chain(p)))
