"""How texts, numbers and identifiers are written in canonical N-Quads, as Oxigraph keeps them."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from urllib.parse import quote

from kg.errors import GraphError

_PLACEHOLDER = "\ufffd"
_SPECIAL = re.compile('[\x00-\x1f"\\\\\x7f\ud800-\udfff\ufffe\uffff]')
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPES = {
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}
_ESCAPED = re.compile(r"\\(u[0-9A-F]{4}|U[0-9A-F]{8}|.)")
_UNESCAPES = {escape[1]: character for character, escape in _ESCAPES.items()}
_NOT_IN_IRI = re.compile(
    "[^!$&'()*+,\\-./0-9:;=@A-Z_a-z~\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    "\U00010000-\U0001fffd\U00020000-\U0002fffd]"
)


def escape_text(text: str) -> str:
    r"""Escape the text of a literal as canonical N-Quads do.

    >>> print(escape_text('所谓"双创"\n' + chr(11)))
    所谓\"双创\"\n\u000B
    """
    return text if _SPECIAL.search(text) is None else _SPECIAL.sub(_escape_character, text)


def unescape_text(text: str) -> str:
    """Undo ``escape_text``."""
    return text if "\\" not in text else _ESCAPED.sub(_unescape_character, text)


def replace_surrogates(text: str) -> str:
    """Replace each lone surrogate, which UTF-8 cannot hold, by U+FFFD."""
    return text if _SURROGATE.search(text) is None else _SURROGATE.sub(_PLACEHOLDER, text)


@lru_cache(maxsize=4096)
def encode_segment(identifier: str) -> str:
    """Percent-encode what an IRI cannot hold; Chinese characters stay.

    >>> encode_segment("市科委|A B")
    '市科委%7CA%20B'
    """
    return _NOT_IN_IRI.sub(lambda found: quote(replace_surrogates(found[0]), safe=""), identifier)


@lru_cache(maxsize=4096)
def format_decimal(value: float) -> str:
    """Write a number as the canonical xsd:decimal: no exponent, no trailing zeros.

    Raises GraphError for what is no finite number.

    >>> format_decimal(200000.0), format_decimal(20.50), format_decimal(1e-7)
    ('200000', '20.5', '0.0000001')
    """
    if not isfinite(value):
        raise GraphError(f"the value {value} is no number that a graph can hold")
    text = format(Decimal(repr(float(value))), "f")
    whole = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if whole == "-0" else whole


@lru_cache(maxsize=4096)
def is_date(text: str) -> bool:
    """Tell whether a text is a full ISO date that exists, as xsd:date wants it."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-":
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _escape_character(found: re.Match[str]) -> str:
    character = found[0]
    if "\ud800" <= character <= "\udfff":
        return _PLACEHOLDER
    return _ESCAPES.get(character) or f"\\u{ord(character):04X}"


def _unescape_character(found: re.Match[str]) -> str:
    escape = found[1]
    return _UNESCAPES[escape] if len(escape) == 1 else chr(int(escape[1:], 16))
