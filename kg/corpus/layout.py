"""Layout repair: raw text becomes blocks of clean text with an exact offset map."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, pairwise
from typing import NamedTuple

from kg.corpus.drawn import Row, join_rows, tabulate
from kg.corpus.flattened import cut_flattened
from kg.corpus.grammar import Grammar
from kg.corpus.load import PARAGRAPH_END, STRUCK
from kg.model import UNREADABLE, Span

_FULL_WIDTH = {
    code: chr(code - 0xFEE0) for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B))
}
_FULL_WIDTH |= {code: chr(code - 0xFEE0) for code in range(0xFF41, 0xFF5B)}
_SAME_LENGTH = str.maketrans(
    {
        **{chr(k): v for k, v in _FULL_WIDTH.items()},
        "«": "《",
        "»": "》",
        "＋": "+",
        "．": ".",
        "％": "%",
        "－": "-",
        "﹒": ".",
        "\u00a0": " ",
        "\u3000": " ",
        "\u2002": " ",
        "\u2003": " ",
        "\u2009": " ",
        "［": "[",
        "］": "]",
        "﹝": "〔",
        "﹞": "〕",
    }
)
_WIDE = {",": "，", ";": "；", ":": "：", "!": "！", "?": "？", "(": "（", ")": "）"}
_ASCII = re.compile(r"[,;:!?().]")
# These begin with the mark itself, which is found faster than what stands before it.
_ASCII_MARK = re.compile(r"[,;:!?()](?:(?=[^\x00-\x7f])|(?<=[^\x00-\x7f].))")
_ASCII_PAIR = re.compile(r"\(([^()\n]{0,60})\)")
_ASCII_STOP = re.compile(
    r"\.(?:(?<=[^\x00-\x7f]\.)(?![0-9A-Za-z.])|(?<=[)%]\.)(?=\s*(?:[^\x00-\x7f]|$)))"
)
_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
# Controls, soft hyphens, marks of writing direction, joiners, variation selectors: none is read.
_INVISIBLE = (
    r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    r"\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
)
_TRIVIAL = re.compile(rf"[\s{_INVISIBLE}_*=~`.·•—–-]*$|<!--.*?-->\s*$")
_MARKUP_HEAD = re.compile(r"\s*(?:(?P<hash>#{1,6})\s*|>\s+|[-*]\s+(?=\S)|[•●■◆▪➢]\s*(?=\S))*")
# Emphasis, code, links, what is struck out, comments and tags, as markdown has them in a line.
_MARKUP = (
    r"\*{2,3}|`|\[(?=[^\[\]\n]{1,80}\]\((?:https?:|mailto:|[/#.])[^()\s]{0,300}\))"
    r"|(?<=[^\s\[])\]\((?:https?:|mailto:|[/#.])[^()\s]{0,300}\)"
    rf"|{STRUCK.pattern}|<!--[^\n]{{0,500}}?-->"
    r"|</?[A-Za-z][A-Za-z0-9]{0,9}(?:\s[^<>]{0,200})?/?>|&nbsp;?"
)
_MARKS = re.compile(r"[*_`\[\]~<&]")  # what markup begins with
# What stands within a number is kept: it may have been a point.
# Each way to match begins with what it takes, so that other places are passed over fast.
_UNSEEN = rf"[{_INVISIBLE}](?!(?<=\d[{UNREADABLE}])\d)"
_BLANKS = rf"{_UNSEEN}| (?:(?<=[^\x00-\x7f] )|(?<=^ )) *| +(?=[^\x00-\x7f]|$)"
_ODD = re.compile(rf"[ {_INVISIBLE}*_`\[\]~<&]")  # a line without these is kept as it is
_BLANKS_IN_ROW = (
    rf"{_UNSEEN}"
    r"| (?:(?<=[^\x00-\x7f] ) *(?=[\x21-\x7e])|(?<=[\x21-\x7e] ) *(?=[^\x00-\x7f]))"
)
# By whether the line is a row of a table, and whether it may hold markup.
_DROP = {
    (False, False): re.compile(_BLANKS),
    (False, True): re.compile(rf"{_MARKUP}|__(?=\S)|{_BLANKS}"),
    (True, False): re.compile(_BLANKS_IN_ROW),
    (True, True): re.compile(rf"{_MARKUP}|{_BLANKS_IN_ROW}"),
}
_GB2312_GAP = re.compile(
    r"[\u2e80-\u2fd5\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0002f800-\U0002fa1f]"
)
# Fonts of PDFs confuse ideographs with radicals; most of the latter Unicode itself takes back, these
# are of its table EquivalentUnifiedIdeograph.
_RADICALS = {
    0x2EA0: 0x6C11, 0x2EC1: 0x864E, 0x2EC4: 0x897F, 0x2EC5: 0x89C1, 0x2EC6: 0x89D2,
    0x2EC9: 0x8D1D, 0x2ECB: 0x8F66, 0x2ECC: 0x8FB6, 0x2ED3: 0x957F, 0x2ED4: 0x95E8,
    0x2ED8: 0x9752, 0x2ED9: 0x97E6, 0x2EDA: 0x9875, 0x2EDB: 0x98CE, 0x2EDC: 0x98DE,
    0x2EDD: 0x98DF, 0x2EE2: 0x9A6C, 0x2EE3: 0x9AA8, 0x2EE4: 0x9B3C, 0x2EE5: 0x9C7C,
    0x2EE6: 0x9E1F, 0x2EE7: 0x5364, 0x2EE8: 0x9EA6, 0x2EE9: 0x9EC4, 0x2EEA: 0x9EFE,
    0x2EEC: 0x9F50, 0x2EEE: 0x9F7F, 0x2EF0: 0x9F99,
}  # fmt: skip
_FEW = 50
_SENTENCE_END = tuple("。！？；：!?;:”’》】")
_RUNS_ON = tuple("，、（《“‘〔")


class Block(NamedTuple):
    """A paragraph, heading line or table row of clean text.

    ``offsets[i]`` is the raw offset of character i; ``cells`` are (start, end) in ``text``
    for a table row, empty otherwise; ``marked`` is true for a markdown heading.
    """

    text: str
    offsets: tuple[int, ...] | range
    cells: tuple[tuple[int, int], ...] = ()
    marked: bool = False

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Return the raw span of ``text[start:end]``."""
        last = len(self.text) if end is None else end
        return Span(self.offsets[start], self.offsets[last - 1] + 1)


