"""The Oxigraph store of a version: loaded from N-Quads, or linked to another version's and edited."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import pyoxigraph as ox

from kg.graph.durable import link_file

CHUNK = 150_000  # lines; less costs a fifth more time and space, more only memory
_TABLE = ".sst"  # RocksDB writes such a file once and never again


def load_store(folder: Path, quads: Path) -> None:
    """Load a file of N-Quads into a new store in ``folder``.

    It is loaded in chunks: one load of everything needs memory for everything.  Each chunk makes
    tables of its own that a query would have to look into one after the other, so they are merged.
    """
    store = ox.Store(str(folder))
    chunks = 0
    with open(quads, "rb") as lines:
        while chunk := b"".join(islice(lines, CHUNK)):
            store.bulk_load(chunk, format=ox.RdfFormat.N_QUADS)
            chunks += 1
    store.flush()
    if chunks > 1:
        store.optimize()
    del store  # closes it
    _remove_logs(folder)


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
            store.bulk_load(b"".join(chunk), format=ox.RdfFormat.N_QUADS)
            chunk, size = [], 0
    if chunk:
        store.bulk_load(b"".join(chunk), format=ox.RdfFormat.N_QUADS)
    store.flush()
    del store  # closes it
    _remove_logs(folder)


def _remove_logs(folder: Path) -> None:
    for log in folder.glob("LOG*"):  # names the folder and the host's clock
        log.unlink()
