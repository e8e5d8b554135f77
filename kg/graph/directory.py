"""The directory: every unit that documents name, described once, in a named graph of its own.

A document's graph says what it was read to mean by a unit (``pk:resolvedName`` …) beside the duty
or goal; were the unit itself described there, each document that names it would say so again, and
whoever counts or joins units over several graphs would meet each as often as it is named.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from kg.graph.literals import encode_segment
from kg.ontology import BASE, Unit, Vocabulary, resource_iri
from kg.ontology.namespaces import RDF, SKOS

# A newline to begin with is found five times faster than "^", and no literal holds one.
_SAYS = r"\n(<[^>]*>) <%sontology#(resolvedKind|resolvedName|resolvedPlace|unit)> (.*) <[^>]*> \."


class Resolved(NamedTuple):
    """What a document was read to mean by a unit: terms of N-Quads, empty where it is not known."""

    name: str
    kind: str = ""
    place: str = ""


Found = Mapping[str, frozenset[Resolved]]


def collect_units(graphs: Iterable[bytes], *, base: str = BASE) -> Found:
    """Return by unit, as a term of N-Quads, what documents were read to mean by it.

    ``graphs`` are the sorted N-Quads of a named graph each, in any order.
    """
    says = re.compile((_SAYS % re.escape(base)).encode())
    found: dict[str, set[Resolved]] = defaultdict(set)
    for content in graphs:
        for _, lines in groupby(says.findall(b"\n" + content), key=itemgetter(0)):
            said = {part.decode(): term.decode() for _, part, term in lines}
            if "unit" in said and "resolvedName" in said:
                kind, place = said.get("resolvedKind", ""), said.get("resolvedPlace", "")
                found[said["unit"]].add(Resolved(said["resolvedName"], kind, place))
    return {unit: frozenset(ways) for unit, ways in found.items()}


def write_directory(
    found: Found, vocabulary: Vocabulary, *, base: str = BASE
) -> tuple[str, list[str]]:
    """Return the IRI of the directory and its sorted N-Quads lines; no unit, no line.

    What the vocabulary's graph says of a unit is not said again.
    """
    graph = resource_iri("graph", "units", base=base)
    listed = {
        f"<{resource_iri('unit', encode_segment(unit.id), base=base)}>": unit
        for unit in vocabulary.units.values()
    }
    lines = [
        f"{unit} {said} <{graph}> .\n"
        for unit, ways in found.items()
        for said in _describe(ways, listed.get(unit), base)
    ]
    return graph, sorted(lines)


def _describe(ways: frozenset[Resolved], listed: Unit | None, base: str) -> Iterator[str]:
    """Yield the properties of a unit, with their values, that the vocabulary leaves open."""
    pk = f"{base}ontology#"
    if listed is None or listed.group:
        yield f"<{RDF}type> <{pk}Unit>"
    if listed is None or not listed.name:
        yield f"<{SKOS}prefLabel> {min(way.name for way in ways)}"
    kind, place = _agree(way.kind for way in ways), _agree(way.place for way in ways)
    if kind and (listed is None or not listed.kind):
        yield f"<{pk}unitKind> {kind}"
    if place and (listed is None or not listed.jurisdiction):
        yield f"<{pk}jurisdiction> {place}"


def _agree(values: Iterable[str]) -> str:
    """Return the one value that is known; none where documents differ: a name of several places."""
    known = set(filter(None, values))
    return known.pop() if len(known) == 1 else ""
