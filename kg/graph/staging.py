"""A version in the making: staged in a folder of its own, published at one stroke.

What an earlier version holds, or what a build left that was interrupted, is taken over where it
is still what it was; the result is the same as if everything had been made anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from kg import __version__
from kg.errors import GraphError
from kg.graph.durable import (
    close_quietly,
    explain_failure,
    flush_folder,
    flush_tree,
    hash_file,
    link_file,
)
from kg.graph.journal import Journal, Noted
from kg.graph.literals import replace_surrogates
from kg.graph.loading import load_apart
from kg.graph.lock import lock_folder
from kg.graph.manifest import write_index, write_manifest
from kg.graph.store import edit_store, link_store
from kg.graph.verify import list_outputs, verify_store, verify_version
from kg.graph.version import (
    CURRENT,
    FORMAT,
    INDEX,
    MANIFEST,
    Piece,
    Version,
    hash_graphs,
    read_manifest,
    switch_version,
)

WORKSPACE = ".staging"

_SHA256 = re.compile("[0-9a-f]{64}")
_EDITS = 4  # a store is loaded anew when more than one in so many lines has changed
_OWN = ("built", "outputs", "store", "version")  # what two versions of equal content differ in


class _Part(NamedTuple):
    """A graph's lines: where they lie in which open file."""

    file: BinaryIO
    piece: Piece


class Origin(NamedTuple):
    """What a graph was made from: its IRI, the SHA-256 of the source, what is known of that."""

    iri: str
    source: str
    about: Mapping[str, Any]


