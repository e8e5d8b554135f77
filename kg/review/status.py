"""Status: what became of every decision in a graph — applied, moved, overruled or lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyoxigraph as ox

from kg.graph import select
from kg.ontology import BASE, local_id
from kg.review.anchors import squeeze
from kg.review.decisions import Decision

_OUTCOMES = """
    SELECT ?decision ?outcome ?source ?start ?end ?edited WHERE {
      GRAPH ?graph {
        ?decision a pk:Decision ; pk:outcome ?outcome ; pk:document ?document .
        ?document pk:source ?source .
        OPTIONAL { ?decision pk:start ?start ; pk:end ?end }
        OPTIONAL { ?decision pk:edited ?edited }
      }
    } ORDER BY ?decision ?source"""
_RANKS = ("applied", "restored", "agreed", "superseded", "lost", "absent", "pending")
LOST = ("lost", "absent")
_MEANINGS = {
    "applied": "holds in the graph",
    "restored": "holds; the machine no longer finds the measure",
    "agreed": "the machine says the same",
    "superseded": "a later decision holds",
    "lost": "the sentence is gone; decide anew, or keep the line for a text that has it",
    "absent": "the document is not in this graph",
    "pending": "not built yet; run kg build",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision with its outcome; ``source``, ``start`` and ``end`` tell where it holds now."""

    decision: Decision
    outcome: str
    source: str = ""
    start: int | None = None
    end: int | None = None
    edited: bool = False

    @property
    def moved(self) -> bool:
        """Tell whether the sentence stands elsewhere than when it was decided."""
        return self.start is not None and self.start != self.decision.anchor.start

    def as_row(self) -> dict[str, Any]:
        """Return the standing as a row of a table."""
        decision = self.decision
        note = _MEANINGS[self.outcome]
        if self.edited:
            note += "; the sentence was edited, please look again"
        return {
            "text": squeeze(decision.anchor.quote),
            "outcome": self.outcome,
            "action": decision.action,
            "fields": list(decision.fields),
            "by": decision.by,
            "on": decision.on,
            "why": decision.why,
            "source": self.source or decision.anchor.source,
            "start": self.start,
            "end": self.end,
            "moved": self.moved,
            "edited": self.edited,
            "note": note,
            "decision": decision.id,
        }


def read_status(
    decisions: Iterable[Decision], store: ox.Store, built: Iterable[str], *, base: str = BASE
) -> list[Standing]:
    """Return what became of each decision; ``built`` are the ids that the graph was built with.

    A decision that holds in one document and is lost in another of the same name holds.
    """
    found: dict[str, Standing] = {}
    known = {decision.id: decision for decision in decisions}
    for row in select(store, _OUTCOMES, base=base):
        decision = known.get(local_id(row["decision"]))
        if decision is None:
            continue
        standing = Standing(
            decision=decision,
            outcome=str(row["outcome"]),
            source=str(row["source"]),
            start=int(row["start"]) if isinstance(row["start"], int | float) else None,
            end=int(row["end"]) if isinstance(row["end"], int | float) else None,
            edited=bool(row["edited"]),
        )
        before = found.get(decision.id)
        if before is None or _RANKS.index(standing.outcome) < _RANKS.index(before.outcome):
            found[decision.id] = standing
    done = set(built)
    return [
        found.get(d.id) or Standing(d, "absent" if d.id in done else "pending")
        for d in known.values()
    ]


def read_built(store: ox.Store, *, base: str = BASE) -> set[str]:
    """Return the ids of the decisions that a graph was built with."""
    query = "SELECT ?decision WHERE { GRAPH ?graph { ?decision pk:newCoding ?coding } }"
    deleted = "SELECT ?decision WHERE { GRAPH ?graph { ?decision pk:oldCoding ?coding } }"
    rows = [*select(store, query, base=base), *select(store, deleted, base=base)]
    return {local_id(row["decision"]) for row in rows}
