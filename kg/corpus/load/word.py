"""Word files: paragraphs and tables as they read once all tracked changes are accepted."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from kg.corpus.load.limits import Limits
from kg.corpus.load.loaded import PARAGRAPH_END, Loaded, Note
from kg.corpus.load.numbering import Numbering, read_numbering
from kg.corpus.load.recognize import refuse_archive
from kg.corpus.load.rows import RowGrid, join_cells
from kg.errors import CorpusError

_MAIN = ("wordprocessingml", "ms-word")
_BODY = "word/document.xml"
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
_MOST_SPAN = 200
_TITLE_STYLES = {"title": 1}
_MESSAGES = {
    "deleted": ("tracked-changes", "{} tracked deletions are left out"),
    "inserted": ("tracked-changes", "{} tracked insertions are read as text"),
    "hidden": ("hidden-text", "{} hidden passages are left out"),
    "embedded": ("embedded", "{} embedded documents are left out"),
}


@dataclass(slots=True)
class _Style:
    """What a paragraph style says: level of heading (0 none), list and depth in it."""

    level: int = 0
    list: str = ""
    depth: int = 0


@dataclass(slots=True)
class _Reader:
    """The document as read so far; ``counts`` tells what was left out."""

    styles: dict[str, _Style]
    numbering: Numbering
    footnotes: dict[str, Any]
    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    carried: str = ""

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
        text = self.carried + "".join(self._read_inline(node))
        self.carried = ""
        if node.find("{*}pPr/{*}rPr/{*}del") is not None:
            self.carried = text  # its end was deleted: it runs on into the next one
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
            elif tag == "r" and _is_hidden(child):
                self.counts["hidden"] += 1
            elif tag in _INLINE:
                self.counts["inserted"] += tag == "ins"
                yield from self._read_inline(child)
            elif tag == "AlternateContent":
                yield from self._read_inline(_alternative(child))
            elif tag in ("drawing", "pict", "object"):
                self.boxes.extend(child.iter("{*}txbxContent"))
            elif tag in ("oMath", "oMathPara"):
                yield "".join(node.text or "" for node in child.iter("{*}t"))
            elif tag == "footnoteReference":
                self._read_footnote(child)
            else:
                yield _character(child, tag)

    def _read_footnote(self, node: Any) -> None:
        found = self.footnotes.pop(_attribute(node, "id"), None)
        if found is not None:
            self.notes.extend(self.read_blocks(found))

    def _read_table(self, node: Any) -> Iterator[str]:
        grid = RowGrid()
        for row in _within(node, "tr"):
            if row.find("{*}trPr/{*}del") is not None:
                self.counts["deleted"] += 1
                continue
            grid.begin_row()
            before = _value(row.find("{*}trPr"), "gridBefore")
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
    archive = _Archive(content, name, limits)
    body = archive.read_tree(archive.find_main())
    styles = archive.read_tree("word/styles.xml", needed=False)
    lists = archive.read_tree("word/numbering.xml", needed=False)
    footnotes = archive.read_tree("word/footnotes.xml", needed=False)
    reader = _Reader(
        _read_styles(styles) if styles is not None else {},
        read_numbering(lists, _attribute) if lists is not None else Numbering({}),
        {_attribute(n, "id"): n for n in footnotes} if footnotes is not None else {},
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


class _Archive:
    """The parts of an Office file, unpacked one by one up to a limit."""

    def __init__(self, content: bytes, name: str, limits: Limits) -> None:
        self._name, self._limit = name, limits.part
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except (zipfile.BadZipFile, ValueError, OverflowError) as error:
            raise self._damaged(str(error)) from error
        self._names = set(self._zip.namelist())

    def find_main(self) -> str:
        """Return the name of the part with the text."""
        if "[Content_Types].xml" not in self._names:
            refuse_archive(frozenset(self._names), self._name)
        for node in self.read_tree("[Content_Types].xml"):
            kind = node.get("ContentType", "")
            if kind.endswith("main+xml") and any(word in kind for word in _MAIN):
                return str(node.get("PartName", _BODY)).lstrip("/")
        if _BODY in self._names:
            return _BODY
        raise self._unsupported("a spreadsheet, presentation or other Office file")

    def read_tree(self, part: str, *, needed: bool = True) -> Any:
        """Return the root of a part, None where it is missing and not needed."""
        if part not in self._names:
            if needed:
                raise self._damaged(f"it lacks {part}")
            return None
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(self._read(part), parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            if getattr(error, "code", 0) == etree.ErrorTypes.ERR_NO_MEMORY:
                raise MemoryError from error
            raise self._damaged(f"{part}: {error}") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise CorpusError(
                f"{self._name}: {part} declares entities, which no Word file does",
                reason="unsafe",
                advice="do not trust this file; get it from its publisher",
            )
        return root

    def _read(self, part: str) -> bytes:
        try:
            with self._zip.open(part) as stream:
                content = stream.read(self._limit + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError) as error:
            raise self._damaged(f"{part}: {error}") from error
        except RuntimeError as error:  # a part under a password
            raise CorpusError(
                f"{self._name}: {error}", reason="encrypted", advice="save it without a password"
            ) from error
        if len(content) > self._limit:
            raise CorpusError(
                f"{self._name}: {part} unpacks to more than {self._limit:,} bytes",
                reason="too-large",
                advice="split it; a small file that unpacks to so much is not to be trusted (--limit part=BYTES)",
            )
        return content

    def _damaged(self, detail: str) -> CorpusError:
        return CorpusError(
            f"{self._name}: damaged ({detail[:200]})",
            reason="damaged",
            advice="get it again, or open it in Word and save it anew",
        )

    def _unsupported(self, kind: str) -> CorpusError:
        return CorpusError(
            f"{self._name}: {kind}",
            reason="unsupported",
            advice=f"{kind}: save its text as .docx or plain text",
        )


def smallest_docx() -> bytes:
    """Return a Word file with one paragraph."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(_BODY, "<w><body><p><r><t>a</t></r></p></body></w>")
    return stream.getvalue()


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


def _is_hidden(run: Any) -> bool:
    found = run.find("{*}rPr/{*}vanish")
    return found is not None and _attribute(found, "val").lower() not in _OFF


def _character(node: Any, tag: str) -> str:
    if tag == "t":
        return (node.text or "").replace("\t", " ").replace("\n", " ")
    if tag in ("br", "cr"):
        return "\n"
    return {"tab": "  ", "noBreakHyphen": "-"}.get(tag, "")


def _span(text: str, default: int) -> int:
    return min(int(text), _MOST_SPAN) if text.isascii() and text.isdigit() else default
