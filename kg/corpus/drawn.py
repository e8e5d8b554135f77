"""Tables drawn with characters: markdown's pipes and the box lines of old texts become tabs."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PIPE = re.compile(r"(?<!\\)\|")
_UPRIGHT = re.compile("[\u2502\u2503\u2551]")
_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_BOX_RULE = re.compile("[ \t\u3000]*[\u2500-\u257f][\u2500-\u257f \t\u3000-]*")
_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"\n|\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_LEAST_ROWS, _RULED = 2, 3

Row = tuple[tuple[int, int], ...]
"""The pieces of a row, its cells in their order; each may come from several lines."""


def tabulate(text: str) -> str:
    r"""Return ``text``, of equal length, with tabs between the cells of tables drawn in it.

    Lines that only rule a table become blanks.

    >>> tabulate("|任务|单位|\n|-|-|\n|奖励|科技局|").split("\n")
    [' 任务\t单位 ', '     ', ' 奖励\t科技局 ']
    """
    piped, boxed = "|" in text, bool(_UPRIGHT.search(text))
    if not piped and not boxed:
        return text
    lines = list(_LINE.finditer(text))
    changed: dict[int, str] = {}
    if piped:
        changed.update(_read_pipes(lines, text))
    if boxed:
        changed.update(_read_boxes(lines, text))
    parts, last = [], 0
    for start, line in sorted(changed.items()):
        parts += [text[last:start], line]
        last = start + len(line)
    return "".join([*parts, text[last:]])


def _read_pipes(lines: list[re.Match[str]], text: str) -> Iterator[tuple[int, str]]:
    """Yield where rows of markdown's tables begin, and how they read with tabs.

    A table is a row of heads, the line that rules it, and the rows below, without an empty line.
    """
    for place, line in enumerate(lines[1:], 1):
        head = lines[place - 1]
        if "|" not in line[0] or not _RULE.fullmatch(line[0]):
            continue
        if not _PIPE.search(head[0]) or not _is_next(head, line, text):
            continue
        yield head.start(), _with_tabs(head[0], _PIPE)
        yield line.start(), " " * len(line[0])
        last = line
        for row in lines[place + 1 :]:
            if not _PIPE.search(row[0]) or not _is_next(last, row, text):
                break
            yield row.start(), _with_tabs(row[0], _PIPE)
            last = row


def _read_boxes(lines: list[re.Match[str]], text: str) -> Iterator[tuple[int, str]]:
    """Yield where lines of tables in boxes begin, and how they read with tabs."""
    for box in _find_boxes(lines, text):
        for line in box:
            rule = _BOX_RULE.fullmatch(line[0])
            yield line.start(), " " * len(line[0]) if rule else _with_tabs(line[0], _UPRIGHT)


def _find_boxes(lines: list[re.Match[str]], text: str) -> Iterator[list[re.Match[str]]]:
    """Yield the lines of each table in a box: rows and rules without an empty line between them."""
    group: list[re.Match[str]] = []
    for line in [*lines, None]:
        inside = line is not None and (
            _BOX_RULE.fullmatch(line[0]) or len(_UPRIGHT.findall(line[0])) > 1
        )
        if group and not (line is not None and inside and _is_next(group[-1], line, text)):
            if _is_box(group):
                yield group
            group = []
        if line is not None and inside:
            group.append(line)


def _is_box(group: list[re.Match[str]]) -> bool:
    rules = sum(bool(_BOX_RULE.fullmatch(line[0])) for line in group)
    rows = len(group) - rules
    return rows >= _LEAST_ROWS or (rows > 0 and rules > 0)


def _with_tabs(line: str, mark: re.Pattern[str]) -> str:
    """Replace the marks between cells by tabs, those at the ends by blanks."""
    start, end = len(line) - len(line.lstrip()), len(line.rstrip())
    inner = line.replace("\t", " ")
    characters = list(inner)
    for found in mark.finditer(inner):
        at_end = found.start() == start or found.end() == end
        characters[found.start()] = " " if at_end else "\t"
    return "".join(characters)


def join_rows(text: str, tabbed: str) -> dict[int, tuple[int, Row]]:
    r"""Return the rows of boxes whose cells have several lines: where each begins and ends, and how it reads.

    ``tabbed`` is what ``tabulate`` made of ``text``.

    >>> text = "┌─┬─┐\n│甲│乙│\n├─┼─┤\n│丙│丁│\n│　│戊│\n└─┴─┘"
    >>> tabbed = tabulate(text)
    >>> [["".join(tabbed[a:b] for a, b in row)] for _, row in join_rows(text, tabbed).values()]
    [[' 丙\t丁戊 ']]
    """
    if not _UPRIGHT.search(text):
        return {}
    rows: dict[int, tuple[int, Row]] = {}
    for box in _find_boxes(list(_LINE.finditer(text)), text):
        for lines in _split_rows([(m.start(), tabbed[m.start() : m.end()]) for m in box]):
            start, end = lines[0][0], lines[-1][0] + len(lines[-1][1])
            row = _join(lines) if len(lines) > 1 else None
            if row:
                rows[start] = (end, row)
    return rows


def _split_rows(lines: list[tuple[int, str]]) -> Iterator[list[tuple[int, str]]]:
    """Yield the lines of each row: those between two rules, where rules part all rows.

    Where they part the heads alone, a line goes on with the row above when its first cell is empty.
    """
    between: list[list[tuple[int, str]]] = [[]]
    for start, line in lines:
        if line.strip():
            between[-1].append((start, line))
        elif between[-1]:
            between.append([])
    segments = [segment for segment in between if segment]
    if len(segments) >= _RULED:
        yield from segments
        return
    for segment in segments:
        row: list[tuple[int, str]] = []
        for start, line in segment:
            if row and line.partition("\t")[0].strip():
                yield row
                row = []
            row.append((start, line))
        yield row


def _join(lines: list[tuple[int, str]]) -> Row | None:
    """Return the cells of several lines, one after the other, None where the lines differ in them."""
    cut = [(start, line, line.split("\t")) for start, line in lines]
    if len({len(cells) for _, _, cells in cut}) != 1:
        return None
    first, last = lines[0], lines[-1]
    pieces = [(first[0], first[0] + 1)]  # the frame, so that the row begins and ends with it
    places = [start for start, _ in lines]
    for column in range(len(cut[0][2])):
        for index, (_, _, cells) in enumerate(cut):
            cell = cells[column]
            lead = len(cell) - len(cell.lstrip())
            if cell.strip():
                pieces.append((places[index] + lead, places[index] + len(cell.rstrip())))
            places[index] += len(cell) + 1
        if column < len(cut[0][2]) - 1:
            pieces.append((places[0] - 1, places[0]))
    end = last[0] + len(last[1])
    return (*pieces, (end - 1, end))


def _is_next(above: re.Match[str], line: re.Match[str], text: str) -> bool:
    """Tell whether a line follows another without an empty one between them."""
    return _BREAK.fullmatch(text, above.end(), line.start()) is not None
