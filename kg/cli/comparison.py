"""``kg matrix``, ``kg gaps``, ``kg overlaps``, ``kg draw``: places side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import (
    as_of_option,
    graph_option,
    lens_option,
    scope_options,
    table_options,
)
from kg.cli.output import print_evidence, print_json, print_rows, print_table
from kg.cli.scope import Scope, print_base, print_sources, split_names

_GRADES = ("denied", "not-found", "no-coverage", "contested")

if TYPE_CHECKING:
    from kg.compare import Gap, Gaps, Matrix, Overlap, Overlaps


@click.command()
@click.argument("places", nargs=-1)
@scope_options
@lens_option
@click.option("--instruments", is_flag=True, help="A row for each instrument, not only for groups.")
@click.option("--sources", "with_sources", is_flag=True, help="List the documents counted, too.")
@table_options
def matrix(
    places: tuple[str, ...],
    scope: Scope,
    lens: str,
    instruments: bool,
    with_sources: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Tell for PLACES × categories and × instruments what the documents say, and on how many.

    \b
    kg matrix 上海 北京 深圳 --instruments
    kg matrix --level district
    kg matrix --lens rothwell --as-of 2024-12-31

    Without PLACES all cities and provinces of the graph are told. A cell holds its state and how
    many measures in how many documents it rests on; where there is none, how many of the place's
    own documents are about the category. The states: provided, district (only districts do),
    exploratory, implemented (a report tells of it), reported or distributed (only a secondary
    source says so, of a group of cities at once), denied, contested, not-found, no-coverage.
    """
    from kg.compare import find_matrix

    graph, claims = scope.project(places)
    found = find_matrix(claims, graph.vocabulary, places=places, lens=lens)
    if as_json:
        print_json({**found.as_json(), "vocabulary": graph.vocabulary.version})
        return
    if as_csv:
        print_rows(list(_list_cells(found)), as_csv=True)
        return
    print_table(list(_draw_matrix(found, instruments=instruments)), as_csv=False)
    if with_sources:
        print_sources({row.label: row.sources for row in found.rows})
    print_base(found)


def _list_cells(found: Matrix) -> Iterator[dict[str, Any]]:
    for row in found.rows:
        for column, cell in zip(found.columns, row.cells, strict=True):
            yield {
                "place": row.label,
                "kind": column.kind,
                "id": column.id,
                "label": column.label,
                "group": column.group,
                "state": cell.state,
                "measures": cell.measures,
                "documents": cell.documents,
                "districts": list(cell.districts),
                "bases": list(cell.bases),
                "covered_by": cell.covered_by,
                "own_documents": sum(source.standing == "own" for source in row.sources),
            }


def _draw_matrix(found: Matrix, *, instruments: bool) -> Iterator[dict[str, str]]:
    """Yield a row a group or instrument, with a column a place; rows without anything left out."""
    for number, column in enumerate(found.columns):
        cells = {row.label: row.cells[number] for row in found.rows}
        said = any(cell.measures for cell in cells.values())
        if column.kind == "group" or (instruments and said):
            shown = {place: _show_cell(cell) for place, cell in cells.items()}
            name = column.label if column.kind == "group" else f"  {column.label}"
            yield {"": name, **shown}


def _show_cell(cell: Any) -> str:
    if cell.measures:
        bases = f" {', '.join(cell.bases)}" if cell.bases else ""
        return f"{cell.state} {cell.measures}/{cell.documents}{bases}"
    return f"{cell.state} ({cell.covered_by})" if cell.covered_by else str(cell.state)


