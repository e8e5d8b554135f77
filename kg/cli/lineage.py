"""``kg reuse``, ``kg citations``, ``kg diffusion``: who has what from whom, and since when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import scope_options, table_options
from kg.cli.output import print_evidence, print_json, print_rows, print_table
from kg.cli.scope import Scope, print_base

if TYPE_CHECKING:
    import networkx as nx

    from kg.compare import Citations, Diffusion, Passage, Reuses


@click.command()
@click.argument("places", nargs=-1)
@scope_options
@click.option(
    "--likeness",
    type=click.FloatRange(0.5, 1.0),
    default=0.8,
    show_default=True,
    help="How much of the shorter sentence must be in the longer one.",
)
@table_options
def reuse(
    places: tuple[str, ...],
    scope: Scope,
    likeness: float,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List measures that documents share nearly word for word, with the words that differ.

    \\b
    kg reuse 上海 北京
    kg reuse --documents 条例

    With PLACES only what all of them share (documents of a city's districts are the city's, too).
    "earliest" is the earliest in this corpus, where the dates leave no doubt; "taken over" stands
    only where the later document cites the earlier one, else "similar": both may have it from a
    third, and what both cite is told. Studies, which quote, are left out.
    """
    from kg.compare import find_citations, find_reuse

    graph, claims = scope.project()
    citations = find_citations(graph.store, claims, graph.vocabulary, base=graph.base)
    found = find_reuse(
        claims, citations, vocabulary=graph.vocabulary, places=places, likeness=likeness
    )
    if as_json:
        print_json({**found.as_json(), "vocabulary": graph.vocabulary.version})
    elif as_csv:
        print_rows(list(_list_passages(found)), as_csv=True)
    else:
        _print_reuses(found)
        digests = f"; {found.digests} of the documents are digests" if found.digests else ""
        click.echo(f"{len(found.reuses)} groups among {found.sentences} sentences{digests}")
        print_base(found)


def _list_passages(found: Reuses) -> Iterator[dict[str, Any]]:
    for number, group in enumerate(found.reuses, 1):
        for passage in group.passages:
            yield {
                "group": number,
                "place": passage.place,
                "date": passage.date,
                "relation": passage.relation,
                "like": passage.like,
                "likeness": passage.likeness or "",
                "changes": _show_changes(passage),
                "both cite": list(passage.both_cite),
                "instruments": list(passage.instruments),
                "document": passage.title,
                "form": passage.evidence.form,
                "start": passage.evidence.start,
                "end": passage.evidence.end,
                "text": "".join(passage.evidence.quote.split()),
                "measure": passage.measure,
            }


def _print_reuses(found: Reuses) -> None:
    if not found.reuses:
        click.echo("nothing found")
    for number, group in enumerate(found.reuses, 1):
        labels = "、".join(dict.fromkeys(i for p in group.passages for i in p.instruments))
        click.echo(click.style(f"● {number}  {labels}", bold=True))
        for passage in group.passages:
            revised = f", issued anew {passage.latest}" if passage.latest > passage.date else ""
            about = [passage.place, (passage.date or "undated") + revised, _relate(passage)]
            click.echo("  " + " · ".join(filter(None, about)))
            print_evidence(asdict(passage.evidence))
            for change in _show_changes(passage):
                click.echo(f"    {change}")
            if passage.both_cite:
                click.echo(f"    both cite {'、'.join(passage.both_cite)}")


def _relate(passage: Passage) -> str:
    if passage.relation == "earliest":
        return "earliest in this corpus"
    if not passage.like:
        return ""
    how = "taken over from" if passage.relation == "taken-over" else "similar to"
    return f"{how} {passage.like} ({passage.likeness:g})"


def _show_changes(passage: Passage) -> list[str]:
    return [
        " ".join(filter(None, (c.removed and f"[-{c.removed}-]", c.added and f"{{+{c.added}+}}")))
        for c in passage.changes
    ]


