"""From a path to a document: find files, decode them, repair and structure their text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from kg.corpus.catalogue import Entry
from kg.corpus.decode import decode
from kg.corpus.grammar import compile_grammar
from kg.corpus.layout import normalize, repair_layout
from kg.corpus.metadata import find_citations, read_metadata
from kg.corpus.structure import read_structure
from kg.errors import CorpusError
from kg.model import Document, Source
from kg.ontology import Vocabulary

SUFFIXES = frozenset({".txt", ".md", ".text"})


def find_sources(paths: Iterable[Path]) -> tuple[list[tuple[Path, str]], list[tuple[Path, str]]]:
    """Return (file, relative POSIX path) of every text file, and of those left out.

    A folder is searched through in name order; links are not followed.  Raises
    CorpusError for a path that does not exist.
    """
    taken: list[tuple[Path, str]] = []
    skipped: list[tuple[Path, str]] = []
    for path in paths:
        if not path.exists():
            raise CorpusError(f"{path}: no such file or folder", reason="missing")
        if path.is_file():
            taken.append((path, path.name))
            continue
        for found in sorted(path.rglob("*")):
            if found.is_symlink() or not found.is_file():
                continue
            relative = found.relative_to(path).as_posix()
            fits = found.suffix.lower() in SUFFIXES and not found.name.startswith(".")
            (taken if fits else skipped).append((found, relative))
    return taken, skipped


def read_source(path: Path, name: str, entry: Entry | None = None) -> Source:
    """Read and decode one file; ``entry`` marks it as a digest of an original.

    Raises CorpusError with the class of the failure in ``reason``.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CorpusError(
            f"{name}: cannot be read: {error.strerror}",
            reason="unreadable",
            advice="check its rights",
        ) from error
    raw, encoding = decode(content, name=name)
    return Source(
        path=name,
        sha256=hashlib.sha256(content).hexdigest(),
        raw=raw,
        form="digest" if entry else "original",
        digest_of=entry.original_sha256 if entry else "",
        encoding=encoding,
    )


def read_document(source: Source, vocabulary: Vocabulary) -> Document:
    """Return the document in ``source``: clauses, sentences, tables and metadata.

    Raises CorpusError with reason ``no-text`` where nothing readable is left.
    """
    grammar = compile_grammar(vocabulary)
    blocks = repair_layout(source.raw, grammar)
    if not blocks:
        raise CorpusError(f"{source.path}: no text in it", reason="no-text", advice="leave it out")
    about = read_metadata(blocks, grammar)
    structure = read_structure(blocks, about.body, grammar)
    return Document(
        id=_identity(about.issuer, about.number, about.title, about.issued, source.sha256),
        source=source.path,
        sha256=source.sha256,
        form=source.form,
        digest_of=source.digest_of,
        title=about.title,
        number=about.number,
        issuer=about.issuer,
        issued=about.issued,
        effective=about.effective,
        expires=about.expires,
        expires_basis=about.expires_basis,
        place=about.place,
        level=about.level,
        kind=about.kind,
        raw=source.raw,
        clauses=structure.clauses,
        sentences=structure.sentences,
        tables=structure.tables,
        cites=find_citations(blocks, about.title, grammar),
        unit_brackets=structure.brackets,
        problems=(*about.problems, *structure.problems),
    )


def _identity(issuer: str, number: str, title: str, issued: str, sha256: str) -> str:
    """Return 12 hex digits: issuer + number, else title + date, else the content."""
    if number:
        key = f"{normalize(issuer)}|{number}"
    elif title and issued:
        key = f"{normalize(title)}|{issued}"
    else:
        key = sha256
    return hashlib.sha256(key.encode()).hexdigest()[:12]
