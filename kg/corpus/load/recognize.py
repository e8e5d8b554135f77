"""Recognition: which format a file is in, by its content; its name only where that tells nothing."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import Literal

from kg.errors import CorpusError

Format = Literal["text", "html", "mhtml", "docx", "pdf"]
HEAD = 4096

DOCUMENTS = frozenset(
    [
        ".txt",
        ".text",
        ".md",
        ".markdown",
        ".html",
        ".htm",
        ".xhtml",
        ".shtml",
        ".mht",
        ".mhtml",
        ".pdf",
        ".docx",
        ".docm",
        ".dotx",
        ".doc",
        ".dot",
        ".wps",
        ".rtf",
        ".odt",
        ".ofd",
        ".caj",
        ".kdh",
        ".nh",
        ".eml",
        ".msg",
        ".epub",
    ]
)
_PICTURES = ".jpg .jpeg .png .gif .bmp .tif .tiff .webp .heic .svg .ico .psd"
_PACKED = ".zip .rar .7z .gz .tgz .bz2 .xz .tar .zst .iso .cab"
_TABLES = ".xls .xlsx .xlsm .xlsb .et .ods .csv .tsv .parquet .db .sqlite .mdb .accdb"
_OTHERS = (
    ".ppt .pptx .dps .odp .json .jsonl .ndjson .toml .yaml .yml .ini .cfg .conf .xml .xsd .xsl .rdf .ttl "
    ".nq .nt .owl .py .pyc .js .css .map .sh .bat .r .do .ipynb .log .lock .bib .ris .enw .url .lnk "
    ".webloc .exe .dll .so .mp3 .mp4 .avi .mov .wav .m4a .ttf .otf .woff .woff2 .npz .npy .pkl"
)
_NOT_DOCUMENTS = {
    suffix: kind
    for kind, suffixes in (
        ("a picture: if it shows a document, recognise its text first", _PICTURES),
        ("an archive: unpack it", _PACKED),
        ("a table or data file: if it is a document, save it as .docx", _TABLES),
        ("another kind of file", _OTHERS),
    )
    for suffix in suffixes.split()
}

_PDF = re.compile(rb"%PDF-\d")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MIME = re.compile(
    rb"\s*(?:From|MIME-Version|Subject|Date|Content-Type|Snapshot-Content-Location):", re.I
)
_MAIL = re.compile(
    rb"(?im)^(?:To|Cc|Received|Message-ID|Return-Path|Delivered-To):"
    rb"|^Content-Type:\s*(?:text/plain|multipart/(?!related))"
)
_SENT = re.compile(rb"(?im)^(?:MIME-Version|Content-Type|Received|Return-Path|Delivered-To):")
_HEADER = re.compile(rb"(?:[A-Za-z][\w-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){2,}\r?\n")
_OLE_KINDS = (
    ("WordDocument", "a Word file of the old kind (.doc)", "save it as .docx"),
    ("Workbook", "an old spreadsheet (.xls)", "save it as .docx if it is a document"),
    ("PowerPoint Document", "old slides (.ppt)", "save their text as .docx"),
    ("__substg1.0_", "an e-mail (.msg)", "save its text or attachment as a file of its own"),
)
_ZIP_KINDS = (
    ("OFD.xml", "an OFD file", "open it and print it to PDF, or save it as .docx"),
    ("META-INF/container.xml", "an e-book (.epub)", "save its text as .docx or HTML"),
    ("mimetype", "an OpenDocument file or e-book", "save it as .docx"),
)
_BINARY = (
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"RIFF", "a picture or recording"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"\x1f\x8b", "an archive"),
    (b"\xfd7zXZ", "an archive"),
    (b"\x28\xb5\x2f\xfd", "an archive"),
    (b"BZh", "an archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3", "a database"),
    (b"%!PS", "a PostScript file"),
    (b"CAJ\x00", "a CAJ file"),
    (b"HN\xc8\x00", "a CAJ file"),
    (b"KDH ", "a CAJ file"),
)
_HTML = re.compile(
    r"[\ufeff\s]*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*){0,20}"
    r"<(?:!doctype\s+html|html|head|body|meta|title|script|style|frameset)\b",
    re.IGNORECASE | re.DOTALL,
)
_XML = re.compile(r"[\ufeff\s]*<\?(?:xml|mso-)", re.IGNORECASE)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")


def tell_format(content: bytes, name: str) -> Format:
    """Return the format of ``content``: ``text`` unless its first bytes say another.

    Raises CorpusError (``unsupported``, ``encrypted``) for formats that cannot be read.
    """
    if _PDF.search(content[:1024]):
        return "pdf"
    if content.startswith(_ZIP):
        return "docx"
    if content.startswith(_OLE):
        _refuse_ole(content, name)
    if content.lstrip()[:5] == b"{\\rtf":
        _refuse(name, "rich text format", "save it as .docx or plain text")
    if is_mail(content, name):
        _refuse(name, "an e-mail", "save its text or attachment as a file of its own")
    head = content[:HEAD].lower()
    if _MIME.match(content[:HEAD]) and (b"multipart/related" in head or b"text/html" in head):
        return "mhtml"
    kind = binary_kind(content)
    if kind:
        _refuse(name, kind, _advise(kind))
    return "text"


def is_mail(content: bytes, name: str) -> bool:
    """Tell whether this is a message, whose text is coded and whose attachments are hidden in it.

    A page that a browser saved as an archive has such a head, too, but is addressed to nobody; a
    note that only begins with names has nothing that a program wrote.
    """
    header = _HEADER.match(content[: 4 * HEAD].lstrip())
    if header is None:
        return False
    named = PurePath(name).suffix.lower() == ".eml"
    return named or bool(_MAIL.search(header[0]) and _SENT.search(header[0]))


def refuse_archive(parts: frozenset[str], name: str) -> None:
    """Raise CorpusError (``unsupported``) for an archive of other than Office parts."""
    for part, kind, advice in _ZIP_KINDS:
        if part in parts:
            _refuse(name, kind, advice)
    _refuse(name, "an archive", "unpack it; what it holds is read then")


def _advise(kind: str) -> str:
    if "CAJ" in kind:
        return "get the document as PDF, or print it to PDF"
    if "archive" in kind:
        return "unpack it"
    if "picture" in kind:
        return "if it shows a document, recognise its text first; else leave it out"
    return "leave it out"


def binary_kind(content: bytes) -> str:
    """Return what kind of binary file the first bytes tell, empty where they tell none."""
    for mark, kind in _BINARY:
        if content.startswith(mark) and (len(mark) > 2 or b"\x00" in content[:64]):
            return kind
    return ""


def is_html(text: str, name: str) -> bool:
    """Tell whether decoded text is a web page; a fragment is one where its name says so.

    Raises CorpusError (``unsupported``) for other XML.
    """
    if _HTML.match(text[:20_000]):
        return True
    if _XML.match(text):
        _refuse(name, "XML", "save it as .docx, HTML or plain text")
    suffix = PurePath(name).suffix.lower()
    return suffix in (".html", ".htm", ".xhtml", ".shtml") and bool(_TAG.search(text[:20_000]))


def why_no_document(name: str, head: bytes) -> str:
    """Return why a file is no document by its name and first bytes, empty where it may be one."""
    suffix = PurePath(name).suffix.lower()
    if suffix in DOCUMENTS or _PDF.search(head[:1024]):
        return ""
    kind = _NOT_DOCUMENTS.get(suffix) or binary_kind(head)
    if kind and not _HTML.match(head.decode("latin-1")):
        return f"no document but {kind}"
    return ""


def _refuse_ole(content: bytes, name: str) -> None:
    if _has_stream(content, "EncryptedPackage"):
        raise CorpusError(
            f"{name}: protected by a password",
            reason="encrypted",
            advice="open it with its password and save it without one",
        )
    for stream, kind, advice in _OLE_KINDS:
        if _has_stream(content, stream):
            _refuse(name, kind, advice)
    _refuse(name, "a file of an old Office or WPS program", "open it there and save it as .docx")


def _has_stream(content: bytes, name: str) -> bool:
    return name.encode("utf-16-le") in content


def _refuse(name: str, kind: str, advice: str) -> None:
    raise CorpusError(f"{name}: {kind}", reason="unsupported", advice=f"{kind}: {advice}")
