"""The coding sheet and the list of documents, rebuilt from the graph alone.

The sheet is made document by document, so that memory does not grow with their number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.graph.query import Value, read_term, select
from kg.graph.version import Version
from kg.ontology import BASE, local_id

MEASURE_KEYS = (
    "id", "source", "sha256", "form", "document", "clause", "start", "end", "text", "places",
    "cities", "categories", "instruments", "status", "basis", "strength", "beneficiaries", "object",
    "conditions", "units", "amounts", "targets", "confidence", "rule", "decided",
)  # fmt: skip
DOCUMENT_KEYS = (
    "source", "sha256", "form", "title", "number", "issuer", "issued", "effective", "expires",
    "expires_basis", "place", "level", "kind", "cites", "unit_brackets", "tables", "problems",
)  # fmt: skip

_DOCUMENTS = """
    SELECT ?source ?document ?graph WHERE {
      GRAPH ?graph { ?document a pk:Document ; pk:source ?source }
    }"""
_LABELS = """
    SELECT ?concept ?label ?notation WHERE {
      ?concept skos:inScheme ?scheme ; skos:prefLabel ?label .
      OPTIONAL { ?concept a pk:Instrument ; skos:notation ?notation }
      FILTER (lang(?label) = "zh")
    }"""
_ABOUT = """
    SELECT ?s ?p ?o WHERE {
      { VALUES ?kind { pk:Document pk:Citation pk:Table pk:Problem } ?s a ?kind }
      UNION { ?problem a pk:Problem ; pk:evidence ?s }
      ?s ?p ?o
    }"""
_GRAPH = "SELECT ?graph ?s ?p ?o WHERE { GRAPH ?graph { ?s ?p ?o } }"

_name = lru_cache(maxsize=1024)(local_id)  # few properties, each of them in thousands of triples

Row = dict[str, Any]
Labels = Mapping[str, str]


class _Entry(NamedTuple):
    """A document with its named graph; sorts by source."""

    source: str
    document: str
    graph: str


class Resource(dict[str, list[Value]]):
    """A resource's values by local name of the property; kept in the order of the values."""

    def text(self, name: str) -> str:
        """Return the first value as text, empty where there is none."""
        values = self.get(name)
        return str(values[0]) if values else ""

    def texts(self, name: str) -> list[str]:
        """Return all values as texts."""
        return [str(value) for value in self.get(name, ())]

    def number(self, name: str) -> int | float | None:
        """Return the first value as a number, a whole one as int."""
        value = next(iter(self.get(name, ())), None)
        if not isinstance(value, int | float):
            return None
        return int(value) if value == int(value) else value

    def ids(self, name: str) -> list[str]:
        """Return the ids that the IRIs end with."""
        return [local_id(value) for value in self.texts(name)]


Resources = Mapping[str, Resource]


def read_measures(
    graph: Version | ox.Store, *, base: str = BASE, graphs: Collection[str] | None = None
) -> Iterator[Row]:
    """Yield the rows of the coding sheet, ordered by source, start and id.

    Keys are ``MEASURE_KEYS``; offsets are code points, money is in yuan; ``decided`` names the
    persons whose decisions hold, empty where the machine coded the measure alone.  ``graphs`` are
    the IRIs of the named graphs to read, by default all.  From a version this
    takes a quarter of the time: decoding terms is what is slow in a store on disk.
    """
    store = graph.store() if isinstance(graph, Version) else graph
    labels = _read_labels(store, base)
    entries = read_entries(store, base)
    if graphs is not None:
        entries = [entry for entry in entries if entry.graph in graphs]
    pairs = read_each(graph, entries, base)
    for _, group in groupby(pairs, key=lambda pair: pair[0].source):
        rows = [row for entry, found in group for row in _read_sheet(found, entry, labels)]
        yield from sorted(rows, key=lambda row: (row["start"], row["id"]))


def read_documents(store: ox.Store, *, base: str = BASE) -> list[Row]:
    """Return what the graph says of each document, ordered by source.

    Keys are ``DOCUMENT_KEYS``; dates are ISO strings or None, ``place`` is a short name.
    """
    labels = _read_labels(store, base)
    rows = select(store, _ABOUT, base=base)
    resources = _index_values((str(row["s"]), str(row["p"]), row["o"]) for row in rows)
    found = (iri for iri, about in resources.items() if "source" in about)
    ordered = sorted(found, key=lambda iri: (resources[iri].text("source"), iri))
    return [_describe_document(resources, iri, labels) for iri in ordered]


