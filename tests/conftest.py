"""Fixtures shared by all tests: the vocabulary, the pipeline, the originals."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.corpus import read_document
from kg.model import Document, Extraction, Source
from kg.ontology import Vocabulary, load_vocabulary

ROOT = Path(__file__).resolve().parent.parent


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
    """A graph built from the embedded corpus."""
    from kg.cli.composition import Order, compose_build

    folder = tmp_path_factory.mktemp("embedded")
    compose_build(Order(paths=(), out=folder))
    return folder


@pytest.fixture(scope="session")
def original_graph(originals: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A graph built from the original documents."""
    from kg.cli.composition import Order, compose_build

    folder = tmp_path_factory.mktemp("originals")
    compose_build(Order(paths=(originals,), out=folder))
    return folder
