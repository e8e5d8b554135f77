"""Reading: files become documents with clauses, sentences, tables and metadata."""

from kg.corpus.catalogue import Entry, embedded_folder, read_catalogue
from kg.corpus.find import Found, find_sources
from kg.corpus.load import LIMITS, Limits, change_limits, deadline
from kg.corpus.read import read_document, read_source

__all__ = [
    "LIMITS",
    "Entry",
    "Found",
    "Limits",
    "change_limits",
    "deadline",
    "embedded_folder",
    "find_sources",
    "read_catalogue",
    "read_document",
    "read_source",
]
