"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def ontology_option(function: F) -> F:
    """Add ``--ontology DIR``."""
    return click.option(
        "--ontology",
        "ontologies",
        multiple=True,
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="Folder of Turtle files layered over the shipped vocabulary; may be repeated.",
    )(function)


def graph_option(function: F) -> F:
    """Add ``--graph DIR`` and ``--ontology DIR``."""
    function = ontology_option(function)
    return click.option(
        "--graph",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of the graph to read.  [default: your last build, else the embedded corpus; with --ontology the latter]",
    )(function)


def table_options(function: F) -> F:
    """Add ``--json`` and ``--csv``."""
    function = click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")(function)
    return click.option("--json", "as_json", is_flag=True, help="Print JSON to stdout alone.")(
        function
    )


def as_of_option(function: F) -> F:
    """Add ``--as-of DATE``."""
    return click.option(
        "--as-of",
        metavar="DATE",
        help="Count only documents in force on this date (2024-12-31).  [default: all documents]",
    )(function)


def scope_options(function: F) -> F:
    """Add ``--as-of``, ``--level`` and ``--documents``: which documents count."""
    function = click.option(
        "--documents",
        "sources",
        metavar="WHICH",
        multiple=True,
        help=(
            "Count only these documents: a class (official = all but studies, law, rule, normative, "
            "work, interpretation, report, study; in Chinese, too), a level, a form (original, digest), or "
            "part of a title, number or file name. May be repeated."
        ),
    )(function)
    function = click.option(
        "--level",
        type=click.Choice(("city", "district", "province", "national")),
        help=(
            "Count only own documents of this level of government; secondary sources still count."
            "  [default: a city's documents and those of its districts]"
        ),
    )(function)
    return as_of_option(function)


def lens_option(function: F) -> F:
    """Add ``--lens``."""
    return click.option(
        "--lens",
        type=click.Choice(("six", "rothwell", "stip")),
        default="six",
        show_default=True,
        help=(
            "Groups of instruments: the six categories, Rothwell and Zegveld's tools (supply, "
            "environment, demand), or the types of OECD STIP Compass."
        ),
    )(function)
