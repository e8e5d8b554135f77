"""What a loader returns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a file that a reader of its text should know; ``kind`` is its class."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The text of a document: a paragraph a line, a table row a line with tabs between the cells.

    Headings that the format marks as such start with ``#``, one for each level.  ``format`` is
    text, html, docx or pdf; ``encoding`` that of text and HTML, else empty.
    """

    text: str
    format: str
    encoding: str = ""
    notes: tuple[Note, ...] = ()
