"""Loading: the bytes of a file become text, by their content and within limits.

Plain text is decoded here; web pages, Word files and PDFs are parsed in a process apart
(``kg.corpus.load.parser``), by one module for each format.
"""

from kg.corpus.load.limits import LIMITS, Limits, change_limits, deadline
from kg.corpus.load.load import STRUCK, load
from kg.corpus.load.loaded import PARAGRAPH_END, Loaded, Note
from kg.corpus.load.recognize import DOCUMENTS, HEAD, why_no_document

__all__ = [
    "DOCUMENTS",
    "HEAD",
    "LIMITS",
    "PARAGRAPH_END",
    "STRUCK",
    "Limits",
    "Loaded",
    "Note",
    "change_limits",
    "deadline",
    "load",
    "why_no_document",
]
