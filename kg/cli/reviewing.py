"""``kg review``: corrections by hand out and in, and what became of them."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import graph_option, table_options
from kg.cli.output import print_json, print_rows

if TYPE_CHECKING:
    from kg.cli.graphs import Opened
    from kg.review import Finding, Row


@click.group()
def review() -> None:
    """Correct the coding by hand, compare coders, exchange with other programs.

    Corrections overrule the machine in every later build.  They are kept in a plain file
    (corrections.jsonl) beside the documents, which belongs under version control.
    """


def corrections_option(function: Any) -> Any:
    """Add ``--corrections FILE``."""
    return click.option(
        "--corrections",
        "file",
        type=click.Path(dir_okay=False, path_type=Path),
        help="File that keeps the decisions.  [default: the one that the graph was built with]",
    )(function)


@review.command("export")
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@graph_option
@click.option(
    "--for",
    "form",
    type=click.Choice(("sheet", "label-studio", "doccano", "refi-qda")),
    help="Form.  [default: by the ending: .xlsx .csv .jsonl are sheets, .qdpx is REFI-QDA]",
)
@click.option("--blind", is_flag=True, help="All sentences, without what the machine coded.")
@click.option("--sample", type=click.FloatRange(0, 1, min_open=True), help="Share to draw: 0.15.")
@click.option("--seed", default=1, show_default=True, help="Draws the same sample again.")
@click.option("--document", "wanted", multiple=True, help="Only of sources whose name holds this.")
@click.option("--below", type=float, help="Only measures of which the machine is less sure: 0.8.")
def export_command(
    out: Path,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    form: str | None,
    blind: bool,
    sample: float | None,
    seed: int,
    wanted: tuple[str, ...],
    below: float | None,
) -> None:
    """Write what is to be reviewed to OUT.

    \b
    kg review export sheet.xlsx
    kg review export blind.xlsx --blind --sample 0.15 --seed 7
    kg review export tasks.json --for label-studio
    kg review export project.qdpx

    A sheet has drop-downs for categories, instruments, status and strength; the coder edits it
    and kg review import reads it back.
    """
    from kg.cli.graphs import open_graph
    from kg.review import list_measures, list_sentences, sample_rows

    graph = open_graph(folder, ontologies)
    if blind:
        rows = list(list_sentences(graph.version, graph.vocabulary, base=graph.base))
    else:
        rows = list_measures(graph.version, base=graph.base)
    rows = [r for r in rows if not wanted or any(part in r.source for part in wanted)]
    if below is not None:
        rows = [r for r in rows if r.confidence is None or r.confidence < below]
    if sample is not None:
        rows = sample_rows(rows, sample, seed)
    _write(out, rows, graph, form or _form_of(out), blind=blind)
    click.echo(f"{len(rows)} {'sentences' if blind else 'measures'} in {out}", err=True)


def _form_of(out: Path) -> str:
    return "refi-qda" if out.suffix == ".qdpx" else "sheet"


def _write(out: Path, rows: Sequence[Row], graph: Opened, form: str, *, blind: bool) -> None:
    from kg.review import Codebook, write_doccano, write_label_studio, write_project, write_rows

    book = Codebook(graph.vocabulary)
    if form == "label-studio":
        write_label_studio(out, rows, graph.version, book)
    elif form == "doccano":
        write_doccano(out, rows, graph.version)
    elif form == "refi-qda":
        write_project(out, rows, graph.version, graph.vocabulary)
    else:
        write_rows(out, rows, book, blind=blind)


@review.command("import")
@click.argument("sheet", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--by", required=True, help="Who decided.")
@click.option("--why", default="", help="Why, where a row gives no reason of its own.")
@click.option(
    "--on", default="", metavar="DATE", help="When: 2026-11-26 or 2026-11-26T14:00:00Z.  [now]"
)
@click.option("--dry-run", is_flag=True, help="Show what would change, store nothing.")
@click.option("--overrule", is_flag=True, help="Decide over what others decided meanwhile.")
@corrections_option
@graph_option
@table_options
def import_command(
    sheet: Path,
    by: str,
    why: str,
    on: str,
    dry_run: bool,
    overrule: bool,
    file: Path | None,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Read an edited SHEET (.xlsx, .csv, .jsonl, Label Studio's or doccano's export).

    Shows what changes and stores the decisions; the next kg build applies them.  Where any row
    cannot be taken, nothing is stored and the exit code is 1.
    """
    from kg.cli.corrections import open_kept
    from kg.review import (
        Reviewed,
        Signature,
        append_decisions,
        compare_rows,
        read_any_sheet,
        read_decisions,
    )

    graph, kept = open_kept(folder, ontologies, file)
    before = read_decisions([kept] if kept.exists() else [])
    reviewed = Reviewed(graph.version, graph.vocabulary, before, base=graph.base)
    rows, unread = read_any_sheet(sheet, reviewed)
    signature = Signature(by.strip(), _read_day(on), why)
    changes, findings = compare_rows(rows, reviewed, signature, overrule=overrule)
    refuse_rows(sheet, [*unread, *findings])
    shown = [line for change in changes for line in change.describe(reviewed.book)]
    stored = 0
    if not dry_run:
        stored = append_decisions(kept, [change.decision for change in changes])
    if as_json:
        print_json({"changes": shown, "stored": stored, "file": str(kept)})
        return
    print_rows([_head(line) for line in shown], as_csv=as_csv)
    if not as_csv:
        click.echo(f"{len(changes)} decisions; {stored} stored in {kept}")
        if stored:
            click.echo("They hold from the next kg build on.")


