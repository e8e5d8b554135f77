"""Pruning: old versions are removed, but for those that are wanted or that somebody reads."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Literal, NamedTuple

from kg.errors import GraphError
from kg.graph.durable import explain_failure, flush_folder
from kg.graph.hold import claim_file
from kg.graph.lock import lock_folder
from kg.graph.staging import WORKSPACE, remove_leftovers
from kg.graph.version import MANIFEST, find_name, list_versions, read_current


class Pruned(NamedTuple):
    """What became of a version, and why."""

    version: str
    outcome: Literal["removed", "kept"]
    reason: str


def prune_versions(folder: Path, *, keep: Collection[str] = ()) -> list[Pruned]:
    """Remove the versions made before the current one, but for the last of them; tell of each.

    Those in ``keep``, by the beginnings of their names, stay, and so do those that a reader holds
    and those that cannot be read.  A version is gone at one stroke, whenever the process ends.
    Raises GraphError where another process writes the graph.
    """
    with lock_folder(folder):
        remove_leftovers(folder)
        wanted = {find_name(folder, name) for name in keep}
        plan = _plan(folder, wanted)
        done = [_set_aside(folder, item) if item.outcome == "removed" else item for item in plan]
        with explain_failure(folder):
            flush_folder(folder / "versions")
        remove_leftovers(folder)
    return done


def _plan(folder: Path, wanted: Collection[str]) -> list[Pruned]:
    """Return what is to become of each version; raises GraphError without a current one."""
    current, listed = read_current(folder), list_versions(folder)
    names = [item.name for item in listed if item.version is not None]
    if current not in names:
        raise GraphError(f"{folder}: the version in use, {current}, cannot be read; run kg build")
    place = names.index(current)
    plan = []
    for item in listed:
        if item.version is None:
            plan.append(Pruned(item.name, "kept", item.problem))
            continue
        index = names.index(item.name)
        if item.name in wanted:
            plan.append(Pruned(item.name, "kept", "asked for"))
        elif index < place - 1:
            plan.append(Pruned(item.name, "removed", ""))
        else:
            plan.append(Pruned(item.name, "kept", _place(index - place)))
    return plan


def _place(distance: int) -> str:
    return {0: "in use", -1: "the one before"}.get(distance, "made later")


def _set_aside(folder: Path, item: Pruned) -> Pruned:
    """Take a version out of the versions, unless somebody reads it."""
    version = folder / "versions" / item.version
    claim = claim_file(version / MANIFEST)
    if claim is None:
        return item._replace(outcome="kept", reason="a program is reading it")
    with explain_failure(folder):
        os.replace(version, folder / f"{WORKSPACE}-{item.version}")
    del claim  # who waited to read it finds that it is gone
    return item
