"""``kg claims``, ``kg reconcile``: statements held against documents, parts of a document against each other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import graph_option, table_options
from kg.cli.output import print_evidence, print_json, print_rows, shorten

if TYPE_CHECKING:
    from kg.compare.provisions import OwnText
    from kg.compare.reconciliation import Finding
    from kg.compare.verdicts import Verdict
    from kg.ontology import Vocabulary

_KINDS = ("has", "lacks", "differs", "should-adopt", "outcome")
_REASONS = {
    "provided": "own documents say so",
    "later": "own documents say so, all of a later date",
    "already-held": "the city already had it: own documents of that time provide it",
    "mentioned": "own documents only come near it: named in a measure of another kind, or coded so without being named",
    "not-found": "the own documents that cover the category name nothing of the kind",
    "no-coverage": "no own document covers the category",
    "category": "a whole category is meant, not an instrument",
    "general": "policies at large are meant: nearly every document would answer it",
    "degree": "more of a thing is asked for, or too little said to be done: a provision neither bears it out nor refutes it",
    "state": "a state of affairs, not a policy",
    "unnamed": "no instrument of the vocabulary is named: policies at large, or one that it lacks",
    "undated": "own documents provide it, but it is not known which came first; date the study with --said",
    "share": "a share that names neither its corpus nor its unit of counting",
}


@click.command()
@click.option("--city", help="Only what is said of this city.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(_KINDS),
    help="Only statements of this kind; may be repeated.",
)
@click.option("--said", metavar="DATE", help="Date of the studies that state none (2022-03-01).")
@graph_option
@table_options
def claims(
    city: str | None,
    kinds: tuple[str, ...],
    said: str | None,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Check what studies say of cities against the cities' own documents, one verdict each.

    \b
    confirmed        own documents say so; for a lack: those that cover the
                     category name nothing of the kind (they are listed)
    contradicted     own documents of that time provide what is said to lack
    addressed-later  only own documents of a later date provide it
    unsupported      own documents cover the category and do not say so; of
                     advice: the city already had what it should adopt
    not-comparable   no own document covers it, or the statement is of a sort
                     that provisions cannot bear out (a state of affairs, a
                     share without corpus and unit, too little of something)

    A study without a date is dated by the latest year that it tells of, unless --said dates it.
    Absence in a few documents is no proof: read the list that a verdict rests on.
    """
    from kg.cli.graphs import open_graph
    from kg.compare import resolve_place
    from kg.compare.claims import as_json as plain
    from kg.compare.verdicts import check_claims, count_verdicts

    graph = open_graph(folder, ontologies)
    place = resolve_place(graph.vocabulary, city) if city else ""
    found = [
        verdict
        for verdict in check_claims(
            graph.version, graph.vocabulary, city=place, said=_check_date(said), base=graph.base
        )
        if not kinds or verdict.statement.kind in kinds
    ]
    counts = count_verdicts(found)
    if as_json:
        rows = [
            {
                **plain(v),
                "city": _place(v.statement.city, graph.vocabulary),
                "reason": _REASONS[v.basis],
            }
            for v in found
        ]
        print_json({"claims": rows, "counts": counts, "vocabulary": graph.vocabulary.version})
    elif as_csv:
        print_rows([_flat(v, graph.vocabulary) for v in found], as_csv=True)
    else:
        for verdict in found:
            _print_verdict(verdict, graph.vocabulary)
        total = " · ".join(f"{name} {count}" for name, count in counts.items())
        click.echo(f"{len(found)} statements: {total}; vocabulary {graph.vocabulary.version}")


def _check_date(said: str | None) -> str:
    import datetime

    from kg.errors import QueryError

    if not said:
        return ""
    try:
        return datetime.date.fromisoformat(said).isoformat()
    except ValueError as error:
        raise QueryError(f"{said!r} is no date; write it as 2022-03-01") from error


def _place(code: str, vocabulary: Vocabulary) -> str:
    from kg.compare.places import name_place

    return name_place(vocabulary, code)


def _name(instrument: str, vocabulary: Vocabulary) -> str:
    return vocabulary.concepts[instrument].zh if instrument else "-"


def _kind(verdict: Verdict) -> str:
    statement = verdict.statement
    notes = [
        "implied" if statement.implied else "",
        "said of a group" if statement.distributed else "",
    ]
    return " ".join([statement.kind, *(f"({note})" for note in notes if note)])


def _said(verdict: Verdict) -> str:
    said = verdict.statement.said
    basis = {"told": "latest year told", "stated": "date of the source", "given": "given"}
    return f"{said.date} ({basis[said.basis]})" if said.basis else "undated"


