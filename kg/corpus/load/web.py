"""Web pages: visible text by blocks, tables as rows of cells, lists of links left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes

from selectolax.lexbor import LexborHTMLParser, LexborNode

from kg.corpus.decode import decode
from kg.corpus.load.limits import Limits
from kg.corpus.load.loaded import PARAGRAPH_END, Loaded, Note
from kg.corpus.load.rows import RowGrid, join_cells
from kg.errors import CorpusError

_SKIPPED = frozenset(
    [
        "head",
        "script",
        "style",
        "noscript",
        "template",
        "iframe",
        "frame",
        "object",
        "embed",
        "applet",
        "audio",
        "video",
        "canvas",
        "svg",
        "map",
        "select",
        "button",
        "textarea",
        "datalist",
        "input",
        "nav",
        "aside",
        "dialog",
        "noframes",
        "noembed",
        "rp",
        "rt",
        "rtc",
    ]
)
_STRUCK = frozenset(["del", "s", "strike"])
_STRUCK_STYLE = re.compile(r"text-decoration(?:-line)?\s*:[^;]*line-through", re.I)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "footer",
        "figure",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "ul",
    ]
)
_LINK_LISTS = frozenset(
    ["div", "ul", "ol", "dl", "section", "table", "td", "p", "center", "header"]
)
_HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
_HIDDEN = re.compile(
    r"display\s*:\s*none|mso-hide\s*:\s*all|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?![.\d]*[1-9])"
    r"|(?:left|top|text-indent)\s*:\s*-\d{4,}(?:\.\d+)?px",  # far outside of the page
    re.I,
)
_SPACE = re.compile(r"[ \t\n\r\f\v]+")
_LEAST_LINKS, _LINK_SHARE = 5, 0.75
_MOST_SPAN = 200


@dataclass(slots=True)
class _Table:
    """A table being read; a cell's lines stand in ``lines`` from ``start`` on."""

    grid: RowGrid = field(default_factory=RowGrid)
    start: int = 0
    layout: bool = False


@dataclass(slots=True)
class _Mark:
    """Where an open element began: lines, characters and characters of links so far."""

    lines: int
    characters: int
    linked: int
    links: int


@dataclass(slots=True)
class _Page:
    """The page as read so far."""

    lines: list[str] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    prefix: str = ""
    characters: int = 0
    linked: int = 0
    links: int = 0
    in_link: int = 0
    in_pre: int = 0
    tables: list[_Table] = field(default_factory=list)
    lists: list[int | None] = field(default_factory=list)
    hidden: int = 0
    struck: int = 0
    formulas: int = 0
    menus: int = 0
    articles: int = 0
    raised: int = 0

    def add_text(self, text: str) -> None:
        if not self.in_pre:
            text = _SPACE.sub(" ", text)
        if self.raised and text[:1].isdigit() and self.buffer and self.buffer[-1][-1:].isdigit():
            self.buffer.append("^")  # 10⁴ is not 104
        self.buffer.append(text)
        size = len(text.strip())
        self.characters += size
        self.linked += size if self.in_link else 0

    def end_line(self, *, end: str = PARAGRAPH_END) -> None:
        text = "".join(self.buffer)
        self.buffer.clear()
        lines = text.split("\n") if self.in_pre else (text,)
        for line in filter(str.strip, lines):
            self.lines.append(
                self.prefix + line.replace("\t", " ").strip() + end * (len(lines) == 1)
            )
            self.prefix = ""

    def mark(self) -> _Mark:
        return _Mark(len(self.lines), self.characters, self.linked, self.links)

    def drop_menu(self, since: _Mark) -> None:
        """Take back what an element held where it is little but links."""
        characters = self.characters - since.characters
        linked = self.linked - since.linked
        if self.links - since.links >= _LEAST_LINKS and linked >= _LINK_SHARE * characters:
            del self.lines[since.lines :]
            self.characters, self.linked, self.links = since.characters, since.linked, since.links
            self.menus += 1


def load_html(content: bytes, name: str, limits: Limits) -> Loaded:
    """Return the visible text of a web page; navigation, scripts and hidden elements go.

    Nothing that the page refers to is fetched.  Raises CorpusError with reason ``no-text``.
    """
    text, encoding = decode(content, name=name)
    limits.check_size(len(text), name)
    return _load_page(text, name, encoding)


def load_mhtml(content: bytes, name: str, limits: Limits) -> Loaded:
    """Return the visible text of the first web page in a saved web archive."""
    for part in message_from_bytes(content).walk():
        if part.get_content_type() == "text/html":
            body = part.get_payload(decode=True)
            if isinstance(body, bytes):
                return load_html(body, name, limits)
    raise CorpusError(
        f"{name}: no web page in the archive", reason="no-text", advice="save it as HTML or .docx"
    )


