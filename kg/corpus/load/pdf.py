"""PDF files: the text layer as paragraphs and rows of cells, without headers and page numbers."""

from __future__ import annotations

import re

import pypdfium2 as pdfium

from kg.corpus.load.fonts import use_own_font
from kg.corpus.load.gaps import arrange
from kg.corpus.load.glyphs import read_sheets
from kg.corpus.load.limits import Limits
from kg.corpus.load.lines import Page, drop_furniture, read_page
from kg.corpus.load.loaded import Loaded, Note
from kg.corpus.load.paragraphs import join_paragraphs
from kg.errors import CorpusError

_BARE = 12
_READABLE = 0.5
_LEAST_CIPHER = 40
_WORDS = re.compile(r"\b(?:[A-Z]?[a-z]{2,15}|[A-Z]{2,12}|[0-9][0-9.,%/-]*)(?![A-Za-z0-9])")
_TAIL = 2048
_UNREADABLE_PAGES = 40


def load_pdf(content: bytes, name: str, limits: Limits) -> Loaded:
    """Return the text layer of a PDF: paragraphs joined, ruled tables as rows of cells.

    Scripts, forms and attachments in the file are never run or opened.  Raises CorpusError
    (``encrypted``, ``damaged``, ``scan``, ``garbled``, ``too-large``).
    """
    document = _open(content, name)
    try:
        if len(document) > limits.pages:
            raise CorpusError(
                f"{name}: {len(document)} pages, more than {limits.pages}",
                reason="too-large",
                advice="split it into documents, or raise the limit: --limit pages=N",
            )
        pages, lost = _read_pages(document, limits, name)
    finally:
        document.close()
    notes = _judge(pages, lost, content, name)
    drop_furniture(pages)
    for page in pages:
        page.lines = list(arrange(page.lines))
    text = "\n".join(join_paragraphs(pages))
    _check_readable(text, name)
    return Loaded(text + "\n", "pdf", "", tuple(notes))


def _open(content: bytes, name: str) -> pdfium.PdfDocument:
    use_own_font()
    try:
        return pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise CorpusError(
                f"{name}: protected by a password",
                reason="encrypted",
                advice="open it with its password and save it without one",
            ) from error
        raise CorpusError(
            f"{name}: damaged ({error})",
            reason="damaged",
            advice="get it again, or open it and print it to a new PDF",
        ) from error


def _read_pages(
    document: pdfium.PdfDocument, limits: Limits, name: str
) -> tuple[list[Page], list[int]]:
    """Return the pages and the numbers of those that cannot be read."""
    pages: list[Page] = []
    lost: list[int] = []
    characters = 0
    for index in range(len(document)):
        try:
            page = document[index]
            sheets = read_sheets(page, most=limits.characters - characters)
            page.close()
        except pdfium.PdfiumError:
            lost.append(index + 1)
            if len(lost) > _UNREADABLE_PAGES:
                break
            continue
        if sheets is None:
            raise CorpusError(
                f"{name}: more than {limits.characters:,} characters",
                reason="too-large",
                advice="split it into documents, or raise the limit: --limit characters=N",
            )
        characters += sum(len(sheet.glyphs) for sheet in sheets)
        pages.extend(read_page(sheet, index + 1) for sheet in sheets)
    return pages, lost


def _judge(pages: list[Page], lost: list[int], content: bytes, name: str) -> list[Note]:
    """Return what a reader should know; raise where no text can be had."""
    bare = [page for page in pages if page.characters < _BARE and page.pictures]
    readable = [page for page in pages if page.characters >= _BARE]
    if not readable and bare:
        raise CorpusError(
            f"{name}: a scan without a text layer ({len(bare)} pages)",
            reason="scan",
            advice="recognise its text first, for example: ocrmypdf -l chi_sim IN.pdf OUT.pdf",
        )
    if not any(page.characters for page in pages):
        reason = "damaged" if lost or not pages else "no-text"
        raise CorpusError(
            f"{name}: no page with text", reason=reason, advice="get it again, or leave it out"
        )
    notes = []
    if bare:
        notes.append(Note("scan", f"no text layer on {_numbers([p.number for p in bare])}"))
    if lost:
        notes.append(Note("damaged", f"cannot be read: {_numbers(lost)}"))
    if b"%%EOF" not in content[-_TAIL:]:
        notes.append(Note("damaged", "the end of the file is missing; pages may be lost"))
    skewed = sum(page.skewed for page in pages)
    if skewed:
        notes.append(Note("watermark", f"{skewed} slanted characters are left out"))
    return notes


def _is_cipher(marks: list[str], text: str) -> bool:
    """Tell whether a text of ASCII makes no words: codes of a font that names no characters."""
    if len(marks) < _LEAST_CIPHER or not "".join(marks).isascii():
        return False
    return sum(map(len, _WORDS.findall(text))) < _READABLE * len(marks)


def _numbers(pages: list[int]) -> str:
    shown = ", ".join(map(str, pages[:12]))
    return f"page {shown}{' …' if len(pages) > 12 else ''} ({len(pages)} in all)"


def _check_readable(text: str, name: str) -> None:
    """Refuse a text layer whose codes mean no characters."""
    marks = [character for character in text if not character.isspace()]
    good = sum(
        (character.isascii() and character.isprintable())
        or 0x2000 <= ord(character) <= 0x9FFF
        or "\uff00" <= character <= "\uffef"
        for character in marks
    )
    if good < _READABLE * len(marks) or _is_cipher(marks, text):
        raise CorpusError(
            f"{name}: its text layer does not say which characters its glyphs are",
            reason="garbled",
            advice="recognise its text first, for example: ocrmypdf --force-ocr -l chi_sim IN.pdf OUT.pdf",
        )
