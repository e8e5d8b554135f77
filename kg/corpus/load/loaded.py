"""What a loader returns."""

from __future__ import annotations

from dataclasses import dataclass

PARAGRAPH_END = "\u2029"


@dataclass(frozen=True, slots=True)
class Note:
    """Something about a file that a reader of its text should know; ``kind`` is its class."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The text of a document: a paragraph a line, a table row a line with tabs between the cells.

    A line that surely ends its paragraph ends with U+2029 before the newline; others may run on.
    Headings that the format marks as such start with ``#``, one for each level.  ``format`` is
    text, html, docx or pdf; ``encoding`` that of text and HTML, else empty.
    """

    text: str
    format: str
    encoding: str = ""
    notes: tuple[Note, ...] = ()