def read_entries(store: ox.Store, base: str) -> list[_Entry]:
    rows = select(store, _DOCUMENTS, base=base)
    found = (_Entry(str(r["source"]), str(r["document"]), str(r["graph"])) for r in rows)
    return sorted(found)


def _read_labels(store: ox.Store, base: str) -> dict[str, str]:
    """Read IRI → Chinese name; a category goes by its notation (区位)."""
    rows = select(store, _LABELS, base=base)
    found = ((str(row["concept"]), str(row["notation"] or row["label"])) for row in rows)
    return dict(sorted(found, reverse=True))


def read_graphs(graph: Version | ox.Store, iris: Sequence[str]) -> Iterator[Resources]:
    if isinstance(graph, Version):
        for block in graph.read_graphs(iris):
            quads = ox.parse(block, format=ox.RdfFormat.N_QUADS)
            yield _index_values((s.value, p.value, read_term(o)) for s, p, o, _ in quads)
    else:
        for iri in iris:
            rows = select(graph, _GRAPH, graph=ox.NamedNode(iri))
            yield _index_values((str(row["s"]), str(row["p"]), row["o"]) for row in rows)


class Sheet(NamedTuple):
    """The resources of a named graph, and its measures by the document that they stand in."""

    resources: Resources
    measures: Mapping[str, Sequence[str]]


def read_each(
    graph: Version | ox.Store, entries: Sequence[_Entry], base: str
) -> Iterator[tuple[_Entry, Sheet]]:
    """Yield each document with its named graph; one that holds several is read once."""
    named = [(iri, list(group)) for iri, group in groupby(entries, key=lambda one: one.graph)]
    graphs = read_graphs(graph, [iri for iri, _ in named])
    for (_, group), resources in zip(named, graphs, strict=True):
        sheet = Sheet(resources, _group_measures(resources, base))
        yield from ((entry, sheet) for entry in group)


def _group_measures(resources: Resources, base: str) -> Mapping[str, Sequence[str]]:
    wanted = f"{base}ontology#Measure"
    measures: dict[str, list[str]] = defaultdict(list)
    for iri, found in resources.items():
        if wanted in found.get("type", ()):
            measures[found.text("document")].append(iri)
    return measures


def _index_values(triples: Iterable[tuple[str, str, Value]]) -> Resources:
    """Index triples as subject → local name of the property → values in their order."""
    resources: dict[str, Resource] = defaultdict(Resource)
    for subject, predicate, value in triples:
        resources[subject].setdefault(_name(predicate), []).append(value)
    for resource in resources.values():
        for values in resource.values():
            if len(values) > 1:
                values.sort(key=str)
    return resources


def _read_sheet(sheet: Sheet, entry: _Entry, labels: Labels) -> Iterator[Row]:
    for iri in sheet.measures.get(entry.document, ()):
        yield _describe_measure(sheet.resources, iri, entry.document, labels)


def _describe_measure(resources: Resources, iri: str, document: str, labels: Labels) -> Row:
    measure, about = resources[iri], resources[document]
    evidence = resources[measure.text("evidence")]
    text = evidence.text("quote")
    return {
        "id": iri,
        "source": about.text("source"),
        "sha256": about.text("sha256"),
        "form": about.text("form"),
        "document": document,
        "clause": _name_clause(resources, measure.text("clause")),
        "start": evidence.number("start"),
        "end": evidence.number("end"),
        "text": text,
        "places": _name_all(measure.texts("place"), labels),
        "cities": _name_all(measure.texts("city"), labels),
        "categories": _name_all(_put_first(measure, "category", "mainCategory"), labels),
        "instruments": measure.text("instrumentOrder").split(),
        "status": local_id(measure.text("status")),
        "basis": local_id(measure.text("basis")),
        "strength": local_id(measure.text("strength")),
        "beneficiaries": measure.ids("beneficiary"),
        "object": measure.text("object"),
        "conditions": sorted(measure.texts("condition"), key=lambda part: (text.find(part), part)),
        "units": [_describe_unit(r) for r in follow(resources, measure, "responsibility")],
        "amounts": [_describe_quantity(r) for r in follow(resources, measure, "amount")],
        "targets": [_describe_target(r) for r in follow(resources, measure, "target")],
        "confidence": measure.number("confidence"),
        "rule": measure.text("rule"),
        "decided": [_describe_decision(r) for r in follow(resources, measure, "decision")],
    }


