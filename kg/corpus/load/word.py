"""Word files: paragraphs and tables as they read once all tracked changes are accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from kg.corpus.load.archive import Archive
from kg.corpus.load.limits import Limits
from kg.corpus.load.loaded import PARAGRAPH_END, Loaded, Note
from kg.corpus.load.numbering import Numbering, read_numbering
from kg.corpus.load.rows import RowGrid, join_cells
from kg.corpus.load.symbols import read_equation, read_formula, read_symbol
from kg.errors import CorpusError

_OFF = frozenset({"0", "false", "off", "none"})
_INLINE = frozenset(
    [
        "ins",
        "moveTo",
        "hyperlink",
        "smartTag",
        "fldSimple",
        "sdt",
        "sdtContent",
        "customXml",
        "dir",
        "bdo",
        "r",
        "ruby",
        "rubyBase",
    ]
)
_BLOCK = frozenset(["ins", "moveTo", "smartTag", "sdt", "sdtContent", "customXml"])
_GONE = frozenset({"del", "moveFrom"})
_UNSEEN = {"vanish": "hidden", "strike": "struck", "dstrike": "struck"}
_ANY_DRAWN = ("{*}relIds", "{*}chart", "{*}OLEObject")  # diagrams, charts, embedded objects
_SEEN = frozenset({"t", "drawing", "pict", "object", "sym"})
_MOST_SPAN = 200
_TITLE_STYLES = {"title": 1}
_MESSAGES = {
    "deleted": ("tracked-changes", "{} tracked deletions are left out"),
    "inserted": ("tracked-changes", "{} tracked insertions are read as text"),
    "hidden": ("hidden-text", "{} hidden passages are left out"),
    "struck": ("struck-text", "{} passages that are struck out are left out"),
    "embedded": ("embedded", "{} embedded documents, diagrams or charts are left out"),
}


@dataclass(slots=True)
class _Style:
    """What a style says: level of heading (0 none), list and depth in it, how its text looks.

    ``marks`` tells by the names of ``_UNSEEN`` whether text is hidden or struck out; none: unsaid.
    """

    level: int = 0
    list: str = ""
    depth: int = 0
    marks: dict[str, bool] = field(default_factory=dict)


@dataclass(slots=True)
class _Field:
    """A field that is open: its code as far as it is read, and whether a result was shown."""

    code: str = ""
    in_code: bool = True
    shown: bool = False


@dataclass(slots=True)
class _Reader:
    """The document as read so far; ``counts`` tells what was left out."""

    styles: dict[str, _Style]
    numbering: Numbering
    footnotes: dict[tuple[str, str], Any]
    default: str = ""
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    carried: str = ""
    style: _Style = field(default_factory=_Style)
    fields: list[_Field] = field(default_factory=list)
    raised: bool = False
    after_digit: bool = False

    def read_blocks(self, parent: Any) -> Iterator[str]:
        """Yield the lines of the paragraphs and tables in ``parent``."""
        for child in parent:
            tag = _tag(child)
            if tag == "p":
                yield from self._read_paragraph(child)
            elif tag == "tbl":
                yield from self._read_table(child)
            elif tag in _BLOCK:
                yield from self.read_blocks(child)
            elif tag == "AlternateContent":
                yield from self.read_blocks(_alternative(child))
            elif tag in _GONE:
                self.counts["deleted"] += 1
            elif tag == "altChunk":
                self.counts["embedded"] += 1

    def _read_paragraph(self, node: Any) -> Iterator[str]:
        above = self.style
        own = node.find("{*}pPr")
        self.style = self.styles.get(_value(own, "pStyle") or self.default, _Style())
        self.fields = [field for field in self.fields if not field.in_code]
        self.after_digit = self.carried[-1:].isdigit()
        text = self.carried + "".join(self._read_inline(node))
        self.carried = ""
        self.style = above  # that of the paragraph whose footnote this may be
        if _runs_on(own):
            self.carried = text
            return
        level, number = self._describe(node, text)
        head = "#" * level + " " if level else ""
        lines = [line.strip() for line in text.split("\n") if line.strip()]
        for place, line in enumerate(lines, 1):
            yield head + number + line + PARAGRAPH_END * (place == len(lines))
            number = ""
        boxes, self.boxes = self.boxes, []
        for box in boxes:
            yield from self.read_blocks(box)

    def _describe(self, node: Any, text: str) -> tuple[int, str]:
        """Return the level of a heading and the automatic number of a paragraph."""
        own = node.find("{*}pPr")
        chosen = _value(own, "pStyle") if own is not None else ""
        style = self.styles.get(chosen, _Style())
        outline = _value(own, "outlineLvl") if own is not None else ""
        level = int(outline) + 1 if outline.isdigit() else style.level
        properties = own.find("{*}numPr") if own is not None else None
        identifier, depth = style.list, style.depth
        if properties is not None:
            identifier = _value(properties, "numId") or identifier
            given = _value(properties, "ilvl")
            depth = int(given) if given.isdigit() else depth
        number = self.numbering.next_number(identifier, depth) if text.strip() else ""
        return (level if level <= 6 else 0), number

    def _read_inline(self, parent: Any) -> Iterator[str]:
        for child in parent:
            tag = _tag(child)
            if tag in _GONE:
                self.counts["deleted"] += 1
            elif tag == "r" and (why := self._why_unseen(child)):
                self.counts[why] += any(_tag(node) in _SEEN for node in child)
                for mark in child.iter("{*}fldChar"):
                    self._follow_field(_attribute(mark, "fldCharType"))
            elif tag in _INLINE:
                self.counts["inserted"] += tag == "ins"
                if tag == "r":
                    self.raised = _value(child.find("{*}rPr"), "vertAlign") == "superscript"
                yield from self._read_inline(child)
            elif tag == "AlternateContent":
                yield from self._read_inline(_alternative(child))
            elif tag == "fldChar":
                yield self._follow_field(_attribute(child, "fldCharType"))
            elif any(field.in_code for field in self.fields):  # its code is not shown
                self.fields[-1].code += (child.text or "") if tag == "instrText" else ""
            elif tag in ("drawing", "pict", "object"):
                self.boxes.extend(child.iter("{*}txbxContent"))
                self.counts["embedded"] += any(True for _ in child.iter(*_ANY_DRAWN))
            elif tag in ("oMath", "oMathPara"):
                yield read_formula(child)
            elif tag in ("footnoteReference", "endnoteReference"):
                self._read_footnote(tag.removesuffix("Reference"), child)
            elif text := _character(child, tag):
                for open_field in self.fields:
                    open_field.shown = True
                if self.raised and self.after_digit and text[0].isdigit():
                    yield "^"  # 10⁴ is not 104
                self.after_digit = text[-1].isdigit()
                yield text

    def _why_unseen(self, run: Any) -> str:
        """Return why a run is not to be read: it is hidden or struck out, by itself or its style."""
        own = run.find("{*}rPr")
        style = self.styles.get(_value(own, "rStyle"), _Style())
        marks = {  # a style of characters turns off what that of the paragraph has turned on
            mark: self.style.marks.get(mark, False) != style.marks.get(mark, False)
            for mark in _UNSEEN
        }
        marks.update(_read_marks(own))
        return next((why for mark, why in _UNSEEN.items() if marks[mark]), "")

    def _follow_field(self, kind: str) -> str:
        """Keep which fields are open; return what one that ends shows by its code alone."""
        if kind == "begin":
            self.fields.append(_Field())
        elif self.fields and kind == "separate":
            self.fields[-1].in_code = False
        elif self.fields and kind == "end":
            ended = self.fields.pop()
            if not ended.shown and not any(field.in_code for field in self.fields):
                return read_equation(ended.code)
        return ""

    def _read_footnote(self, kind: str, node: Any) -> None:
        found = self.footnotes.pop((kind, _attribute(node, "id")), None)
        if found is not None:
            self.notes.extend(self.read_blocks(found))

    def _read_table(self, node: Any) -> Iterator[str]:
        grid = RowGrid()
        for row in _within(node, "tr"):
            properties = row.find("{*}trPr")
            if properties is not None and properties.find("{*}del") is not None:
                self.counts["deleted"] += 1
                continue
            if _is_on(properties, "hidden"):
                self.counts["hidden"] += 1
                continue
            grid.begin_row()
            before = _value(properties, "gridBefore")
            for _ in range(_span(before, 0)):
                grid.add_cell([])
            for cell in _within(row, "tc"):
                self._read_cell(cell, grid)
        if grid.arranges_page():
            yield from grid.lines()
        else:
            yield from (join_cells(row) for row in grid.rows() if any(row))

    def _read_cell(self, node: Any, grid: RowGrid) -> None:
        properties = node.find("{*}tcPr")
        merge = properties.find("{*}vMerge") if properties is not None else None
        lines = list(self.read_blocks(node))
        if properties is not None and properties.find("{*}cellDel") is not None:
            self.counts["deleted"] += 1
            lines = []
        if merge is not None and _attribute(merge, "val") != "restart":
            lines = []
        grid.add_cell(lines, columns=_span(_value(properties, "gridSpan"), 1))


def load_docx(content: bytes, name: str, limits: Limits) -> Loaded:
    """Return the text of a Word file: insertions count, deletions and hidden text do not.

    Headers, footers and comments are no text of the document; footnotes stand at its end;
    automatic numbers are written out.  Templates, pictures and other outside parts that the file
    names are never opened.  Raises CorpusError (``damaged``, ``encrypted``, ``unsupported``,
    ``too-large``, ``unsafe``, ``no-text``).
    """
    archive = Archive(content, name, limits)
    body = archive.read_tree(archive.find_main())
    styles = archive.read_tree(archive.find_part("styles"), needed=False)
    lists = archive.read_tree(archive.find_part("numbering"), needed=False)
    notes_of = {
        kind: archive.read_tree(archive.find_part(f"{kind}s"), needed=False)
        for kind in ("footnote", "endnote")
    }
    reader = _Reader(
        _read_styles(styles) if styles is not None else {},
        read_numbering(lists, _attribute) if lists is not None else Numbering({}),
        {
            (kind, _attribute(note, "id")): note
            for kind, root in notes_of.items()
            for note in (root if root is not None else ())
        },
        _find_default(styles) if styles is not None else "",
    )
    root = body.find("{*}body")
    lines = list(reader.read_blocks(root)) if root is not None else []
    lines += [line for line in (reader.carried.strip(), *reader.notes) if line]
    if not lines:
        raise CorpusError(
            f"{name}: no text in it",
            reason="no-text",
            advice="if it holds pictures of pages, recognise their text first (OCR)",
        )
    notes = tuple(
        Note(kind, message.format(reader.counts[what]))
        for what, (kind, message) in _MESSAGES.items()
        if reader.counts[what]
    )
    return Loaded("\n".join(lines) + "\n", "docx", "", notes)


def _read_styles(root: Any) -> dict[str, _Style]:
    nodes = {_attribute(node, "styleId"): node for node in root.iterfind("{*}style")}
    return {identifier: _read_style(identifier, nodes) for identifier in nodes}


def _read_style(identifier: str, nodes: dict[str, Any]) -> _Style:
    """Return a style with what it inherits; a circle of styles ends where it began."""
    style = _Style()
    seen: set[str] = set()
    while identifier in nodes and identifier not in seen:
        seen.add(identifier)
        node = nodes[identifier]
        name = _value(node, "name").lower()
        outline = _value(node.find("{*}pPr"), "outlineLvl")
        if not style.level:
            level = name.removeprefix("heading ") if name.startswith("heading ") else ""
            style.level = int(level) if level.isdigit() else _TITLE_STYLES.get(name, 0)
            style.level = int(outline) + 1 if outline.isdigit() else style.level
        style.marks = {**_read_marks(node.find("{*}rPr")), **style.marks}
        properties = node.find("{*}pPr/{*}numPr")
        if properties is not None and not style.list:
            style.list = _value(properties, "numId")
            depth = _value(properties, "ilvl")
            style.depth = int(depth) if depth.isdigit() else 0
        identifier = _value(node, "basedOn")
    return style


def _tag(node: Any) -> str:
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def _attribute(node: Any, name: str) -> str:
    """Return the attribute with this local name, in whatever namespace, empty where there is none."""
    for key, value in node.items():
        if key.rpartition("}")[2] == name:
            return str(value)
    return ""


def _value(node: Any, child: str) -> str:
    found = node.find(f"{{*}}{child}") if node is not None else None
    return _attribute(found, "val") if found is not None else ""


def _within(node: Any, tag: str) -> Iterator[Any]:
    """Yield rows of a table or cells of a row, also those in content controls and insertions."""
    for child in node:
        if _tag(child) == tag:
            yield child
        elif _tag(child) in _BLOCK:
            yield from _within(child, tag)


def _alternative(node: Any) -> Any:
    """Return one reading of content given in several."""
    found = (node.find(f"{{*}}{name}") for name in ("Choice", "Fallback"))
    return next((reading for reading in found if reading is not None and len(reading)), ())


def _find_default(styles: Any) -> str:
    """Return the style of paragraphs that name none."""
    for node in styles.iterfind("{*}style"):
        if _attribute(node, "type") == "paragraph" and _attribute(node, "default") in ("1", "true"):
            return _attribute(node, "styleId")
    return ""


def _read_marks(properties: Any) -> dict[str, bool]:
    """Return which marks of unseen text are set, on or off."""
    if properties is None:
        return {}
    return {
        mark: _is_on(properties, mark)
        for mark in _UNSEEN
        if properties.find(f"{{*}}{mark}") is not None
    }


def _is_on(properties: Any, mark: str) -> bool:
    found = properties.find(f"{{*}}{mark}") if properties is not None else None
    return found is not None and _attribute(found, "val").lower() not in _OFF


def _runs_on(properties: Any) -> bool:
    """Tell whether the end of a paragraph is gone or is hidden: then the next one goes on."""
    mark = properties.find("{*}rPr") if properties is not None else None
    if mark is None:
        return False
    return any(mark.find(f"{{*}}{tag}") is not None for tag in _GONE) or _is_on(mark, "vanish")


def _character(node: Any, tag: str) -> str:
    if tag == "t":
        return (node.text or "").replace("\t", " ").replace("\n", " ")
    if tag in ("br", "cr"):
        return "\n"
    if tag == "sym":
        return read_symbol(_attribute(node, "font"), _attribute(node, "char"))
    return {"tab": "  ", "noBreakHyphen": "-"}.get(tag, "")


def _span(text: str, default: int) -> int:
    return min(int(text), _MOST_SPAN) if text.isascii() and text.isdigit() else default
