"""The Oxigraph store of a version that is linked to another version's and edited; see also ``loading``."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from kg.graph.durable import link_file
from kg.graph.loading import CHUNK, load_lines, remove_logs

_TABLE = ".sst"  # RocksDB writes such a file once and never again


def link_store(source: Path, folder: Path) -> None:
    """Make of a closed store another one that shares its tables: they are linked, not copied."""
    folder.mkdir()
    for path in source.iterdir():
        if path.suffix == _TABLE:
            link_file(path, folder / path.name)
        else:
            shutil.copyfile(path, folder / path.name)


def edit_store(folder: Path, *, removed: Iterable[str], added: Iterable[bytes]) -> None:
    """Take named graphs by their IRIs out of a store and load the N-Quads of others."""
    store = ox.Store(str(folder))
    for iri in removed:
        store.remove_graph(ox.NamedNode(iri))
    chunk: list[bytes] = []
    size = 0
    for content in added:
        chunk.append(content)
        size += content.count(b"\n")
        if size >= CHUNK:
            load_lines(store, b"".join(chunk))
            chunk, size = [], 0
    if chunk:
        load_lines(store, b"".join(chunk))
    store.flush()
    del store  # closes it
    remove_logs(folder)
