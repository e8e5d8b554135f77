"""``kg units``: who answers for what, who answers together, who leads the same thing elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import graph_option, table_options
from kg.cli.output import print_json, print_rows, print_table

if TYPE_CHECKING:
    from kg.cli.graphs import Opened
    from kg.compare.units import Comparison, Rank, UnitProfile
    from kg.graph import NamedUnit
    from kg.ontology import Vocabulary


@click.command()
@click.option(
    "--roles", is_flag=True, help="What each unit leads, answers for and supports, by category."
)
@click.option(
    "--network", is_flag=True, help="The network of units that answer for measures together."
)
@click.option(
    "--compare",
    "compared",
    metavar="PLACES",
    help="Who leads the same instrument in these places, separated by commas.",
)
@click.option("--place", help="Only documents of this place (with --roles and --network).")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the network to this file, GraphML or GEXF by its ending (with --network).",
)
@click.option(
    "--unresolved",
    is_flag=True,
    help="Only units that the vocabulary does not know, as Turtle that adds them to it.",
)
@graph_option
@table_options
def units(
    roles: bool,
    network: bool,
    compared: str | None,
    place: str | None,
    out: Path | None,
    unresolved: bool,
    folder: Path | None,
    ontologies: tuple[Path, ...],
    as_json: bool,
    as_csv: bool,
) -> None:
    """List the responsible units with kind, jurisdiction, number of measures and names as written.

    With --unresolved what is printed is a Turtle file for a folder of your own: look through it,
    keep it there, and the next build with --ontology knows these units.

    --roles, --network and --compare count each measure once, however often a task table repeats
    it.  A unit leads where the document says so (牵头); in --compare, where a document tells no
    roles, the unit named first does.
    """
    from kg.cli.graphs import open_graph

    if sum((roles, network, bool(compared), unresolved)) > 1:
        raise click.UsageError("choose one of --roles, --network, --compare, --unresolved")
    graph = open_graph(folder, ontologies)
    code = _resolve(place, graph) if place else ""
    if roles:
        _show_roles(graph, code, as_json=as_json, as_csv=as_csv)
    elif network or out:
        _show_network(graph, code, out, as_json=as_json, as_csv=as_csv)
    elif compared:
        _show_comparison(graph, compared, as_json=as_json, as_csv=as_csv)
    else:
        _show_list(graph, unresolved=unresolved, as_json=as_json, as_csv=as_csv)


def _resolve(name: str, graph: Opened) -> str:
    from kg.compare import resolve_place

    return resolve_place(graph.vocabulary, name)


def _show_list(graph: Opened, *, unresolved: bool, as_json: bool, as_csv: bool) -> None:
    from kg.graph import read_units, write_additions

    found = [
        u for u in read_units(graph.store, base=graph.base) if not (unresolved and u.is_resolved)
    ]
    rows = [_describe_unit(unit, graph.vocabulary, with_turtle=unresolved) for unit in found]
    if as_json:
        print_json([{"id": unit.id, **row} for unit, row in zip(found, rows, strict=True)])
    elif as_csv or not unresolved:
        print_rows(rows, as_csv=as_csv)
    elif found:
        click.echo(write_additions(found, graph.vocabulary), nl=False)
    else:
        click.echo("the vocabulary knows every unit", err=True)


def _describe_unit(unit: NamedUnit, vocabulary: Vocabulary, *, with_turtle: bool) -> dict[str, Any]:
    from kg.graph import write_addition

    kind, place = vocabulary.unit_kinds.get(unit.kind), vocabulary.places.get(unit.place)
    row = {
        "name": unit.name,
        "kind": kind.zh if kind else unit.kind,
        "jurisdiction": place.zh if place else unit.place,
        "measures": unit.measures,
        "surfaces": list(unit.surfaces),
    }
    if with_turtle:
        row |= {"example": unit.example, "turtle": write_addition(unit, vocabulary)}
    return row


def _show_roles(graph: Opened, place: str, *, as_json: bool, as_csv: bool) -> None:
    from kg.compare.claims import as_json as plain
    from kg.compare.units import profile_units
    from kg.graph import read_codings

    codings = [
        c
        for c in read_codings(graph.version, base=graph.base)
        if not place or place in graph.vocabulary.place_chain(c.seat)
    ]
    profiles = profile_units(codings, graph.vocabulary)
    if as_json:
        print_json({"units": plain(profiles), "vocabulary": graph.vocabulary.version})
        return
    print_table([_role_row(p, graph.vocabulary) for p in profiles], as_csv=as_csv)
    if not as_csv:
        measures = len({c.measure for c in codings if c.duties and c.is_own and not c.repeats})
        click.echo(f"{measures} measures that name units, each once")


def _role_row(profile: UnitProfile, vocabulary: Vocabulary) -> dict[str, Any]:
    from kg.compare.units import name_function

    return {
        "unit": profile.name,
        "function": name_function(profile.function, vocabulary),
        "leads": profile.lead,
        "responsible": profile.responsible,
        "supports": profile.support,
        "categories": [f"{name} {count}" for name, count in profile.categories],
    }


def _show_network(
    graph: Opened, place: str, out: Path | None, *, as_json: bool, as_csv: bool
) -> None:
    from kg.compare.claims import as_json as plain
    from kg.compare.units import link_units, rank_units
    from kg.graph import read_codings

    codings = read_codings(graph.version, base=graph.base)
    network = link_units(codings, graph.vocabulary, place=place)
    ranks = rank_units(network)
    if out:
        _write_network(network, ranks, out)
    if as_json:
        links = [
            {"units": sorted((one, other)), "measures": about["weight"]}
            for one, other, about in network.edges(data=True)
        ]
        found = {"units": plain(ranks), "links": links, "vocabulary": graph.vocabulary.version}
        print_json(found)
        return
    print_table([_rank_row(rank, graph.vocabulary) for rank in ranks], as_csv=as_csv)
    if not as_csv:
        communities = len({rank.community for rank in ranks})
        click.echo(
            f"{network.number_of_nodes()} units, {network.number_of_edges()} links, "
            f"{communities} communities; groups of units left out"
        )


def _write_network(network: Any, ranks: tuple[Rank, ...], out: Path) -> None:
    import networkx as nx

    from kg.errors import KGError

    writers = {".graphml": nx.write_graphml, ".gexf": nx.write_gexf}
    write = writers.get(out.suffix.lower())
    if write is None:
        raise KGError(f"{out}: write to a file that ends in .graphml or .gexf")
    ranked = network.copy()
    for rank in ranks:
        ranked.nodes[rank.unit].update(
            betweenness=rank.betweenness, degree=rank.degree, community=rank.community
        )
    write(ranked, out)
    click.echo(f"{out}", err=True)


def _rank_row(rank: Rank, vocabulary: Vocabulary) -> dict[str, Any]:
    return {
        "unit": rank.name,
        "measures": rank.measures,
        "with": f"{rank.degree:.2f}",
        "shared": rank.strength,
        "betweenness": f"{rank.betweenness:.3f}",
        "eigenvector": f"{rank.eigenvector:.3f}",
        "community": rank.community,
    }


def _show_comparison(graph: Opened, compared: str, *, as_json: bool, as_csv: bool) -> None:
    from kg.compare.claims import as_json as plain
    from kg.compare.units import compare_units
    from kg.graph import read_codings

    names = [name for name in compared.replace("，", ",").split(",") if name.strip()]
    if len(names) < 2:
        raise click.UsageError("--compare needs two places or more, separated by commas")
    places = [_resolve(name, graph) for name in names]
    codings = read_codings(graph.version, base=graph.base)
    found = compare_units(codings, places, graph.vocabulary)
    if as_json:
        print_json({"instruments": plain(found), "vocabulary": graph.vocabulary.version})
        return
    print_rows([_comparison_row(c, graph.vocabulary) for c in found], as_csv=as_csv)
    if not as_csv:
        different = sum(not comparison.same for comparison in found)
        click.echo(
            f"{len(found)} instruments in several places, {different} led by other functions"
        )


def _comparison_row(comparison: Comparison, vocabulary: Vocabulary) -> dict[str, Any]:
    row: dict[str, Any] = {
        "instrument": vocabulary.concepts[comparison.instrument].zh,
        "category": comparison.category,
        "same function": "yes" if comparison.same else "no",
    }
    for side in comparison.sides:
        place = vocabulary.places[side.place].zh
        row[place] = list(side.units)
        row[f"{place} clause"] = list(dict.fromkeys(task.clause for task in side.tasks))[:3]
    return row
