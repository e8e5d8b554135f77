"""From a file to a document: load its text, repair its layout, structure it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from kg.corpus.catalogue import Entry
from kg.corpus.find import read_bytes
from kg.corpus.grammar import compile_grammar
from kg.corpus.layout import normalize, repair_layout
from kg.corpus.load import LIMITS, Limits, load
from kg.corpus.metadata import find_citations, read_metadata
from kg.corpus.structure import read_structure
from kg.errors import CorpusError
from kg.model import UNREADABLE, Document, Problem, Source, Span
from kg.ontology import Vocabulary

_BROKEN = re.compile(rf"[{UNREADABLE}](?<=\d.)(?=\d)", re.DOTALL)
_DIGITS, _LONGEST = "0123456789", 20


def read_source(
    path: Path, name: str, entry: Entry | None = None, *, limits: Limits = LIMITS
) -> Source:
    """Read one file and load its text; ``entry`` marks it as a digest of an original.

    Raises CorpusError with the class of the failure in ``reason`` and what to do in ``advice``.
    """
    content = read_bytes(path, name, limits)
    loaded = load(content, name, limits=limits)
    return Source(
        path=name,
        sha256=hashlib.sha256(content).hexdigest(),
        raw=loaded.text,
        form="digest" if entry else "original",
        digest_of=entry.original_sha256 if entry else "",
        encoding=loaded.encoding or loaded.format,
        notes=tuple((note.kind, note.message) for note in loaded.notes),
        size=len(content),
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
        id=_identity(about.issuer, about.number, about.title, about.dates.issued, source.sha256),
        source=source.path,
        sha256=source.sha256,
        form=source.form,
        digest_of=source.digest_of,
        title=about.title,
        number=about.number,
        issuer=about.issuer,
        issued=about.dates.issued,
        effective=about.dates.effective,
        expires=about.dates.expires,
        expires_basis=about.dates.expires_basis,
        place=about.place,
        scope=about.scope,
        level=about.level,
        kind=about.kind,
        raw=source.raw,
        clauses=structure.clauses,
        sentences=structure.sentences,
        tables=structure.tables,
        cites=find_citations(blocks, about.title, grammar),
        unit_brackets=structure.brackets,
        dated=about.dates.spans,
        problems=(
            *_notes(source),
            *about.problems,
            *structure.problems,
            *_broken_numbers(source.raw),
        ),
    )


def _notes(source: Source) -> tuple[Problem, ...]:
    """Return what the loader noted, as problems of the whole document."""
    return tuple(Problem(kind, message, Span(0, 0)) for kind, message in source.notes)


def _broken_numbers(raw: str) -> Iterator[Problem]:
    """Yield the numbers that an unreadable character cuts: they are not coded."""
    for found in _BROKEN.finditer(raw):
        before = raw[max(0, found.start() - _LONGEST) : found.start()]
        after = raw[found.end() : found.end() + _LONGEST]
        start = found.start() - len(before) + len(before.rstrip(_DIGITS))
        end = found.end() + len(after) - len(after.lstrip(_DIGITS))
        number = f"{raw[start : found.start()]}…{raw[found.end() : end]}"
        message = f"the number {number} is cut by an unreadable character (U+{ord(found[0]):04X})"
        yield Problem("broken-number", message, Span(start, end))


def _identity(issuer: str, number: str, title: str, issued: str, sha256: str) -> str:
    """Return 12 hex digits: issuer + number, else title + date, else the content."""
    if number:
        key = f"{normalize(issuer)}|{number}"
    elif title and issued:
        key = f"{normalize(title)}|{issued}"
    else:
        key = sha256
    return hashlib.sha256(key.encode()).hexdigest()[:12]
