"""``kg evaluate``: the coding against a gold standard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import graph_option, table_options
from kg.cli.output import print_json, print_rows, print_table, shorten

if TYPE_CHECKING:
    from kg.cli.graphs import Opened
    from kg.evaluate import Coded, Figures, GoldDocument


@click.command()
@graph_option
@click.option(
    "--gold",
    "gold_place",
    type=click.Path(exists=True, path_type=Path),
    help="Folder of *.gold.jsonl files, or an adjudicated sheet (kg review agree).  "
    "[default: the gold set that comes with the package]",
)
@click.option("--per-document", is_flag=True, help="Figures of each document, too.")
@click.option("--per-class", is_flag=True, help="Figures of each instrument, too.")
@click.option("--strict", is_flag=True, help="Count only measures whose span is the gold span.")
@click.option(
    "--ratchet",
    "ratchet",
    nargs=2,
    type=str,
    metavar="FILE SET",
    help="Fail where a figure is below the one that FILE holds for SET; print gains and losses.",
)
@click.option("--raise", "raises", is_flag=True, help="Write the figures into the ratchet's FILE.")
@click.option("--errors", type=int, default=0, help="Show this many errors of each sort.")
@table_options
def evaluate(
    folder: Path | None,
    ontologies: tuple[Path, ...],
    gold_place: Path | None,
    per_document: bool,
    per_class: bool,
    strict: bool,
    errors: int,
    ratchet: tuple[str, str] | None,
    raises: bool,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Compare the coding of a graph with a gold standard: precision, recall, F1.

    Labels are counted end to end: a missed measure costs its labels too.  Beside the figures
    stand those of a plain keyword list and of the commonest class on the same texts.
    """
    from kg.cli.graphs import open_graph

    graph = open_graph(folder, ontologies)
    report = _report(graph, gold_place or _shipped_gold(), strict=strict, errors=errors)
    if ratchet is not None:
        _turn(report, Path(ratchet[0]), ratchet[1], raises=raises)
    if not per_document:
        del report["per_document"]
    if not per_class:
        del report["per_class"]
    if as_json:
        print_json(report)
        return
    print_table(_table(report), as_csv=as_csv)
    if not as_csv:
        _print_details(report)


def _turn(report: Mapping[str, Any], path: Path, name: str, *, raises: bool) -> None:
    """Compare the figures with the ratchet; write them there, or raise GraphError for a loss."""
    from kg.errors import GraphError
    from kg.evaluate import compare_figures, plain_figures, read_ratchet, write_ratchet

    kept = read_ratchet(path) if path.exists() else {}
    now = plain_figures(report["figures"])
    changes = compare_figures(now, kept.get(name, {}))
    for change in changes:
        click.echo(f"{change.name}: {change.kept} -> {change.now} ({change.gained:+})", err=True)
    if raises:
        write_ratchet(path, {**kept, name: now})
        return
    if any(change.gained < 0 for change in changes):
        raise GraphError(f"figures of {name} fell below {path}; see the lines above")


def _read_gold(graph: Opened, place: Path) -> list[GoldDocument]:
    """Read a folder of gold files, or a sheet in which two coders' differences were settled."""
    from kg.evaluate import read_gold

    if place.is_dir():
        return read_gold(place, graph.vocabulary)
    from kg.cli.coders import read_settled

    return read_settled(place, graph)


def _report(graph: Opened, place: Path, *, strict: bool, errors: int) -> dict[str, Any]:
    """Return the figures of the graph, of the baselines, per document and per class."""
    from kg.errors import GraphError
    from kg.evaluate import (
        code_by_keywords,
        code_by_majority,
        evaluate_sheet,
        read_sheet,
    )
    from kg.graph import read_measures

    gold = _read_gold(graph, place)
    rows = list(read_measures(graph.version, base=graph.base))
    sheet = read_sheet(rows, graph.vocabulary)
    here = [document for document in gold if _covers(document, sheet)]
    if not here:
        raise GraphError(
            "none of the gold documents is in this graph; build one from their texts "
            "(docs/gold.md tells which they are)"
        )
    texts = _texts(graph, rows)
    figures = evaluate_sheet(here, sheet, strict=strict)
    keywords = evaluate_sheet(here, code_by_keywords(texts, graph.vocabulary), strict=strict)
    majority = evaluate_sheet(here, code_by_majority(here), strict=strict)
    confused = figures.confusion.most_common()
    report: dict[str, Any] = {
        "vocabulary": graph.vocabulary.version,
        "documents": len(here),
        "not_in_the_graph": [d.key for d in gold if d not in here],
        "figures": figures.as_json(),
        "keywords": keywords.as_json(),
        "majority": majority.as_json(),
        "per_document": {d.key: evaluate_sheet([d], sheet, strict=strict).as_json() for d in here},
        "per_class": _classes(figures),
        "confusion": [{"gold": g, "found": f, "n": n} for (g, f), n in confused],
    }
    if errors:
        report["errors"] = _errors(figures, texts, errors)
    return report