def _flat(verdict: Verdict, vocabulary: Vocabulary) -> dict[str, Any]:
    statement = verdict.statement
    first = verdict.own[0] if verdict.own else None
    return {
        "city": _place(statement.city, vocabulary),
        "instrument": statement.instrument,
        "label": _name(statement.instrument, vocabulary),
        "statement": _kind(verdict),
        "verdict": verdict.verdict,
        "basis": verdict.basis,
        "reason": _REASONS[verdict.basis],
        "said": statement.said.date,
        "said_basis": statement.said.basis,
        "source": statement.evidence.source,
        "start": statement.evidence.start,
        "end": statement.evidence.end,
        "text": shorten(statement.evidence.quote, 1000),
        "measure": statement.measure,
        "own_date": first.dated.date if first else "",
        "own_extent": first.extent if first else "",
        "own_document": (first.evidence.number or first.evidence.document) if first else "",
        "own_start": first.evidence.start if first else "",
        "own_end": first.evidence.end if first else "",
        "own_text": shorten(first.evidence.quote, 1000) if first else "",
        "own_measure": first.measure if first else "",
        "own_texts": len(verdict.own),
        "documents": list(verdict.documents),
        "beside": verdict.beside,
    }


def _print_verdict(verdict: Verdict, vocabulary: Vocabulary) -> None:
    from dataclasses import asdict

    statement = verdict.statement
    name = " ".join((_place(statement.city, vocabulary), _name(statement.instrument, vocabulary)))
    click.echo(
        click.style(f"● {verdict.verdict}", bold=True)
        + f"  {name} · {_kind(verdict)} · as of {_said(verdict)}"
    )
    print_evidence(asdict(statement.evidence))
    reason = _REASONS[verdict.basis]
    listed = "、".join(verdict.documents)
    click.echo(
        f"  because: {reason}" + (f" ({len(verdict.documents)}: {listed})" if listed else "")
    )
    if verdict.beside:
        click.echo(f"  ours beside it: {verdict.beside}")
    for text in verdict.own[:2]:
        _print_own(text, "own", vocabulary)
    if len(verdict.own) > 2:
        click.echo(f"    … and {len(verdict.own) - 2} more")
    for text in verdict.related[:1] if not verdict.own else ():
        _print_own(text, "nearest", vocabulary)


def _print_own(text: OwnText, word: str, vocabulary: Vocabulary) -> None:
    from dataclasses import asdict

    about = f"{text.dated.date or 'undated'} · {text.extent} · {_name(text.instrument, vocabulary)}"
    click.echo(f"  {word}: {_place(text.place, vocabulary)} · {about}")
    print_evidence(asdict(text.evidence))


@click.command()
@click.argument("document", required=False, default="")
@click.option("--all", "with_agreeing", is_flag=True, help="Show what agrees, too.")
@graph_option
@table_options
def reconcile(
    document: str,
    with_agreeing: bool,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """Hold the parts of a document against each other: clauses, task table, target table.

    DOCUMENT is a number, a part of a title or a file; without it every document is read.  Shown
    is where a row of the task table puts another unit first than leads the clause, leaves out
    the leading unit or adds one; row numbers that are missing or stand twice; columns that do
    not add up to their total; targets of the text that differ from the table.
    """
    from collections import Counter

    from kg.cli.graphs import open_graph
    from kg.compare.claims import as_json as plain
    from kg.compare.reconciliation import reconcile_documents

    graph = open_graph(folder, ontologies)
    found = reconcile_documents(graph.version, graph.vocabulary, document=document, base=graph.base)
    shown = [finding for finding in found if with_agreeing or not finding.agrees]
    counts = dict(sorted(Counter(finding.kind for finding in found).items()))
    if as_json:
        rows = [{**plain(finding), "agrees": finding.agrees} for finding in found]
        print_json({"findings": rows, "counts": counts, "vocabulary": graph.vocabulary.version})
    elif as_csv:
        print_rows([_flat_finding(finding) for finding in shown], as_csv=True)
    else:
        for finding in shown:
            _print_finding(finding)
        total = " · ".join(f"{name} {count}" for name, count in counts.items()) or "no tables"
        click.echo(f"{total}; vocabulary {graph.vocabulary.version}")


def _flat_finding(finding: Finding) -> dict[str, Any]:
    first, last = finding.sides[0], finding.sides[-1]
    return {
        "document": first.evidence.number or first.evidence.document,
        "finding": finding.kind,
        "message": finding.message,
        "part": first.part,
        "label": first.label,
        "units": [unit.surface for unit in first.units],
        "start": first.evidence.start,
        "end": first.evidence.end,
        "text": shorten(first.evidence.quote, 1000),
        "measures": list(first.measures),
        "other_part": last.part if len(finding.sides) > 1 else "",
        "other_label": last.label if len(finding.sides) > 1 else "",
        "other_units": [u.surface for u in last.units] if len(finding.sides) > 1 else [],
        "other_start": last.evidence.start if len(finding.sides) > 1 else "",
        "other_end": last.evidence.end if len(finding.sides) > 1 else "",
        "other_text": shorten(last.evidence.quote, 1000) if len(finding.sides) > 1 else "",
        "other_measures": list(last.measures) if len(finding.sides) > 1 else [],
    }


def _print_finding(finding: Finding) -> None:
    from dataclasses import asdict

    click.echo(click.style(f"● {finding.kind}", bold=True) + f"  {finding.message}")
    for side in finding.sides[:3]:
        roles = {"lead": "leads", "support": "supports", "responsible": "responsible"}
        units = "、".join(f"{u.surface} ({roles.get(u.role, u.role)})" for u in side.units)
        click.echo(f"  {side.part} {side.label}" + (f": {units}" if units else ""))
        print_evidence(asdict(side.evidence))
