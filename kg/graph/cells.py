"""Cells: how many measures each city has of each instrument, by status, counted from the graphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import product

from kg.ontology import BASE, Vocabulary, instrument_iri, resource_iri
from kg.ontology.namespaces import RDF, XSD

_PARTS = ("city", "instrument", "status")
HAVING = ("provided", "reported")
Cell = tuple[str, str, str]


def count_cells(graphs: Iterable[bytes], *, base: str = BASE) -> Counter[Cell]:
    """Return the number of measures by the IRIs of city, instrument and status.

    ``graphs`` are the sorted N-Quads of a named graph each.  A measure of several cities or
    instruments counts in each of their cells.
    """
    marks = {part: f"> <{base}ontology#{part}> <".encode() for part in _PARTS}
    counts: Counter[Cell] = Counter()
    for content in graphs:
        for said in _measures(content, marks):
            cities, instruments, statuses = (said.get(part, ()) for part in _PARTS)
            counts.update(product(cities, instruments, statuses))
    return counts


def _measures(content: bytes, marks: Mapping[str, bytes]) -> Iterable[Mapping[str, list[str]]]:
    """Return what is said of each subject: its cities, its instruments, its status.

    Looking for the predicates alone takes a fraction of what a pattern takes that reads each line.
    """
    said: dict[bytes, dict[str, list[str]]] = {}
    for part, mark in marks.items():
        at = content.find(mark)
        while at >= 0:
            start = content.rfind(b"\n", 0, at) + 1
            subject, value = content[start:at], at + len(mark)
            if subject.startswith(b"<") and b">" not in subject:  # else it stands in a literal
                found = content[value : content.index(b">", value)].decode()
                said.setdefault(subject, {}).setdefault(part, []).append(found)
            at = content.find(mark, value)
    return said.values()


def write_cells(
    counts: Counter[Cell], vocabulary: Vocabulary, *, base: str = BASE
) -> tuple[str, list[str]]:
    """Return the IRI of the derived graph and its sorted N-Quads lines; no cell, no line.

    Beside the cells it says which city has which instrument: one that is provided or reported,
    and with it all broader ones.
    """
    graph, pk = resource_iri("graph", "derived", base=base), f"{base}ontology#"
    lines: set[str] = set()
    for cell, number in counts.items():
        city, instrument, status = map(_local, cell)
        s = f"<{resource_iri('cell', f'{city}/{instrument}/{status}', base=base)}>"
        lines |= {
            f"{s} <{RDF}type> <{pk}Cell> <{graph}> .\n",
            f"{s} <{pk}cellCity> <{cell[0]}> <{graph}> .\n",
            f"{s} <{pk}cellInstrument> <{cell[1]}> <{graph}> .\n",
            f"{s} <{pk}cellStatus> <{cell[2]}> <{graph}> .\n",
            f'{s} <{pk}measures> "{number}"^^<{XSD}integer> <{graph}> .\n',
        }
        if status in HAVING:
            lines |= {
                f"<{cell[0]}> <{pk}hasInstrument> <{instrument_iri(i, base=base)}> <{graph}> .\n"
                for i in vocabulary.ancestors(instrument)
            }
    return graph, sorted(lines)


def _local(iri: str) -> str:
    return iri.rpartition("/")[2]
