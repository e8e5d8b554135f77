"""Application: decisions of persons overrule what the machine coded in a document."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, cast

from kg.model import (
    Basis,
    Decided,
    Document,
    Extraction,
    Measure,
    Outcome,
    Responsibility,
    Span,
    Status,
    Strength,
    hash_sentence,
)
from kg.ontology import Vocabulary
from kg.review.anchors import Found, Text
from kg.review.decisions import FIELDS, Anchor, Codes, Decision, UnitCode

_BASES: dict[str, Basis] = {"lacking": "lacks", "recommended": "should-adopt"}


@dataclass(slots=True)
class _Coding:
    """A measure in the making: as the machine coded it, and which decision holds each field."""

    measure: Measure
    owners: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Draft:
    """What the decisions make of a document."""

    document: Document
    vocabulary: Vocabulary
    codings: list[_Coding]
    decided: list[Decided] = field(default_factory=list)


class Whereabouts(NamedTuple):
    """By what a decision knows its document: id, SHA-256, path, SHA-256 of a digest's original."""

    document: str
    sha256: str
    source: str
    digest_of: str = ""


def digest_decisions(decisions: Iterable[Decision], where: Whereabouts) -> str:
    """Return 16 hex digits that change whenever other decisions concern a document; empty: none do.

    A document whose text and digest are the same needs no reading anew.
    """
    mine = [decision.id for decision in decisions if _concerns(decision.anchor, where)]
    return hashlib.sha256(" ".join(mine).encode()).hexdigest()[:16] if mine else ""


def apply_decisions(
    extraction: Extraction, decisions: Iterable[Decision], vocabulary: Vocabulary
) -> Extraction:
    """Return the extraction as persons decided, with what became of each decision about it.

    Decisions hold in their order, later ones over earlier ones, field by field; what nobody
    decided stays the machine's.  A measure that the machine no longer finds is put back.
    """
    document = extraction.document
    where = Whereabouts(document.id, document.sha256, document.source, document.digest_of)
    mine = [(d, exact) for d in decisions for exact in _concerns(d.anchor, where)]
    if not mine:
        return extraction
    text = Text(document.raw, [(s.span(), s.text) for s in document.sentences if s.text])
    draft = _Draft(document, vocabulary, [_Coding(m) for m in extraction.measures])
    for decision, exact in mine:
        found = text.locate(decision.anchor, exact=exact)
        outcome: Outcome = _decide(draft, decision, found.span) if found else "lost"
        draft.decided.append(_record(decision, outcome, found))
    return _finish(draft, extraction)


def _concerns(anchor: Anchor, where: Whereabouts) -> tuple[bool, ...]:
    """Return whether only an exact match will do; nothing where another document is meant.

    The document is the same by its id or the bytes of its text; a file of the same name counts
    as a new version of it where it holds the very sentence.
    """
    if anchor.document == where.document or anchor.sha256 in (where.sha256, where.digest_of):
        return (False,)
    return (True,) if anchor.source == where.source else ()


def _record(decision: Decision, outcome: Outcome, found: Found | None) -> Decided:
    return Decided(
        id=decision.id,
        by=decision.by,
        on=decision.on[:10],
        action=decision.action,
        outcome=outcome,
        span=found.span if found else None,
        edited=bool(found and found.edited),
    )


def _decide(draft: _Draft, decision: Decision, span: Span) -> Outcome:
    here = [c for c in draft.codings if _is_same(c.measure.span, span)]
    target = _choose_part(here, decision)
    if decision.new is None:
        if target is None:
            return "agreed"
        draft.codings.remove(target)
        return "applied"
    if target is None:
        target = _Coding(_make_measure(draft, decision.new, span))
        draft.codings.append(target)
        _own(target, decision, FIELDS)
        return "applied" if decision.action == "add" else "restored"
    before = target.measure
    target.measure = _change(draft, before, decision.new, decision.fields)
    _own(target, decision, decision.fields)
    return "agreed" if _same_coding(target.measure, before) else "applied"


def _is_same(span: Span, other: Span) -> bool:
    """Tell whether two spans share at least half of the longer one.

    Where sentences are cut otherwise now, a decision about one must not settle its neighbour.
    """
    shared = min(span.end, other.end) - max(span.start, other.start)
    return shared > 0 and 2 * shared >= max(span.end - span.start, other.end - other.start)


