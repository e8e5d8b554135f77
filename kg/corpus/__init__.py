"""Reading: files become documents with clauses, sentences, tables and metadata."""

from kg.corpus.catalogue import Entry, embedded_folder, read_catalogue
from kg.corpus.read import find_sources, read_document, read_source

__all__ = [
    "Entry",
    "embedded_folder",
    "find_sources",
    "read_catalogue",
    "read_document",
    "read_source",
]
