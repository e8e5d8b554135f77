"""Automatic numbers of Word paragraphs, which stand in no run: counted as Word counts them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cn2an import an2cn

_LEVELS = 9
_MOST = 9_999_999
_PLACE = re.compile(r"%([1-9])")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def chinese_number(number: int) -> str:
    """Return a number in Chinese numerals, as headings count."""
    return str(an2cn(number, "low"))


def _letters(number: int) -> str:
    """Return a, b … z, aa, bb …, as Word does."""
    turn, letter = divmod(number - 1, 26)
    return chr(97 + letter) * min(turn + 1, 20)


def _roman(number: int) -> str:
    """Return a number in Roman numerals.

    >>> _roman(14)
    'xiv'
    """
    if number > 3999:
        return str(number)
    text = ""
    for value, letters in _ROMAN:
        count, number = divmod(number, value)
        text += letters * count
    return text


def _circled(number: int) -> str:
    return chr(0x245F + number) if number <= 20 else str(number)


def _full_width(number: int) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in str(number))


_CHINESE = [
    "chineseCounting",
    "chineseCountingThousand",
    "chineseLegalSimplified",
    "japaneseCounting",
    "taiwaneseCounting",
    "taiwaneseCountingThousand",
    "japaneseDigitalTenThousand",
    "ideographDigital",
    "taiwaneseDigital",
    "koreanCounting",
]
_FORMATS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(_CHINESE, chinese_number),
    "decimalZero": lambda number: f"{number:02}",
    "decimalFullWidth": _full_width,
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": lambda number: f"({number})",
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
}


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: format, text with %1 … %9 for the numbers, first number."""

    format: str = "decimal"
    text: str = "%1."
    start: int = 1
    legal: bool = False
    suffix: str = " "


@dataclass(slots=True)
class Numbering:
    """The lists of a document and how far each has been counted.

    ``lists`` maps the id of a list to the id of its definition and its levels.
    """

    lists: Mapping[str, tuple[str, Mapping[int, Level]]]
    _counts: dict[str, list[int]] = field(default_factory=dict)

    def next_number(self, identifier: str, depth: int) -> str:
        """Count on and return the number that opens the paragraph, with the blank behind it."""
        if identifier not in self.lists or not 0 <= depth < _LEVELS:
            return ""
        definition, levels = self.lists[identifier]
        counts = self._counts.setdefault(definition, [0] * _LEVELS)
        level = levels.get(depth, Level())
        counts[depth] = min(counts[depth] + 1 if counts[depth] else level.start, _MOST)
        counts[depth + 1 :] = [0] * (_LEVELS - depth - 1)
        if level.format == "none":
            return ""
        if level.format == "bullet":
            return "- "
        return _PLACE.sub(lambda place: self._write(levels, counts, place, level), level.text) + (
            level.suffix
        )

    @staticmethod
    def _write(
        levels: Mapping[int, Level], counts: list[int], place: re.Match[str], own: Level
    ) -> str:
        depth = int(place[1]) - 1
        level = levels.get(depth, Level())
        number = counts[depth] or level.start
        if own.legal or level.format not in _FORMATS:
            return str(number)
        return _FORMATS[level.format](number)


def read_numbering(root: Any, attribute: Callable[[Any, str], str]) -> Numbering:
    """Return the lists that ``numbering.xml`` defines; ``attribute`` reads one by local name."""
    definitions = {
        attribute(node, "abstractNumId"): dict(_levels(node, attribute))
        for node in root.iterfind("{*}abstractNum")
    }
    lists: dict[str, tuple[str, Mapping[int, Level]]] = {}
    for node in root.iterfind("{*}num"):
        identifier = attribute(node, "numId")
        chosen = node.find("{*}abstractNumId")
        definition = attribute(chosen, "val") if chosen is not None else ""
        levels = dict(definitions.get(definition, {}))
        overridden = False
        for override in node.iterfind("{*}lvlOverride"):
            depth = _whole(attribute(override, "ilvl"), 0)
            levels.update(_levels(override, attribute))
            start = override.find("{*}startOverride")
            if start is not None:
                overridden = True
                old = levels.get(depth, Level())
                first = _whole(attribute(start, "val"), 1)
                levels[depth] = Level(old.format, old.text, first, old.legal, old.suffix)
        lists[identifier] = (f"{definition}/{identifier}" if overridden else definition, levels)
    return Numbering(lists)


def _levels(node: Any, attribute: Callable[[Any, str], str]) -> Iterator[tuple[int, Level]]:
    for level in node.iterfind("{*}lvl"):

        def read(name: str, default: str, level: Any = level) -> str:
            found = level.find(f"{{*}}{name}")
            return attribute(found, "val") if found is not None else default

        yield (
            _whole(attribute(level, "ilvl"), 0),
            Level(
                read("numFmt", "decimal"),
                read("lvlText", "")[:60],
                _whole(read("start", "1"), 1),
                level.find("{*}isLgl") is not None,
                "" if read("suff", "tab") == "nothing" else " ",
            ),
        )


def _whole(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else default
