"""The page: the contents as one HTML file that works offline, in Chinese and English."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from kg import __version__
from kg.compare import Claim, name_place
from kg.compare.cells import denial_basis
from kg.compare.units import name_function
from kg.graph.query import make_prefixes
from kg.model import Evidence, join_lines
from kg.report.citations import cite_document
from kg.report.contents import Contents
from kg.report.figures import QUERIES, Figure, load_query
from kg.report.wording import Words, load_words, say
from kg.states import ABSENT, POSITIVE

_MOST_OFFICES = 25
_QUOTE = 220


class Passages:
    """The passages of a page, each once: a cell or list names them by number."""

    def __init__(self) -> None:
        self.shown: list[dict[str, Any]] = []
        self._numbers: dict[Evidence, int] = {}

    def add(self, evidence: Evidence) -> int:
        """Return the number of a passage, which is kept."""
        if evidence not in self._numbers:
            self._numbers[evidence] = len(self.shown)
            self.shown.append(
                {
                    "quote": join_lines(evidence.quote),
                    "name": evidence.number or evidence.document or evidence.source,
                    "where": f"{evidence.source}:{evidence.start}–{evidence.end}",
                    "kind": evidence.kind,
                    "form": evidence.form,
                }
            )
        return self._numbers[evidence]

    def add_claims(self, claims: Iterable[Claim]) -> list[list[Any]]:
        """Return [number, basis of a denial] of claims, each passage once."""
        found = {self.add(claim.evidence): denial_basis(claim) for claim in claims}
        return [[number, basis] for number, basis in found.items()]


def render_page(contents: Contents, *, language: str = "zh") -> str:
    """Return the report as HTML that opens in ``language`` (zh, en) and switches to the other.

    The page loads nothing.  Every number of a measure, sentence or document is a ``data``
    element that names its query and parameters; the queries stand in the page.
    """
    environment = Environment(
        loader=FunctionLoader(_read), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=StrictUndefined,
    )  # fmt: skip
    vocabulary = contents.subject.vocabulary
    environment.globals |= {
        "say": _say,
        "number": _show_figure,
        "place": lambda code: _both(
            Words(name_place(vocabulary, code), vocabulary.places[code].en)
        ),
        "place_named": lambda name: _name_place(contents, name),
        "concept": lambda i: _both(Words(vocabulary.concepts[i].zh, vocabulary.concepts[i].en)),
        "notation": vocabulary.notation,
        "category_of": vocabulary.category_of,
        "function": lambda i: name_function(i, vocabulary),
        "shade": _shade,
        "cut": _cut,
        "percent": lambda part, whole: f"{100 * part / whole:.1f} %",
        "cite": cite_document,
    }
    passages = Passages()
    cells = {
        f"{place} {instrument}": _describe_spot(contents, place, instrument, passages)
        for place, instrument in contents.spots
        if instrument not in contents.silent
    }
    return environment.get_template("page.html").render(
        contents=contents,
        language=language,
        claims=contents.subject.claims.graph,
        program=__version__,
        states=(*POSITIVE, *reversed(ABSENT)),
        offices=contents.offices[:_MOST_OFFICES],
        queries=[(name, load_query(name)) for name in QUERIES],
        style=Markup(_read("page.css")),
        script=Markup(_read("page.js")),
        content=Markup(_embed_json(_describe_content(contents, cells, passages))),
    )


def _describe_content(
    contents: Contents, cells: dict[str, Any], passages: Passages
) -> dict[str, Any]:
    return {
        "base": contents.subject.base,
        "prefixes": make_prefixes(contents.subject.base),
        "queries": {name: load_query(name) for name in QUERIES},
        "sets": contents.figures.sets,
        "passages": passages.shown,
        "cells": cells,
        "words": {table: dict(entries) for table, entries in load_words().items()},
    }


def _describe_spot(
    contents: Contents, place: str, instrument: str, passages: Passages
) -> dict[str, Any]:
    cell = contents.spots[place, instrument].cell
    documents = contents.subject.claims.graph["documents"]
    return {
        "state": cell.state,
        "says": passages.add_claims(cell.positives),
        "denies": passages.add_claims(cell.denials),
        "applies": passages.add_claims(cell.applies),
        "covered": [documents[iri].name for iri in cell.covered_by],
    }


def _both(words: Words) -> Markup:
    if words.zh == words.en:
        return Markup("{}").format(words.zh)
    return Markup('<span lang="zh">{}</span><span lang="en">{}</span>').format(*words)


def _say(key: str, table: str = "page") -> Markup:
    return _both(say(table, key))


def _name_place(contents: Contents, name: str) -> Markup:
    places = contents.subject.vocabulary.places.values()
    english = next((place.en for place in places if place.zh == name), name)
    return _both(Words(name, english or name))


def _show_figure(figure: Figure) -> Markup:
    parameters = json.dumps(dict(figure.parameters), sort_keys=True)
    return Markup('<data value="{}" data-query="{}" data-parameters="{}">{}</data>').format(
        figure.value, figure.query, parameters, figure.value
    )


def _shade(count: int, most: int = 60) -> str:
    """Return how deep the colour of a count is, 0.35 to 1 on a logarithmic scale."""
    return f"{0.35 + 0.65 * min(1.0, math.log1p(count) / math.log1p(most)):.2f}"


def _cut(text: str) -> str:
    line = "".join(text.split())
    return line if len(line) <= _QUOTE else line[:_QUOTE] + "…"


def _embed_json(content: object) -> str:
    """Write JSON that can stand within a script element."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)


def _read(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")