class Staging:
    """A version in the making, in a folder of its own; see ``stage_version``."""

    def __init__(self, folder: Path, stack: ExitStack, *, configuration: str) -> None:
        self._folder, self._stack = folder, stack
        self._workspace = folder / WORKSPACE
        self._draft = self._workspace / "version"
        (self._draft / "texts").mkdir(parents=True, exist_ok=True)
        self._spool = open(self._workspace / "spool.nq", "ab+")  # noqa: SIM115 (closed below)
        stack.callback(close_quietly, self._spool)
        self._journal = Journal(self._workspace, configuration)
        stack.callback(self._journal.close)
        self._parts: dict[str, _Part] = {}
        self._outputs: dict[str, str] = {}
        self._base: Version | None = None
        self._base_index: dict[str, Piece] = {}
        self._base_quads: BinaryIO = self._spool
        self._base_notes: Mapping[str, Origin] = {}

    def add_graph(self, iri: str, lines: Iterable[str]) -> None:
        """Add a named graph by its sorted N-Quads lines; graphs may come in any order.

        A graph without lines is left out.  Raises GraphError for a graph added before.
        """
        self.add_quads(iri, "".join(lines).encode())

    def add_quads(self, iri: str, content: bytes) -> None:
        """Add a named graph by its sorted N-Quads, as ``add_graph`` does."""
        if iri in self._parts:
            raise GraphError(f"graph {iri} comes twice; a document has one text")
        if not content:
            return
        with explain_failure(self._folder):
            offset = self._spool.seek(0, os.SEEK_END)
            self._spool.write(content)
        digest = hashlib.sha256(content).hexdigest()
        piece = Piece(offset, len(content), content.count(b"\n"), digest)
        self._parts[iri] = _Part(self._spool, piece)

    def read_graphs(self) -> Iterator[bytes]:
        """Yield the sorted N-Quads of each graph staged so far, in the order of their IRIs."""
        with explain_failure(self._folder):
            self._spool.flush()
            for iri in sorted(self._parts):
                yield self._read_part(iri)

    def add_text(self, sha256: str, text: str) -> None:
        """Keep the decoded text of the source whose bytes have this SHA-256."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is no SHA-256")
        content = replace_surrogates(text).encode()
        name = _name_text(sha256)
        with explain_failure(self._folder):
            path = self._draft / name
            path.unlink(missing_ok=True)  # may be linked to that of another version
            path.write_bytes(content)
        self._outputs[name] = hashlib.sha256(content).hexdigest()

    def note(self, key: str, iri: str, sha256: str, about: Mapping[str, Any]) -> None:
        """Note that the graph ``iri`` and the text ``sha256`` (none: "") of a source are staged.

        ``key`` tells what they were made from; a build that goes on after an interruption knows
        it, with ``about``.
        """
        if iri not in self._parts:
            return
        text = self._outputs[_name_text(sha256)] if sha256 else ""
        with explain_failure(self._folder):
            self._spool.flush()
            noted = Noted(iri, self._parts[iri].piece, sha256, text, dict(about))
            self._journal.write(key, noted)

    def build_upon(self, version: Version, notes: Mapping[str, Origin]) -> None:
        """Let another version of the same graph be taken over from.

        ``notes`` tell by key what its graphs were made from.  Nothing is taken over from one
        whose list of graphs cannot be read.
        """
        try:
            index = version.read_index()
            quads = open(version.quads, "rb")  # noqa: SIM115 (closed by the stack)
        except (OSError, ValueError, TypeError, AttributeError):
            return
        self._stack.callback(close_quietly, quads)
        self._base, self._base_index, self._base_quads = version, index, quads
        self._base_notes = notes

    def know(self, key: str) -> Mapping[str, Any] | None:
        """Return what is known of the source with this key, None where nothing is."""
        noted = self._journal.found.get(key)
        if noted is not None:
            return noted.about
        origin = self._base_notes.get(key)
        return origin.about if origin is not None else None

    def take(self, key: str) -> bool:
        """Stage what was made from the source with this key; False where it is not whole."""
        noted = self._journal.found.get(key)
        if noted is not None:
            place = self._draft / _name_text(noted.source)
            if self._take(noted, self._spool, place):
                return True
        origin = self._base_notes.get(key)
        if origin is None or self._base is None or origin.iri not in self._base_index:
            return False
        piece, name = self._base_index[origin.iri], _name_text(origin.source)
        digest = list_outputs(self._base).get(name, "")
        noted = Noted(origin.iri, piece, origin.source, digest, dict(origin.about))
        return self._take(noted, self._base_quads, self._base.folder / name)

    def _take(self, noted: Noted, quads: BinaryIO, text: Path) -> bool:
        """Take up lines and text where both are what they were."""
        if noted.iri in self._parts or not _holds(quads, noted.piece):
            return False
        if noted.source:
            if not _is_file(text, noted.text):
                return False
            name = _name_text(noted.source)
            if text != self._draft / name:
                with explain_failure(self._folder):
                    (self._draft / name).unlink(missing_ok=True)
                    link_file(text, self._draft / name)
            self._outputs[name] = noted.text
        self._parts[noted.iri] = _Part(quads, noted.piece)
        return True

    def publish(self, manifest: Mapping[str, Any]) -> Version:
        """Write the version, make it the current one and return it.

        ``manifest`` says what the caller knows of the run; format, version, hash, tool, triples
        and the SHA-256 of each output are added.  A version of the same content that is whole
        is taken as it is.
        """
        index = {iri: part.piece for iri, part in self._parts.items()}
        content = {
            **manifest,
            "format": FORMAT,
            "hash": hash_graphs(index),
            "tool": __version__,
            "graphs": len(index),
            "triples": sum(piece.lines for piece in index.values()),
        }
        target, made = self._choose_target(content)
        with explain_failure(self._folder):
            if not made:
                self._write_quads()
                content["store"] = {"edited": self._write_store()}
                content["built"] = _describe_run(content.get("built", {}))
                content["version"] = target.name
                self._write_manifest(content)
                _move_folder(self._draft, target)
        switch_version(self._folder, target.name)
        return Version(target, read_manifest(target))

    def _choose_target(self, content: Mapping[str, Any]) -> tuple[Path, bool]:
        """Return the folder for the version, and whether it stands there already."""
        name = content["hash"][:16]
        for number in count(1):
            target = self._folder / "versions" / (name if number == 1 else f"{name}-{number}")
            if not (target / MANIFEST).is_file():
                return target, False
            if _is_version_of(target, content):
                return target, True
        raise AssertionError("unreachable")

    def _write_quads(self) -> None:
        digest = hashlib.sha256()
        index: dict[str, Piece] = {}
        with open(self._draft / "graph.nq", "wb") as output:
            for iri, (file, piece) in sorted(self._parts.items()):
                file.seek(piece.offset)
                content = file.read(piece.length)
                digest.update(content)
                index[iri] = piece._replace(offset=output.tell())
                output.write(content)
        self._outputs["graph.nq"] = digest.hexdigest()
        write_index(self._draft / INDEX, index)
        self._outputs[INDEX] = hash_file(self._draft / INDEX)

    def _write_store(self) -> int:
        """Write the store; return how many lines were edited since it was loaded at one time."""
        folder = self._draft / "store"
        old = {(iri, piece.sha256) for iri, piece in self._base_index.items()}
        new = {(iri, part.piece.sha256) for iri, part in self._parts.items()}
        removed = sorted(iri for iri, _ in old - new)
        added = sorted(iri for iri, _ in new - old)
        lines = sum(self._base_index[iri].lines for iri in removed)
        lines += sum(self._parts[iri].piece.lines for iri in added)
        edited = lines + (self._base.manifest["store"]["edited"] if self._base else 0)
        total = sum(part.piece.lines for part in self._parts.values())
        if self._base is None or edited * _EDITS > total or verify_store(self._base):
            load_apart(folder, self._draft / "graph.nq", self._draft / INDEX, lines=total)
            edited, shared = 0, {}
        else:
            link_store(self._base.folder / "store", folder)
            if lines:
                edit_store(folder, removed=removed, added=map(self._read_part, added))
            shared = list_outputs(self._base)
        self._hash_store(folder, shared)
        return edited

    def _hash_store(self, folder: Path, shared: Mapping[str, str]) -> None:
        """Note the hash of each file; ``shared`` are those of another store, just verified."""
        for path in folder.iterdir():
            name = f"store/{path.name}"
            if name in shared and self._base and path.samefile(self._base.folder / name):
                self._outputs[name] = shared[name]
            else:
                self._outputs[name] = hash_file(path)

    def _read_part(self, iri: str) -> bytes:
        file, piece = self._parts[iri]
        file.seek(piece.offset)
        return file.read(piece.length)

    def _write_manifest(self, content: Mapping[str, Any]) -> None:
        for path in (self._draft / "texts").iterdir():
            if f"texts/{path.name}" not in self._outputs:  # of a source that is gone since
                path.unlink()
        write_manifest(self._draft, {**content, "outputs": dict(sorted(self._outputs.items()))})
        flush_tree(self._draft)


@contextmanager
def stage_version(folder: Path, *, configuration: str = "") -> Iterator[Staging]:
    """Stage a version of the graph in ``folder``, which is made where missing.

    What was staged is removed at the end, published or not; with a ``configuration`` it stays
    where the build was interrupted or ran out of memory, for the next one with the same
    configuration.  Raises GraphError where another process writes the same graph.
    """
    with lock_folder(folder), stage_locked(folder, configuration=configuration) as staging:
        yield staging


@contextmanager
def stage_locked(folder: Path, *, configuration: str = "") -> Iterator[Staging]:
    """Stage a version as ``stage_version`` does; the caller holds the folder's lock."""
    workspace, keep = folder / WORKSPACE, False
    with explain_failure(folder):
        _clean_folder(folder, configuration)
    try:
        with ExitStack() as stack:
            with explain_failure(folder):
                staging = Staging(folder, stack, configuration=configuration)
            yield staging
    except (MemoryError, KeyboardInterrupt, SystemExit, GeneratorExit):
        keep = bool(configuration)
        raise
    finally:
        if not keep:
            shutil.rmtree(workspace, ignore_errors=True)


