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
@click.option("--format", "name", type=click.Choice(FORMATS), default="jsonl", show_default=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write, a folder with --shards.  [default: stdout]",
)
@click.option(
    "--shards",
    type=click.IntRange(1),
    metavar="LINES",
    help="With --format nquads: cut at named graphs into files of so many lines, to load in bulk.",
)
@click.option("--gzip", "packed", is_flag=True, help="Compress the shards.")
def export(
    folder: Path | None,
    ontologies: tuple[Path, ...],
    name: str,
    out: Path | None,
    shards: int | None,
    packed: bool,
) -> None:
    """Write the graph (nquads, turtle, jsonld, graphml) or the coding sheet (jsonl, csv).

    The coding sheet has one row per measure: place, category, instrument, units, amounts and
    the place of its words in the source text.
    """
    from kg.cli.graphs import open_graph
    from kg.graph import export_graph, write_shards

    if shards and (name != "nquads" or out is None):
        raise click.UsageError("--shards needs --format nquads and a folder: --out DIR")
    graph = open_graph(folder, ontologies)
    if shards and out:
        found = write_shards(graph.version, out, lines=shards, packed=packed)
        click.echo(f"{len(found)} shards in {out}", err=True)
        return
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