@click.command()
@click.argument("city")
@click.option("--peers", required=True, help="Places to compare with, separated by commas.")
@scope_options
@click.option(
    "--grade",
    "grades",
    multiple=True,
    type=click.Choice(_GRADES),
    help="Only gaps of this grade; may be repeated.",
)
@click.option("--evidence", is_flag=True, help="Print every passage on both sides.")
@click.option("--sources", "with_sources", is_flag=True, help="List the documents counted, too.")
@table_options
def gaps(
    city: str,
    peers: str,
    scope: Scope,
    grades: tuple[str, ...],
    evidence: bool,
    with_sources: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List the instruments that PEERS have and CITY has not, with the grade of each gap.

    \b
    kg gaps 上海 --peers 北京,深圳 --evidence
    kg gaps 金山区 --peers 浦东新区

    Grades: denied (a source says the city lacks it, differs in it or should adopt it), not-found
    (own documents cover the category and do not name it), no-coverage (no own document covers the
    category: nothing can be said), contested (denied by one source, provided by another). First
    come those that most peers have, then those most strongly worded; for reading they stand in
    sections by grade. What only the state may grant is no gap.
    """
    from kg.compare import find_gaps

    names = split_names(peers)
    if not names:
        raise click.UsageError("name one peer or more")
    graph, claims = scope.project([city, *names])
    found = find_gaps(claims, city, names, vocabulary=graph.vocabulary).keep(*grades)
    if as_json:
        print_json({**found.as_json(), "vocabulary": graph.vocabulary.version})
    elif as_csv:
        print_rows([_show_gap(gap) for gap in found.gaps], as_csv=True)
    else:
        _print_gaps(found, evidence=evidence)
        if with_sources:
            print_sources(dict(found.sources))
        print_base(found)


def _print_gaps(found: Gaps, *, evidence: bool) -> None:
    if not found.gaps:
        click.echo("nothing found")
    for grade in sorted({gap.grade for gap in found.gaps}, key=_GRADES.index):
        gaps = [gap for gap in found.gaps if gap.grade == grade]
        click.echo(click.style(f"{grade}: {len(gaps)}", bold=True, underline=True))
        for gap in gaps:
            row = _show_gap(gap)
            if evidence:
                row["evidence"] = []
            print_rows([row], as_csv=False)
            if evidence:
                _print_passages(gap)


def _show_gap(gap: Gap) -> dict[str, Any]:
    return {
        "instrument": gap.label,
        "category": gap.category,
        "grade": gap.grade,
        "held by": [f"{h.city} ({', '.join(filter(None, _about(h)))})" for h in gap.held_by],
        "basis": list(dict.fromkeys(d.basis for d in gap.denials)),
        "own": f"{len(gap.own)} passages credit the city with it" if gap.own else "",
        "own related": [f"{r.label} ({r.relation})" for r in gap.own_related],
        "covered by": list(gap.covered_by) if gap.grade == "not-found" else [],
        "applies": f"{len(gap.applies)} passages of superior documents" if gap.applies else "",
        "evidence": [d.evidence.quote for d in gap.denials[:1]]
        or [h.evidence[0].quote for h in gap.held_by[:1] if h.evidence],
    }


def _about(holding: Any) -> list[str]:
    """Tell a peer's state, how strongly its own documents word it, and which districts do."""
    return [holding.state, holding.strength, *holding.districts]


def _print_passages(gap: Gap) -> None:
    """Print the passages of peers, the denials, and what the city has, each under its heading."""
    parts = [(h.city, h.evidence) for h in gap.held_by]
    parts += [(f"denied ({d.basis})", (d.evidence,)) for d in gap.denials]
    parts += [("own", gap.own)]
    parts += [(f"own {r.relation}: {r.label}", r.evidence) for r in gap.own_related]
    parts += [("applies", gap.applies)]
    for heading, passages in parts:
        for passage in passages:
            click.echo(f"  [{heading}]")
            print_evidence(asdict(passage))


@click.command()
@click.argument("cities", nargs=-1, required=True)
@scope_options
@click.option("--pairs", is_flag=True, help="Set measures on the same object side by side, too.")
@click.option("--sources", "with_sources", is_flag=True, help="List the documents counted, too.")
@table_options
def overlaps(
    cities: tuple[str, ...],
    scope: Scope,
    pairs: bool,
    with_sources: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List the instruments that all CITIES have, side by side with the differences.

    \b
    kg overlaps 北京 上海 --pairs
    kg overlaps 金山区 浦东新区

    A city has one side for itself and one for each district with documents of its own: an amount
    is always that of the authority which grants it. With --pairs measures with the same
    instrument and the same object (beneficiary, or object in words) stand side by side with what
    differs in state, level, strength, amounts, beneficiaries, units and dates. For sentences
    taken over word for word see kg reuse, for who came first kg diffusion.
    """
    from kg.compare import find_overlaps

    if len(cities) < 2:
        raise click.UsageError("name two cities or more")
    graph, claims = scope.project(cities)
    found = find_overlaps(claims, *cities, vocabulary=graph.vocabulary)
    if as_json:
        print_json({**found.as_json(), "vocabulary": graph.vocabulary.version})
    elif as_csv:
        print_rows(list(_list_pairs(found) if pairs else _list_sides(found)), as_csv=True)
    else:
        print_rows(list(_list_sides(found)), as_csv=False)
        if pairs:
            for overlap in found.overlaps:
                _print_pairs(overlap)
        if with_sources:
            print_sources(dict(found.sources))
        print_base(found)


def _list_sides(found: Overlaps) -> Iterator[dict[str, Any]]:
    for overlap in found.overlaps:
        for side in overlap.sides:
            yield {
                "instrument": overlap.label,
                "category": overlap.category,
                "city": side.city,
                "place": side.place if side.place != side.city else "",
                "state": side.state,
                "level": side.level,
                "strength": side.strength,
                "explored": list(side.explored),
                "beneficiaries": list(side.beneficiaries),
                "amounts": [amount.surface for amount in side.amounts],
                "units": [unit.surface for unit in side.units][:4],
                "dates": [_show_dates(basis) for basis in side.dates],
                "measures": side.measures,
                "evidence": [e.quote for e in side.evidence[:1]],
            }


def _show_dates(basis: Any) -> str:
    start = basis.effective or basis.issued
    return f"{start}–{basis.expires}" if start or basis.expires else ""


def _list_pairs(found: Overlaps) -> Iterator[dict[str, Any]]:
    for overlap in found.overlaps:
        for pairing in overlap.pairings:
            one, other = pairing.sides
            yield {
                "instrument": pairing.instrument,
                "object": pairing.object or list(pairing.beneficiaries),
                "likeness": pairing.likeness,
                "place": one.place,
                "text": one.evidence.quote,
                "other place": other.place,
                "other text": other.evidence.quote,
                "differences": [
                    f"{d.aspect}: {' | '.join(text or '-' for text in d.values.values())}"
                    for d in pairing.differences
                ],
            }


def _print_pairs(overlap: Overlap) -> None:
    for pairing in overlap.pairings[:3]:
        about = pairing.object or "、".join(pairing.beneficiaries)
        head = f"▲ {overlap.label}: {about}, likeness {pairing.likeness:g}"
        click.echo(click.style(head, bold=True))
        for side in pairing.sides:
            click.echo(f"  [{side.place}]")
            print_evidence(asdict(side.evidence))
        for difference in pairing.differences:
            values = " | ".join(text or "-" for text in difference.values.values())
            click.echo(f"  {difference.aspect:<12} {values}")


@click.command()
@graph_option
@as_of_option
@click.option(
    "--query",
    "query_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with a SPARQL SELECT query whose result is drawn.  [default: cities × instruments]",
)
@click.option("--city", "cities", multiple=True, help="Draw only these cities; may be repeated.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("policy-network.html"),
    show_default=True,
    help="HTML file to write.",
)
def draw(
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_of: str | None,
    query_file: Path | None,
    cities: tuple[str, ...],
    out: Path,
) -> None:
    """Draw cities and instruments as a network: one HTML file that works offline."""
    from kg.cli.graphs import open_graph
    from kg.compare import link_documents, project_claims, resolve_place
    from kg.draw import draw_network
    from kg.graph import select

    graph = open_graph(folder, ontologies)
    if query_file is not None:
        page = draw_network(select(graph.store, query_file.read_text(encoding="utf-8")))
    else:
        claims = project_claims(graph.store, graph.vocabulary, as_of=as_of, base=graph.base)
        wanted = [resolve_place(graph.vocabulary, city) for city in cities]
        page = draw_network(link_documents(claims, graph.vocabulary, cities=wanted))
    out.write_text(page, encoding="utf-8")
    click.echo(f"{out}")
