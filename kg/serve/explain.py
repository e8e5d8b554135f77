"""What the engine says of a query it refuses, in words that name the place."""

from __future__ import annotations

import re

from kg.serve.engine import RejectedError
from kg.serve.lexer import Place, show_place

_POSITION = re.compile(r"error at (\d+):(\d+): ")
_EXPECTED = re.compile(r"expected (?:one of )?(.*)\Z", re.DOTALL)
_PLAIN = re.compile(r'[A-Z]{2,}(?: [A-Z]+)*|"[^"\s]{1,3}"')
_MOST = 12


def explain_rejection(query: str, error: RejectedError) -> tuple[str, int]:
    """Return a message with the place, and a status: 400 for a malformed query, else 500."""
    message = str(error)
    if not error.syntax:
        return f"the query cannot be answered: {message}", 500
    found = _POSITION.match(message)
    if found is None:
        return f"malformed query: {message}", 400
    line, column = int(found[1]), int(found[2])
    lines = query.split("\n")
    text = lines[line - 1] if line <= len(lines) else ""
    reason = _shorten(message[found.end() :])
    place = show_place(Place(line, min(column, len(text) + 1), text))
    return f"line {line}, column {column}: malformed query: {reason}\n\n{place}", 400


def _shorten(reason: str) -> str:
    """Keep of what the engine expected the words and signs, not its classes of characters."""
    found = _EXPECTED.match(reason)
    if found is None:
        return reason
    notes = [part for part in found[1].split(", ") if " " in part and part[0].isalpha()]
    names = list(dict.fromkeys(_PLAIN.findall(found[1])))
    if notes:
        return notes[0]
    if not names:
        return "something else is expected here"
    more = " …" if len(names) > _MOST else ""
    return f"expected {', '.join(names[:_MOST])}{more}"
