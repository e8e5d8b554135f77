"""Renderings of a plain text as Word file, PDF and web page, as an office would publish it."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from kg.corpus.grammar import Grammar
from kg.corpus.layout import Block, repair_layout

MENU = ["首页", "政务公开", "政策文件", "互动交流", "办事服务", "数据发布"]
HEADER, FOOTER = "某某市人民政府公报", "主办单位：某某市人民政府办公室"


@dataclass(frozen=True)
class Part:
    """A paragraph with its level of heading, 0 for none, an item of a list, or rows of a table."""

    text: str = ""
    level: int = 0
    item: bool = False
    rows: tuple[tuple[str, ...], ...] = ()


def read_parts(raw: str, grammar: Grammar) -> list[Part]:
    """Return the paragraphs and tables of a text in its own characters, without its markup."""
    parts: list[Part] = []
    blocks = repair_layout(raw, grammar)
    for tabular, group in groupby(blocks, key=lambda block: bool(block.cells)):
        if tabular:
            parts.append(Part(rows=tuple(tuple(_cells(block, raw)) for block in group)))
        else:
            parts.extend(
                Part(_own(block, raw), _level(block, raw), _before(block, raw).strip() == "-")
                for block in group
            )
    return parts


def _own(block: Block, raw: str, start: int = 0, end: int | None = None) -> str:
    return "".join(raw[offset] for offset in block.offsets[start:end])


def _cells(block: Block, raw: str) -> Iterator[str]:
    for start, end in block.cells:
        yield re.sub(r"\s+", " ", _own(block, raw, start, end)).strip()


def _level(block: Block, raw: str) -> int:
    if not block.marked:
        return 0
    return min(6, max(1, _before(block, raw).count("#")))


def _before(block: Block, raw: str) -> str:
    """Return what stands before a block on its line."""
    return raw[raw.rfind("\n", 0, block.offsets[0]) + 1 : block.offsets[0]]


def render_html(parts: Iterable[Part]) -> bytes:
    """Return a web page in GB18030 whose header claims UTF-8, with menu and footer."""
    links = "".join(
        f'<li><a href="/{i}.html">{name}栏目导航</a></li>' for i, name in enumerate(MENU)
    )
    body = "\n".join(map(_html_part, parts))
    page = (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{HEADER}</title>'
        f"<style>p{{margin:0}}</style></head><body><header><ul>{links}</ul></header>"
        f'<div class="content">{body}</div><script>document.write("x")</script>'
        f"<footer><p>{FOOTER}</p></footer></body></html>"
    )
    return page.encode("gb18030")


def _html_part(part: Part) -> str:
    if part.rows:
        rows = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in part.rows
        )
        return f"<table>{rows}</table>"
    if part.item:
        return f"<ul><li>{html.escape(part.text)}</li></ul>"
    tag = f"h{part.level}" if part.level else "p"
    return f"<{tag}>{html.escape(part.text)}</{tag}>"


def render_docx(parts: Iterable[Part]) -> bytes:
    """Return a Word file with a page header and page numbers."""
    import docx

    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = HEADER
    document.sections[0].footer.paragraphs[0].text = "— 1 —"
    for part in parts:
        if part.rows:
            columns = max(map(len, part.rows))
            table = document.add_table(len(part.rows), columns)
            for row, texts in zip(table.rows, part.rows, strict=True):
                for cell, text in zip(row.cells, texts, strict=False):
                    cell.text = text
        elif part.level:
            document.add_heading(part.text, part.level)
        else:
            document.add_paragraph(part.text, style="List Bullet" if part.item else None)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def render_pdf(parts: Iterable[Part]) -> bytes:
    """Return a PDF with a running header, page numbers, wrapped lines and ruled tables."""
    from reportlab.lib import colors
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    shared: dict[str, Any] = {"fontName": "STSong-Light", "wordWrap": "CJK"}
    text = ParagraphStyle("text", fontSize=12, leading=20, firstLineIndent=24, **shared)
    heading = ParagraphStyle("heading", fontSize=15, leading=24, spaceBefore=8, **shared)
    small = ParagraphStyle("cell", fontSize=10, leading=14, **shared)

    def frame(canvas: Any, document: Any) -> None:
        canvas.setFont("STSong-Light", 9)
        canvas.drawString(250, 810, HEADER)
        canvas.drawString(285, 30, f"— {document.page} —")

    flow: list[Any] = []
    for part in parts:
        if part.rows:
            columns = max(map(len, part.rows))
            rows = [[Paragraph(html.escape(cell), small) for cell in row] for row in part.rows]
            rows = [row + [""] * (columns - len(row)) for row in rows]
            rules = [("GRID", (0, 0), (-1, -1), 0.5, colors.black)]
            widths = [440 * share for share in _shares(part.rows, columns)]
            flow.append(Table(rows, colWidths=widths, style=rules, repeatRows=1))
        else:
            style = heading if part.level else text
            flow.append(Paragraph(html.escape("• " * part.item + part.text), style))
    stream = io.BytesIO()
    SimpleDocTemplate(stream).build(flow, onFirstPage=frame, onLaterPages=frame)
    return stream.getvalue()


def _shares(rows: tuple[tuple[str, ...], ...], columns: int) -> list[float]:
    """Return the widths of the columns by their longest texts, none below a sixth of the mean."""
    longest = [
        max((len(row[i]) for row in rows if i < len(row)), default=1) for i in range(columns)
    ]
    widths = [max(size, 6 * len(longest) // 2) ** 0.5 for size in longest]
    return [width / sum(widths) for width in widths]


RENDERERS = {"html": render_html, "docx": render_docx, "pdf": render_pdf}
