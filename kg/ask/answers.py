"""Answers: what the rows of a competency question say, one answer for each thing asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from kg.ask.found import Found, make_found
from kg.ask.groups import Group, holds_any, row_text
from kg.ask.keep import keep_joint
from kg.ask.lacks import (
    make_denials,
    make_districts_without,
    make_gaps,
    make_gaps_of_places,
    tell_absence,
)
from kg.ask.plan import CITY_TYPES, Plan
from kg.ask.states import row_standing, row_state
from kg.ask.targets import make_targets
from kg.ask.validity import make_dates
from kg.model import join_lines
from kg.ontology import local_id
from kg.states import POSITIVE

_ORDER: tuple[str, ...] = (*POSITIVE, "contested")  # the weakest comes last
_HELD = frozenset(_ORDER)
_WANTED_STATES = {
    "apart": _HELD,
    "cities": _HELD,
    "elsewhere": _HELD,
    "check": _HELD | {"denied"},
    "lacking": frozenset({"contested", "denied"}),
}
_LABEL = 40  # characters of a measure that serve as its name


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question; an empty ``understood`` means that it was not understood.

    ``unknown`` are the words for which it was not.
    """

    question: str
    understood: Mapping[str, Any]
    sparql: str
    answers: tuple[Found, ...]
    suggestions: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the answer as plain values, ready for json.dumps."""
        found: dict[str, Any] = _as_json(self)
        return found


def make_answers(plan: Plan, rows: Group) -> tuple[Found, ...]:
    """Turn the rows of a plan's query into answers, in the order of the rows.

    Where a question asks how many, the number comes first and the complete list after it; where it
    asks since when as well, the dates of the documents stand in every answer.
    """
    found = tuple(_MAKERS[plan.intent](plan, keep_joint(plan, rows)))
    if plan.dated:
        found = tuple(_add_dates(one, rows) for one in found)
    if not plan.counted or plan.intent == "mix":
        return found
    value = {"count": len(found), "counted": plan.counted}
    return (Found(str(len(found)), "", "", plan.instruments, value, ()), *found)


def _add_dates(found: Found, rows: Group) -> Found:
    """Add to an answer when the documents it rests on were signed, begin and end."""
    named = {(passage.document, passage.number) for passage in found.evidence}
    known = [d for d in rows.lexicon.documents.values() if (d.title, d.number) in named]
    dates = [
        {
            "document": d.number or d.title,
            "issued": d.issued,
            "effective": d.effective,
            "expires": d.expires,
        }
        for d in known
    ]
    return replace(found, value={**found.value, "date": dates})


def _make_cities(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with the cities that have what is asked, or are denied it where that is asked."""
    types = CITY_TYPES | ({"Province"} if plan.with_provinces else set())
    places = rows.lexicon.vocabulary.places
    wanted = _WANTED_STATES[plan.intent]
    for city, found in rows.split("city").items():
        code = local_id(city)
        if plan.intent == "elsewhere" and code in plan.places:
            continue
        if code not in plan.places and (code not in places or places[code].type not in types):
            continue
        state = _state_apart(plan, found) if plan.lacking else _state_of_all(plan, found)
        if state in wanted or (state == "denied" and code in plan.places):
            said = found.keep(lambda row: Group((row,), rows.lexicon).states() != {"applies"})
            said = said.keep(lambda row: local_id(row["asked"]) not in plan.lacking)
            value = {"documents": said.documents(), "districts": said.districts()}
            yield make_found(rows.lexicon.place_name(city), city, said, value, state=state)


def _state_of_all(plan: Plan, rows: Group) -> str:
    """Return the weakest state among the instruments asked for, empty where one is missing."""
    states = [found.state() for found in rows.split("asked").values()]
    held = [state for state in states if state not in ("", "denied")]
    if not held or (len(held) < len(plan.instruments) and not plan.any_of):
        return "denied" if "denied" in states else ""
    return max(held, key=_ORDER.index)


def _state_apart(plan: Plan, rows: Group) -> str:
    """Return the weakest state of what a city must have, empty where it has what it must not."""
    states = {local_id(asked): found.state() for asked, found in rows.split("asked").items()}
    wanted = [states.get(name, "") for name in plan.instruments if name not in plan.lacking]
    held = {state for name, state in states.items() if name in plan.lacking} & _HELD
    return "" if held or not all(s in _HELD for s in wanted) else max(wanted, key=_ORDER.index)


def _make_districts(plan: Plan, rows: Group) -> Iterator[Found]:
    for seat, found in rows.split("seat").items():
        value = {"documents": found.documents()}
        yield make_found(rows.lexicon.place_name(seat), seat, found, value)