class _Line(NamedTuple):
    text: str
    pieces: tuple[tuple[int, int], ...]
    marked: bool
    listed: bool
    closed: bool


def normalize(raw: str) -> str:
    """Return ``raw`` with digits, marks and variant characters in one form, of equal length.

    >>> normalize("沪府规〔２０２１〕９号,自«办法»起.")
    '沪府规〔2021〕9号，自《办法》起。'
    """
    return _widen(_unify(raw))


def _widen(text: str) -> str:
    """Return ``text`` with ASCII punctuation beside Chinese in full width, of equal length."""
    if not _ASCII.search(text) or text.isascii():
        return text
    text = _ASCII_PAIR.sub(_wide_pair, text)
    text = _ASCII_MARK.sub(lambda mark: _WIDE[mark[0]], text)
    return _ASCII_STOP.sub("。", text)


def _wide_pair(pair: re.Match[str]) -> str:
    """Widen both brackets where what they hold or what stands before them is Chinese."""
    before = pair.string[max(0, pair.start() - 2) : pair.start()].strip()
    return pair[0] if (pair[1] + before).isascii() else f"（{pair[1]}）"


def _unify(raw: str) -> str:
    """Replace variant marks, traditional characters and radicals, one for one.

    What few characters need is cheaper done one after the other than by a look at each place.
    """
    odd: set[str] = set(_odd().findall(raw))
    changed = {old: new for old in odd if (new := _unified(old)) != old}
    if len(changed) > _FEW or not changed.keys().isdisjoint(changed.values()):
        return raw.translate({ord(old): new for old, new in changed.items()})
    for old, new in changed.items():
        raw = raw.replace(old, new)
    return raw


@lru_cache(maxsize=1)
def _odd() -> re.Pattern[str]:
    """Return the pattern of what has, or may have, another form: all but ASCII and most of GB 2312."""
    rows = (bytes((row, cell)) for row in range(0xA1, 0xF8) for cell in range(0xA1, 0xFF))
    known = {code.decode("gb2312", "ignore") for code in rows} - {""}
    plain = "".join(sorted(character for character in known if _unified(character) == character))
    return re.compile(rf"[^\x00-\x7f{plain}]")


@lru_cache(maxsize=20_000)
def _unified(character: str) -> str:
    """Return a character in the one form that is read: ideographs as GB 2312 has them."""
    character = character.translate(_SAME_LENGTH)
    return _modern(character) if _GB2312_GAP.match(character) else character


def _modern(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character.translate(_RADICALS))
    character = plain if len(plain) == 1 else character
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        converted = str(_converter().convert(character))
        return converted if len(converted) == 1 else character
    return character


@lru_cache(maxsize=1)
def _converter():  # type: ignore[no-untyped-def]
    from opencc import OpenCC

    return OpenCC("t2s")


def repair_layout(raw: str, grammar: Grammar) -> list[Block]:
    """Return the blocks of ``raw`` in order: hard wraps joined, page furniture left out."""
    text = _unify(raw)
    tabbed = tabulate(text)
    lines = list(_read_lines(tabbed, join_rows(text, tabbed), grammar))
    wrapped = _wrap_width(lines)
    blocks: list[list[_Line]] = []
    for line in lines:
        if blocks and _continues(blocks[-1], line, wrapped, grammar):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return [_block(group) for group in blocks]


