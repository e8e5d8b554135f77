"""Citations: which document rests on which, in the corpus or outside of it."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import networkx as nx
import pyoxigraph as ox

from kg.compare.records import Entry, as_json
from kg.graph.query import select
from kg.model import Evidence
from kg.ontology import BASE, Vocabulary
from kg.states import find_standing

_PUNCTUATION = re.compile(r"[^\w]|_")
_NAMED = re.compile(r"《([^《》]+)》")
_NEAR = 90


@dataclass(frozen=True, slots=True)
class Cited:
    """One citation: who cites, what, and which document of the corpus that is.

    ``cited`` is its IRI, empty where the corpus lacks it; ``resolved_by`` is number, title or
    empty; ``perhaps`` names documents of the corpus whose titles are nearly the same, which is
    for a reader to decide.
    """

    citing: str
    citing_title: str
    title: str
    number: str
    cited: str
    resolved_by: str
    perhaps: tuple[str, ...]
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Dangling:
    """A document that is cited and not in the corpus, with the titles of those that cite it."""

    title: str
    number: str
    cited_by: tuple[str, ...]
    perhaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Citations:
    """All citations, what they leave open, and documents that neither cite nor are cited."""

    as_of: str | None
    level: str
    selection: tuple[str, ...]
    documents: int
    undated: tuple[str, ...]
    version: str
    citations: tuple[Cited, ...]
    dangling: tuple[Dangling, ...]
    isolated: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the citations as plain values, ready for json.dumps."""
        found: dict[str, Any] = as_json(self)
        return found


def find_citations(
    store: ox.Store, claims: nx.DiGraph, vocabulary: Vocabulary, *, base: str = BASE
) -> Citations:
    """Find what the documents of a projection cite, and which of it the corpus holds.

    A citation is resolved where its number is that of a document, else where its title is, or
    is the one that a notice's title holds (关于印发《…》的通知); never by likeness.
    """
    documents: Mapping[str, Entry] = claims.graph["documents"]
    rows = tuple(_read_citations(store, documents, vocabulary, base))
    joined = {iri for row in rows if row.cited for iri in (row.citing, row.cited)}
    joined |= {row.citing for row in rows}
    return Citations(
        as_of=claims.graph["as_of"],
        level=claims.graph.get("level", ""),
        selection=claims.graph.get("selection", ()),
        documents=len(documents),
        undated=claims.graph["undated"],
        version=claims.graph["version"],
        citations=rows,
        dangling=tuple(_find_dangling(rows)),
        isolated=tuple(sorted(e.name for iri, e in documents.items() if iri not in joined)),
    )


def draw_cascade(citations: Citations, claims: nx.DiGraph) -> nx.DiGraph:
    """Draw the citations as a network from the citing to the cited document.

    Nodes are IRIs, those of documents outside of the corpus their titles; they have ``label``,
    ``kind`` (document or dangling), ``date`` and ``level``, links ``quote`` and ``number``.
    """
    cascade = nx.DiGraph()
    for iri, entry in sorted(claims.graph["documents"].items()):
        cascade.add_node(
            iri, kind="document", label=entry.name, date=entry.start, level=entry.level
        )
    for row in citations.citations:
        target = row.cited or row.title
        if target not in cascade:
            cascade.add_node(target, kind="dangling", label=row.title, date="", level="")
        cascade.add_edge(
            row.citing, target, relation="cites", quote=row.evidence.quote, number=row.number
        )
    return cascade


def _read_citations(
    store: ox.Store, documents: Mapping[str, Entry], vocabulary: Vocabulary, base: str
) -> Iterator[Cited]:
    sparql = (files(__package__) / "citations.rq").read_text("utf-8")
    names = _index_names(documents.values())
    rows = [row for row in select(store, sparql, base=base) if str(row["document"]) in documents]
    for row in sorted(rows, key=lambda row: (str(row["document"]), int(row["start"] or 0))):
        entry = documents[str(row["document"])]
        title, number = str(row["title"]), str(row["number"] or "")
        cited, how = _resolve(title, number, names, entry.iri)
        if cited == entry.iri:
            continue
        standing = find_standing(entry.kind, entry.place, entry.place, vocabulary)
        start, end = int(row["start"] or 0), int(row["end"] or 0)
        yield Cited(
            citing=entry.iri,
            citing_title=entry.name,
            title=title,
            number=number,
            cited=cited,
            resolved_by=how,
            perhaps=() if cited else _find_near(title, documents.values(), entry.iri),
            evidence=Evidence(
                entry.title, entry.number, entry.source, entry.form, start, end,
                str(row["quote"]), standing,
            ),
        )  # fmt: skip


def _index_names(entries: Iterable[Entry]) -> dict[str, dict[str, str]]:
    """Map numbers and titles, bare of punctuation, to the documents that alone have them."""
    found: dict[str, dict[str, set[str]]] = {
        "number": defaultdict(set),
        "title": defaultdict(set),
    }
    for entry in entries:
        found["number"][_bare(entry.number)].add(entry.iri)
        for title in (entry.title, *_NAMED.findall(entry.title)):
            found["title"][_bare(title)].add(entry.iri)
    return {
        sort: {name: min(iris) for name, iris in named.items() if name and len(iris) == 1}
        for sort, named in found.items()
    }


def _resolve(
    title: str, number: str, names: Mapping[str, Mapping[str, str]], citing: str
) -> tuple[str, str]:
    by_number = names["number"].get(_bare(number)) if number else None
    if by_number:
        return by_number, "number"
    by_title = names["title"].get(_bare(title))
    return (by_title, "title") if by_title else ("", "")


def _find_near(title: str, entries: Iterable[Entry], citing: str) -> tuple[str, ...]:
    from rapidfuzz import fuzz

    bare = _bare(title)
    return tuple(
        sorted(
            entry.name
            for entry in entries
            if entry.iri != citing and fuzz.ratio(bare, _bare(entry.title)) >= _NEAR
        )
    )


def _find_dangling(rows: Iterable[Cited]) -> Iterator[Dangling]:
    """Yield what is cited and not there, the most cited first."""
    found: dict[str, list[Cited]] = defaultdict(list)
    for row in rows:
        if not row.cited:
            found[_bare(row.title)].append(row)
    for same in sorted(found.values(), key=lambda rows: (-len(_citing(rows)), rows[0].title)):
        numbers = [row.number for row in same if row.number]
        yield Dangling(
            title=same[0].title,
            number=numbers[0] if numbers else "",
            cited_by=_citing(same),
            perhaps=same[0].perhaps,
        )


def _citing(rows: Iterable[Cited]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.citing_title for row in rows))


def _bare(text: str) -> str:
    return _PUNCTUATION.sub("", unicodedata.normalize("NFKC", text)).lower()
