"""Matrix: cities and categories, opening to instruments; a cell opens the words it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import partial

from starlette.responses import Response

from kg.compare import Cell, Claim, read_cells
from kg.ontology import list_categories
from kg.serve.pages.holdings import Holdings
from kg.serve.pages.view import Card, View
from kg.serve.published import Published

STATES = (
    "provided", "district", "exploratory", "implemented", "reported", "distributed", "contested",
    "denied", "not-found", "no-coverage",
)  # fmt: skip

Cells = Mapping[str, Mapping[str, Cell]]


def show_matrix(view: View) -> Response:
    """Show the matrix of categories, or of the instruments of one in ``category``."""
    cells = find_cells(view)
    tops = [concept.id for concept in list_categories(view.names.vocabulary)]
    category = view.request.query_params.get("category", "")
    every = view.request.query_params.get("all", "") == "1"
    rows = _list_instruments(view, cells, category, every=every) if category in tops else []
    return view.render(
        "matrix.html",
        cities=list(cells),
        cells=cells,
        categories=tops,
        category=category if category in tops else "",
        rows=rows,
        every=every,
        counts=partial(_count_states, view, cells),
        states=STATES,
    )


def show_cell(view: View) -> Response:
    """Show the passages that a cell rests on, for and against."""
    cells = find_cells(view)
    city = view.request.query_params.get("city", "")
    instrument = view.request.query_params.get("instrument", "")
    cell = cells.get(city, {}).get(instrument)
    if cell is None:
        return view.refuse(
            f"no cell for city {city!r} and instrument {instrument!r}", 404, kind="matrix"
        )
    vocabulary = view.names.vocabulary
    return view.render(
        "cell.html",
        cell=cell,
        category=vocabulary.category_of(instrument),
        positives=_unique(view, cell.positives),
        denials=_unique(view, cell.denials),
        applies=_unique(view, cell.applies),
        covered=[view.holdings.claims.graph["documents"][iri] for iri in cell.covered_by],
    )


def find_cells(view: View) -> Cells:
    """Return city → instrument → cell for the cities of the graph, those with most held first."""
    return read_all_cells(view.published, view.holdings)


def read_all_cells(published: Published, holdings: Holdings) -> Cells:
    """Return the cells of all cities, read once from a version."""
    found: Cells | None = published.notes.get("cells")
    if found is None:
        claims, vocabulary = holdings.claims, published.vocabulary
        places = [node for node, kind in claims.nodes(data="kind") if kind == "place"]
        cells = {place: read_cells(claims, vocabulary, place) for place in places}
        order = sorted(places, key=lambda place: (-_count_held(cells[place]), place))
        found = published.notes["cells"] = {place: cells[place] for place in order}
    return found


def _count_held(cells: Mapping[str, Cell]) -> int:
    return sum(cell.held for cell in cells.values())


def _count_states(view: View, cells: Cells, city: str, category: str) -> list[tuple[str, int]]:
    """Count the states of the instruments of a category that something is said of."""
    below = view.names.vocabulary.narrower(category) - {category}
    counts: Counter[str] = Counter(
        cells[city][instrument].state
        for instrument in below
        if _is_named(cells[city][instrument], instrument)
    )
    return [(state, counts[state]) for state in STATES if counts[state]]


def _is_named(cell: Cell, instrument: str) -> bool:
    return any(claim.instrument == instrument for claim in (*cell.positives, *cell.denials))


def _list_instruments(
    view: View, cells: Cells, category: str, *, every: bool
) -> list[tuple[str, int]]:
    """List instruments with their depth, broader before narrower."""
    concepts = view.names.vocabulary.concepts
    rows: list[tuple[str, int]] = []

    def add(parent: str, depth: int) -> None:
        for concept in concepts.values():
            if concept.broader == parent:
                found = [cells[city][concept.id] for city in cells]
                if every or any(cell.positives or cell.denials for cell in found):
                    rows.append((concept.id, depth))
                    add(concept.id, depth + 1)

    add(category, 0)
    return rows


def _unique(view: View, claims: Iterable[Claim]) -> list[Card]:
    return view.cards(dict.fromkeys(claim.evidence for claim in claims))
