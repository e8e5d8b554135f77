"""Dropping: names of a question that another name says more of, or that it does not ask for."""

from __future__ import annotations

from kg.ask.readings import Reading
from kg.ontology import Vocabulary, local_id


def drop_nested(reading: Reading, vocabulary: Vocabulary) -> None:
    """Of an instrument and a broader one keep the narrower, which says more.

    The broader stays where the question counts the narrower in, or names it in brackets.
    """
    names = set(reading.instruments)
    for name in names:
        for broader in names & set(vocabulary.ancestors(name)[1:]):
            if _parted(reading, name, broader):
                continue
            inside = reading.wording.in_aside(*reading.instruments.get(name, (0, 0)))
            counted = inside or {"including", "or"} & reading.cues.keys()
            reading.instruments.pop(name if counted else broader, None)


def _parted(reading: Reading, one: str, other: str) -> bool:
    """Tell whether a word for lacking stands between two instruments: one is had, one is not."""
    ends = sorted(reading.instruments[name] for name in (one, other) if name in reading.instruments)
    lacks = [start for start, _ in reading.cues.get("lack", ())]
    return len(ends) == 2 and any(ends[0][0] < start < ends[1][0] for start in lacks)


def drop_groups(reading: Reading, vocabulary: Vocabulary) -> None:
    """Drop groups of units (各镇) where the question does not ask what they answer for.

    The id of a unit is that of its group after the id of its jurisdiction.
    """
    groups = {unit.id for unit in vocabulary.units.values() if unit.group}
    asked = "clauses" in reading.cues
    if not asked and ("units" in reading.cues or "responsible" not in reading.cues):
        for iri in list(reading.units):
            if groups & {local_id(iri), local_id(iri).rpartition("-")[2]}:
                del reading.units[iri]
