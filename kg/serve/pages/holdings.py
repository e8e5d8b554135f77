"""What pages show of one version, read from it once: documents, measures, claims, who is named."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from kg.compare import Entry, project_claims
from kg.graph import NamedUnit, read_documents, read_measures, read_units, select
from kg.ontology import local_id
from kg.serve.published import Published

Row = Mapping[str, Any]
Passage = tuple[str, int, int]

_TEXTS = "SELECT ?document ?sha256 WHERE { ?document a pk:Document ; pk:sha256 ?sha256 }"
_LINKS = """
SELECT DISTINCT ?kind ?value ?measure WHERE {
  ?measure a pk:Measure .
  { ?measure pk:place ?value . BIND("place" AS ?kind) }
  UNION { ?measure pk:city ?value . BIND("place" AS ?kind) }
  UNION { ?measure pk:instrument ?value . BIND("instrument" AS ?kind) }
  UNION { ?measure pk:responsibility/pk:unit ?value . BIND("unit" AS ?kind) }
}"""
_CLAUSES = """
SELECT ?clause ?number ?heading ?start WHERE {
  ?clause a pk:Clause ; dcterms:isPartOf ?document ; pk:start ?start .
  OPTIONAL { ?clause pk:number ?number } OPTIONAL { ?clause pk:heading ?heading }
} ORDER BY ?start"""

_lock = threading.Lock()


@dataclass(frozen=True)
class Holdings:
    """The contents of a version by id (the end of an IRI); measures go by their whole IRI.

    ``named`` maps place, instrument or unit and its id to the measures that name it;
    ``passages`` maps source, start and end to the measure coded there.
    """

    documents: Mapping[str, Entry]
    texts: Mapping[str, str]
    details: Mapping[tuple[str, str, str], Row]
    measures: Mapping[str, Row]
    coded: Mapping[str, Sequence[Row]]
    named: Mapping[tuple[str, str], Sequence[str]]
    passages: Mapping[Passage, str]
    sources: Mapping[str, str]
    units: Mapping[str, NamedUnit]
    claims: nx.DiGraph

    def find_measures(self, kind: str, identifier: str) -> list[Row]:
        """Return the measures that name a place, an instrument or a unit."""
        found = self.named.get((kind, identifier), ())
        return [self.measures[iri] for iri in found if iri in self.measures]

    def describe(self, identifier: str) -> Row:
        """Return what the list of documents says of one, empty where it says nothing."""
        entry = self.documents[identifier]
        return self.details.get((entry.source, entry.title, entry.number), {})


async def load_holdings(published: Published) -> Holdings:
    """Return the contents of a version; the first call reads them beside the event loop."""
    found = published.notes.get("holdings")
    return found if found is not None else await asyncio.to_thread(_load, published)


def _load(published: Published) -> Holdings:
    with _lock:
        if "holdings" not in published.notes:
            published.notes["holdings"] = read_holdings(published)
        found: Holdings = published.notes["holdings"]
        return found


def read_holdings(published: Published) -> Holdings:
    """Read the contents of a version."""
    store, base = published.store, published.base
    claims = project_claims(store, published.vocabulary, base=base)
    entries: Mapping[str, Entry] = claims.graph["documents"]
    rows = list(read_measures(published.version, base=base))
    return Holdings(
        documents={
            local_id(entry.iri): entry
            for entry in sorted(entries.values(), key=lambda entry: (entry.source, entry.iri))
        },
        texts={
            local_id(row["document"]): str(row["sha256"])
            for row in select(store, _TEXTS, base=base)
        },
        details={
            (str(row["source"]), str(row["title"]), str(row["number"])): row
            for row in read_documents(store, base=base)
        },
        measures={row["id"]: row for row in rows},
        coded=_group(rows),
        named=_read_names(published),
        passages={(row["source"], row["start"], row["end"]): row["id"] for row in rows},
        sources={entry.source: local_id(entry.iri) for entry in entries.values()},
        units=_merge_units(read_units(store, base=base)),
        claims=claims,
    )


def read_clauses(published: Published, document: str) -> list[Row]:
    """Return the clauses of a document in their order."""
    import pyoxigraph as ox

    sparql = _CLAUSES.replace("SELECT ?clause", "SELECT ?document ?clause")
    return list(
        select(published.store, sparql, base=published.base, document=ox.NamedNode(document))
    )


def _group(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[local_id(row["document"])].append(row)
    return dict(found)


def _read_names(published: Published) -> dict[tuple[str, str], list[str]]:
    named: dict[tuple[str, str], list[str]] = defaultdict(list)
    rows = select(published.store, _LINKS, base=published.base)
    for row in sorted(rows, key=lambda row: str(row["measure"])):
        named[str(row["kind"]), local_id(row["value"])].append(str(row["measure"]))
    return dict(named)


def _merge_units(units: Iterable[NamedUnit]) -> dict[str, NamedUnit]:
    found: dict[str, NamedUnit] = {}
    for unit in units:
        found.setdefault(unit.id, unit)
    return found
