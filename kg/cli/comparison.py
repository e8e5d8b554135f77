"""``kg gaps``, ``kg overlaps``, ``kg draw``: cities side by side."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import as_of_option, graph_option, table_options
from kg.cli.output import print_json, print_rows

if TYPE_CHECKING:
    from kg.ontology import Vocabulary


@click.command()
@click.argument("city")
@click.option("--peers", required=True, help="Cities to compare with, separated by commas.")
@graph_option
@as_of_option
@table_options
def gaps(
    city: str,
    peers: str,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_of: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List the instruments that PEERS have and CITY has not, with the grade of each gap.

    Grades: denied (a source says the city lacks it or should adopt it), contested (denied by
    one source, provided by another), not-found (the city's documents cover the category and do
    not name it), no-coverage (no document of the city covers the category).
    """
    from kg.cli.graphs import open_graph
    from kg.compare import find_gaps, project_claims

    graph = open_graph(folder, ontologies)
    claims = project_claims(graph.store, graph.vocabulary, as_of=as_of, base=graph.base)
    names = [name for name in peers.replace("，", ",").split(",") if name.strip()]
    _refuse_districts([city, *names], graph.vocabulary)
    found = find_gaps(claims, city, names, vocabulary=graph.vocabulary)
    if as_json:
        print_json({**found.as_json(), "vocabulary": graph.vocabulary.version})
        return
    concepts = graph.vocabulary.concepts
    rows = [
        {
            "instrument": concepts[gap.instrument].zh,
            "category": gap.category,
            "grade": gap.grade,
            "held by": [f"{h.city} ({h.state})" for h in gap.held_by],
            "basis": list(dict.fromkeys(d.basis for d in gap.denials)),
            "own related": [concepts[r.instrument].zh for r in gap.own_related],
            "evidence": [d.evidence.quote for d in gap.denials[:1]]
            or [h.evidence[0].quote for h in gap.held_by[:1] if h.evidence],
        }
        for gap in found.gaps
    ]
    print_rows(rows, as_csv=as_csv)
    if not as_csv:
        click.echo(_base(found, graph.vocabulary.version))


def _refuse_districts(names: Iterable[str], vocabulary: Vocabulary) -> None:
    """Cities and provinces are compared; what districts provide counts for their city."""
    from kg.compare import resolve_place
    from kg.errors import QueryError

    for name in names:
        place = vocabulary.places[resolve_place(vocabulary, name)]
        if place.type == "County":
            city = vocabulary.places[vocabulary.city_of(place.code)].zh
            raise QueryError(f"{place.zh} is a district; cities are compared: name {city}")


def _base(found: Any, version: str) -> str:
    date = found.as_of or "all documents, whatever their validity"
    return f"{found.documents} documents; {date}; vocabulary {version}"


@click.command()
@click.argument("cities", nargs=-1, required=True)
@graph_option
@as_of_option
@table_options
def overlaps(
    cities: tuple[str, ...],
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_of: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List the instruments that all CITIES have, side by side with the differences."""
    from kg.cli.graphs import open_graph
    from kg.compare import find_overlaps, project_claims

    if len(cities) < 2:
        raise click.UsageError("name two cities or more")
    graph = open_graph(folder, ontologies)
    claims = project_claims(graph.store, graph.vocabulary, as_of=as_of, base=graph.base)
    _refuse_districts(cities, graph.vocabulary)
    found = find_overlaps(claims, *cities, vocabulary=graph.vocabulary)
    if as_json:
        print_json({**found.as_json(), "vocabulary": graph.vocabulary.version})
        return
    concepts = graph.vocabulary.concepts
    rows = [
        {
            "instrument": concepts[overlap.instrument].zh,
            "category": overlap.category,
            "city": side.city,
            "state": side.state,
            "level": side.level,
            "strength": side.strength,
            "amounts": [amount.surface for amount in side.amounts],
            "units": [unit.surface for unit in side.units][:4],
            "evidence": [e.quote for e in side.evidence[:1]],
        }
        for overlap in found.overlaps
        for side in overlap.sides
    ]
    print_rows(rows, as_csv=as_csv)
    if not as_csv:
        click.echo(_base(found, graph.vocabulary.version))


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
