"""Rereading: documents of a graph from the texts that its version keeps."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.corpus import read_document
from kg.graph import Version, select
from kg.model import Document, Source
from kg.ontology import BASE, Vocabulary

_SOURCES = """
    SELECT ?document ?source ?sha256 ?form ?digestOf WHERE {
      ?document a pk:Document ; pk:source ?source ; pk:sha256 ?sha256 ; pk:form ?form .
      OPTIONAL { ?document pk:digestOf ?digestOf }
    } ORDER BY ?source"""


def reread_documents(
    version: Version, vocabulary: Vocabulary, *, base: str = BASE
) -> Iterator[tuple[str, Document]]:
    """Yield (IRI, document) of every document, read again from the text kept with the version.

    Gives what the graph does not hold: sentences that are no measures, the cells of tables.
    Raises GraphError where the version lacks a text.
    """
    for row in select(version.store(), _SOURCES, base=base):
        source = Source(
            path=str(row["source"]),
            sha256=str(row["sha256"]),
            raw=version.text(str(row["sha256"])),
            form="digest" if row["form"] == "digest" else "original",
            digest_of=str(row["digestOf"] or ""),
        )
        yield str(row["document"]), read_document(source, vocabulary)


def find_told_year(document: Document, vocabulary: Vocabulary) -> str:
    """Return the latest year that a text tells of (not one it aims at), empty where there is none."""
    pattern = re.compile(vocabulary.pattern("told-year"))
    years = (found["year"] for s in document.sentences for found in pattern.finditer(s.text))
    return max(years, default="")