def _load_page(text: str, name: str, encoding: str) -> Loaded:
    root = LexborHTMLParser(text.replace("\x00", "")).root
    page = _Page()
    if root is not None:
        _walk(root, page)
    page.end_line()
    if not page.lines:
        raise CorpusError(
            f"{name}: no text on the page but links",
            reason="no-text",
            advice="save the page of the document itself; if a script shows it, save it as PDF",
        )
    notes = []
    if page.hidden:
        notes.append(Note("hidden-text", f"{page.hidden} hidden elements are left out"))
    if page.struck:
        notes.append(
            Note("struck-text", f"{page.struck} passages that are struck out are left out")
        )
    if page.formulas:
        notes.append(Note("formula", f"{page.formulas} formulas are left out"))
    return Loaded("\n".join(page.lines) + "\n", "html", encoding, tuple(notes))


def _walk(root: LexborNode, page: _Page) -> None:
    """Go through the tree without recursion: pages may be deep."""
    open_elements: list[tuple[LexborNode, _Mark]] = []
    node: LexborNode | None = root
    while node is not None:
        child = None
        if node.is_text_node:
            page.add_text(node.text_content or "")
        elif node.is_element_node and _enter(node, page):
            open_elements.append((node, page.mark()))
            child = node.first_child
            if child is None:
                _leave(*open_elements.pop(), page)
        if child is not None:
            node = child
            continue
        while node.next is None and open_elements:
            node, mark = open_elements.pop()
            _leave(node, mark, page)
        node = node.next


def _enter(node: LexborNode, page: _Page) -> bool:
    """Begin an element; tell whether its content counts."""
    tag = node.tag or ""
    if tag == "br":
        if page.in_pre:
            page.buffer.append("\n")
        else:
            page.end_line(end="")
        return False
    if tag in _SKIPPED or (tag == "footer" and not page.articles):
        return False
    if tag == "math":
        page.formulas += 1
        return False
    attributes = node.attributes
    if "hidden" in attributes or _HIDDEN.search(attributes.get("style") or ""):
        page.hidden += 1
        return False
    if tag in _STRUCK or _STRUCK_STYLE.search(attributes.get("style") or ""):
        page.struck += 1
        return False
    if tag in _BLOCKS or tag in ("table", "tr", "td", "th"):
        page.end_line()
    _open(tag, attributes, page)
    return True


def _open(tag: str, attributes: dict[str, str | None], page: _Page) -> None:
    if tag in _HEADINGS:
        page.prefix = f"{_HEADINGS[tag]} "
    elif tag == "a":
        page.in_link += 1
        page.links += 1
    elif tag == "pre":
        page.in_pre += 1
    elif tag == "article":
        page.articles += 1
    elif tag == "sup":
        page.raised += 1
    elif tag in ("ul", "ol"):
        page.lists.append(_number(attributes.get("start"), 1) - 1 if tag == "ol" else None)
    elif tag == "li":
        page.prefix = _list_prefix(page.lists, attributes.get("value"))
    elif tag == "table":
        if page.tables:
            page.tables[-1].layout = True
        page.tables.append(_Table(start=len(page.lines)))
    elif tag == "tr" and page.tables:
        page.tables[-1].grid.begin_row()
    elif tag in ("td", "th") and page.tables:
        page.tables[-1].start = len(page.lines)


def _list_prefix(lists: list[int | None], value: str | None) -> str:
    """Return the mark of an item: its number, counted on from ``value`` where that is given."""
    if not lists or lists[-1] is None:
        return "- "
    lists[-1] = _number(value, lists[-1] + 1)
    return f"{lists[-1]}. "


def _leave(node: LexborNode, mark: _Mark, page: _Page) -> None:
    tag = node.tag or ""
    if tag in _BLOCKS or tag in ("table", "tr", "td", "th"):
        page.end_line()
        page.prefix = ""
    if tag == "a":
        page.in_link -= 1
    elif tag == "pre":
        page.in_pre -= 1
    elif tag == "article":
        page.articles -= 1
    elif tag == "sup":
        page.raised -= 1
    elif tag in ("ul", "ol") and page.lists:
        page.lists.pop()
    elif tag in ("td", "th") and page.tables:
        _end_cell(node, page)
    elif tag == "table" and page.tables:
        _end_table(page.tables.pop(), mark, page)
    if tag in _LINK_LISTS:
        page.drop_menu(mark)


def _end_cell(node: LexborNode, page: _Page) -> None:
    table = page.tables[-1]
    lines = page.lines[table.start :]
    columns = min(_number(node.attributes.get("colspan"), 1), _MOST_SPAN)
    down = node.attributes.get("rowspan")  # 0: all rows that are left
    rows = _MOST_SPAN if (down or "").strip() == "0" else min(_number(down, 1), _MOST_SPAN)
    if table.layout:
        return
    del page.lines[table.start :]
    table.grid.add_cell(lines, columns=columns, rows=rows)


def _end_table(table: _Table, mark: _Mark, page: _Page) -> None:
    """Write the rows of a table; one that only arranges a page gives its cells as lines."""
    if table.layout or table.grid.arranges_page():
        page.lines[mark.lines : mark.lines] = list(table.grid.lines())
        return
    page.lines.extend(join_cells(row) for row in table.grid.rows() if any(row))


def _number(text: str | None, default: int) -> int:
    try:
        return max(1, int(text or default))
    except ValueError:
        return default
