"""``kg mix``, ``kg network``: shares of categories and instruments; networks to analyse."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import lens_option, scope_options, table_options
from kg.cli.output import print_evidence, print_json, print_rows, print_table
from kg.cli.scope import Scope, print_base

if TYPE_CHECKING:
    import networkx as nx

    from kg.cli.graphs import Opened
    from kg.compare import Mix, PlaceMix

KINDS = ("bipartite", "similarity", "citations", "reuse")


@click.command()
@click.argument("places", nargs=-1)
@scope_options
@lens_option
@click.option(
    "--unit",
    type=click.Choice(("sentence", "clause", "document")),
    default="sentence",
    show_default=True,
    help="What is counted.",
)
@click.option(
    "--weights",
    type=click.Choice(("equal", "main", "full")),
    default="equal",
    show_default=True,
    help=(
        "How a unit with several instruments counts: 1/k for each of k, its main instrument "
        "alone, or 1 for each."
    ),
)
@click.option("--reports", is_flag=True, help="Count what own reports tell as done, too.")
@click.option("--years", is_flag=True, help="Show the mix of each year's documents.")
@click.option(
    "--top", type=click.IntRange(0), default=5, show_default=True, help="Instruments shown."
)
@click.option(
    "--units", "with_units", is_flag=True, help="With --json: the IRIs of what was counted."
)
@table_options
def mix(
    places: tuple[str, ...],
    scope: Scope,
    lens: str,
    unit: str,
    weights: str,
    reports: bool,
    years: bool,
    top: int,
    with_units: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Tell how the measures of PLACES are spread over categories and instruments.

    \\b
    kg mix 上海 北京 深圳
    kg mix 上海 --unit document --years

    Own enacted documents count, with those of districts; studies never do, and a sentence that a
    task table repeats counts once. Evenness is 1 where all categories have the same share;
    concentration is the sum of the squared shares. Each place is compared with the mean of the
    others: points more (+) or less (-), and the share that would have to move for the mixes to
    agree. What a secondary source states about a mix is shown beside ours and not compared.
    """
    from kg.compare import find_mix, find_mix_claims

    graph, claims = scope.project(places)
    found = find_mix(
        claims,
        graph.vocabulary,
        places=places,
        unit=unit,
        weights=weights,
        lens=lens,
        reports=reports,
        stated=find_mix_claims(graph.store, claims, graph.vocabulary, lens=lens, base=graph.base),
    )
    if as_json:
        content = found.as_json(with_units=with_units)
        print_json({**content, "vocabulary": graph.vocabulary.version})
    elif as_csv:
        print_rows(list(_list_shares(found)), as_csv=True)
    else:
        _print_mix(found, years=years, top=top)


def _list_shares(found: Mix) -> Iterator[dict[str, Any]]:
    for place in found.places:
        parts = [("group", "", place.groups), ("instrument", "", place.instruments)]
        parts += [("group", year.year or "undated", year.groups) for year in place.years]
        peers = {balance.id: balance for balance in place.balance}
        for kind, year, shares in parts:
            for share in shares:
                against = peers.get(share.id) if kind == "group" and not year else None
                yield {
                    "place": place.place,
                    "kind": kind,
                    "year": year,
                    "id": share.id,
                    "label": share.label,
                    "group": share.group,
                    "n": share.n,
                    "weight": share.weight,
                    "share": share.share,
                    "peers": against.peers if against else "",
                    "difference": against.difference if against else "",
                    "unit": found.unit,
                    "weights": found.weights,
                }


def _print_mix(found: Mix, *, years: bool, top: int) -> None:
    print_table(list(_draw_groups(found)), as_csv=False)
    for place in found.places:
        if place.instruments and top:
            shown = "；".join(f"{s.label} {s.share:.1%} ({s.n})" for s in place.instruments[:top])
            click.echo(f"{place.place}: {shown}")
    if years:
        for place in found.places:
            click.echo(click.style(f"{place.place} over time", bold=True))
            print_table(list(_draw_years(place)), as_csv=False)
    _print_stated(found)
    click.echo(f"unit: {found.unit}; weights: {found.weights} ({found.weighting}); n in brackets")
    print_base(found)


