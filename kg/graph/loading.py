"""Loading: the Oxigraph store of a version, made of its N-Quads.

Many quads are loaded in a process of its own: what that takes is back with the system when it
ends, and the build itself holds no more for many documents than for few.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Thread
from typing import BinaryIO

import pyoxigraph as ox

from kg.graph.version import Piece, read_pieces

WHOLE = 150_000  # lines that are loaded at once
CHUNK = 100_000  # lines at a time, of more than that; half as many again take 90 MB more
_LOAD = "import sys; from kg.graph.loading import load_for_parent; load_for_parent(*sys.argv[1:])"


def load_apart(folder: Path, quads: Path, index: Path, *, lines: int) -> None:
    """Load a file of N-Quads into a new store as ``load_store`` does, many in a process of its own.

    ``index`` is the file that says where each graph lies.  Raises OSError where the disk refuses,
    and MemoryError where the process was killed.
    """
    if lines <= WHOLE:
        load_store(folder, quads, read_pieces(index))
        return
    command = [sys.executable, "-P", "-c", _LOAD, str(folder), str(quads), str(index)]
    known = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=known, text=True
    ) as process:
        try:
            told = process.stderr.read() if process.stderr else ""
            code = process.wait()
        finally:
            process.kill()
    if code == -signal.SIGKILL:
        raise MemoryError(f"loading {folder} was stopped, perhaps for want of memory")
    if code:
        raise OSError(told.strip().rpartition("\n")[2] or f"loading ended with code {code}")


def load_for_parent(folder: str, quads: str, index: str) -> None:
    """Load a store in this process, which ends when its parent does: stdin is closed then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent alone heeds Ctrl-C
    Thread(target=_end_with_parent, daemon=True).start()
    try:
        load_store(Path(folder), Path(quads), read_pieces(Path(index)))
    except OSError as error:
        sys.exit(error.strerror or str(error))


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os._exit(1)


def load_store(folder: Path, quads: Path, pieces: Mapping[str, Piece]) -> None:
    """Load the graphs of a file of N-Quads into a new store in ``folder``.

    They are loaded in chunks: one load of everything needs memory for everything.  Each chunk makes
    tables of its own that a query would have to look into one after the other, so they are merged.
    Graphs are loaded in the order in which the store keeps them, so that of its indexes those that
    begin with the graph need no merging.
    """
    store = ox.Store(str(folder))
    chunks = 0
    with open(quads, "rb") as lines:
        for chunk in _cut(lines, pieces, folder.with_name("order")):
            load_lines(store, chunk)
            chunks += 1
    store.flush()
    if chunks > 1:
        store.optimize()
    del store  # closes it
    remove_logs(folder)


def load_lines(store: ox.Store, lines: bytes) -> None:
    """Load N-Quads that this program wrote: their IRIs were made valid then (tested).

    Checking them once more would take an eighth of the time.
    """
    store.bulk_load(lines, format=ox.RdfFormat.N_QUADS, lenient=True)


def _cut(quads: BinaryIO, pieces: Mapping[str, Piece], workspace: Path) -> Iterator[bytes]:
    """Yield the lines of whole graphs, some more than ``CHUNK`` at a time, few all at once."""
    small = _is_small(pieces)
    chunk: list[bytes] = []
    size = 0
    for iri in pieces if small else _list_as_kept(quads, pieces, workspace):
        quads.seek(pieces[iri].offset)
        chunk.append(quads.read(pieces[iri].length))
        size += pieces[iri].lines
        if size >= CHUNK and not small:
            yield b"".join(chunk)
            chunk, size = [], 0
    if chunk:
        yield b"".join(chunk)


def _is_small(pieces: Mapping[str, Piece]) -> bool:
    return sum(piece.lines for piece in pieces.values()) <= WHOLE


def _list_as_kept(quads: BinaryIO, pieces: Mapping[str, Piece], workspace: Path) -> list[str]:
    """Return the graphs in the order in which a store keeps them, found out with a line of each."""
    first = []
    for piece in pieces.values():
        quads.seek(piece.offset)
        first.append(quads.readline())
    store = ox.Store(str(workspace))
    load_lines(store, b"".join(first))
    kept = [graph.value for graph in store.named_graphs() if isinstance(graph, ox.NamedNode)]
    del store  # closes it
    shutil.rmtree(workspace)
    return kept


def remove_logs(folder: Path) -> None:
    """Remove what RocksDB logs, which names the folder and the host's clock."""
    for log in folder.glob("LOG*"):
        log.unlink()