def _choose_part(here: Sequence[_Coding], decision: Decision) -> _Coding | None:
    """Return the measure that is meant: the one about the same cities, else the only one."""
    codes = decision.old or decision.new
    cities = set(codes.cities) if codes else set()
    same = [coding for coding in here if set(coding.measure.cities) == cities]
    if same:
        return same[0]
    return here[0] if len(here) == 1 and decision.action != "add" else None


def _own(coding: _Coding, decision: Decision, fields: Iterable[str]) -> None:
    coding.owners.update(dict.fromkeys(fields, decision.id))


def _same_coding(measure: Measure, before: Measure) -> bool:
    fields = ("categories", "instruments", "responsibilities", "status", "strength", "cities")
    return all(getattr(measure, name) == getattr(before, name) for name in fields)


def _change(draft: _Draft, measure: Measure, codes: Codes, fields: Sequence[str]) -> Measure:
    changes: dict[str, Any] = {}
    for name in fields:
        if name == "units":
            changes["responsibilities"] = _resolve_units(draft, measure, codes.units)
        else:
            changes[name] = getattr(codes, name)
    if changes.get("status", measure.status) != measure.status:
        changes["basis"] = _BASES.get(changes["status"], "")
    if "cities" in changes and draft.document.kind == "study":
        changes["places"] = changes["cities"]
    return replace(measure, **changes)


def _resolve_units(
    draft: _Draft, measure: Measure, units: Sequence[UnitCode]
) -> tuple[Responsibility, ...]:
    """Return each unit as the machine resolved it, or as it resolves a name in this document."""
    from kg.extract.units import compile_units

    known = {item.name: item for item in measure.responsibilities}
    found = []
    for unit in units:
        if unit.name in known:
            found.append(replace(known[unit.name], role=unit.role))
        else:
            resolver = compile_units(draft.vocabulary)
            surface = unit.surface or unit.name
            found += resolver.name_list([surface], draft.document.place, unit.role)
    return tuple(dict.fromkeys(found))


def _make_measure(draft: _Draft, codes: Codes, span: Span) -> Measure:
    """Make a measure that the machine does not find, from what a person says of it."""
    document = draft.document
    sentence = next((s for s in document.sentences if s.text and s.span() == span), None)
    inside = next((s for s in document.sentences if s.text and _is_same(s.span(), span)), sentence)
    study = document.kind == "study"
    kind = inside.kind if inside else "body"
    measure = Measure(
        key=_name_key(draft, hash_sentence(sentence.text if sentence else span.of(document.raw))),
        span=span,
        clause=inside.clause if inside else None,
        places=codes.cities if study or not document.place else (document.scope or document.place,),
        cities=codes.cities,
        categories=codes.categories,
        instruments=codes.instruments,
        status=cast("Status", codes.status),
        basis=_BASES.get(codes.status, ""),
        strength=cast("Strength", codes.strength),
        rule="claim" if study else kind,
    )
    return replace(measure, responsibilities=_resolve_units(draft, measure, codes.units))


def _name_key(draft: _Draft, sentence: str) -> str:
    """Return the first key of a sentence that no measure has."""
    taken = {coding.measure.key for coding in draft.codings}
    number = 1
    while f"{sentence}-{number}" in taken:
        number += 1
    return f"{sentence}-{number}"


def _finish(draft: _Draft, extraction: Extraction) -> Extraction:
    """Name the decisions that hold for each measure, and which ones hold nowhere any more."""
    left = {coding.measure.key for coding in draft.codings}
    holding = {owner for coding in draft.codings for owner in coding.owners.values()}
    measures = [
        replace(
            coding.measure,
            decisions=tuple(dict.fromkeys(coding.owners.values())),
            repeats=coding.measure.repeats if coding.measure.repeats in left else "",
        )
        for coding in draft.codings
    ]
    decided = tuple(_overrule(item, holding) for item in draft.decided)
    measures.sort(key=lambda measure: (measure.span, measure.cities, measure.key))
    return replace(extraction, measures=tuple(measures), decisions=decided)


def _overrule(item: Decided, holding: set[str]) -> Decided:
    if item.action == "delete" or item.outcome == "lost" or item.id in holding:
        return item
    return replace(item, outcome="superseded")
