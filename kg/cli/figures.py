"""``kg indicators``: the figures and ranks that documents report, and their contradictions."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from kg.cli.options import graph_option, table_options
from kg.cli.output import print_evidence, print_json, print_rows


@click.command()
@click.option("--city", help="Only what is told of this city and its districts.")
@graph_option
@table_options
def indicators(
    city: str | None,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """List the figures and ranks that documents report, each with its sentence.

    Below them stands where a document contradicts itself: a rank that its own rankings or
    figures exclude, a city that it credits with an instrument and elsewhere leaves out.
    """
    from kg.cli.graphs import open_graph
    from kg.compare import resolve_place
    from kg.graph import read_contradictions, read_observations

    graph = open_graph(folder, ontologies)
    place = resolve_place(graph.vocabulary, city) if city else ""
    rows = [_plain(row) for row in read_observations(graph.store, city=place, base=graph.base)]
    found = [
        {**row, "evidence": [asdict(e) for e in row["evidence"]]}
        for row in read_contradictions(graph.store, base=graph.base)
        if not place or graph.vocabulary.places[place].zh in row["message"]
    ]
    if as_json:
        version = graph.vocabulary.version
        print_json({"observations": rows, "contradictions": found, "vocabulary": version})
    elif as_csv:
        print_rows([_flat(row) for row in rows], as_csv=True)
    else:
        _print_all(rows, found)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "evidence": asdict(row["evidence"])}


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    evidence = row["evidence"]
    about = {"document": evidence["number"] or evidence["document"]}
    about |= {name: evidence[name] for name in ("source", "form", "kind", "quote")}
    return {**{name: value for name, value in row.items() if name != "evidence"}, **about}


def _print_all(rows: list[dict[str, Any]], contradictions: list[dict[str, Any]]) -> None:
    if not rows:
        click.echo("no figures in this graph")
    for row in rows:
        year = f"{row['year'] or ''}" + (f" (from {row['base']})" if row["base"] else "")
        head = " · ".join(filter(None, (row["place"] or "-", row["indicator"], year)))
        click.echo(click.style(f"● {head}", bold=True) + f"  {row['surface']}")
        print_evidence(row["evidence"])
    for row in contradictions:
        click.echo(click.style(f"▲ contradiction: {row['message']}", bold=True))
        for evidence in row["evidence"]:
            print_evidence(evidence)
