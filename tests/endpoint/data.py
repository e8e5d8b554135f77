"""The data that the checks expect: four small graphs, and a dense one that long queries get lost in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

GRAPHS = "http://kasei.us/2009/09/sparql/data/"
EX = "http://example.org/"
NODES = 150

_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_XSD = "http://www.w3.org/2001/XMLSchema#"


def write_data(path: Path) -> None:
    """Write the data as N-Quads."""
    path.write_text("".join(_write_lines()), encoding="utf-8")


def _write_lines() -> Iterator[str]:
    for number in (1, 2, 3):
        graph = f"<{GRAPHS}data{number}.rdf>"
        yield f"{graph} {_TYPE} <http://xmlns.com/foaf/0.1/Document> {graph} .\n"
    words = f"<{EX}words>"
    literals = (
        '"plain"', '"城市"@zh', '"line\\nbreak"', '"a \\"quote\\", a comma"', '"tab\\tstop"',
        f'"5"^^<{_XSD}integer>', f'"1.5"^^<{_XSD}decimal>', '"<script>alert(1)</script>"', '""',
        '"SERVICE <http://example.org/> {}"',
    )  # fmt: skip
    for number, literal in enumerate(literals):
        yield f"<{EX}word/{number}> <{EX}value> {literal} {words} .\n"
    yield f'<{EX}城市/上海> <{EX}name> "上海"@zh {words} .\n'
    for one in range(NODES):
        for other in range(NODES):
            if one != other:
                yield f"<{EX}n/{one}> <{EX}near> <{EX}n/{other}> <{EX}dense> .\n"


SMALL = 14  # triples outside of the dense graph
TOTAL = SMALL + NODES * (NODES - 1)