@click.command()
@scope_options
@click.option("--dangling", is_flag=True, help="Only documents that are cited and not here.")
@table_options
def citations(
    scope: Scope,
    dangling: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Draw which document cites which as a cascade, and list what is cited and not here.

    A citation counts as one of a document in the corpus where number or title agree; titles that
    are only nearly the same are told as "perhaps".
    """
    from kg.compare import draw_cascade, find_citations

    graph, claims = scope.project()
    found = find_citations(graph.store, claims, graph.vocabulary, base=graph.base)
    if as_json:
        print_json({**found.as_json(), "vocabulary": graph.vocabulary.version})
    elif as_csv:
        print_rows(list(_list_dangling(found) if dangling else _list_citations(found)), as_csv=True)
    else:
        rows = list(_list_dangling(found))
        if not dangling:
            _print_cascade(draw_cascade(found, claims))
            click.echo(f"{len(rows)} documents are cited and not in this corpus")
            rows = [row for row in rows if row["perhaps"]]
        if rows:
            print_rows(rows, as_csv=False, title="cited, not in this corpus")
        print_base(found)


def _list_citations(found: Citations) -> Iterator[dict[str, Any]]:
    for row in found.citations:
        yield {
            "citing": row.citing_title,
            "cited": row.title,
            "number": row.number,
            "in corpus": row.cited,
            "by": row.resolved_by,
            "perhaps": list(row.perhaps),
            "source": row.evidence.source,
            "start": row.evidence.start,
            "end": row.evidence.end,
            "text": "".join(row.evidence.quote.split()),
        }


def _list_dangling(found: Citations) -> Iterator[dict[str, Any]]:
    for row in found.dangling:
        yield {
            "title": row.title,
            "number": row.number,
            "cited by": list(row.cited_by),
            "perhaps": list(row.perhaps),
        }


def _print_cascade(cascade: nx.DiGraph) -> None:
    """Print a tree under every document that cites none: what cites it, what cites that, and so on."""
    from rich.console import Console
    from rich.tree import Tree

    def grow(tree: Tree, node: str, above: frozenset[str]) -> None:
        for citing in sorted(cascade.predecessors(node)):
            if citing not in above:
                grow(tree.add(_name_node(cascade, citing)), citing, above | {citing})

    console = Console()
    roots = [n for n in cascade if not cascade.out_degree(n) and cascade.in_degree(n)]
    for root in sorted(roots, key=lambda n: (-cascade.in_degree(n), n)):
        tree = Tree(_name_node(cascade, root))
        grow(tree, root, frozenset({root}))
        console.print(tree)


def _name_node(cascade: nx.DiGraph, node: str) -> str:
    from rich.markup import escape

    attributes = cascade.nodes[node]
    dangling = "" if attributes["kind"] == "document" else "not in this corpus"
    about = " · ".join(filter(None, (attributes["date"], dangling)))
    return escape(f"{attributes['label']}" + (f" ({about})" if about else ""))


@click.command()
@click.argument("places", nargs=-1)
@scope_options
@click.option(
    "--instrument",
    "instruments",
    multiple=True,
    help="Only this instrument (its id, such as LandPriceWaiver); may be repeated.",
)
@click.option(
    "--at-least",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Only instruments that so many places have.",
)
@click.option("--long", "as_list", is_flag=True, help="One row an instrument and place.")
@table_options
def diffusion(
    places: tuple[str, ...],
    scope: Scope,
    instruments: tuple[str, ...],
    at_least: int,
    as_list: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Tell since when each place has an instrument: the first own document that provides it.

    \\b
    kg diffusion 上海 北京 深圳
    kg diffusion --instrument InnovationVoucher --long

    Dates are those of the documents of this corpus, an older one may be missing; "~" marks a
    text issued anew after it had entered into force, whose measure may be younger, and districts
    are named in brackets. Reports and studies do not count.
    """
    from kg.compare import find_diffusion

    graph, claims = scope.project(places)
    found = find_diffusion(
        claims, graph.vocabulary, places=places, instruments=instruments, at_least=at_least
    )
    if as_json:
        print_json({**found.as_json(), "vocabulary": graph.vocabulary.version})
    elif as_csv or as_list:
        print_rows([_show_adoption(a) for a in found.adoptions], as_csv=as_csv)
    else:
        print_table(list(_draw_diffusion(found)), as_csv=False)
        print_base(found)


def _show_adoption(adoption: Any) -> dict[str, Any]:
    row = asdict(adoption)
    evidence = row.pop("evidence")
    place = {name: evidence[name] for name in ("source", "form", "start", "end")}
    return {
        "label": row.pop("label"),
        **row,
        **place,
        "text": "".join(evidence["quote"].split()),
    }


def _draw_diffusion(found: Diffusion) -> Iterator[dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    for adoption in found.adoptions:
        row = rows.setdefault(adoption.label, dict.fromkeys(found.places, ""))
        mark = "~" if adoption.revised else ""
        district = "" if adoption.authority == adoption.place else f" ({adoption.authority})"
        row[adoption.place] = f"{mark}{adoption.date or 'undated'}{district}"
    for label, row in rows.items():
        yield {"": label, **row}