def _draw_groups(found: Mix) -> Iterator[dict[str, str]]:
    ids = dict.fromkeys(share.id for place in found.places for share in place.groups)
    labels = {share.id: share.label for place in found.places for share in place.groups}
    for id in ids:
        row = {"": labels[id]}
        for place in found.places:
            share = next((s for s in place.groups if s.id == id), None)
            against = next((b for b in place.balance if b.id == id), None)
            points = f" {against.difference * 100:+.1f}" if against else ""
            row[place.place] = f"{share.share:.1%} ({share.n}){points}" if share else ""
        yield row
    for name in ("evenness", "concentration"):
        values = {p.place: f"{getattr(p.spread, name):.2f}" for p in found.places}
        yield {"": name, **values}
    if any(place.distance is not None for place in found.places):
        values = {p.place: "" if p.distance is None else f"{p.distance:.1%}" for p in found.places}
        yield {"": "distance", **values}
    for name in ("n", "documents", "repeated"):
        yield {"": name, **{p.place: str(getattr(p, name)) for p in found.places}}


def _draw_years(place: PlaceMix) -> Iterator[dict[str, str]]:
    for year in place.years:
        shares = {share.label: f"{share.share:.1%}" for share in year.groups}
        counts = {"n": str(year.n), "documents": str(year.documents)}
        yield {"": year.year or "undated", **shares, **counts}


def _print_stated(found: Mix) -> None:
    """Print what sources state of a mix, with our own sum of the same groups beside it."""
    mixes = {place.place: place for place in found.places}
    for claim in found.claims:
        ours = sum(s.share for s in mixes[claim.place].groups if s.id in claim.groups)
        names = " + ".join(claim.labels)
        head = f"stated of {claim.place}: {names} {claim.op} {claim.value:g} %"
        click.echo(click.style(f"▲ {head}; counted here: {ours:.1%}; not comparable", bold=True))
        click.echo(f"  {'; '.join(claim.reasons)}")
        print_evidence(asdict(claim.evidence))


@click.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("places", nargs=-1)
@scope_options
@click.option("--own", is_flag=True, help="similarity: only what own documents provide counts.")
@click.option(
    "--format",
    "name",
    type=click.Choice(("graphml", "gexf")),
    help="Write the network for Gephi, yEd, igraph … instead of a table.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write.  [default: stdout]",
)
@table_options
def network(
    kind: str,
    places: tuple[str, ...],
    scope: Scope,
    own: bool,
    name: str | None,
    out: Path | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Project the graph to a network: bipartite, similarity, citations or reuse.

    \\b
    bipartite   places and the instruments that they have, by number of measures
    similarity  places by the instruments that they share (Jaccard's index)
    citations   documents and what they cite, here or not
    reuse       documents by the sentences that they share

    Nodes carry degree, strength, betweenness and community (greedy modularity). The same graph
    gives the same network and the same file. Without --format the nodes, and with --csv the
    links are listed.
    """
    from kg.compare import describe_nodes, write_network

    graph, claims = scope.project(places)
    found = describe_nodes(_project(kind, graph, claims, places, own=own))
    if name or out:
        suffix = out.suffix.lstrip(".") if out else ""
        chosen = name or (suffix if suffix in ("graphml", "gexf") else "graphml")
        if out is None:
            write_network(found, chosen, sys.stdout.buffer)
            return
        with out.open("wb") as output:
            write_network(found, chosen, output)
        click.echo(f"{out}", err=True)
        return
    nodes = [{"id": node, **attributes} for node, attributes in found.nodes(data=True)]
    links = [{"from": a, "to": b, **attributes} for a, b, attributes in found.edges(data=True)]
    if as_json:
        version = graph.vocabulary.version
        print_json({"kind": kind, "nodes": nodes, "links": links, "vocabulary": version})
    elif as_csv:
        print_rows(links, as_csv=True)
    else:
        nodes.sort(key=lambda node: (-node["degree"], node["id"]))
        print_table([_short(node) for node in nodes[:40]], as_csv=False)
        click.echo(f"{len(nodes)} nodes, {len(links)} links; vocabulary {graph.vocabulary.version}")


def _short(node: dict[str, Any]) -> dict[str, str]:
    names = ("label", "kind", "degree", "strength", "betweenness", "community")
    return {name: str(node.get(name, "")) for name in names}


def _project(
    kind: str, graph: Opened, claims: nx.DiGraph, places: tuple[str, ...], *, own: bool
) -> nx.Graph:
    from kg.compare import (
        draw_cascade,
        find_citations,
        find_reuse,
        project_bipartite,
        project_reuse,
        project_similarity,
    )

    if kind == "bipartite":
        return project_bipartite(claims, graph.vocabulary, places=places)
    if kind == "similarity":
        return project_similarity(claims, graph.vocabulary, places=places, own=own)
    citations = find_citations(graph.store, claims, graph.vocabulary, base=graph.base)
    if kind == "citations":
        return draw_cascade(citations, claims)
    return project_reuse(find_reuse(claims, citations, vocabulary=graph.vocabulary))
