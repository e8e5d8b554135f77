"""Ruled tables: lines that meet become a grid whose cells take the characters within them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from kg.corpus.load.glyphs import Edge, Glyph, Sheet

_NEAR = 3.0
_MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: x of its vertical lines, y of its horizontal ones, and which cells are one.

    ``first`` maps (row, column) to the top left place of the cell that it belongs to.
    """

    xs: tuple[float, ...]
    ys: tuple[float, ...]
    first: dict[tuple[int, int], tuple[int, int]]

    def cell_of(self, glyph: Glyph) -> tuple[int, int] | None:
        """Return the cell in which a character stands, None where it is outside."""
        x, y = glyph.middle
        column, row = bisect_right(self.xs, x) - 1, bisect_right(self.ys, y) - 1
        return self.first.get((row, column))


def find_grids(sheet: Sheet) -> list[Grid]:
    """Return the ruled tables of a page from top to bottom, those of two columns and more."""
    rules = [(edge, True) for edge in sheet.horizontal] + [(edge, False) for edge in sheet.vertical]
    grids = [_make_grid(group) for group in _connected(rules[: _MOST_LINES * 10])]
    return sorted((grid for grid in grids if grid), key=lambda grid: grid.ys[0])


def _connected(rules: list[tuple[Edge, bool]]) -> list[list[tuple[Edge, bool]]]:
    """Group the lines that meet, directly or through others."""
    parent = list(range(len(rules)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    lying = [i for i, (_, horizontal) in enumerate(rules) if horizontal]
    standing = [i for i, (_, horizontal) in enumerate(rules) if not horizontal]
    for i in lying:
        for j in standing:
            if _meet(rules[i][0], rules[j][0]):
                parent[root(i)] = root(j)
    groups: dict[int, list[tuple[Edge, bool]]] = {}
    for index, rule in enumerate(rules):
        groups.setdefault(root(index), []).append(rule)
    return [group for group in groups.values() if len(group) >= 4]


def _meet(lying: Edge, standing: Edge) -> bool:
    return (
        lying.start - _NEAR <= standing.at <= lying.end + _NEAR
        and standing.start - _NEAR <= lying.at <= standing.end + _NEAR
    )


def _make_grid(group: list[tuple[Edge, bool]]) -> Grid | None:
    lying = [edge for edge, horizontal in group if horizontal]
    standing = [edge for edge, horizontal in group if not horizontal]
    xs, ys = _places(standing), _places(lying)
    if len(xs) < 3 or len(ys) < 2 or len(xs) > 60 or len(ys) > _MOST_LINES:
        return None
    return Grid(xs, ys, _merge(xs, ys, lying, standing))


def _places(edges: Iterable[Edge]) -> tuple[float, ...]:
    """Return where the lines lie, those near each other as one."""
    places: list[float] = []
    for at in sorted(edge.at for edge in edges):
        if not places or at - places[-1] > _NEAR:
            places.append(at)
    return tuple(places)


def _merge(
    xs: tuple[float, ...], ys: tuple[float, ...], lying: list[Edge], standing: list[Edge]
) -> dict[tuple[int, int], tuple[int, int]]:
    """Return for each place the first place of its cell: no line between them, one cell."""
    first: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(len(ys) - 1):
        for column in range(len(xs) - 1):
            x, y = (xs[column] + xs[column + 1]) / 2, (ys[row] + ys[row + 1]) / 2
            if column and not _ruled(standing, xs[column], y):
                first[row, column] = first[row, column - 1]
            elif row and not _ruled(lying, ys[row], x):
                first[row, column] = first[row - 1, column]
            else:
                first[row, column] = (row, column)
    return first


def _ruled(edges: list[Edge], at: float, across: float) -> bool:
    return any(abs(e.at - at) <= _NEAR and e.start <= across <= e.end for e in edges)
