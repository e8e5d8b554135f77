"""Which graph a command reads: the one named, the last build, or the embedded corpus."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg import APP, __version__

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kg.graph import Version
    from kg.ontology import Vocabulary


@dataclass(frozen=True, slots=True)
class Opened:
    """A graph that is open for reading, with the vocabulary to read it by."""

    version: Version
    store: ox.Store
    vocabulary: Vocabulary
    base: str


def default_folder() -> Path:
    """Return the folder where ``kg build`` writes when it is told nothing."""
    from platformdirs import user_data_path

    return user_data_path(APP) / "graph"


def open_graph(folder: Path | None, ontologies: Sequence[Path] = ()) -> Opened:
    """Open the graph in ``folder``; without one the last build, else the embedded corpus.

    Raises GraphError where ``folder`` holds no graph.
    """
    from kg.graph import open_version
    from kg.ontology import BASE, load_vocabulary

    vocabulary = load_vocabulary(*ontologies)
    folder = choose_folder(folder, vocabulary, ontologies)
    version = open_version(folder)
    base = str(version.manifest.get("base", BASE))
    known = str(version.manifest.get("vocabulary", vocabulary.version))
    if known != vocabulary.version:
        click.echo(
            f"Note: {folder} was built with vocabulary {known}, this is {vocabulary.version}; "
            "rebuild to use the new terms.",
            err=True,
        )
    return Opened(version, version.store(), vocabulary, base)


def choose_folder(
    folder: Path | None, vocabulary: Vocabulary, ontologies: Sequence[Path] = ()
) -> Path:
    """Return the folder of a graph: the one named, the last build's, or the embedded corpus's."""
    if folder is not None:
        return folder
    folder = default_folder()
    if (folder / "CURRENT").is_file() and not ontologies:
        return folder
    return _embedded(vocabulary, ontologies)


def _embedded(vocabulary: Vocabulary, ontologies: Sequence[Path]) -> Path:
    """Return the graph of the embedded corpus, built on first use and kept under a key."""
    from platformdirs import user_cache_path

    folder = user_cache_path(APP) / f"embedded-{_key(vocabulary)}"
    if not (folder / "CURRENT").is_file():
        from kg.cli.composition import Order, compose_build  # a question needs none of it

        click.echo("Building the graph of the embedded corpus (once) …", err=True)
        compose_build(Order(paths=(), out=folder, ontologies=tuple(ontologies)))
    return folder


def _key(vocabulary: Vocabulary) -> str:
    from kg.corpus import embedded_folder
    from kg.graph.version import FORMAT

    digest = hashlib.sha256(f"{__version__} {FORMAT} {vocabulary.version}".encode())
    weights = files("kg") / "extract" / "weights.npz"
    if weights.is_file():
        digest.update(weights.read_bytes())
    for path in sorted(embedded_folder().iterdir()):
        if path.is_file():
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]
