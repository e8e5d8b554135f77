"""``kg review agree``, ``gold``, ``training``: two coders, and what their work is used for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import graph_option, ontology_option, table_options
from kg.cli.output import print_json, print_rows, print_table
from kg.cli.reviewing import corrections_option, refuse_rows

if TYPE_CHECKING:
    from kg.cli.graphs import Opened
    from kg.evaluate import GoldDocument
    from kg.review import Codebook, Comparison, Written

_sheet = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("one", type=_sheet)
@click.argument("two", type=_sheet)
@click.option("--disagreements", is_flag=True, help="List the units on which they differ instead.")
@click.option(
    "--adjudication",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a sheet (.xlsx, .csv, .jsonl) in which a third person settles the differences.",
)
@click.option("--blank-is-none", is_flag=True, help="A row left empty says: no measure.")
@ontology_option
@table_options
def agree(
    one: Path,
    two: Path,
    disagreements: bool,
    adjudication: Path | None,
    blank_is_none: bool,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Compare the sheets of two coders, ONE and TWO, of one export.

    Prints for measures, codes and each class the share of equal codings, Cohen's kappa,
    Krippendorff's alpha (for measures also over stretches of text) and F1.
    """
    from kg.ontology import load_vocabulary
    from kg.review import Codebook, list_agreement, list_disagreements, pair_rows

    book = Codebook(load_vocabulary(*ontologies))
    rows = [_read(path, book) for path in (one, two)]
    comparison, *wrong = pair_rows(rows[0], rows[1], blank_is_none=blank_is_none)
    for path, findings in zip((one, two), wrong, strict=True):
        refuse_rows(path, findings)
    if adjudication is not None:
        _write_adjudication(adjudication, comparison, book)
    found = (list_disagreements if disagreements else list_agreement)(comparison, book)
    if as_json:
        name = "disagreements" if disagreements else "figures"
        counts = {"uncoded": comparison.uncoded, "unmatched": comparison.unmatched}
        print_json({"units": len(comparison.pairs), **counts, name: found})
        return
    (print_rows if disagreements else print_table)(found, as_csv=as_csv)
    if not as_csv:
        click.echo(
            f"{len(comparison.pairs)} units coded by both; {comparison.uncoded} left empty by one; "
            f"{comparison.unmatched} in one sheet only"
        )


def _write_adjudication(path: Path, comparison: Comparison, book: Codebook) -> None:
    from kg.review import list_adjudication, write_sheet

    columns, rows = list_adjudication(comparison, book)
    write_sheet(path, columns, rows, book, blind=True)
    click.echo(f"{sum(bool(row['differs']) for row in rows)} units to settle in {path}", err=True)


def _read(path: Path, book: Codebook) -> Sequence[Written]:
    """Read a sheet, or end with every row that cannot be read."""
    from kg.review import read_sheet

    rows, findings = read_sheet(path, book)
    refuse_rows(path, findings)
    return rows


def read_settled(path: Path, graph: Opened) -> list[GoldDocument]:
    """Return an adjudicated sheet as gold standard; ends where a row is not settled."""
    from kg.review import Codebook, list_cities, list_measures, read_gold_sheet

    rows = _read(path, Codebook(graph.vocabulary))
    cities = list_cities(list_measures(graph.version, base=graph.base))
    documents, findings = read_gold_sheet(rows, graph.vocabulary, cities)
    refuse_rows(path, findings)
    return documents


@click.command()
@click.argument("sheet", type=_sheet)
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@graph_option
def gold(sheet: Path, out: Path, folder: Path | None, ontologies: tuple[Path, ...]) -> None:
    """Write an adjudicated SHEET as gold files to the folder OUT, for kg evaluate --gold OUT.

    Only the units of the sheet count: it may be a sample.
    """
    from kg.cli.graphs import open_graph
    from kg.review import Codebook, list_cities, list_measures, make_gold_rows, write_gold

    graph = open_graph(folder, ontologies)
    book = Codebook(graph.vocabulary)
    cities = list_cities(list_measures(graph.version, base=graph.base))
    files, findings = make_gold_rows(_read(sheet, book), book, cities)
    refuse_rows(sheet, findings)
    for path in write_gold(out, files):
        click.echo(path)


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@corrections_option
@graph_option
def training(
    out: Path, file: Path | None, folder: Path | None, ontologies: tuple[Path, ...]
) -> None:
    """Write the decisions that hold as training lines to OUT, for scripts/train --sentences OUT."""
    from kg.cli.corrections import open_kept
    from kg.review import (
        list_measures,
        list_training,
        read_built,
        read_decisions,
        read_sources,
        read_status,
        write_lines,
    )

    graph, kept = open_kept(folder, ontologies, file)
    built = read_built(graph.store, base=graph.base)
    found = read_status(read_decisions([kept]), graph.store, built, base=graph.base)
    sources = read_sources(graph.version, base=graph.base)
    hashes = {source: about["sha256"] for source, about in sources}
    rows = list_measures(graph.version, base=graph.base)
    count = write_lines(out, list_training(found, rows, hashes))
    click.echo(f"{count} sentences in {out}", err=True)
