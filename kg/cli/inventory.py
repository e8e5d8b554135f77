"""``kg documents``, ``kg units``, ``kg export``, ``kg validate``: what is in the graph."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import graph_option, table_options
from kg.cli.output import print_json, print_rows

if TYPE_CHECKING:
    from kg.cli.graphs import Opened
    from kg.graph import NamedUnit
    from kg.ontology import Vocabulary

FORMATS = ("nquads", "turtle", "jsonld", "jsonl", "csv", "graphml")


@click.command()
@graph_option
@table_options
def documents(
    folder: Path | None, ontologies: tuple[Path, ...], as_json: bool, as_csv: bool
) -> None:
    """List the documents with number, dates, place, class and what is odd about them."""
    from kg.cli.graphs import open_graph
    from kg.graph import read_documents

    graph = open_graph(folder, ontologies)
    rows = read_documents(graph.store, base=graph.base)
    if as_json:
        print_json(rows)
        return
    print_rows([_short(row) for row in rows], as_csv=as_csv)


def _short(row: dict[str, Any]) -> dict[str, Any]:
    names = ("source", "form", "number", "title", "place", "kind", "issued", "effective", "expires")
    return {
        **{name: row[name] for name in names},
        "brackets": row["unit_brackets"],
        "tables": [f"{table['rows']}×{table['columns']}" for table in row["tables"]],
        "problems": [problem["message"] for problem in row["problems"]],
    }


@click.command()
@graph_option
@click.option(
    "--unresolved",
    is_flag=True,
    help="Only units that the vocabulary does not know, as Turtle that adds them to it.",
)
@table_options
def units(
    folder: Path | None,
    ontologies: tuple[Path, ...],
    unresolved: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List the responsible units with kind, jurisdiction, number of measures and names as written.

    With --unresolved what is printed is a Turtle file for a folder of your own: look through it,
    keep it there, and the next build with --ontology knows these units.
    """
    from kg.cli.graphs import open_graph
    from kg.graph import read_units, write_additions

    graph = open_graph(folder, ontologies)
    found = [
        u for u in read_units(graph.store, base=graph.base) if not (unresolved and u.is_resolved)
    ]
    rows = [_describe_unit(unit, graph.vocabulary, with_turtle=unresolved) for unit in found]
    if as_json:
        print_json([{"id": unit.id, **row} for unit, row in zip(found, rows, strict=True)])
    elif as_csv or not unresolved:
        print_rows(rows, as_csv=as_csv)
    elif found:
        click.echo(write_additions(found, graph.vocabulary), nl=False)
    else:
        click.echo("the vocabulary knows every unit", err=True)


def _describe_unit(unit: NamedUnit, vocabulary: Vocabulary, *, with_turtle: bool) -> dict[str, Any]:
    from kg.graph import write_addition

    kind, place = vocabulary.unit_kinds.get(unit.kind), vocabulary.places.get(unit.place)
    row = {
        "name": unit.name,
        "kind": kind.zh if kind else unit.kind,
        "jurisdiction": place.zh if place else unit.place,
        "measures": unit.measures,
        "surfaces": list(unit.surfaces),
    }
    if with_turtle:
        row |= {"example": unit.example, "turtle": write_addition(unit, vocabulary)}
    return row


@click.command()
@graph_option
@click.option("--format", "name", type=click.Choice(FORMATS), default="jsonl", show_default=True)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.  [default: stdout]",
)
def export(folder: Path | None, ontologies: tuple[Path, ...], name: str, out: Path | None) -> None:
    """Write the graph (nquads, turtle, jsonld, graphml) or the coding sheet (jsonl, csv).

    The coding sheet has one row per measure: place, category, instrument, units, amounts and
    the place of its words in the source text.
    """
    from kg.cli.graphs import open_graph
    from kg.graph import export_graph

    graph = open_graph(folder, ontologies)
    if out is None:
        export_graph(graph.version, name, sys.stdout.buffer, base=graph.base)
        return
    with out.open("wb") as output:
        export_graph(graph.version, name, output, base=graph.base)
    click.echo(f"{out}", err=True)


@click.command()
@graph_option
@table_options
def validate(
    folder: Path | None, ontologies: tuple[Path, ...], as_json: bool, as_csv: bool
) -> None:
    """Check every document's graph against the SHACL shapes; exit code 1 when one fails."""
    from kg.cli.graphs import open_graph
    from kg.graph import load_shapes, validate_graph

    graph = open_graph(folder, ontologies)
    shapes = load_shapes(base=graph.base)
    iris = _document_graphs(graph)
    contents = graph.version.read_graphs(iris)
    rows = [
        {"graph": iri, **violation._asdict()}
        for iri, content in zip(iris, contents, strict=True)
        for violation in validate_graph(_lines(content), shapes)
    ]
    if as_json:
        print_json({"conforms": not rows, "violations": rows})
    elif rows:
        print_rows(rows, as_csv=as_csv)
    else:
        click.echo("every document conforms to the shapes")
    if rows:
        sys.exit(1)


def _document_graphs(graph: Opened) -> list[str]:
    """Return the IRIs of the named graphs that hold documents."""
    from kg.ontology import document_graph

    start = document_graph("", base=graph.base)
    return [iri for iri in graph.version.read_index() if iri.startswith(start)]


def _lines(content: bytes) -> list[str]:
    return [line for line in content.decode().split("\n") if line]
