"""Where the decisions of persons are kept, so that no build forgets them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from kg.cli.graphs import Opened, choose_folder, open_graph
from kg.errors import GraphError
from kg.review import FILE


def find_corrections(
    paths: Sequence[Path], named: Sequence[Path], out: Path, *, ignore: bool = False
) -> tuple[Path, ...]:
    """Return the files of decisions of a build: those named, else those beside the documents.

    Without either it is those of the graph before.  Raises GraphError where one of these is gone:
    to lose decisions takes ``ignore``.
    """
    if ignore:
        return ()
    beside = [path / FILE for path in paths if (path / FILE).is_file()]
    if named or beside:
        return tuple(dict.fromkeys((*named, *beside)))
    kept = [Path(path) for path in _read_manifest(out).get("corrections", ())]
    for path in kept:
        if not path.is_file():
            raise GraphError(
                f"{path}: the corrections of the graph in {out} are gone; give their new place "
                "with --corrections FILE, or leave them out with --no-corrections"
            )
    return tuple(kept)


def choose_file(folder: Path, named: Path | None) -> Path:
    """Return the file that takes new decisions: the one named, else that of the graph.

    Raises GraphError where the graph has none yet.
    """
    if named is not None:
        return named
    kept = _read_manifest(folder).get("corrections", ())
    if kept and Path(kept[0]).parent.is_dir():
        return Path(kept[0])
    raise GraphError(
        f"{folder}: this graph was built without corrections; say with --corrections FILE where to "
        f"keep them, best as {FILE} in the folder of the documents"
    )


def open_kept(
    folder: Path | None, ontologies: Sequence[Path], file: Path | None
) -> tuple[Opened, Path]:
    """Return the graph that a command reads, and the file that keeps its decisions."""
    graph = open_graph(folder, ontologies)
    return graph, choose_file(choose_folder(folder, graph.vocabulary, ontologies), file)


def report_lost(folder: Path, paths: Sequence[Path]) -> None:
    """Say on stderr how many decisions hold nowhere in a graph that was built with them."""
    from kg.graph import open_version
    from kg.ontology import BASE
    from kg.review import LOST, read_built, read_decisions, read_status

    if not paths:
        return
    version = open_version(folder)
    base = str(version.manifest.get("base", BASE))
    store = version.store()
    built = read_built(store, base=base)
    found = read_status(read_decisions(paths), store, built, base=base)
    lost = [standing for standing in found if standing.outcome in LOST]
    if lost:
        click.echo(
            f"{len(lost)} of {len(found)} corrections hold nowhere: their sentence or document is "
            "gone; see kg review status --lost",
            err=True,
        )


def _read_manifest(folder: Path) -> dict[str, list[str]]:
    """Return the current manifest, of whatever format; nothing where there is none."""
    try:
        name = (folder / "CURRENT").read_text(encoding="utf-8").strip()
        content = json.loads((folder / "versions" / name / "manifest.json").read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
