"""``kg vocabulary check``: the vocabulary itself."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli.options import ontology_option, table_options
from kg.cli.output import print_json, print_rows

if TYPE_CHECKING:
    from kg.ontology.check import Finding


@click.group()
def vocabulary() -> None:
    """Look after the vocabulary: instruments, places, units and cues."""


@vocabulary.command()
@ontology_option
@table_options
def check(ontologies: tuple[Path, ...], as_json: bool, as_csv: bool) -> None:
    """Look for faults in the vocabulary; exit code 1 when there is an error.

    Errors are what stops a build or loses a term: a name that two instruments share, circles and
    broken links, missing labels and definitions, contradictions, patterns that do not compile.
    Warnings are words that point to two instruments, which may be meant.  With --ontology only
    the warnings of that folder are listed.
    """
    from kg.ontology.check import check_vocabulary

    found = check_vocabulary(*ontologies)
    rows = [{**asdict(finding), "file": _show_file(finding.file)} for finding in found]
    counts = Counter(finding.severity for finding in found)
    if as_json:
        print_json({"sound": not counts["error"], "findings": rows})
    elif as_csv:
        print_rows(rows, as_csv=True)
    else:
        _print_findings(found)
        click.echo(f"{counts['error']} errors, {counts['warning']} warnings")
    if counts["error"]:
        sys.exit(1)


def _print_findings(found: Sequence[Finding]) -> None:
    for finding in found:
        click.echo(click.style(f"● {finding.id}", bold=True) + f"  {finding.severity}")
        click.echo(f"  {finding.message}")
        click.echo(click.style(f"    {_show_file(finding.file)} · {finding.kind}", dim=True))


def _show_file(file: str) -> str:
    """Return the path of a file as it was given, that of a shipped one as in the project."""
    from kg.ontology import shipped_folder

    path = Path(file)
    return f"ontology/{path.name}" if path.parent == shipped_folder() else path.as_posix()
