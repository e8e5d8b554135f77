"""``kg build``: make a graph from documents."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from kg.cli.options import F, ontology_option
from kg.cli.output import print_json
from kg.errors import CorpusError, GraphError, KGError

if TYPE_CHECKING:
    from kg.cli.composition import Order, Report
    from kg.corpus import Limits

PARTLY = 3


def _existing(function: F) -> F:
    return click.argument(
        "paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]..."
    )(function)


def _read_limits(settings: tuple[str, ...]) -> Limits:
    """Return the limits of a build; a setting that is none is an error of usage."""
    from kg.corpus import change_limits

    try:
        return change_limits(settings)
    except CorpusError as error:
        raise click.BadParameter(str(error), param_hint="'--limit'") from error


def _check_base(context: click.Context, parameter: click.Parameter, base: str) -> str:
    """Return the base; one that cannot begin IRIs is an error of usage."""
    if not base:
        return base
    import pyoxigraph as ox

    try:
        ox.NamedNode(base)
    except ValueError as error:
        raise click.BadParameter(
            f"{base!r} is no absolute IRI: {error}; give one such as https://example.org/policies/"
        ) from error
    if not base.endswith("/"):
        raise click.BadParameter(f"{base!r} must end in a slash; give {base.rstrip('#?')}/")
    return base


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
@click.option(
    "--engine",
    type=click.Choice(("local", "dask")),
    default="local",
    show_default=True,
    help="What distributes the reading: processes of this machine, or Dask (extra cluster).",
)
@click.option(
    "--scheduler",
    default="",
    metavar="ADDRESS",
    help="Dask's scheduler, such as tcp://10.0.0.1:8786.  [default: --workers of this machine]",
)
@click.option(
    "--follow-links", is_flag=True, help="Follow links to files and folders within a PATH."
)
@click.option(
    "--limit",
    "limits",
    multiple=True,
    metavar="NAME=VALUE",
    help="Let one document cost more or less than usual: bytes (of the file), characters, measures, pages, "
    "seconds (of parsing), reading (seconds of coding), memory (bytes), part (bytes of an unpacked "
    "part). May be repeated: --limit characters=2000000 --limit reading=300",
)
@click.option(
    "--base",
    default="",
    metavar="IRI",
    callback=_check_base,
    help="Base of the IRIs, ending in a slash.  [default: https://w3id.org/policykg/]",
)
@click.option("--full", is_flag=True, help="Read every document, not only those that have changed.")
@click.option("--watch", is_flag=True, help="Go on and build again whenever a source changes.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON to stdout alone.")
def build(
    paths: tuple[Path, ...],
    out: Path | None,
    ontologies: tuple[Path, ...],
    originals: Path | None,
    corrections: tuple[Path, ...],
    no_corrections: bool,
    workers: int,
    engine: Literal["local", "dask"],
    scheduler: str,
    follow_links: bool,
    limits: tuple[str, ...],
    base: str,
    full: bool,
    watch: bool,
    as_json: bool,
) -> None:
    """Build the graph from files or folders of text, Markdown, HTML, Word and PDF documents.

    Without PATH the embedded corpus is read.  The graph is replaced only when the new one is
    whole; a document that cannot be read is a line in the report (exit code 3).  Only documents
    that have changed since the last build are read again, and a build that was interrupted goes
    on where it was: run the same command again.
    """
    from kg.cli.graphs import default_folder
    from kg.graph import refuse_held

    if scheduler and engine != "dask":
        raise click.UsageError("--scheduler needs --engine dask")
    target = out or default_folder()
    refuse_held(target)  # before all that the build itself needs is imported

    from kg.cli.composition import Order
    from kg.cli.corrections import find_corrections
    from kg.ontology import BASE

    order = Order(
        paths=paths,
        out=target,
        ontologies=ontologies,
        originals=originals,
        corrections=find_corrections(paths, corrections, target, ignore=no_corrections),
        workers=workers,
        engine=engine,
        scheduler=scheduler,
        base=base or BASE,
        follow_links=follow_links,
        limits=_read_limits(limits),
        full=full,
    )
    if watch:
        _watch(order, as_json=as_json)
        return
    report = _build_once(order)
    _print_report(report, order, as_json=as_json)
    if report.rejected:
        sys.exit(PARTLY)


def _build_once(order: Order) -> Report:
    """Build with a progress bar; an interruption is an error that says how to go on."""
    from kg.cli.composition import compose_build

    with _heed_termination(), _show_progress() as (total, tick):
        try:
            return compose_build(replace(order, on_document=tick, on_total=total))
        except KeyboardInterrupt:
            raise GraphError(
                f"interrupted; {order.out} is as it was; run the same command again to go on"
            ) from None
        except MemoryError:
            raise GraphError(
                f"out of memory; {order.out} is as it was; free memory or use fewer --workers, "
                "and run the same command again to go on"
            ) from None


def _watch(order: Order, *, as_json: bool) -> None:
    """Build now and at every change until interrupted; errors are told and change nothing."""
    from kg.cli.watching import wait_for_change

    with suppress(KeyboardInterrupt):
        for _ in wait_for_change(order):
            try:
                _print_report(_build_once(order), order, as_json=as_json)
            except KGError as error:
                click.echo(f"Error: {error}", err=True)
                if isinstance(error.__context__, KeyboardInterrupt):
                    return
            order = replace(order, full=False)


def _print_report(report: Report, order: Order, *, as_json: bool) -> None:
    from kg.cli.corrections import report_lost

    if as_json:
        print_json(report.as_json())
        return
    known = f" ({report.read} read)" if report.read < report.ingested else ""
    click.echo(
        f"{report.ingested} of {report.found} documents{known}, {report.measures} measures, "
        f"{report.triples} triples in {report.seconds} s"
    )
    for row in report.rejected:
        click.echo(f"rejected: {row['file']}: {row['reason']}; {row['advice']}", err=True)
    for row in report.skipped:
        click.echo(f"skipped: {row['file']}: {row['reason']}", err=True)
    click.echo(f"version {report.version} in {order.out}")
    report_lost(order.out, order.corrections)


@contextmanager
def _heed_termination() -> Iterator[None]:
    """Take the signal to terminate as an interruption, which leaves everything in order."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # signals are not ours to take
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _show_progress() -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """Show documents, characters a second and time left on stderr, on a terminal only.

    Yields what is told how many documents there are, and after each its characters.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True)
    columns = (
        TextColumn("reading"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[speed]:,.0f} characters/s"),
        TimeRemainingColumn(),
    )
    begin, read = time.monotonic(), 0
    with Progress(
        *columns, console=console, disable=not console.is_terminal, transient=True
    ) as bar:
        task = bar.add_task("documents", total=None, speed=0.0)

        def tick(characters: int) -> None:
            nonlocal read
            read += characters
            bar.update(task, advance=1, speed=read / max(0.001, time.monotonic() - begin))

        yield lambda total: bar.update(task, total=total), tick
