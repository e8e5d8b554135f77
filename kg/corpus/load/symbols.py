"""Word's own ways of writing characters: fields that draw them, fonts of symbols, formulas."""

from __future__ import annotations

import re
from typing import Any

_OVERSTRIKE = re.compile(r"\\o(?:\s*\\a[clr])*\s*\(([^()]*?)[,;，；]([^()]*)\)", re.I)
_FRACTION = re.compile(r"\\f\s*\(([^()]*?)[,;，；]([^()]*)\)", re.I)
_SWITCH = re.compile(r"\\[a-z]+\d*", re.I)
_RINGS = frozenset("○◯〇Oo")
# Where the fonts of symbols have what matters to numbers and lists; their codes begin at F000.
_FONTS = {
    "symbol": dict(
        zip(
            bytes.fromhex("25 2b 3c 3d 3e a3 b0 b1 b3 b4 b8 b9 bb").decode("latin-1"),
            "%+<=>≤°±≥×÷≠≈",
            strict=True,
        )
    ),
    "wingdings": {
        **{chr(0x81 + n): chr(0x2460 + n) for n in range(10)},
        **{chr(0x8C + n): chr(0x2776 + n) for n in range(10)},
        "o": "□", "\xa8": "□", "\xfc": "√", "\xfe": "☑", "\xfd": "☒", "l": "●", "n": "■", "\xd8": "➢",
    },
    "wingdings 2": {"P": "√", "R": "☑", "S": "☒", "T": "☒", "\xa3": "□"},
}  # fmt: skip


def read_equation(code: str) -> str:
    r"""Return what a field of the kind EQ shows, empty for other fields.

    >>> read_equation(r" eq \o\ac(○,3) "), read_equation(r"EQ \F(1,2)"), read_equation("PAGE")
    ('③', '1/2', '')
    """
    kind, _, body = code.strip().partition(" ")
    if kind.lower() != "eq":
        return ""
    body = _FRACTION.sub(r"\1/\2", _OVERSTRIKE.sub(_lay_over, body))
    return "".join(_SWITCH.sub("", body).translate({ord("("): "", ord(")"): ""}).split())


def _lay_over(found: re.Match[str]) -> str:
    below, above = found[1].strip(), found[2].strip()
    if below in _RINGS and above.isascii() and above.isdigit():
        return _circle(int(above))
    return "☑" if (below, above) == ("□", "√") else below + above


def _circle(number: int) -> str:
    for first, start, last in ((1, 0x2460, 20), (21, 0x3251, 35), (36, 0x32B1, 50)):
        if first <= number <= last:
            return chr(start + number - first)
    return str(number)


def read_symbol(font: str, code: str) -> str:
    """Return the character at a hexadecimal code of a font, empty where it is none we know.

    >>> read_symbol("Symbol", "F0B3"), read_symbol("宋体", "2460"), read_symbol("Wingdings", "F081")
    ('≥', '①', '①')
    """
    try:
        place = int(code, 16)
    except ValueError:
        return ""
    known = _FONTS.get(font.strip().lower())
    if known is not None:
        return known.get(chr(place & 0xFF), "") if place < 0x10000 else ""
    return chr(place) if 0xA0 <= place < 0xD800 else ""


def read_formula(node: Any) -> str:
    """Return a formula in one line; fractions with a stroke, what stands raised behind ``^``."""
    tag = str(node.tag).rpartition("}")[2]
    if tag == "t":
        return node.text or ""
    parts = [read_formula(child) for child in node]
    if tag in ("f", "mfrac") and len(written := [part for part in parts if part]) == 2:
        return "/".join(written)
    if tag == "sup" and any(parts):
        return "^" + "".join(parts)
    return "".join(parts)