def remove_leftovers(folder: Path) -> None:
    """Remove what was set aside in a graph's folder, now or by a process that was killed."""
    for leftover in folder.glob(f"{WORKSPACE}-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _clean_folder(folder: Path, configuration: str) -> None:
    """Remove what killed builds left, but for what this one can go on with."""
    workspace = folder / WORKSPACE
    remove_leftovers(folder)
    (folder / f".{CURRENT}.new").unlink(missing_ok=True)
    if not configuration or not Journal.fits(workspace, configuration):
        shutil.rmtree(workspace, ignore_errors=True)
        return
    draft = workspace / "version"
    for path in draft.iterdir() if draft.is_dir() else ():
        if path.is_dir() and path.name != "texts":
            shutil.rmtree(path, ignore_errors=True)
        elif path.name != "texts":
            path.unlink()


def _is_version_of(folder: Path, content: Mapping[str, Any]) -> bool:
    """Tell whether a folder holds a whole version that says the same of the same graphs."""
    try:
        version = Version(folder, read_manifest(folder))
    except GraphError:
        return False
    known = {name: value for name, value in version.manifest.items() if name not in _OWN}
    wanted = {name: value for name, value in content.items() if name not in _OWN}
    return known == json.loads(json.dumps(wanted)) and not verify_version(version)


def _describe_run(built: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of the run; it stands in the manifest only, never in the graph."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "host": socket.gethostname(),
        "python": platform.python_version(),
        **built,
    }


def _move_folder(source: Path, target: Path) -> None:
    """Put a complete folder in place; one without a manifest that stands there goes first."""
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    os.replace(source, target)
    flush_folder(target.parent)


def _holds(file: BinaryIO, piece: Piece) -> bool:
    """Tell whether the lines of a graph lie where they should, unchanged."""
    file.seek(piece.offset)
    return hashlib.sha256(file.read(piece.length)).hexdigest() == piece.sha256


def _is_file(path: Path, digest: str) -> bool:
    return path.is_file() and not path.is_symlink() and hash_file(path) == digest


def _name_text(sha256: str) -> str:
    return f"texts/{sha256}.txt"
