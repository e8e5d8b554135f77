"""``kg coding``, ``kg crosstab``, ``kg force``, ``kg pmc``: the tables that go into a paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from kg.cli.options import graph_option, table_options
from kg.cli.output import print_json, print_rows, print_table, shorten

if TYPE_CHECKING:
    from kg.cli.graphs import Opened
    from kg.graph import Coding
    from kg.ontology import Vocabulary
    from kg.tabulate import PMC, Crosstab, Variable

_LENSES = (
    "category", "main-category", "instrument", "rothwell", "tool", "stip", "beneficiary", "stage",
    "strength", "place", "document",
)  # fmt: skip
F = TypeVar("F", bound=Callable[..., Any])


def _scope_options(function: F) -> F:
    """Add ``--place`` and ``--document``."""
    function = click.option("--place", help="Only documents of this place and places within it.")(
        function
    )
    return click.option("--document", help="Only this document: number, file or part of a title.")(
        function
    )


def _read(
    graph: Opened, place: str | None, document: str | None, *, repeats: bool, own: bool
) -> tuple[Coding, ...]:
    from kg.compare import resolve_place
    from kg.errors import QueryError
    from kg.graph import read_codings

    code = resolve_place(graph.vocabulary, place) if place else ""
    codings = read_codings(graph.version, base=graph.base)
    found = tuple(
        c
        for c in codings
        if (repeats or not c.repeats)
        and (c.is_own or not own)
        and (not code or code in graph.vocabulary.place_chain(c.seat))
        and (not document or _is_called(c, document))
    )
    if not found:
        known = dict.fromkeys(c.evidence.number or c.evidence.source for c in codings)
        raise QueryError(f"no measures there; the graph holds: {', '.join(known)}")
    return found


def _is_called(coding: Coding, name: str) -> bool:
    evidence = coding.evidence
    return name == evidence.source or name in evidence.number or name in evidence.document


@click.command()
@_scope_options
@graph_option
@table_options
def coding(
    document: str | None,
    place: str | None,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Print the coding table (编码表): a code for each measure, document–chapter–clause–number.

    3-2-18-1 is document 3, chapter 二, clause 18, its first measure; 4-T-59-1 is row 59 of the
    task table of document 4.  Where a row says a clause again, "repeats" is the code of that
    measure: leave such rows out when you count.
    """
    from kg.cli.graphs import open_graph
    from kg.compare.claims import as_json as plain
    from kg.graph import read_codings
    from kg.tabulate import tabulate_codes

    graph = open_graph(folder, ontologies)
    wanted = {c.measure for c in _read(graph, place, document, repeats=True, own=False)}
    codings = read_codings(graph.version, base=graph.base)
    rows = [row for row in tabulate_codes(codings, graph.vocabulary) if row.measure in wanted]
    if as_json:
        print_json({"rows": plain(tuple(rows)), "vocabulary": graph.vocabulary.version})
        return
    concepts = graph.vocabulary.concepts
    flat: list[dict[str, Any]] = [
        {
            "code": row.code,
            "document": row.evidence.number or row.evidence.document,
            "clause": row.clause,
            "category": row.category,
            "instruments": [concepts[i].zh for i in row.instruments],
            "text": shorten(row.evidence.quote, 2000 if as_csv else 60),
            "repeats": row.repeats,
        }
        for row in rows
    ]
    if as_csv:
        extra = [
            {"measure": r.measure, "source": r.evidence.source, "start": r.evidence.start,
             "end": r.evidence.end, "strength": r.strength, "status": r.status}
            for r in rows
        ]  # fmt: skip
        flat = [{**row, **more} for row, more in zip(flat, extra, strict=True)]
    print_table(flat, as_csv=as_csv)


