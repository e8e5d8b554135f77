"""Matrix: the state of every place and instrument, and of every place and group of a lens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from kg.compare.cells import claim_state, denial_basis, group_claims
from kg.compare.coverage import find_coverage
from kg.compare.lenses import Lens, load_lens
from kg.compare.places import name_place, resolve_place
from kg.compare.records import Claim, as_json
from kg.compare.sources import Counted, list_sources
from kg.ontology import Vocabulary
from kg.states import BASES, State, decide_state

ROW_TYPES = {
    "": ("Municipality", "Prefecture", "Province"),
    "national": ("Country",),
    "province": ("Province",),
    "city": ("Municipality", "Prefecture"),
    "district": ("County", "Zone"),
}


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """The state of a place and an instrument or group.

    ``measures`` and ``documents`` count what the state rests on (positive and denying, rolled
    up; what a task table repeats once); ``districts`` are short names; ``bases`` are those of
    the denials (lacks, differs, should-adopt); ``covered_by`` counts the own documents whose scope includes the category.
    """

    state: State
    measures: int
    documents: int
    districts: tuple[str, ...]
    bases: tuple[str, ...]
    covered_by: int


@dataclass(frozen=True, slots=True)
class Column:
    """What a column stands for: an instrument (``kind`` instrument) or a group of the lens.

    ``group`` is the id of the group on top that it belongs to, its own id for a group on top.
    """

    id: str
    kind: str
    label: str
    label_en: str
    group: str


@dataclass(frozen=True, slots=True)
class Row:
    """A place: its cells in the order of the columns, and the documents that they rest on."""

    place: str
    label: str
    cells: tuple[MatrixCell, ...]
    sources: tuple[Counted, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Places × groups and instruments, with the base that they rest on.

    ``documents`` counts the documents that count at ``as_of`` (all when it is None), ``undated``
    names those without a date.
    """

    lens: str
    level: str
    as_of: str | None
    selection: tuple[str, ...]
    documents: int
    undated: tuple[str, ...]
    version: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the matrix as plain values, ready for json.dumps."""
        found: dict[str, Any] = as_json(self)
        return found


def find_matrix(
    claims: nx.DiGraph,
    vocabulary: Vocabulary,
    *,
    places: Sequence[str] = (),
    lens: str = "six",
) -> Matrix:
    """Decide the state of every cell: places × groups of the lens, places × instruments.

    ``places`` are ids or names; without them the rows are all places that documents or claims
    are about, of the projection's level.  An instrument that no place has anything of still has
    its column.  A group counts as covered where the place's documents cover every category that
    its instruments belong to; denials stay with their instrument.  Raises QueryError for an
    unknown place or lens.
    """
    view = load_lens(vocabulary, lens)
    wanted = [resolve_place(vocabulary, place) for place in places]
    codes = list(dict.fromkeys(wanted)) or list_places(claims, vocabulary)
    columns = _make_columns(view, vocabulary)
    parts = {column.id: _list_parts(column, view, vocabulary) for column in columns}
    return Matrix(
        lens=lens,
        level=claims.graph.get("level", ""),
        as_of=claims.graph["as_of"],
        selection=claims.graph.get("selection", ()),
        documents=len(claims.graph["documents"]),
        undated=claims.graph["undated"],
        version=claims.graph["version"],
        columns=columns,
        rows=tuple(_make_row(claims, vocabulary, code, parts) for code in codes),
    )


def list_places(claims: nx.DiGraph, vocabulary: Vocabulary) -> list[str]:
    """List the ids of the places that claims or documents are about, of the level compared."""
    level = claims.graph.get("level", "")
    found = {node for node, kind in claims.nodes(data="kind") if kind == "place"}
    found |= {entry.place for entry in claims.graph["documents"].values() if entry.kind != "study"}
    types = ROW_TYPES[level]
    places = vocabulary.places
    return sorted(code for code in found if code in places and places[code].type in types)


def _make_columns(lens: Lens, vocabulary: Vocabulary) -> tuple[Column, ...]:
    """List the groups, each with its instruments after it, then the instruments in none."""
    columns: list[Column] = []
    done: set[str] = set()
    for group in (group for group in lens.groups.values() if group.instruments):
        top = group.broader or group.id
        columns.append(Column(group.id, "group", group.zh, group.en, top))
        below = {i for g in lens.groups.values() if g.broader == group.id for i in g.instruments}
        for instrument in sorted(group.instruments - below - done - {group.id}):
            columns.append(_name_instrument(instrument, top, vocabulary))
            done.add(instrument)
    return (*columns, *(_name_instrument(i, "", vocabulary) for i in lens.unmapped))


def _name_instrument(instrument: str, group: str, vocabulary: Vocabulary) -> Column:
    concept = vocabulary.concepts[instrument]
    return Column(instrument, "instrument", concept.zh, concept.en, group)


@dataclass(frozen=True, slots=True)
class _Tally:
    """What is said of an instrument and of what is narrower."""

    states: set[str]
    bases: set[str]
    measures: set[str]
    documents: set[str]
    districts: set[str]


def _make_row(
    claims: nx.DiGraph,
    vocabulary: Vocabulary,
    place: str,
    parts: Mapping[str, frozenset[str]],
) -> Row:
    tallies = _count_claims(claims, vocabulary, place)
    coverage = find_coverage(claims, vocabulary, place)
    return Row(
        place=place,
        label=name_place(vocabulary, place),
        cells=tuple(
            _make_cell(
                column, found, tallies, len(_cover(column, found, coverage, vocabulary)), vocabulary
            )
            for column, found in parts.items()
        ),
        sources=list_sources(claims, vocabulary, place),
    )


def _count_claims(claims: nx.DiGraph, vocabulary: Vocabulary, place: str) -> dict[str, _Tally]:
    return {
        instrument: tally
        for instrument, told in group_claims(claims, vocabulary, place).items()
        if (tally := _tally(told)).measures
    }


def _tally(told: Iterable[Claim]) -> _Tally:
    found = list(told)
    states = {claim_state(claim) for claim in found}
    if "applies" in states:
        found = [claim for claim in found if claim_state(claim) != "applies"]
    return _Tally(
        states=states - {"denied", "applies"},
        bases={denial_basis(claim) for claim in found if claim.status in BASES},
        measures={claim.repeats or claim.measure for claim in found},
        documents={claim.document for claim in found},
        districts={claim.district for claim in found} - {""},
    )


def _make_cell(
    column: str,
    parts: Iterable[str],
    tallies: Mapping[str, _Tally],
    covered_by: int,
    vocabulary: Vocabulary,
) -> MatrixCell:
    """Sum up what is said of the instruments of a column; denials only of the column itself."""
    found = {part: tallies[part] for part in parts if part in tallies}
    counted = [tally for part, tally in found.items() if tally.states or part == column]
    states = {state for tally in counted for state in tally.states}
    bases = found[column].bases if column in found else set()
    if bases:
        states.add("denied")
    return MatrixCell(
        state=decide_state(states, covered=bool(covered_by)),
        measures=len(set().union(*(tally.measures for tally in counted))),
        documents=len(set().union(*(tally.documents for tally in counted))),
        districts=tuple(
            name_place(vocabulary, code)
            for code in sorted(set().union(*(tally.districts for tally in counted)))
        ),
        bases=tuple(sorted(bases)),
        covered_by=covered_by,
    )


def _cover(
    column: str,
    parts: Iterable[str],
    coverage: Mapping[str, Sequence[str]],
    vocabulary: Vocabulary,
) -> frozenset[str]:
    """Return the documents that cover the categories of a column, none unless all are covered."""
    if column in vocabulary.concepts:
        parts = (column,)
    found = [frozenset(coverage.get(c, ())) for c in {vocabulary.category_of(p) for p in parts}]
    return frozenset().union(*found) if found and all(found) else frozenset()


def _list_parts(column: Column, lens: Lens, vocabulary: Vocabulary) -> frozenset[str]:
    if column.id in vocabulary.concepts:
        return vocabulary.narrower(column.id)
    return lens.groups[column.id].instruments
