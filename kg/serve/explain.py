"""What the engine says of a query it refuses, in words that name the place."""

from __future__ import annotations

import re

from kg.serve.engine import RejectedError
from kg.serve.lexer import find_place, read_tokens, show_place

PADDING = " " * 32  # after the query, so that the engine does not stumble over its end

_POSITION = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)\Z", re.DOTALL)
_KEYWORD = re.compile(r"[A-Z_]{2,}\Z")
_NOTE = re.compile(r"[A-Z](?=.*[a-z])[^\[\]\"|]* [^\[\]\"|]*\Z")
_LEFT_OUT = ("Prefix not found",)


def explain_rejection(query: str, error: RejectedError) -> tuple[str, int]:
    """Return a message with the place, and a status: 400 for a malformed query, else 500."""
    message = str(error)
    if not error.syntax:
        return f"the query cannot be answered: {message}", 500
    found = _POSITION.match(message)
    if found is None:
        return f"malformed query: {message}", 400
    expected = found[3].split(", ")
    position = _find_failure(query, int(found[1]), int(found[2]), expected)
    reason = next((part for part in expected if _is_note(part)), "") or _name_token(query, position)
    place = find_place(query, position)
    where = f"line {place.line}, column {place.column}"
    return f"{where}: malformed query: {reason}\n\n{show_place(place)}", 400


def _find_failure(query: str, line: int, column: int, expected: list[str]) -> int:
    """Return the position that the engine could not read.

    The engine tells the end of the longest text that it looked at, and to try a keyword it looks
    at as many characters as the keyword has; the failure is that much before.
    """
    lines = (query + PADDING).split("\n")
    end = sum(len(text) + 1 for text in lines[: line - 1]) + column - 1
    lengths = [len(part) if _KEYWORD.match(part) else 0 for part in expected if not _is_note(part)]
    position = min(end - min(lengths, default=0), len(query.rstrip()))
    while position < len(query) and query[position].isspace():
        position += 1
    return max(0, position)


def _is_note(part: str) -> bool:
    return part not in _LEFT_OUT and _NOTE.match(part) is not None


def _name_token(query: str, position: int) -> str:
    for token in read_tokens(query):
        if token.start <= position < token.start + len(token.text):
            return f"it cannot be read from {token.text[:40]!r} on"
    return "it ends too soon"
