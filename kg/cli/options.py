"""Options that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from kg.cli.scope import Scope

if TYPE_CHECKING:
    from kg.graph.remote import Credentials

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


def credentials_options(function: F) -> F:
    """Add ``--user``, ``--auth`` and ``--password-file``."""
    function = click.option(
        "--password-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File with the password.  [default: the variable KG_PASSWORD]",
    )(function)
    function = click.option(
        "--auth",
        "scheme",
        type=click.Choice(["basic", "digest"]),
        default="basic",
        show_default=True,
        help="How the password is proved.",
    )(function)
    return click.option("--user", default="", help="Name at the other server.")(function)


def read_credentials(
    user: str, scheme: Literal["basic", "digest"], password_file: Path | None
) -> Credentials:
    """Return the credentials: a password or token never stands on the command line."""
    from kg.graph.remote import Credentials

    if password_file is not None:
        password = password_file.read_text(encoding="utf-8").strip("\r\n")
    else:
        password = os.environ.get("KG_PASSWORD", "")
    token = "" if user else os.environ.get("KG_TOKEN", "")
    return Credentials(user=user, password=password, token=token, scheme=scheme)


def scope_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of the graph, ``--as-of``, ``--level`` and ``--documents``.

    The command is given them as one argument, ``scope``.
    """

    @wraps(function)
    def call(
        folder: Path | None,
        ontologies: tuple[Path, ...],
        as_of: str | None,
        level: str | None,
        sources: tuple[str, ...],
        **others: Any,
    ) -> Any:
        return function(scope=Scope(folder, ontologies, as_of, level, sources), **others)

    documents = click.option(
        "--documents",
        "sources",
        metavar="WHICH",
        multiple=True,
        help=(
            "Count only these documents: a class (official = all but studies, law, rule, normative, "
            "work, interpretation, report, study; in Chinese, too), a level, a form (original, digest), or "
            "part of a title, number or file name. May be repeated."
        ),
    )
    level = click.option(
        "--level",
        type=click.Choice(("city", "district", "province", "national")),
        help=(
            "Count only own documents of this level of government; secondary sources still count."
            "  [default: a city's documents and those of its districts]"
        ),
    )
    return graph_option(as_of_option(level(documents(call))))


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
