"""``kg report``, ``kg workbook``, ``kg cite``: results to be published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import graph_option, scope_options, table_options
from kg.cli.output import print_json, print_rows, show_steps
from kg.cli.scope import Scope, split_names
from kg.errors import QueryError

if TYPE_CHECKING:
    from kg.report import Contents


def _compared(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the city, its peers and what restricts the documents."""
    compared = click.option(
        "--peers",
        default="",
        help="Places to compare with, separated by commas.  [default: all that something is said of]",
    )(scope_options(function))
    return click.argument("city", required=False, default="")(compared)


@click.command()
@_compared
@click.option(
    "--language",
    type=click.Choice(("zh", "en")),
    default="zh",
    show_default=True,
    help="Language in which the page opens; it switches to the other.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("policy-report.html"),
    show_default=True,
    help="HTML file to write.",
)
def report(
    city: str,
    peers: str,
    scope: Scope,
    language: str,
    out: Path,
) -> None:
    """Write a comparison of CITY with its peers as one HTML page that works offline.

    \b
    kg report 上海 --peers 北京,深圳
    kg report --as-of 2024-12-31 --language en

    Heat maps of places × categories and instruments whose cells open the evidence; gaps,
    overlaps, policy mix, claims of studies, responsible units, documents with their citations.
    Every count names the SPARQL query that gives it. Without CITY the place with most measures
    of its own is told of. Claims of studies are checked against all documents, whatever
    --as-of, --level and --documents say.
    """
    from kg.report import render_page

    contents = _gather(scope, city, peers)
    out.write_text(render_page(contents, language=language), encoding="utf-8")
    click.echo(f"{out}")


@click.command()
@_compared
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("policy-workbook.xlsx"),
    show_default=True,
    help="XLSX file to write.",
)
def workbook(
    city: str,
    peers: str,
    scope: Scope,
    out: Path,
) -> None:
    """Write the same comparison as an XLSX workbook with Chinese headers.

    \b
    kg workbook 上海 --peers 北京,深圳 --out comparison.xlsx

    Sheets: coding sheet, matrix, gaps, overlaps, evidence, codebook, mix, units, provenance, and
    for every count its query. Texts are stored as texts, even those that look like formulas.
    """
    from kg.report import write_workbook

    write_workbook(_gather(scope, city, peers), out)
    click.echo(f"{out}")


@click.command()
@click.argument("which", nargs=-1)
@graph_option
@click.option(
    "--format",
    "style",
    type=click.Choice(("gbt7714", "bibtex")),
    default="gbt7714",
    show_default=True,
    help="GB/T 7714-2015 or BibTeX.",
)
@table_options
def cite(
    which: tuple[str, ...],
    folder: Path | None,
    ontologies: tuple[Path, ...],
    style: str,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Print how to cite the documents of the graph: all, or those that WHICH names.

    \b
    kg cite
    kg cite 浦科经委 金山区 --format bibtex

    WHICH is a part of a title, number or file. A digest is marked as such: cite the document
    itself after reading it.
    """
    from kg.cli.graphs import open_graph
    from kg.graph import read_documents
    from kg.report import cite_document, make_keys

    graph = open_graph(folder, ontologies)
    documents = read_documents(graph.store, base=graph.base)
    rows = [
        {"key": key, "source": row["source"], "citation": cite_document(row, style, key=key)}
        for row, key in zip(documents, make_keys(documents), strict=True)
        if not which
        or any(word in row[part] for word in which for part in ("title", "number", "source"))
    ]
    if not rows:
        raise QueryError(f"no document is called {', '.join(which)}; kg documents lists them")
    if as_json:
        print_json(rows)
    elif as_csv:
        print_rows(rows, as_csv=True)
    else:
        for number, row in enumerate(rows, 1):
            click.echo(row["citation"] if style == "bibtex" else f"[{number}] {row['citation']}")


def _gather(scope: Scope, city: str, peers: str) -> Contents:
    from kg.compare import find_mix_claims
    from kg.report import Subject, gather_contents

    graph, claims = scope.project()
    stated = find_mix_claims(graph.store, claims, graph.vocabulary, base=graph.base)
    subject = Subject(
        graph.version,
        claims,
        graph.vocabulary,
        graph.base,
        city=city,
        peers=tuple(split_names(peers)),
        stated=stated,
    )
    with show_steps() as on_step:
        return gather_contents(subject, on_step=on_step)
