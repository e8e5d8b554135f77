"""Shards: a version's N-Quads cut at named graphs into files that other stores load in bulk."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

from kg.errors import GraphError
from kg.graph.durable import explain_failure
from kg.graph.version import Piece, Version

SUMS = "SHA256SUMS"


def write_shards(version: Version, folder: Path, *, lines: int, packed: bool = False) -> list[Path]:
    """Write ``graph-00000.nq`` … and ``SHA256SUMS`` into a new or empty folder; return the shards.

    A shard holds whole named graphs in IRI order, of ``lines`` lines at most unless one graph has
    more; joined in order they are ``graph.nq``.  ``packed`` ones are compressed with gzip.  The
    same bytes every time.  Raises GraphError where the folder holds something.
    """
    with explain_failure(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise GraphError(f"{folder}: holds files; choose a new folder for the shards")
        paths = []
        with open(version.quads, "rb") as quads:
            for number, pieces in enumerate(_cut(version.read_index(), lines)):
                path = folder / f"graph-{number:05}.nq{'.gz' if packed else ''}"
                content = b"".join(quads.read(piece.length) for piece in pieces)
                path.write_bytes(gzip.compress(content, 6, mtime=0) if packed else content)
                paths.append(path)
        sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in paths]
        (folder / SUMS).write_text("".join(sums), encoding="ascii")
    return paths


def _cut(index: dict[str, Piece], lines: int) -> Iterator[list[Piece]]:
    """Group pieces, which lie in the file in the order of their IRIs, up to so many lines."""
    shard: list[Piece] = []
    held = 0
    for _, piece in sorted(index.items()):
        if shard and held + piece.lines > lines:
            yield shard
            shard, held = [], 0
        shard.append(piece)
        held += piece.lines
    if shard:
        yield shard
