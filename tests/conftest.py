"""Fixtures shared by all tests: the vocabulary, the pipeline, the originals."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kg import graph
from kg.cli import composition
from kg.corpus import read_document
from kg.graph import read_codings, write_triples
from kg.model import Document, Extraction, Source
from kg.ontology import BASE, Vocabulary, load_vocabulary
from tests.grouping import find_group

ROOT = Path(__file__).resolve().parent.parent


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a process all tests of a module whose fixtures are dear, one by one those of others.

    The marks of pytest-xdist 3.8 for this do nothing: it sets what pytest 9.2 no longer reads.
    """
    from xdist.scheduler import LoadScopeScheduling

    if config.getoption("dist") != "loadgroup":
        return None
    scheduling = LoadScopeScheduling(config, log)
    scheduling._split_scope = find_group
    return scheduling


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    return load_vocabulary()


@pytest.fixture(scope="session")
def read(vocabulary: Vocabulary) -> Callable[[str], Document]:
    """Read a text as a document."""
    return lambda raw: read_document(Source("test.txt", "0" * 64, raw), vocabulary)


@pytest.fixture(scope="session")
def extract(vocabulary: Vocabulary) -> Callable[[str], Extraction]:
    """Read a text and extract its measures."""
    from kg.extract import Extractor

    extractor = Extractor(vocabulary)
    return lambda raw: extractor.extract(
        read_document(Source("test.txt", "0" * 64, raw), vocabulary)
    )


@pytest.fixture(scope="session")
def originals() -> Path:
    """The folder of the original documents; skips where KG_ORIGINALS names none."""
    folder = os.environ.get("KG_ORIGINALS", "")
    if not folder or not Path(folder).is_dir():
        if os.environ.get("KG_REQUIRE_ORIGINALS"):
            pytest.fail("KG_ORIGINALS must name the folder of the original documents")
        pytest.skip("KG_ORIGINALS does not name the folder of the original documents")
    return Path(folder)


@pytest.fixture(scope="session")
def embedded_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph built from the embedded corpus; tests only read it."""
    return build_once(tmp_path_factory, "embedded")


@pytest.fixture(scope="session")
def original_graph(originals: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph built from the original documents; tests only read it."""
    return build_once(tmp_path_factory, "originals", originals)


def build_once(factory: pytest.TempPathFactory, name: str, *paths: Path) -> Path:
    """Build a graph once for all processes of a run: the others wait for the one that is first."""
    folder = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # of the run, the processes have folders of their own in it
    out = folder / f"{name}-graph"
    with open(folder / f"{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (out / "CURRENT").is_file():
            composition.compose_build(composition.Order(paths=paths, out=out))
    return out


@pytest.fixture(scope="session", autouse=True)
def written_once() -> Iterator[None]:
    """Write the graph of a vocabulary once a process: it is most of what building one text takes."""
    known: dict[tuple[int, str, str], tuple[Any, list[str]]] = {}

    def write(triples: Any, iri: str, *, base: str) -> list[str]:
        key = (id(triples), iri, base)
        if key not in known:  # with the triples, so that no others get their id
            known[key] = (triples, write_triples(triples, iri, base=base))
        return known[key][1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(composition, "write_triples", write)
        yield


@pytest.fixture(scope="session")
def codings_once() -> Iterator[None]:
    """Read the measures of a version once, however many commands print them: they are frozen."""
    known: dict[tuple[Path, str], tuple[graph.Coding, ...]] = {}

    def read(version: graph.Version, *, base: str = BASE) -> tuple[graph.Coding, ...]:
        key = (version.folder, base)
        if key not in known:
            known[key] = read_codings(version, base=base)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(graph, "read_codings", read)
        yield
