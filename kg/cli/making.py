"""``kg build``: make a graph from documents."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from kg.cli.options import F, ontology_option
from kg.cli.output import print_json

PARTLY = 3


def _existing(function: F) -> F:
    return click.argument(
        "paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]..."
    )(function)


@click.command()
@_existing
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder that receives the graph.  [default: your data folder]",
)
@ontology_option
@click.option(
    "--originals",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of original documents that replace the digests of the embedded corpus.",
)
@click.option(
    "--corrections",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of corrections by hand (kg review import).  [default: corrections.jsonl beside the "
    "documents, else that of the graph before]",
)
@click.option("--no-corrections", is_flag=True, help="Build as the machine codes, without them.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes."
)
@click.option("--base", default="", help="Base of the IRIs.  [default: https://w3id.org/policykg/]")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON to stdout alone.")
def build(
    paths: tuple[Path, ...],
    out: Path | None,
    ontologies: tuple[Path, ...],
    originals: Path | None,
    corrections: tuple[Path, ...],
    no_corrections: bool,
    workers: int,
    base: str,
    as_json: bool,
) -> None:
    """Build the graph from files or folders of .txt and .md documents.

    Without PATH the embedded corpus is read.  The graph is replaced only when the new one is
    whole; a document that cannot be read is a line in the report (exit code 3).
    """
    from kg.cli.composition import Order, compose_build
    from kg.cli.corrections import find_corrections, report_lost
    from kg.cli.graphs import default_folder
    from kg.ontology import BASE

    target = out or default_folder()
    found = find_corrections(paths, corrections, target, ignore=no_corrections)
    with ExitStack() as stack:
        tick, total = _progress(stack)
        report = compose_build(
            Order(
                paths=paths,
                out=target,
                ontologies=ontologies,
                originals=originals,
                corrections=found,
                workers=workers,
                base=base or BASE,
                on_document=tick,
                on_total=total,
            )
        )
    if as_json:
        print_json(report.as_json())
    else:
        click.echo(
            f"{report.ingested} of {report.found} documents, {report.measures} measures, "
            f"{report.triples} triples in {report.seconds} s"
        )
        for row in report.rejected:
            click.echo(f"rejected: {row['file']}: {row['reason']}; {row['advice']}", err=True)
        for row in report.skipped:
            click.echo(f"skipped: {row['file']}: {row['reason']}", err=True)
        click.echo(f"version {report.version} in {target}")
    report_lost(target, found)
    if report.rejected:
        sys.exit(PARTLY)


def _progress(stack: ExitStack):  # type: ignore[no-untyped-def]
    """Return callbacks for a progress bar on stderr, shown on a terminal only."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    bar = Progress(
        TextColumn("reading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    stack.enter_context(bar)
    task = bar.add_task("documents", total=None)
    return (lambda n: bar.advance(task, n)), (lambda n: bar.update(task, total=n))
