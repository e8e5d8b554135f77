"""The Turtle files of a vocabulary, and what they state."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

import pyoxigraph as ox

from kg.errors import OntologyError

Contents = tuple[tuple[Path, bytes], ...]


def shipped_folder() -> Path:
    """Return the folder of the vocabulary that comes with the package."""
    return Path(str(files("kg") / "data" / "ontology"))


def read_contents(folders: Iterable[Path]) -> Contents:
    """Return the files of the shipped vocabulary and of ``folders`` in their order, with their bytes.

    Raises OntologyError naming the folder that is none, or the file that cannot be read.
    """
    return tuple(
        (path, _read_bytes(path))
        for folder in (shipped_folder(), *folders)
        for path in _list_files(folder)
    )


def read_statements(*folders: Path) -> dict[ox.Triple, Path]:
    """Return the triples of the shipped vocabulary and of ``folders``, each with its first file.

    They come in the order of the files and are not checked against each other.  Raises
    OntologyError as load_vocabulary does.
    """
    return merge_contents(read_contents(folders))


def merge_contents(contents: Contents) -> dict[ox.Triple, Path]:
    """Return the triples of files that are read, each with its first file.

    Raises OntologyError naming the file that is no Turtle.
    """
    statements: dict[ox.Triple, Path] = {}
    for path, content in contents:
        for triple in _parse(path, content):
            statements.setdefault(triple, path)
    return statements


def _list_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise OntologyError(f"{folder}: no such vocabulary folder; give a folder of .ttl files")
    return sorted(path for path in folder.glob("*.ttl") if path.name != "shapes.ttl")


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise OntologyError(
            f"{path}: cannot be read ({error.strerror}); give a readable file"
        ) from error


def _parse(path: Path, content: bytes) -> Iterable[ox.Triple]:
    try:
        return [quad.triple for quad in ox.parse(content, format=ox.RdfFormat.TURTLE)]
    except SyntaxError as error:
        raise OntologyError(f"{path}: not valid Turtle: {error}") from error
