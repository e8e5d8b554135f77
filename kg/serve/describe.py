"""What the graph says of one IRI: the triples that leave it, those that lead to it, its graph."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote_to_bytes

import pyoxigraph as ox

from kg.ontology.namespaces import RDFS
from kg.serve.published import Published

MOST_LINKS = 500

_FOREIGN = re.compile("(?:%[89A-Fa-f][0-9A-Fa-f])+")


@dataclass(frozen=True, slots=True)
class Description:
    """What is known of an IRI.

    ``triples`` leave it, or stand in it where it is a named graph; ``links`` lead to it or use
    it as property, at most ``MOST_LINKS``; ``more`` tells that there are others.
    """

    iri: str
    triples: tuple[ox.Triple, ...]
    links: tuple[ox.Triple, ...]
    more: bool


def describe_iri(published: Published, iri: str) -> Description | None:
    """Return the description of an IRI; None where the graph does not know it."""
    store = published.store
    try:
        node = ox.NamedNode(iri)
    except ValueError:
        return None
    if iri in published.graphs:
        quads = store.quads_for_pattern(None, None, None, node)
        return Description(iri, _sort(quads), (), False)
    leaving = _sort(store.quads_for_pattern(node, None, None, None))
    arriving = list(islice(_find_links(store, node), MOST_LINKS + 1))
    if not leaving and not arriving:
        return None
    return Description(iri, leaving, tuple(arriving[:MOST_LINKS]), len(arriving) > MOST_LINKS)


def describe_namespace(published: Published, namespace: str) -> Description | None:
    """Return all that is said of the terms whose IRIs begin so, such as those of an ontology."""
    known = f"terms of {namespace}"
    if known not in published.notes:
        query = "SELECT DISTINCT ?s { ?s ?p ?o FILTER(STRSTARTS(STR(?s), ?namespace)) }"
        found = published.store.query(
            query.replace("?namespace", str(ox.Literal(namespace))),
            use_default_graph_as_union=True,
        )
        assert isinstance(found, ox.QuerySolutions)
        published.notes[known] = sorted((row["s"] for row in found), key=str)
    triples = [
        triple
        for term in published.notes[known]
        for triple in _sort(published.store.quads_for_pattern(term, None, None, None))
    ]
    return Description(namespace.rstrip("#"), tuple(triples), (), False) if triples else None


def _find_links(store: ox.Store, node: ox.NamedNode) -> Iterator[ox.Triple]:
    seen = set()
    for pattern in ((None, None, node, None), (None, node, None, None)):
        for quad in store.quads_for_pattern(*pattern):
            if quad.triple not in seen:
                seen.add(quad.triple)
                yield quad.triple


def _sort(quads: Iterator[ox.Quad]) -> tuple[ox.Triple, ...]:
    return tuple(sorted({quad.triple for quad in quads}, key=str))


def write_description(
    description: Description, syntax: ox.RdfFormat, published: Published, note: str = ""
) -> bytes:
    """Write a description as RDF; where links are left out a comment of the resource says so."""
    triples = [*description.triples, *description.links]
    if description.more:
        comment = ox.Literal(note or f"only {MOST_LINKS} of the links to this are given here")
        triples.append(
            ox.Triple(ox.NamedNode(description.iri), ox.NamedNode(RDFS + "comment"), comment)
        )
    plain = (ox.RdfFormat.N_TRIPLES, ox.RdfFormat.N_QUADS)
    prefixes = None if syntax in plain else dict(published.prefixes)
    return ox.serialize(triples, format=syntax, prefixes=prefixes) or b""


def spell_iri(raw_path: bytes) -> list[str]:
    """Return how an IRI may be spelt that was asked for by this path.

    A client percent-encodes what is not ASCII; escapes of ASCII characters belong to the IRI.

    >>> spell_iri(b"unit/%E5%B8%82%7CA")
    ['unit/市%7CA', 'unit/%E5%B8%82%7CA']
    """
    raw = raw_path.decode("ascii", "replace")
    return list(dict.fromkeys([_FOREIGN.sub(_decode, raw), raw]))


def _decode(found: re.Match[str]) -> str:
    try:
        return unquote_to_bytes(found[0]).decode("utf-8")
    except UnicodeDecodeError:
        return found[0]