def _describe_decision(found: Resource) -> Row:
    return {
        "by": found.text("decidedBy"),
        "on": found.text("decidedOn"),
        "action": found.text("action"),
        "outcome": found.text("outcome"),
    }


def follow(resources: Resources, owner: Resource, name: str) -> list[Resource]:
    """Return the resources that a property points to, in their own order."""
    found = [resources[iri] for iri in owner.texts(name)]
    return sorted(found, key=lambda resource: resource.number("order") or 0)


def _name_all(iris: Iterable[str], labels: Labels) -> list[str]:
    return [labels.get(iri) or local_id(iri) for iri in iris]


def _put_first(resource: Resource, name: str, main: str) -> Sequence[str]:
    return list(dict.fromkeys((*resource.texts(main), *resource.texts(name))))


def _name_clause(resources: Resources, iri: str) -> str:
    """Return the numbers from the top down and the heading: 五、（二）提高土地资源配置效率."""
    heading = resources[iri].text("heading") if iri else ""
    numbers: list[str] = []
    seen: set[str] = set()
    while iri and iri not in seen:
        seen.add(iri)
        numbers.insert(0, resources[iri].text("number"))
        iri = resources[iri].text("parent")
    return "".join(numbers) + heading


def _describe_unit(found: Resource) -> Row:
    return {
        "name": found.text("resolvedName"),
        "surface": found.text("surface"),
        "role": local_id(found.text("role")),
    }


def _describe_quantity(found: Resource) -> Row:
    return {
        "value": found.number("value"),
        "unit": found.text("unitText"),
        "op": found.text("operator"),
        "surface": found.text("surface"),
    }


def _describe_target(found: Resource) -> Row:
    quantity = _describe_quantity(found)
    return {
        "value": quantity["value"],
        "op": quantity["op"],
        "unit": quantity["unit"],
        "deadline": found.text("deadline"),
        "surface": quantity["surface"],
    }


def _describe_document(resources: Resources, iri: str, labels: Labels) -> Row:
    found = resources[iri]
    kind, place = found.texts("documentKind"), found.texts("spatial")
    return {
        "source": found.text("source"),
        "sha256": found.text("sha256"),
        "form": found.text("form"),
        "title": found.text("title"),
        "number": found.text("legislationIdentifier"),
        "issuer": found.text("issuerName"),
        "issued": found.text("issued") or None,
        "effective": found.text("first_date_entry_in_force") or None,
        "expires": found.text("date_no_longer_in_force") or None,
        "expires_basis": found.text("expiresBasis") or None,
        "place": "".join(_name_all(place, labels)),
        "level": found.text("level"),
        "kind": "".join(_name_all(kind, labels)),
        "cites": [_describe_citation(r) for r in follow(resources, found, "cites")],
        "unit_brackets": found.number("unitBrackets") or 0,
        "tables": [_describe_table(r) for r in follow(resources, found, "table")],
        "problems": [_describe_problem(resources, r) for r in follow(resources, found, "problem")],
    }


def _describe_citation(found: Resource) -> Row:
    return {"title": found.text("title"), "number": found.text("legislationIdentifier")}


def _describe_table(found: Resource) -> Row:
    return {"rows": found.number("rows"), "columns": found.number("columns")}


def _describe_problem(resources: Resources, found: Resource) -> Row:
    """Describe a problem; ``evidence`` are the places of one that rests on several."""
    spans = sorted(
        (resources[iri].number("start") or 0, resources[iri].number("end") or 0)
        for iri in found.texts("evidence")
    )
    row: Row = {
        "kind": found.text("problemKind"),
        "message": found.text("comment"),
        "start": found.number("start"),
        "end": found.number("end"),
    }
    if spans:
        row["evidence"] = [{"start": start, "end": end} for start, end in spans]
    return row