def _make_documents(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with documents; of a place those that only deny it something are left out."""
    if plan.held:
        rows = rows.keep(lambda row: row_state(row, rows.lexicon.vocabulary) != "denied")
    for document, found in rows.split("document").items():
        value = {"documents": found.documents(), "date": {"issued": found.text("issued")}}
        state = found.state() or "provided"
        yield make_found(found.title(), document, found, value, state=state)


def _make_units(plan: Plan, rows: Group) -> Iterator[Found]:
    for unit, found in rows.split("unit").items():
        if unit in plan.question.parameters.get("with", ()):
            continue
        value = {"units": found.units(), "clauses": found.clauses()}
        yield make_found(rows.lexicon.unit_name(unit), unit, found, value)


def _make_clauses(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with clauses; a measure outside of any clause is called by its words."""
    units = set(plan.question.parameters.get("unit", ())) if plan.shared else set()
    for iri, found in rows.split("clause", "measure").items():
        if not units <= set(found.texts("unit")):
            continue
        label = found.text("clauseNumber") + found.text("heading")
        value = {"clauses": found.clauses(), "units": found.units()}
        yield make_found(label or found.text("quote"), iri, found, value)


def _make_amounts(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with one amount each; with measures that name none where none does or a list is asked for."""
    measures = [
        found
        for found in rows.split("measure").values()
        if not plan.words or holds_any(found.text("quote"), plan.words)
    ]
    stated = [found for found in measures if found.amounts()]
    if stated and len(plan.places) > 1:
        silent = [c for c in plan.places if not any(_has_place(found, c) for found in stated)]
        stated += [f for f in measures if not f.amounts() and any(_has_place(f, c) for c in silent)]
    pairs = [
        (found, amount) for found in stated or measures for amount in (*found.amounts(),) or (None,)
    ]
    if plan.order and stated:
        sign = -1 if plan.order == "largest" else 1
        pairs.sort(key=lambda pair: sign * float(pair[1]["value"] if pair[1] else 0))
    for found, amount in pairs:
        value = {
            "amount": amount,
            "units": found.units(),
            "beneficiaries": found.beneficiaries(),
        }
        yield make_found(found.nearest_place(), found.text("measure"), found, value)


def _make_citations(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with the documents that cite a work, or else with the works that are cited."""
    if "work" in plan.question.parameters:
        for document, found in rows.split("document").items():
            works = dict.fromkeys(
                (row_text(r, "workTitle"), row_text(r, "workNumber")) for r in found.rows
            )
            cited = [{"title": title, "number": number} for title, number in works]
            value: dict[str, Any] = {"documents": found.documents(), "cites": cited}
            yield make_found(found.title(), document, found, value, state="")
        return
    for title, found in rows.split("workTitle").items():
        value = {"number": found.text("workNumber"), "cited_by": found.documents()}
        yield make_found(title, found.text("citation"), found, value, state="")


def _make_figures(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with one figure or rank each; ``year`` is null where the source names none."""
    values = rows.keep(lambda row: row["value"] is not None)
    rows = values if values.rows and not plan.ranked else rows
    sums = rows.keep(lambda row: row_text(row, "unitText") == "CNY")
    rows = sums if plan.money and sums.rows else rows
    for observation, found in rows.split("observation").items():
        row = found.rows[0]
        figure = {
            "indicator": found.text("indicator"),
            "value": row["value"],
            "unit": found.text("unitText"),
            "op": found.text("operator"),
            "rank": row["rank"],
            "scope": found.text("scope"),
            "year": row["year"],
            "base_year": row["baseYear"],
            "surface": found.text("figureSurface"),
        }
        label = f"{found.nearest_place()}{figure['indicator']}"
        yield make_found(label, observation, found, {"figure": figure}, state="")


def _make_policies(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with instruments; where they are to be shared, every place named must have them."""
    for instrument, found in rows.split("instrument").items():
        if plan.shared and not all(_has_place(found, code) for code in plan.places):
            continue
        value = {"documents": found.documents(), "districts": found.districts()}
        state = found.state() or "provided"
        if not (plan.distinct and state == "distributed"):
            yield make_found(found.text("label"), instrument, found, value, state=state)


def _has_place(rows: Group, code: str) -> bool:
    """Tell whether a row is of a place or of what lies in it."""
    chain = rows.lexicon.vocabulary.place_chain
    return any(code in chain(local_id(iri)) for iri in rows.texts("place"))


def _make_comparison(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with every instrument that one side has; ``only`` names the one where no other has it."""
    order = {code: number for number, code in enumerate(plan.places)}
    told = rows.keep(lambda row: holds_any(row_text(row, "quote"), plan.words))
    rows = told if plan.words and told.rows else rows
    for instrument, found in rows.split("instrument").items():
        by_side = found.split("side")
        sides = [
            {
                "place": rows.lexicon.place_name(side),
                "state": said.state() or "provided",
                "amounts": said.texts("amountSurface"),
                "documents": said.documents(),
            }
            for side, said in sorted(by_side.items(), key=lambda s: order.get(local_id(s[0]), 0))
        ]
        alone = len(sides) == 1 and not plan.uncovered
        only = str(sides[0]["place"]) if alone else ""
        if plan.shared and only:
            continue
        value = {"sides": sides, "only": only}
        yield make_found(found.text("label"), instrument, found, value, state="")


def _make_only(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with the instruments that no other city has; those said of a group are none."""
    for instrument, found in rows.split("instrument").items():
        value = {"documents": found.documents()}
        yield make_found(found.text("label"), instrument, found, value)


def _make_measures(plan: Plan, rows: Group) -> Iterator[Found]:
    for measure, found in rows.split("measure").items():
        words = join_lines(found.text("quote"))
        label = words if len(words) <= _LABEL else words[:_LABEL] + "…"
        yield make_found(label, measure, found, {"clauses": found.clauses()})


def _make_status(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with measures, each with its state; only those on trial where that is asked.

    Where an instrument is named and none of its measures is on trial, all are told.
    """
    told = rows.keep(lambda row: holds_any(row_text(row, "quote"), plan.words))
    found = list(_make_measures(plan, told if told.rows else rows))
    tried = [one for one in found if one.state == "exploratory"]
    yield from tried if plan.trial and (tried or not plan.instruments) else found


def _make_mix(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with one count for each category: measures that carry it, and those it is the main one of.

    ``share`` is the part, in percent of all measures, that has it as the main one.
    """
    concepts = rows.lexicon.vocabulary.concepts
    total = len(rows.split("measure"))
    for asked, found in rows.split("asked").items():
        name = local_id(asked)
        if plan.instruments and name not in plan.instruments:
            continue
        main = {row_text(row, "measure") for row in found.rows if row_text(row, "main") == asked}
        value = {
            "count": len(found.split("measure")),
            "main": len(main),
            "share": round(100 * len(main) / total, 1),
            "of": total,
            "counted": "measures",
        }
        yield Found(concepts[name].zh, asked, "", (name,), value, found.evidence())


def _make_subjects(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with the cities of whose policies a document tells, that of most measures first."""
    by_city = rows.split("city")
    for city in sorted(by_city, key=lambda iri: (-len(by_city[iri].split("measure")), iri)):
        found = by_city[city]
        value = {"count": len(found.split("measure")), "counted": "measures"}
        name = rows.lexicon.place_name(city)
        yield Found(name, city, "", (), value, found.evidence())


def _make_holdings(plan: Plan, rows: Group) -> Iterator[Found]:
    for document, found in rows.split("document").items():
        told = {name: found.text(name) for name in ("issued", "effective", "expires")}
        standing = row_standing(found.rows[0], rows.lexicon.vocabulary)
        if plan.standing and plan.standing != standing:
            continue
        value = {
            "documents": found.documents(),
            "issuer": found.text("issuer"),
            "date": told,
            "standing": standing,
        }
        yield Found(found.title(), document, "", (), value, ())


def _make_check(plan: Plan, rows: Group) -> Iterator[Found]:
    make = _make_policies if plan.question.name == "policies" else _make_cities
    found = list(make(plan, rows))
    yield from found or tell_absence(plan, rows)


_MAKERS: dict[str, Callable[[Plan, Group], Iterator[Found]]] = {
    "amounts": _make_amounts,
    "apart": _make_cities,
    "check": _make_check,
    "citations": _make_citations,
    "cities": _make_cities,
    "clauses": _make_clauses,
    "compare": _make_comparison,
    "dates": make_dates,
    "denials": make_denials,
    "districts": _make_districts,
    "districts-without": make_districts_without,
    "documents": _make_documents,
    "elsewhere": _make_cities,
    "figures": _make_figures,
    "gaps": make_gaps,
    "gaps-of-places": make_gaps_of_places,
    "holdings": _make_holdings,
    "lacking": _make_cities,
    "listing": _make_measures,
    "measures": _make_measures,
    "mix": _make_mix,
    "only": _make_only,
    "policies": _make_policies,
    "status": _make_status,
    "subjects": _make_subjects,
    "targets": make_targets,
    "units": _make_units,
}


def _as_json(value: Any) -> Any:
    if is_dataclass(value):
        return {field.name: _as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_as_json(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value
