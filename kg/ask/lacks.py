"""Lacks: what a city or a place has not, and which places have not what is asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph as ox

from kg.ask.found import Found, make_found
from kg.ask.groups import Group
from kg.ask.plan import CITY_TYPES, COUNTY, Plan
from kg.ask.queries import Question
from kg.ontology import local_id, place_iri


def make_gaps(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with what peers have; the state is left open where nothing is said of the city.

    What a city lacks of which the graph knows nothing cannot be told.
    """
    if plan.home in plan.uncovered:
        return
    for instrument, found in rows.split("instrument").items():
        by_city = found.split("city")
        held = [city for city, said in by_city.items() if said.state() not in ("", "denied")]
        if held and (len(held) == len(plan.peers) or not plan.shared):
            denied = any(local_id(city) == plan.home for city in by_city)
            value = {"held_by": [rows.lexicon.place_name(city) for city in held]}
            bases = dict.fromkeys(local_id(row["basis"]) for row in found.rows if row["basis"])
            value |= {"bases": list(bases)} if bases else {}
            state = "denied" if denied else ""
            yield make_found(found.text("label"), instrument, found, value, state=state)


def make_denials(plan: Plan, rows: Group) -> Iterator[Found]:
    for instrument, found in rows.split("instrument").items():
        bases = dict.fromkeys(local_id(row["basis"]) for row in found.rows if row["basis"])
        state = "contested" if found.rows[0]["held"] else "denied"
        yield make_found(
            found.text("label"), instrument, found, {"bases": list(bases)}, state=state
        )


def make_gaps_of_places(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with what documents of peers provide and those of a district do not, kinds of it included."""
    if plan.home in plan.uncovered:
        return
    places = {name: found.split("side") for name, found in rows.split("instrument").items()}
    ancestors = rows.lexicon.vocabulary.ancestors
    own = {
        broader
        for instrument, sides in places.items()
        if any(local_id(side) == plan.home for side in sides)
        for broader in ancestors(local_id(instrument))
    }
    for instrument, found in rows.split("instrument").items():
        held = [side for side in places[instrument] if local_id(side) in plan.peers]
        if local_id(instrument) in own or not held or (plan.shared and len(held) < len(plan.peers)):
            continue
        value = {"held_by": [rows.lexicon.place_name(side) for side in held]}
        yield make_found(found.text("label"), instrument, found, value, state="")


def make_districts_without(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with the districts whose documents do not provide it: silence, not a denial."""
    documents = rows.lexicon.documents
    places = rows.lexicon.vocabulary.places
    having = {local_id(seat) for seat in rows.split("seat")}
    for seat in dict.fromkeys(known.seat for known in documents.values()):
        if seat in having or seat not in places or places[seat].type not in COUNTY:
            continue
        own = [known for known in documents.values() if known.seat == seat]
        value = {"documents": [{"title": known.title, "number": known.number} for known in own]}
        iri = place_iri(seat, base=plan.question.base)
        yield Found(rows.lexicon.place_name(iri), iri, "not-found", plan.instruments, value, ())


def tell_absence(plan: Plan, rows: Group) -> Iterator[Found]:
    """Say of each place whether its own documents are silent or there are none to look into."""
    lexicon = rows.lexicon
    for code in plan.places:
        own = [
            known
            for known in lexicon.documents.values()
            if code in lexicon.vocabulary.place_chain(known.seat)
        ]
        value = {"documents": [{"title": known.title, "number": known.number} for known in own]}
        iri = place_iri(code, base=plan.question.base)
        state = "not-found" if own else "no-coverage"
        yield Found(lexicon.place_name(iri), iri, state, plan.instruments, value, ())


def find_uncovered(plan: Plan, rows: Group, store: ox.Store) -> tuple[str, ...]:
    """Return the places of a question, as ids, of which the graph knows nothing at all.

    They have no document, nothing that lies in them has, and no other document tells what they have.
    """
    members = rows.lexicon.vocabulary.members
    named = dict.fromkeys((*plan.places, *filter(None, (plan.home,)), *plan.peers))
    asked = {code: {code, *members.get(code, ())} for code in named}
    known = {document.seat for document in rows.lexicon.documents.values()}
    known |= set(map(local_id, rows.texts("place")))
    asked = _drop_covered(asked, known, rows)
    if asked:
        cities = Question("known-cities", {}, plan.question.base).run(store)
        asked = _drop_covered(asked, {local_id(row["city"]) for row in cities}, rows)
    return tuple(asked)


def _drop_covered(asked: dict[str, set[str]], known: set[str], rows: Group) -> dict[str, set[str]]:
    """Drop the places of which one is known, one that lies in it, or a member of it."""
    chain = rows.lexicon.vocabulary.place_chain
    covered = {code for place in known for code in chain(place)}
    return {code: parts for code, parts in asked.items() if not parts & covered}


def find_silent(plan: Plan, rows: Group, store: ox.Store) -> list[str]:
    """Name the cities of which no document says whether they have it, for a question who has not.

    Only a city that a source denies something to is an answer.
    """
    if plan.intent != "lacking":
        return []
    places = rows.lexicon.vocabulary.places
    known = Question("known-cities", {}, plan.question.base).run(store)
    told = set(rows.split("city"))
    cities = (str(row["city"]) for row in known if str(row["city"]) not in told)
    return [
        rows.lexicon.place_name(city)
        for city in cities
        if local_id(city) in places and places[local_id(city)].type in CITY_TYPES
    ]
