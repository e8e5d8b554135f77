"""Validity: when documents are in force, and whether they are on the day that a question names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from kg.ask.found import Found, make_found
from kg.ask.groups import Group
from kg.ask.plan import Plan
from kg.ontology import local_id
from kg.states import ENACTED

_DATES = ("issued", "effective", "expires")
_HELD = ("yes", "in part")
_UNKNOWN = "not known"
_PLAN = "plan"  # the basis of an end that is the last day of the period in a title
_MOST = 10  # documents that are told one by one when they are no answer


def make_dates(plan: Plan, rows: Group) -> Iterator[Found]:
    """Answer with the dates of documents, and whether they are in force where that is asked.

    Of documents that are not named only those in force are an answer, and those of which that is
    not known; if there are none, all are told.
    """
    by_document = rows.split("document")
    verdicts = judge_documents(plan, rows)
    meant = [iri for iri in by_document if not verdicts or _is_meant(plan, verdicts[iri])]
    meant.sort(key=lambda iri: verdicts.get(iri, "").startswith(_UNKNOWN))
    for iri in meant or ([] if plan.event or plan.counted else by_document):
        found = by_document[iri]
        basis = {"expires_basis": found.text("expiresBasis") or None}
        value: dict[str, Any] = {"date": _read_dates(found) | basis}
        if plan.valid:
            value["in_force"] = verdicts[iri]
        yield make_found(found.title(), iri, found, value)


def judge_documents(plan: Plan, rows: Group) -> dict[str, str]:
    """Return by IRI what is to be said of the documents; empty where nothing is asked of a day."""
    if plan.intent != "dates":
        return {}
    documents = rows.split("document")
    if plan.event:
        return {iri: _tell_event(plan, found) for iri, found in documents.items()}
    return {iri: _tell_validity(plan, found) for iri, found in documents.items() if plan.valid}


def tell_left_out(plan: Plan, rows: Group) -> dict[str, Any]:
    """Name the documents that are no answer, with the reason; where they are many, count them."""
    verdicts = judge_documents(plan, rows)
    titles = {iri: found.title() for iri, found in rows.split("document").items()}
    left = {iri: said for iri, said in verdicts.items() if not _is_meant(plan, said)}
    if len(left) == len(verdicts) and not (plan.event or plan.counted):
        return {}
    unknown = [titles[iri] for iri, said in left.items() if said.startswith(_UNKNOWN)]
    known = [f"{titles[i]} ({left[i]})" for i in left if not left[i].startswith(_UNKNOWN)]
    told = {"not_in_force": [] if plan.event else known, "not_known": unknown}
    return {
        name: found if len(found) <= _MOST else f"{len(found)} documents"
        for name, found in told.items()
        if found
    }


def _is_meant(plan: Plan, verdict: str) -> bool:
    if not plan.chosen:
        return True
    return verdict.startswith(_HELD if plan.counted or plan.event else (*_HELD, _UNKNOWN))


def _read_dates(found: Group) -> dict[str, str]:
    return {name: found.text(name) for name in _DATES}


def _tell_event(plan: Plan, found: Group) -> str:
    """Tell whether the first or the last day in force lies in the period that is asked for."""
    day, period = found.text(plan.event), plan.period
    if not day:
        return _UNKNOWN
    within = period.since <= day and (not period.before or day < period.before)
    return "yes" if within else "no"


def _tell_validity(plan: Plan, found: Group) -> str:
    """Tell whether a document is in force in a time, today by default, and the dates this rests on.

    Where no entry into force is stated, the day of signing stands for it.
    """
    today = date.today().isoformat()
    first, last = plan.span if plan.span[0] else (today, today)
    when = first if first == last else f"{first} to {last}"
    kind = local_id(found.text("kind"))
    issued, effective, expires = _read_dates(found).values()
    begin = effective or issued
    end = f"{expires}, the end of its plan" if found.text("expiresBasis") == _PLAN else expires
    if kind and kind not in ENACTED:
        return f"no on {when}: a {kind} is never in force"
    if expires and expires < first:
        return f"no on {when}: it ended on {end}"
    if begin > last:
        since = f"in force from {effective}" if effective else f"signed on {issued}"
        return f"not yet on {when}: {since}"
    if not begin:
        until = f"no beginning is stated, it ends on {end}" if expires else "no dates are stated"
        return f"{_UNKNOWN} on {when}: {until}"
    signed = f"signed on {issued}, no entry into force is stated"
    whole = begin <= first and (not expires or last <= expires)
    return (
        f"{'yes' if whole else 'in part'} on {when}: "
        + (f"from {effective}" if effective else signed)
        + (f", until {end}" if expires else ", no end is stated")
    )