def _raw_lines(text: str, grammar: Grammar) -> Iterator[tuple[int, str]]:
    """Yield offset and text of each line; the paragraphs of a flattened text are lines, too."""
    before = ""
    for found in _LINE.finditer(text):
        line = found[0]
        if "\t" in line:
            yield found.start(), line
        else:
            for start, end in cut_flattened(line, before, grammar.vocabulary):
                yield found.start() + start, line[start:end]
        before = line.strip()


def _read_lines(text: str, joined: dict[int, tuple[int, Row]], grammar: Grammar) -> Iterator[_Line]:
    """Yield the lines with what is read of them; ``joined`` are rows that several lines make."""
    until = 0
    for start, line in _raw_lines(text, grammar):
        if start < until:
            continue
        if start in joined:
            until, row = joined[start]
            content = _widen("".join([text[a:b] for a, b in row]))
            yield _Line(content, row, marked=False, listed=False, closed=False)
            continue
        if _TRIVIAL.match(line) or grammar.page_number.match(line.strip()):
            continue
        head = _MARKUP_HEAD.match(line)
        skip = head.end() if head else 0
        if "\t" in line:
            skip = 0
        pieces = tuple(_kept(line[skip:], start + skip))
        content = _widen("".join([text[a:b] for a, b in pieces]))
        if content.strip():
            listed = bool(skip and not line[:skip].isspace())
            closed = text.startswith(PARAGRAPH_END, start + len(line))
            yield _Line(content, pieces, bool(head and head["hash"]), listed, closed)


def _kept(line: str, offset: int) -> Iterator[tuple[int, int]]:
    odd = _ODD.search(line)
    if odd is None:
        yield offset, offset + len(line)
        return
    last = 0
    pattern = _DROP["\t" in line, _MARKS.search(line, odd.start()) is not None]
    for drop in pattern.finditer(line):
        if drop.start() > last:
            yield offset + last, offset + drop.start()
        last = drop.end()
    if last < len(line):
        yield offset + last, offset + len(line)


def _wrap_width(lines: list[_Line]) -> int:
    """Return the width at which lines break inside sentences, 0 where they do not."""
    widths = sorted(
        len(line.text) for line in lines if len(line.text) >= 15 and "\t" not in line.text
    )
    if len(widths) < 8:
        return 0
    longest = widths[int(len(widths) * 0.9)]
    broken = [
        line
        for line in lines
        if 0.8 * longest <= len(line.text) <= 1.25 * longest and "\t" not in line.text
    ]
    unfinished = [line for line in broken if not line.text.rstrip().endswith(_SENTENCE_END)]
    hard = len(broken) >= 0.4 * len(widths) and len(unfinished) >= 0.6 * len(broken)
    return longest if hard and longest <= 90 else 0


def _continues(group: list[_Line], line: _Line, wrapped: int, grammar: Grammar) -> bool:
    """Tell whether ``line`` goes on with the sentence that the group leaves open."""
    last = group[-1]
    if last.closed and not wrapped:
        return False
    if last.marked or line.marked or line.listed or "\t" in last.text or "\t" in line.text:
        return False
    if last.text.endswith(_SENTENCE_END) and not _open_bracket(last.text):
        return False
    if grammar.starts_block(line.text) or grammar.stands_alone(last.text):
        return False
    if grammar.search("addressee", line.text) or grammar.search("notice-end", last.text):
        return False
    if last.text.endswith(_RUNS_ON):
        return True
    if wrapped:
        return len(last.text) >= 0.82 * wrapped or _open_bracket("".join(x.text for x in group))
    return len(last.text) >= 36 and not last.listed


def _open_bracket(text: str) -> bool:
    tail = text[-200:]
    return (
        tail.rfind("（") > tail.rfind("）")
        or tail.rfind("《") > tail.rfind("》")
        or tail.rfind("“") > tail.rfind("”")
    )


def _block(group: list[_Line]) -> Block:
    text = "".join([line.text for line in group])
    offsets = _join_offsets([piece for line in group for piece in line.pieces])
    cells: tuple[tuple[int, int], ...] = ()
    if "\t" in text:
        cells = tuple(_cells(text))
    return Block(text, offsets, cells, group[0].marked)


def _join_offsets(pieces: Sequence[tuple[int, int]]) -> tuple[int, ...] | range:
    """Return the offsets of some pieces, as a range where one follows the other."""
    if all(last[1] == following[0] for last, following in pairwise(pieces)):
        return range(pieces[0][0], pieces[-1][1])
    return tuple(chain.from_iterable(range(a, b) for a, b in pieces))


def _cells(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for part in text.split("\t"):
        content = part.strip()
        lead = len(part) - len(part.lstrip()) if content else 0
        yield start + lead, start + lead + len(content)
        start += len(part) + 1