def _shipped_gold() -> Path:
    from kg.corpus import embedded_folder

    return embedded_folder() / "gold"


def _covers(document: GoldDocument, sheet: Mapping[str, Sequence[Coded]]) -> bool:
    return document.key in sheet or any(
        len(name) != 64 and name.startswith(document.key) for name in sheet
    )


def _texts(graph: Opened, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return the raw texts by the name and by the SHA-256 of their source."""
    texts: dict[str, str] = {}
    for row in rows:
        if row["sha256"] not in texts:
            texts[row["sha256"]] = graph.version.text(row["sha256"])
            texts[Path(row["source"]).name] = texts[row["sha256"]]
    return texts


def _table(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    def value(found: object) -> object:
        return found["f1"] if isinstance(found, dict) else found

    rows = []
    for name, found in report["figures"].items():
        row: dict[str, Any] = {"figure": name, "f1 or share": value(found)}
        if isinstance(found, dict):
            row |= {"precision": found["p"], "recall": found["r"]}
        else:
            row |= {"precision": "", "recall": ""}
        row["keyword list"] = value(report["keywords"].get(name, ""))
        row["majority"] = value(report["majority"].get(name, ""))
        rows.append(row)
    return rows


def _classes(figures: Figures) -> list[dict[str, Any]]:
    return [
        {"instrument": name, "p": s.precision, "r": s.recall, "f1": s.f1, "n": s.tp + s.fn}
        for name, s in sorted(figures.classes.items(), key=lambda item: -(item[1].fp + item[1].fn))
    ]


def _errors(figures: Figures, texts: Mapping[str, str], most: int) -> dict[str, list[Any]]:
    def text(key: str, line: Coded) -> str:
        raw = next((t for name, t in texts.items() if name.startswith(key)), "")
        return shorten(line.text or raw[line.span.start : line.span.end], 120)

    return {
        "missed": [{"document": k, "text": text(k, c)} for k, c in figures.missed[:most]],
        "extra": [
            {"document": k, "text": text(k, c), "found": list(c.instruments)}
            for k, c in figures.extra[:most]
        ],
        "differing": [
            {
                "document": k,
                "text": text(k, g),
                "gold": list(g.instruments),
                "found": list(f.instruments),
            }
            for k, g, f in figures.differing[:most]
        ],
    }


def _crossed(pairs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the confusion as a table, one row a category of the gold standard."""
    counts = {(pair["gold"], pair["found"]): pair["n"] for pair in pairs}
    names = sorted({name for pair in counts for name in pair})
    return [
        {"gold": gold or "-", **{found or "-": counts.get((gold, found), 0) for found in names}}
        for gold in names
    ]


def _print_details(report: Mapping[str, Any]) -> None:
    for key, figures in report.get("per_document", {}).items():
        shown = {n: f["f1"] if isinstance(f, dict) else f for n, f in figures.items()}
        click.echo(f"\n{key}: {shown}")
    if report.get("per_class"):
        click.echo("\nInstruments, most errors first")
        print_table(report["per_class"], as_csv=False)
    if report.get("per_class") and report["confusion"]:
        click.echo("\nMain categories, coded by hand (rows) and found (columns)")
        print_table(_crossed(report["confusion"]), as_csv=False)
    for sort, rows in report.get("errors", {}).items():
        print_rows(rows, as_csv=False, title=f"\n{sort}")
    click.echo(f"\n{report['documents']} documents; vocabulary {report['vocabulary']}")
