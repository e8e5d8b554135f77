"""Printing: tables for people, JSON and CSV for programs."""

from __future__ import annotations

import csv
import gc
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from kg.model import join_lines

Row = Mapping[str, Any]
_QUOTE = 160


@contextmanager
def keep_garbage() -> Iterator[None]:
    """Look for no garbage meanwhile: much is made for one answer, and nothing of it can go.

    It takes a fifth of the time that a question takes from a cold start.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def print_json(value: object) -> None:
    """Print ``value`` as readable JSON to stdout."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def print_rows(rows: Sequence[Row], *, as_csv: bool, title: str = "") -> None:
    """Print rows as CSV, or for people: one block a row, empty fields left out."""
    if as_csv:
        click.echo(_csv(rows), nl=False)
        return
    if title:
        click.echo(click.style(title, bold=True))
    if not rows:
        click.echo("nothing found")
    for row in rows:
        head, *fields = row.items()
        click.echo(click.style(f"● {_cell(head[1])}", bold=True))
        for name, value in fields:
            text = _cell(value)
            if text:
                click.echo(f"  {name:<12} {shorten(text)}")


def print_table(rows: Sequence[Row], *, as_csv: bool) -> None:
    """Print rows of short values as CSV or as a table with one line a row."""
    if as_csv or not rows:
        print_rows(rows, as_csv=as_csv)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row.values()))
    Console().print(table)


def print_evidence(evidence: Row) -> None:
    """Print a quote, and below it where it stands and whose words it is."""
    quote = join_lines(str(evidence["quote"]))
    quote = quote if len(quote) <= _QUOTE else quote[:_QUOTE] + "…"
    kind = "secondary source" if evidence["kind"] == "secondary" else "own document"
    if evidence["form"] == "digest":
        kind += ", digest (not the document's own words)"
    where = evidence["number"] or evidence["document"]
    click.echo(f"  “{quote}”")
    place = f"{evidence['source']}:{evidence['start']}–{evidence['end']}"
    click.echo(click.style(f"    {where} · {place} · {kind}", dim=True))


def shorten(text: str, limit: int = 160) -> str:
    """Return ``text`` on one line, cut with … past ``limit`` characters."""
    line = "".join(text.split("\n"))
    return line if len(line) <= limit else line[:limit] + "…"


def _csv(rows: Sequence[Row]) -> str:
    from kg.graph.export import guard_cell

    output = io.StringIO()
    if rows:
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow(rows[0])
        writer.writerows([guard_cell(_cell(value)) for value in row.values()] for row in rows)
    return output.getvalue()


def _cell(value: object) -> str:
    if isinstance(value, str) or value is None:
        return value or ""
    if isinstance(value, (list, tuple)):
        return "；".join(_cell(item) for item in value)
    if isinstance(value, dict):
        return " ".join(_cell(item) for item in value.values() if item not in (None, ""))
    return f"{value:g}" if isinstance(value, float) else str(value)


@contextmanager
def show_progress(label: str, things: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on stderr, on a terminal only; yields what tells how many more."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=console, disable=not console.is_terminal, transient=True
    ) as bar:
        task = bar.add_task(things, total=total)
        yield lambda count: bar.advance(task, count)


@contextmanager
def show_steps() -> Iterator[Callable[[str], None]]:
    """Show on stderr, on a terminal only, what is being done; yields what tells the next step."""
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update
