"""Versions of a graph on disk: staged apart, published at one stroke, opened read-only.

A graph folder holds ``versions/<version>/`` with ``manifest.json``, ``graph.nq``, ``graphs.json``
(where in it each graph lies), ``store/`` and ``texts/<sha256>.txt``, and ``CURRENT``, a file that
names the version in use.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyoxigraph as ox

from kg import __version__
from kg.errors import GraphError
from kg.graph.literals import replace_surrogates

FORMAT = 1
CHUNK = 50_000

_VERSION = re.compile("[0-9a-f]{16}")
_SHA256 = re.compile("[0-9a-f]{64}")


class Piece(NamedTuple):
    """Where the lines of a graph lie in a file, how many they are, and their SHA-256."""

    offset: int
    length: int
    lines: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Version:
    """A published version: its folder and what its manifest says."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The version's name: 16 hex digits that depend on the graphs alone."""
        return self.folder.name

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
        content = json.loads((self.folder / "graphs.json").read_bytes())
        return {iri: Piece(*piece) for iri, piece in content.items()}

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


class Staging:
    """A version in the making, in a folder of its own; see ``stage_version``."""

    def __init__(self, folder: Path, *, workspace: Path) -> None:
        self._folder = folder
        self._draft = workspace / "version"
        self._texts = self._draft / "texts"
        self._texts.mkdir(parents=True)
        self._spool = open(workspace / "spool.nq", "wb+")  # noqa: SIM115 (closed by stage_version)
        self._pieces: dict[str, Piece] = {}
        self._outputs: dict[str, str] = {}

    def add_graph(self, iri: str, lines: Iterable[str]) -> None:
        """Add a named graph by its sorted N-Quads lines; graphs may come in any order.

        A graph without lines is left out.  Raises GraphError for a graph added before.
        """
        if iri in self._pieces:
            raise GraphError(f"graph {iri} comes twice; a document has one text")
        content = "".join(lines).encode()
        if not content:
            return
        with _explain_failure(self._folder):
            offset = self._spool.seek(0, os.SEEK_END)
            self._spool.write(content)
        digest = hashlib.sha256(content).hexdigest()
        self._pieces[iri] = Piece(offset, len(content), content.count(b"\n"), digest)

    def add_text(self, sha256: str, text: str) -> None:
        """Keep the decoded text of the source whose bytes have this SHA-256."""
        if not _SHA256.fullmatch(sha256):
            raise ValueError(f"{sha256!r} is no SHA-256")
        content = replace_surrogates(text).encode()
        name = f"texts/{sha256}.txt"
        with _explain_failure(self._folder):
            (self._draft / name).write_bytes(content)
        self._outputs[name] = hashlib.sha256(content).hexdigest()

    def publish(self, manifest: Mapping[str, Any]) -> Version:
        """Write the version, make it the current one and return it.

        ``manifest`` says what the caller knows of the run; format, version, tool, triples and
        the SHA-256 of each output are added.  A version that exists is taken as it is.
        """
        name = self._name_version()
        target = self._folder / "versions" / name
        with _explain_failure(self._folder):
            if not _is_complete(target):
                self._write_quads()
                self._write_store()
                self._write_manifest(name, manifest)
                _move_folder(self._draft, target)
            _write_durably(self._folder / "CURRENT", f"{name}\n".encode())
        return Version(target, _read_manifest(target))

    def close(self) -> None:
        """Close the spool file."""
        self._spool.close()

    def _name_version(self) -> str:
        digest = hashlib.sha256()
        for iri, piece in sorted(self._pieces.items()):
            digest.update(f"{iri} {piece.sha256}\n".encode())
        return digest.hexdigest()[:16]

    def _write_quads(self) -> None:
        digest = hashlib.sha256()
        index: dict[str, Piece] = {}
        with open(self._draft / "graph.nq", "wb") as output:
            for iri, piece in sorted(self._pieces.items()):
                self._spool.seek(piece.offset)
                content = self._spool.read(piece.length)
                digest.update(content)
                index[iri] = piece._replace(offset=output.tell())
                output.write(content)
            _flush_file(output)
        self._outputs["graph.nq"] = digest.hexdigest()
        text = json.dumps(index, ensure_ascii=False, indent=0).encode()
        self._outputs["graphs.json"] = hashlib.sha256(text).hexdigest()
        _write_durably(self._draft / "graphs.json", text)

    def _write_store(self) -> None:
        """Load the quads in chunks: one load of everything needs memory for everything."""
        store = ox.Store(str(self._draft / "store"))
        with open(self._draft / "graph.nq", "rb") as quads:
            while chunk := b"".join(islice(quads, CHUNK)):
                store.bulk_load(chunk, format=ox.RdfFormat.N_QUADS)
        store.flush()
        del store  # closes it
        for log in (self._draft / "store").glob("LOG*"):  # names the folder and the host's clock
            log.unlink()

    def _write_manifest(self, name: str, manifest: Mapping[str, Any]) -> None:
        content = {
            **manifest,
            "format": FORMAT,
            "version": name,
            "tool": __version__,
            "graphs": len(self._pieces),
            "triples": sum(piece.lines for piece in self._pieces.values()),
            "outputs": dict(sorted(self._outputs.items())),
        }
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        _write_durably(self._draft / "manifest.json", f"{text}\n".encode())


