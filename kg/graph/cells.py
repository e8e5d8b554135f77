"""Cells: how many measures each city has of each instrument, by status, counted from the graphs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import product

from kg.ontology import BASE, Vocabulary, instrument_iri, resource_iri
from kg.ontology.namespaces import RDF, XSD

# A newline to begin with is found five times faster than "^", and no literal holds one.
_SAYS = r"\n<([^>]*)> <%sontology#(city|instrument|status)> <([^>]*)>"
_PARTS = ("city", "instrument", "status")
HAVING = ("provided", "reported")
Cell = tuple[str, str, str]


def count_cells(graphs: Iterable[bytes], *, base: str = BASE) -> Counter[Cell]:
    """Return the number of measures by the IRIs of city, instrument and status.

    ``graphs`` are the sorted N-Quads of a named graph each.  A measure of several cities or
    instruments counts in each of their cells.
    """
    says = re.compile((_SAYS % re.escape(base)).encode())
    counts: Counter[Cell] = Counter()
    for content in graphs:
        for said in _measures(says.findall(b"\n" + content)):
            cities, instruments, statuses = (said.get(part, ()) for part in _PARTS)
            counts.update(product(cities, instruments, statuses))
    return counts


def _measures(statements: Iterable[tuple[bytes, bytes, bytes]]) -> Iterator[dict[str, list[str]]]:
    """Yield what is said of each subject: its cities, its instruments, its status."""
    last, said = b"", dict[str, list[str]]()
    for subject, part, value in statements:
        if subject != last:
            yield said
            last, said = subject, {}
        said.setdefault(part.decode(), []).append(value.decode())
    yield said


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