@click.command()
@click.option(
    "--rows", "row_lens", type=click.Choice(_LENSES), default="category", show_default=True
)
@click.option(
    "--columns", "column_lens", type=click.Choice(_LENSES), default="stage", show_default=True
)
@_scope_options
@graph_option
@table_options
def crosstab(
    row_lens: str,
    column_lens: str,
    document: str | None,
    place: str | None,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Cross two lenses (X × Y): measures by instrument, beneficiary, growth stage …, n and %.

    \b
    category, main-category, instrument   the six categories and what is below
    rothwell, tool                        supply, environment, demand; sub-tools
    stip                                  types of the OECD
    beneficiary, stage                    for whom; the stage of growth they stand for
    strength, place, document

    Counted are the measures of own documents, each once; percent are of all of them.  A measure
    of several classes stands in several cells; "-" holds those that tell none.
    """
    from kg.cli.graphs import open_graph
    from kg.compare.claims import as_json as plain
    from kg.tabulate import cross_measures, make_lens

    graph = open_graph(folder, ontologies)
    codings = _read(graph, place, document, repeats=False, own=True)
    lenses = [make_lens(name, graph.vocabulary) for name in (row_lens, column_lens)]
    table = cross_measures(codings, *lenses)
    if as_json:
        print_json({**plain(table), "vocabulary": graph.vocabulary.version})
        return
    print_table(_cross_rows(table, as_csv=as_csv), as_csv=as_csv)
    if not as_csv:
        click.echo(
            f"n = {table.n} measures in {table.documents} own documents, each once; % of n; "
            f"vocabulary {graph.vocabulary.version}"
        )


def _cross_rows(table: Crosstab, *, as_csv: bool) -> list[dict[str, Any]]:
    from kg.tabulate import percent

    rows: list[dict[str, Any]] = []
    for (row, name), total in zip(table.rows, table.row_totals, strict=True):
        line: dict[str, Any] = {f"{table.row_lens} × {table.column_lens}": name}
        for column, label in table.columns:
            cell = table.cell(row, column)
            line |= _cell(label, cell.n, cell.percent, as_csv=as_csv)
        rows.append(line | _cell("total", total, percent(total, table.n), as_csv=as_csv))
    last: dict[str, Any] = {f"{table.row_lens} × {table.column_lens}": "total"}
    for (_, label), total in zip(table.columns, table.column_totals, strict=True):
        last |= _cell(label, total, percent(total, table.n), as_csv=as_csv)
    return [*rows, last | _cell("total", table.n, 100.0, as_csv=as_csv)]


def _cell(label: str, n: int, share: float, *, as_csv: bool) -> dict[str, Any]:
    if as_csv:
        return {f"{label} n": n, f"{label} %": share}
    return {label: f"{n} ({share:.1f})" if n else ""}


@click.command()
@click.option("--by", "lens", type=click.Choice(_LENSES), default="document", show_default=True)
@_scope_options
@graph_option
@table_options
def force(
    lens: str,
    document: str | None,
    place: str | None,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Policy force (政策力度): issuer rank × document class, beside the strength of the wording.

    Means over measures, each once; "total" is the sum of force × wording.  Reports and studies
    have no force.  The scores stand in ontology/tables.ttl; other ones in a folder given with
    --ontology take their place.
    """
    from kg.cli.graphs import open_graph
    from kg.compare.claims import as_json as plain
    from kg.tabulate import make_lens, measure_force, read_scores

    graph = open_graph(folder, ontologies)
    codings = _read(graph, place, document, repeats=False, own=True)
    rows = measure_force(codings, make_lens(lens, graph.vocabulary), graph.vocabulary)
    scores = read_scores(graph.vocabulary)
    if as_json:
        about = {"by": lens, "scores": plain(scores), "vocabulary": graph.vocabulary.version}
        print_json({"rows": plain(rows), **about})
        return
    print_table(
        [
            {
                lens: row.label,
                "n": row.n,
                "rank": row.rank,
                "class": row.document_class,
                "force": row.force,
                "wording": row.wording,
                "total": row.total,
            }
            for row in rows
        ],
        as_csv=as_csv,
    )
    if not as_csv:
        for name, found in (
            ("rank", scores.ranks),
            ("class", scores.classes),
            ("wording", scores.wording),
        ):
            click.echo(f"{name}: " + " · ".join(f"{key} {value:g}" for key, value in found.items()))


@click.command()
@click.option(
    "--inputs",
    is_flag=True,
    help="The input–output table: every sub-variable of every document, with what bears it out.",
)
@click.option(
    "--scores",
    "corrections",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV with values set by hand: columns source, variable, value (0 to 1).",
)
@graph_option
@table_options
def pmc(
    inputs: bool,
    corrections: Path | None,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """PMC index of the policy documents (laws, rules, normative and working documents).

    Sub-variables are 1 where the coding answers them, else 0; a variable is their mean, the
    index the sum of the variables (Ruiz Estrada 2011).  The variables stand in
    ontology/tables.ttl.  To overrule values, save the output of --inputs --csv, edit it and give
    it with --scores.
    """
    from kg.cli.graphs import open_graph
    from kg.compare.claims import as_json as plain
    from kg.graph import read_aims, read_codings, read_documents
    from kg.tabulate import read_corrections, read_variables, score_documents

    graph = open_graph(folder, ontologies)
    by_hand = read_corrections(corrections, graph.vocabulary) if corrections else {}
    found = score_documents(
        read_codings(graph.version, base=graph.base),
        read_documents(graph.store, base=graph.base),
        graph.vocabulary,
        aims=read_aims(graph.store, base=graph.base),
        by_hand=by_hand,
    )
    variables = read_variables(graph.vocabulary)
    if as_json:
        about = {"variables": plain(variables), "vocabulary": graph.vocabulary.version}
        print_json({"documents": plain(found), **about})
    elif inputs:
        print_table(_input_rows(found, variables, as_csv=as_csv), as_csv=as_csv)
    else:
        print_rows(_index_rows(found, graph.vocabulary), as_csv=as_csv)


def _index_rows(found: tuple[PMC, ...], vocabulary: Vocabulary) -> list[dict[str, Any]]:
    from kg.tabulate.lenses import name_class

    rows = []
    for pmc in found:
        row: dict[str, Any] = {
            "document": pmc.number or pmc.title,
            "PMC": f"{pmc.index:.2f} of {pmc.most}",
            "grade": name_class(vocabulary, "pmc-grades", pmc.grade),
        }
        for name, value in pmc.variables:
            row[f"{name} {name_class(vocabulary, 'pmc-variables', name)}"] = f"{value:.2f}"
        row["by hand"] = [score.variable for score in pmc.scores if score.by_hand]
        rows.append(row)
    return rows


def _input_rows(
    found: tuple[PMC, ...], variables: tuple[Variable, ...], *, as_csv: bool
) -> list[dict[str, Any]]:
    if not as_csv:
        return [
            {
                "variable": variable.id,
                "label": variable.label,
                **{pmc.number or pmc.source: _mark(pmc, position) for pmc in found},
            }
            for position, variable in enumerate(variables)
        ]
    return [
        {
            "source": pmc.source,
            "document": pmc.number or pmc.title,
            "variable": variable.id,
            "label": variable.label,
            "value": f"{score.value:g}",
            "by_hand": "yes" if score.by_hand else "",
            "measures": len(score.measures),
            "first": score.measures[0] if score.measures else "",
        }
        for pmc in found
        for variable, score in zip(variables, pmc.scores, strict=True)
    ]


def _mark(pmc: PMC, position: int) -> str:
    score = pmc.scores[position]
    shown = f"{score.value:g}" + (f" ({len(score.measures)})" if score.measures else "")
    return shown + (" by hand" if score.by_hand else "")