@contextmanager
def stage_version(folder: Path) -> Iterator[Staging]:
    """Stage a version of the graph in ``folder``, which is made where missing.

    What was staged is removed at the end, published or not.  Raises GraphError where another
    process stages a version of the same graph.
    """
    with _explain_failure(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with _lock_folder(folder), ExitStack() as stack:
        for leftover in folder.glob(".staging-*"):  # of a process that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        with _explain_failure(folder):
            workspace = Path(tempfile.mkdtemp(prefix=".staging-", dir=folder))
            stack.callback(shutil.rmtree, workspace, ignore_errors=True)
            staging = stack.enter_context(closing(Staging(folder, workspace=workspace)))
        yield staging


def open_version(folder: Path) -> Version:
    """Open the current version of the graph in ``folder``.

    Raises GraphError where there is none, or one of another format.
    """
    try:
        name = (folder / "CURRENT").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise GraphError(f"{folder}: no graph here; run kg build --out {folder}") from None
    except OSError as error:
        raise GraphError(f"{folder}: {error.strerror}; run kg build --out DIR") from error
    if not _VERSION.fullmatch(name):
        raise GraphError(f"{folder / 'CURRENT'}: {name[:40]!r} names no version; run kg build")
    version = folder / "versions" / name
    return Version(version, _read_manifest(version))


def _read_manifest(version: Path) -> dict[str, Any]:
    path = version / "manifest.json"
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise GraphError(f"{path}: cannot be read ({error}); run kg build") from error
    found = manifest.get("format") if isinstance(manifest, dict) else None
    if found != FORMAT:
        raise GraphError(f"{path}: format {found!r}, this program reads {FORMAT}; run kg build")
    return dict(manifest)


def _is_complete(version: Path) -> bool:
    try:
        _read_manifest(version)
    except GraphError:
        return False
    return (version / "graph.nq").is_file() and (version / "store" / "CURRENT").is_file()


@contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which goes with the process however that ends."""
    import fcntl  # not on every platform, and reading needs no lock

    with _explain_failure(folder):
        lock = open(folder / ".lock", "a+", encoding="utf-8")  # noqa: SIM115 (closed below)
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise GraphError(
                f"{folder}: process {holder} is building this graph; wait for it or stop it"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextmanager
def _explain_failure(folder: Path) -> Iterator[None]:
    """Say of a failing file operation which graph it concerns."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        message = f"{folder}: cannot write here ({reason}); free space or choose another folder"
        raise GraphError(message) from error


def _move_folder(source: Path, target: Path) -> None:
    """Put a complete folder in place; an incomplete one that stands there goes first."""
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        shutil.rmtree(target)
    for folder in (source / "texts", source):
        _flush_folder(folder)
    os.replace(source, target)
    _flush_folder(target.parent)


def _write_durably(path: Path, content: bytes) -> None:
    """Write a file so that a reader, even after a crash, sees the old or the new one."""
    draft = path.with_name(f".{path.name}.new")
    with open(draft, "wb") as output:
        output.write(content)
        _flush_file(output)
    os.replace(draft, path)
    _flush_folder(path.parent)


def _flush_file(output: BinaryIO) -> None:
    output.flush()
    os.fsync(output.fileno())


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
