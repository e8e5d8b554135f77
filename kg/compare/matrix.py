"""Matrix: the state of every place and instrument, and of every place and group of a lens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from kg.compare.cells import denial_basis, sum_claims
from kg.compare.coverage import find_coverage
from kg.compare.lenses import Lens, load_lens
from kg.compare.places import name_place, resolve_place
from kg.compare.records import as_json
from kg.compare.sources import Counted, Seats, list_sources, seat_documents
from kg.compare.told import Told, unite, unite_measures
from kg.ontology import Vocabulary
from kg.states import State, decide_state

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
    parts = [_list_parts(column, view, vocabulary) for column in columns]
    seats = seat_documents(claims, vocabulary)
    return Matrix(
        lens=lens,
        level=claims.graph.get("level", ""),
        as_of=claims.graph["as_of"],
        selection=claims.graph.get("selection", ()),
        documents=len(claims.graph["documents"]),
        undated=claims.graph["undated"],
        version=claims.graph["version"],
        columns=columns,
        rows=tuple(_make_row(claims, vocabulary, code, parts, seats) for code in codes),
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
class _Parts:
    """What a column sums up: instruments, and the categories that cover it."""

    column: str
    instruments: frozenset[str]
    categories: frozenset[str]


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
    parts: Iterable[_Parts],
    seats: Seats,
) -> Row:
    summed = sum_claims(claims, vocabulary, place)
    found = {instrument: _tally(told) for instrument, told in summed.items()}
    tallies = {instrument: tally for instrument, tally in found.items() if tally.documents}
    coverage = find_coverage(claims, vocabulary, place)
    return Row(
        place=place,
        label=name_place(vocabulary, place),
        cells=tuple(_make_cell(part, tallies, coverage, vocabulary) for part in parts),
        sources=list_sources(claims, vocabulary, place, seats=seats),
    )


def _tally(told: Told) -> _Tally:
    found = [group for group in told.groups.values() if group.state != "applies"]
    return _Tally(
        states={str(group.state) for group in found} - {"denied"},
        bases={denial_basis(group.signature) for group in found if group.state == "denied"},
        measures=unite_measures(found),
        documents={group.signature.document for group in found},
        districts={group.signature.district for group in found} - {""},
    )


def _make_cell(
    parts: _Parts,
    tallies: Mapping[str, _Tally],
    coverage: Mapping[str, Sequence[str]],
    vocabulary: Vocabulary,
) -> MatrixCell:
    """Sum up what is said of the instruments of a column; denials only of the column itself."""
    own = tallies.get(parts.column)
    counted = [
        tallies[part]
        for part in parts.instruments & tallies.keys()
        if tallies[part].states or part == parts.column
    ]
    bases = own.bases if own else set()
    states = unite([tally.states for tally in counted] + [{"denied"}] * bool(bases))
    covered_by = len(_cover(parts.categories, coverage))
    districts = sorted(unite(tally.districts for tally in counted))
    return MatrixCell(
        state=decide_state(states, covered=bool(covered_by)),
        measures=len(unite(tally.measures for tally in counted)),
        documents=len(unite(tally.documents for tally in counted)),
        districts=tuple(name_place(vocabulary, code) for code in districts),
        bases=tuple(sorted(bases)),
        covered_by=covered_by,
    )


def _cover(categories: Iterable[str], coverage: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Return the documents that cover the categories of a column, none unless all are covered."""
    found = [frozenset(coverage.get(category, ())) for category in categories]
    return frozenset().union(*found) if found and all(found) else frozenset()


def _list_parts(column: Column, lens: Lens, vocabulary: Vocabulary) -> _Parts:
    if column.id in vocabulary.concepts:
        categories = frozenset({vocabulary.category_of(column.id)})
        return _Parts(column.id, vocabulary.narrower(column.id), categories)
    found = lens.groups[column.id].instruments
    return _Parts(column.id, found, frozenset(map(vocabulary.category_of, found)))