def _head(line: dict[str, Any]) -> dict[str, Any]:
    """Return a change with its words first."""
    head = {"text": line["text"][:60], "change": f"{line['action']} {line['field']}"}
    rest = {name: line[name] for name in ("old", "new", "source", "row", "note")}
    return {**head, **rest}


def _read_day(on: str) -> str:
    if not on:
        return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        datetime.datetime.fromisoformat(on)
    except ValueError as error:
        raise click.BadParameter(
            f"{on!r} is no date; write 2026-11-26", param_hint="--on"
        ) from error
    return on


def refuse_rows(sheet: Path, findings: Sequence[Finding]) -> None:
    """Name every row that cannot be taken and raise ReviewError; nothing was stored."""
    from kg.errors import ReviewError

    for finding in sorted(findings, key=lambda finding: finding.number):
        click.echo(f"{sheet}:{finding.number}: {finding.message}", err=True)
    if findings:
        raise ReviewError(f"{sheet}: {len(findings)} rows cannot be taken; nothing was stored")


@review.command("status")
@click.option(
    "--lost", "only_lost", is_flag=True, help="Only what holds nowhere; exit code 1 if any."
)
@corrections_option
@graph_option
@table_options
def status_command(
    only_lost: bool,
    file: Path | None,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Tell what became of every decision: applied, moved, overruled, or its sentence is gone."""
    from collections import Counter

    from kg.cli.corrections import open_kept
    from kg.review import LOST, read_built, read_decisions, read_status

    graph, kept = open_kept(folder, ontologies, file)
    decisions = read_decisions([kept])
    built = read_built(graph.store, base=graph.base)
    found = read_status(decisions, graph.store, built, base=graph.base)
    if only_lost:
        found = [standing for standing in found if standing.outcome in LOST]
    rows = [standing.as_row() for standing in found]
    if as_json:
        print_json(rows)
    else:
        print_rows([_write_flags(row) for row in rows], as_csv=as_csv)
    if not as_json and not as_csv:
        counts = Counter(standing.outcome for standing in found)
        click.echo("; ".join(f"{n} {name}" for name, n in sorted(counts.items())) or "no decisions")
    if only_lost and rows:
        sys.exit(1)


def _write_flags(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with yes for what is true and nothing for what is not."""
    return {
        name: ("yes" if value else "") if isinstance(value, bool) else value
        for name, value in row.items()
    }
