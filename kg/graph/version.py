"""Versions of a graph on disk: what a published one holds, which there are, which is in use.

A graph folder holds ``versions/<version>/`` with ``manifest.json``, ``manifest.sha256``,
``graph.nq``, ``graphs.json`` (where in it each graph lies), ``store/`` and
``texts/<sha256>.txt``, and ``CURRENT``, a file that names the version in use.  What stands below
``versions`` is never changed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

from kg.errors import GraphError
from kg.graph.durable import explain_failure, write_durably
from kg.graph.hold import Hold, hold_file

FORMAT = 4
CURRENT, INDEX = "CURRENT", "graphs.json"
MANIFEST, SEAL = "manifest.json", "manifest.sha256"

_VERSION = re.compile("[0-9a-f]{16}(?:-[0-9]{1,6})?")
_SHA256 = re.compile("[0-9a-f]{64}")


class Piece(NamedTuple):
    """Where the lines of a graph lie in a file, how many they are, and their SHA-256."""

    offset: int
    length: int
    lines: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Version:
    """A published version: its folder and what its manifest says.

    As long as it lives, ``hold`` keeps it from being pruned: keep it beside its store.
    """

    folder: Path
    manifest: Mapping[str, Any]
    hold: Hold | None = field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The version's name: 16 hex digits of its hash, with a number where it is not the first."""
        return self.folder.name

    @property
    def hash(self) -> str:
        """The canonical hash: SHA-256 over the graphs' IRIs and hashes, see ``hash_graphs``."""
        return str(self.manifest.get("hash", ""))

    @property
    def built_at(self) -> str:
        """When the version was made, in ISO 8601 (UTC)."""
        return str(self.manifest.get("built", {}).get("at", ""))

    @property
    def quads(self) -> Path:
        """The file of canonical N-Quads: graphs in IRI order, lines sorted within each."""
        return self.folder / "graph.nq"

    def store(self) -> ox.Store:
        """Open the store read-only; several processes may do so at once.

        Raises GraphError where the store cannot be opened.
        """
        try:
            return ox.Store.read_only(str(self.folder / "store"))
        except OSError as error:
            raise GraphError(f"{self.folder / 'store'}: {error}; run kg build") from error

    def read_index(self) -> dict[str, Piece]:
        """Return by IRI where each named graph lies in the file of N-Quads."""
        return read_pieces(self.folder / INDEX)

    def read_graphs(self, iris: Iterable[str]) -> Iterator[bytes]:
        """Yield the N-Quads of named graphs in the order asked for; faster than the store.

        Raises GraphError for a graph that the version lacks.
        """
        index = self.read_index()
        with open(self.quads, "rb") as quads:
            for iri in iris:
                if iri not in index:
                    raise GraphError(f"{self.folder}: no graph {iri} in this version")
                quads.seek(index[iri].offset)
                yield quads.read(index[iri].length)

    def text(self, sha256: str) -> str:
        """Return the decoded text of a source, newlines untouched, by the SHA-256 of its bytes.

        Raises GraphError where the version keeps no such text.
        """
        path = self.folder / "texts" / f"{sha256}.txt"
        if not _SHA256.fullmatch(sha256) or not path.is_file():
            raise GraphError(f"{self.folder}: no text with SHA-256 {sha256!r}; run kg build")
        return path.read_bytes().decode()


def read_pieces(index: Path) -> dict[str, Piece]:
    """Return by IRI where each named graph lies, as the index of a version says."""
    content = json.loads(index.read_bytes())
    return {iri: Piece(*piece) for iri, piece in content.items()}


class Listed(NamedTuple):
    """A folder below ``versions``: the version, or the problem with it."""

    name: str
    version: Version | None
    problem: str


def open_version(folder: Path, name: str = "") -> Version:
    """Open a version of the graph in ``folder``, by default the current one, and hold it.

    ``name`` may be the beginning of a name.  Raises GraphError where there is none, or one of
    another format.
    """
    chosen = find_name(folder, name) if name else read_current(folder)
    version = folder / "versions" / chosen
    hold = hold_file(version / MANIFEST)
    try:
        return Version(version, read_manifest(version), hold)
    except GraphError:
        if name or read_current(folder) == chosen:
            raise
        return open_version(folder)  # another one has come into use, and this one was pruned


def read_current(folder: Path) -> str:
    """Return the name of the version in use; raises GraphError where there is none."""
    try:
        name = (folder / CURRENT).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise GraphError(f"{folder}: no graph here; run kg build --out {folder}") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise GraphError(f"{folder / CURRENT}: {reason}; run kg build --out DIR") from error
    if not _VERSION.fullmatch(name):
        raise GraphError(f"{folder / CURRENT}: {name[:40]!r} names no version; run kg build")
    return name


def list_versions(folder: Path) -> list[Listed]:
    """Return the versions of a graph, the oldest first; those that cannot be read come last."""
    found = []
    for path in (folder / "versions").glob("*"):
        try:
            found.append(Listed(path.name, Version(path, read_manifest(path)), ""))
        except GraphError as error:
            found.append(Listed(path.name, None, str(error)))
    return sorted(found, key=_order)


def _order(listed: Listed) -> tuple[bool, str, str]:
    return listed.version is None, listed.version.built_at if listed.version else "", listed.name


def switch_version(folder: Path, name: str) -> None:
    """Make a version the current one at one stroke; the caller holds the lock of the folder."""
    with explain_failure(folder):
        write_durably(folder / CURRENT, [f"{name}\n".encode()])


def read_manifest(version: Path) -> dict[str, Any]:
    """Return the manifest in a version's folder; raises GraphError for another format."""
    path = version / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise GraphError(f"{path}: cannot be read ({error}); run kg build") from error
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT:
        raise GraphError(f"{path}: format {found!r}, this program reads {FORMAT}; run kg build")
    return dict(manifest)


def hash_graphs(index: Mapping[str, Piece]) -> str:
    """Return the canonical hash of a version in hex digits.

    It is the SHA-256 over one line a named graph, in the order of their IRIs: the IRI, a blank,
    and the SHA-256 of the graph's sorted N-Quads.
    """
    digest = hashlib.sha256()
    for iri, piece in sorted(index.items()):
        digest.update(f"{iri} {piece.sha256}\n".encode())
    return digest.hexdigest()


def find_name(folder: Path, start: str) -> str:
    """Return the one name of a version that begins with ``start``; raises GraphError for others."""
    names = [path.name for path in (folder / "versions").glob("*")]
    fitting = [start] if start in names else [name for name in names if name.startswith(start)]
    if len(fitting) != 1 or not _VERSION.fullmatch(fitting[0]):
        kind = "several versions begin" if len(fitting) > 1 else "no version begins"
        raise GraphError(f"{folder}: {kind} with {start!r}; kg versions lists them")
    return fitting[0]
