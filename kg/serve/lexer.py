"""The tokens of a SPARQL query, as an engine sees them: escapes, strings, comments, IRIs, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from kg.errors import QueryError


class Place(NamedTuple):
    """A place in a query, both from 1, with the text of its line."""

    line: int
    column: int
    text: str


class LexicalError(QueryError):
    """A query that cannot be read or is refused, with the place that says why."""

    def __init__(self, message: str, place: Place) -> None:
        super().__init__(f"line {place.line}, column {place.column}: {message}")
        self.place = place


class Token(NamedTuple):
    """A token: ``kind`` is the name of its group in the grammar, ``start`` counts code points."""

    kind: str
    text: str
    start: int


_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|.)", re.DOTALL)
_KEPT = frozenset("\"'\\\n\r")  # decoded, these would open or close something

_TOKEN = re.compile(
    r"""
      (?P<blank>[\x20\t\r\n]+|\#[^\r\n]*)
    | (?P<string>\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3}
        |"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    | (?P<variable>[?$]\w+)
    | (?P<node>_:\w[\w.\-\u00b7]*)
    | (?P<name>(?:[^\W\d_](?:[\w.\-\u00b7]*[\w\-\u00b7])?)?:
        (?:[\w:.\-\u00b7]|%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?\#@%])*)
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    | (?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<word>[^\W\d]\w*)
    | (?P<open>[{(\[])
    | (?P<close>[})\]])
    | (?P<operator>\^\^|&&|\|\||!=|<=|>=|[-+*/=<>!|^])
    | (?P<mark>[.,;?$&~%@:])
    | (?P<stray>.)
    """,
    re.VERBOSE | re.DOTALL,
)


def decode_escapes(text: str) -> str:
    r"""Resolve ``\u`` and ``\U`` escapes, which may stand anywhere in a query (SPARQL 1.1, 19.2).

    Escaped quotes, backslashes and line ends stay: they are legal only inside strings, where
    the engine resolves them.

    >>> decode_escapes(r"\u0053ELECT '\u0027 \\u0041'")
    "SELECT '\\u0027 \\\\u0041'"
    """
    if "\\" not in text:
        return text
    return _ESCAPE.sub(_decode_escape, text)


def _decode_escape(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    if not digits:
        return found[0]
    code = int(digits, 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000 or chr(code) in _KEPT:
        return found[0]
    return chr(code)


def read_tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a query whose escapes are decoded; blanks and comments are left out.

    Raises LexicalError where no token begins.
    """
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup)
        if kind == "stray":
            unclosed = found[0] in "\"'"
            reason = "a string is not closed" if unclosed else f"unexpected {found[0]!r}"
            raise LexicalError(reason, find_place(text, found.start()))
        if kind != "blank":
            yield Token(kind, found[0], found.start())


def find_place(text: str, position: int) -> Place:
    """Return line and column of a position, counted in code points from 0."""
    before = text[:position]
    start = before.rfind("\n") + 1
    end = text.find("\n", position)
    return Place(
        before.count("\n") + 1, position - start + 1, text[start : None if end < 0 else end]
    )


def show_place(place: Place, *, width: int = 100) -> str:
    """Return the line of a place and below it a mark under the column.

    >>> print(show_place(Place(1, 8, "SELECT x {}")))
    SELECT x {}
           ^
    """
    first = max(0, place.column - 1 - width // 2)
    line = place.text[first : first + width].replace("\t", " ").rstrip("\r")
    # A Chinese character takes two columns; a full-width blank pads one of them.
    pad = "".join("\u3000" if ord(c) > 0x2E7F else " " for c in line[: place.column - 1 - first])
    return f"{line}\n{pad}^"
