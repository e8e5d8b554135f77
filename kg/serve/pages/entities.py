"""The pages of places, instruments and units: the lists, and what is said of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyoxigraph as ox
from starlette.responses import Response

from kg.ontology import Concept, list_categories, local_id
from kg.ontology.namespaces import SKOS
from kg.serve.pages.holdings import Row
from kg.serve.pages.matrix import STATES, find_cells
from kg.serve.pages.view import View

MOST_CARDS = 100


def show_places(view: View) -> Response:
    """List the places that measures or documents are about."""
    documents = Counter(entry.place for entry in view.holdings.documents.values())
    named = {code for kind, code in view.holdings.named if kind == "place"} | set(documents)
    rows = [
        (
            f"/places/{code}",
            view.names.place(code),
            len(view.holdings.find_measures("place", code)),
            documents[code],
        )
        for code in sorted(named - {""})
    ]
    return view.render("list.html", kind="places", rows=_by_measures(rows))


def show_instruments(view: View) -> Response:
    """List the instruments by category."""
    concepts = view.names.vocabulary.concepts.values()
    groups = {
        top.id: [
            (concept, len(view.holdings.find_measures("instrument", concept.id)))
            for concept in concepts
            if concept.broader and view.names.vocabulary.category_of(concept.id) == top.id
        ]
        for top in list_categories(view.names.vocabulary)
    }
    return view.render("instruments.html", groups=groups)


def show_units(view: View) -> Response:
    """List the responsible units."""
    rows = [
        (f"/units/{unit.id}", unit.name, unit.measures, "、".join(unit.surfaces[:6]))
        for unit in view.holdings.units.values()
    ]
    return view.render("list.html", kind="units", rows=rows)


def show_place(view: View) -> Response:
    """Show a place: its documents, the instruments it has, its measures."""
    code = view.request.path_params["place"]
    place = view.names.vocabulary.places.get(code)
    if place is None:
        return view.refuse(f"the vocabulary has no place {code!r}", 404, kind="places")
    cells = (find_cells(view)).get(code, {})
    groups = {
        state: [
            name
            for name, cell in cells.items()
            if cell.state == state
            and any(c.instrument == name for c in (*cell.positives, *cell.denials))
        ]
        for state in STATES
    }
    documents = [(i, e) for i, e in view.holdings.documents.items() if e.place == code]
    rows = view.holdings.find_measures("place", code)
    above = view.names.vocabulary.place_chain(code)[1:]
    return _render(
        view, "place.html", rows, place=place, groups=groups, documents=documents, above=above
    )


def show_instrument(view: View) -> Response:
    """Show an instrument: what it means, what stands around it, which cities have it."""
    identifier = view.request.path_params["instrument"]
    vocabulary = view.names.vocabulary
    concept = vocabulary.concepts.get(identifier)
    if concept is None:
        return view.refuse(
            f"the vocabulary has no instrument {identifier!r}", 404, kind="instruments"
        )
    cells = find_cells(view)
    held = [
        (city, cells[city][identifier])
        for city in cells
        if cells[city][identifier].positives or cells[city][identifier].denials
    ]
    own = view.holdings.find_measures("instrument", identifier)
    below = [
        row
        for name in sorted(vocabulary.narrower(identifier) - {identifier})
        for row in view.holdings.find_measures("instrument", name)
    ]
    rows = list({row["id"]: row for row in (*own, *below)}.values())
    return _render(
        view,
        "instrument.html",
        rows,
        concept=concept,
        definition=_define(view, concept),
        deeper=len(rows) > len(own),
        category=vocabulary.category_of(identifier),
        narrower=[c.id for c in vocabulary.concepts.values() if c.broader == identifier],
        held=held,
    )


def _define(view: View, concept: Concept) -> tuple[str, str]:
    """Return the definition in the language of the page, else in any, with its language."""
    pattern = (ox.NamedNode(concept.iri), ox.NamedNode(SKOS + "definition"), None, None)
    found = {
        quad.object.language or "": quad.object.value
        for quad in view.published.store.quads_for_pattern(*pattern)
        if isinstance(quad.object, ox.Literal)
    }
    if view.names.language in found:
        return found[view.names.language], view.names.language
    return (concept.definition, "zh") if concept.definition else ("", "")


def show_unit(view: View) -> Response:
    """Show a responsible unit: its names as written and the measures it answers for."""
    identifier = view.request.path_params["unit"]
    unit = view.holdings.units.get(identifier)
    if unit is None:
        return view.refuse(f"the graph names no unit {identifier!r}", 404, kind="units")
    rows = view.holdings.find_measures("unit", unit.id)
    roles = Counter(
        found["role"] for row in rows for found in row["units"] if found["name"] == unit.name
    )
    return _render(view, "unit.html", rows, unit=unit, roles=roles.most_common())


def _render(view: View, template: str, rows: Sequence[Row], **values: object) -> Response:
    counts = Counter(local_id(row["document"]) for row in rows)
    cards = view.measure_cards(rows[:MOST_CARDS])
    return view.render(
        template, cards=cards, total=len(rows), counts=counts.most_common(), **values
    )


def _by_measures(rows: list[tuple[str, str, int, int]]) -> list[tuple[str, str, int, int]]:
    return sorted(rows, key=lambda row: (-row[2], row[0]))
