"""``kg versions``, ``verify``, ``rollback``, ``diff``: the versions of a graph on disk."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli.options import F, table_options
from kg.cli.output import Row, print_json, print_rows, print_table
from kg.errors import GraphError

if TYPE_CHECKING:
    from kg.graph import Difference, Version
    from kg.graph.version import Listed

FAILED = 1
_LONG = ("tool", "vocabulary", "hash")


def _folder_option(function: F) -> F:
    return click.option(
        "--graph",
        "folder",
        type=click.Path(file_okay=False, path_type=Path),
        help="Folder of the graph.  [default: your last build]",
    )(function)


@click.command()
@_folder_option
@click.option(
    "--prune",
    is_flag=True,
    help="Remove the versions made before the one in use, but for the last of them.",
)
@click.option(
    "--keep",
    multiple=True,
    metavar="VERSION",
    help="Let --prune keep this version, too; the beginning of a name is enough.  May be repeated.",
)
@table_options
def versions(
    folder: Path | None, prune: bool, keep: tuple[str, ...], as_json: bool, as_csv: bool
) -> None:
    """List the versions of a graph, the oldest first; * marks the one in use.

    With --prune old ones are removed, and it is told of each version whether it was.  One that a
    program is reading, such as kg serve, is kept.
    """
    from kg.graph import list_versions
    from kg.graph.version import read_current

    if keep and not prune:
        raise click.UsageError("--keep needs --prune")
    folder = _choose(folder)
    if prune:
        _prune(folder, keep, as_json=as_json, as_csv=as_csv)
        return
    current = read_current(folder)
    rows = [_describe(listed, current) for listed in list_versions(folder)]
    if as_json:
        print_json(rows)
        return
    shown = [{name: value for name, value in row.items() if name not in _LONG} for row in rows]
    print_table(rows if as_csv else shown, as_csv=as_csv)


@click.command()
@click.argument("name", default="", metavar="[VERSION]")
@_folder_option
@click.option("--all", "everything", is_flag=True, help="Verify all versions.")
@table_options
def verify(name: str, folder: Path | None, everything: bool, as_json: bool, as_csv: bool) -> None:
    """Compare every file of a version with the hashes in its manifest.

    Without VERSION the one in use is verified; the beginning of a name is enough.  A file that
    was changed, deleted or added is named, and the exit code is then 1.
    """
    from kg.graph import list_versions, open_version

    folder = _choose(folder)
    found = [open_version(folder, name)] if name else []
    if everything:
        rows = [row for listed in list_versions(folder) for row in _verify_listed(folder, listed)]
    else:
        rows = _list_damages(found[0] if found else open_version(folder))
    if as_json:
        print_json({"sound": not rows, "damages": rows})
    elif rows or as_csv:
        print_table(rows, as_csv=as_csv)
    else:
        click.echo("every file is as it was written")
    if rows:
        sys.exit(FAILED)


@click.command()
@click.argument("name", default="", metavar="[VERSION]")
@_folder_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON to stdout alone.")
def rollback(name: str, folder: Path | None, as_json: bool) -> None:
    """Make an earlier version the one in use; a server takes it up within seconds.

    Without VERSION it is the one made before the version in use.  Nothing is lost: kg rollback
    with the name of the later version goes forward again.  A damaged version is refused.
    """
    from kg.graph import lock_folder, open_version, require_whole, switch_version
    from kg.graph.version import read_current

    folder = _choose(folder)
    with lock_folder(folder):
        current = read_current(folder)
        version = open_version(folder, name or _find_previous(folder, current))
        require_whole(version)
        switch_version(folder, version.name)
    if as_json:
        print_json({"version": version.name, "before": current})
    else:
        click.echo(f"version {version.name} of {version.built_at} in use, before {current}")


@click.command()
@click.argument("first", default="", metavar="[A]")
@click.argument("second", default="", metavar="[B]")
@_folder_option
@table_options
def diff(first: str, second: str, folder: Path | None, as_json: bool, as_csv: bool) -> None:
    """Tell which measures version B has more, less or codes otherwise than version A.

    Without B it is the version in use, without A the one made before B's; the beginning of a
    name is enough.  A measure is the same where it is in the same document and has the same
    words, wherever they stand.
    """
    from kg.graph import compare_versions, open_version

    folder = _choose(folder)
    later = open_version(folder, second)
    pair = open_version(folder, first or _find_previous(folder, later.name)), later
    found = compare_versions(*pair)
    if as_json:
        print_json(_describe_difference(*pair, found))
        return
    rows = _list_changes(found)
    if as_csv:
        print_rows(rows, as_csv=True)
        return
    if rows:
        print_rows([_show(row) for row in rows], as_csv=False)
    click.echo(
        f"{len(found.added)} measures added, {len(found.removed)} removed, "
        f"{len(found.changed)} coded otherwise; {len(found.documents_added)} documents added, "
        f"{len(found.documents_removed)} removed"
    )
    for name, (old, new) in found.figures.items():
        if old != new:
            click.echo(f"{name}: {old} → {new} measures")
    vocabularies = [str(version.manifest.get("vocabulary", "")) for version in pair]
    click.echo(f"vocabulary {' → '.join(dict.fromkeys(vocabularies))}")


def _prune(folder: Path, keep: tuple[str, ...], *, as_json: bool, as_csv: bool) -> None:
    from kg.graph import prune_versions

    rows = [item._asdict() for item in prune_versions(folder, keep=keep)]
    if as_json:
        print_json(rows)
    else:
        print_table(rows, as_csv=as_csv)


def _choose(folder: Path | None) -> Path:
    from kg.cli.graphs import default_folder

    return folder or default_folder()


def _describe(listed: Listed, current: str) -> dict[str, Any]:
    mark = "*" if listed.name == current else ""
    if listed.version is None:
        return {"": mark, "version": listed.name, "built": listed.problem}
    about = listed.version.manifest
    sources = about.get("sources", ())
    return {
        "": mark,
        "version": listed.name,
        "built": listed.version.built_at[:19].replace("T", " "),
        "documents": sum(row["outcome"] == "ingested" for row in sources),
        "rejected": len(about.get("rejected", ())),
        "measures": sum(row.get("measures", 0) for row in sources),
        "triples": about.get("triples", 0),
        "tool": about.get("tool", ""),
        "vocabulary": about.get("vocabulary", ""),
        "hash": listed.version.hash,
    }


def _verify_listed(folder: Path, listed: Listed) -> list[dict[str, str]]:
    from kg.graph import open_version

    if listed.version is None:
        return [{"version": listed.name, "file": "manifest.json", "problem": listed.problem}]
    return _list_damages(open_version(folder, listed.name))  # held meanwhile


def _list_damages(version: Version) -> list[dict[str, str]]:
    from kg.graph import verify_version

    return [
        {"version": version.name, "file": damage.file, "problem": damage.kind}
        for damage in verify_version(version)
    ]


def _find_previous(folder: Path, current: str) -> str:
    """Return the version made before the current one."""
    from kg.graph import list_versions

    names = [listed.name for listed in list_versions(folder) if listed.version]
    if current not in names or names.index(current) == 0:
        raise GraphError(f"{folder}: no version before {current}; kg versions lists them")
    return names[names.index(current) - 1]


def _describe_difference(first: Version, second: Version, found: Difference) -> dict[str, Any]:
    return {
        "a": first.name,
        "b": second.name,
        "vocabulary": [version.manifest.get("vocabulary", "") for version in (first, second)],
        "documents": {
            "added": list(found.documents_added),
            "removed": list(found.documents_removed),
        },
        "figures": {name: {"a": old, "b": new} for name, (old, new) in found.figures.items()},
        "added": list(found.added),
        "removed": list(found.removed),
        "changed": [
            {
                "id": item.row["id"],
                "source": item.row["source"],
                "text": item.row["text"],
                "changes": {
                    change.field: {"old": change.old, "new": change.new} for change in item.changes
                },
            }
            for item in found.changed
        ],
    }


def _list_changes(found: Difference) -> list[dict[str, Any]]:
    """Return one row a measure that came or went, and one a field that changed."""
    rows = [
        {**_locate(row, kind), "field": "", "old": "", "new": ""}
        for kind, measures in (("added", found.added), ("removed", found.removed))
        for row in measures
    ]
    return rows + [
        {**_locate(item.row, "changed"), **change._asdict()}
        for item in found.changed
        for change in item.changes
    ]


def _locate(row: Row, kind: str) -> dict[str, Any]:
    names = ("source", "clause", "text", "instruments", "id")
    return {"change": kind, **{name: row[name] for name in names}}


def _show(row: Row) -> dict[str, Any]:
    shown = {name: value for name, value in row.items() if name not in ("id", "source", "change")}
    return {"change": f"{row['change']}: {row['source']}", **shown}
