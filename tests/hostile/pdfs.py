"""PDFs: scans, passwords, damage, circles, bombs, and what stands where no reader looks."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from tests.hostile import HIDDEN, Collection, Maker, granting, paragraphs

FONT = "STSong-Light"
Draw = Callable[[Any, int], None]


def drawn(draw: Draw, **options: Any) -> Maker:
    """Return a maker of a PDF that ``draw`` draws on a canvas."""

    def make(amount: int) -> bytes:
        from reportlab.pdfbase import pdfmetrics
        from reportlab.pdfbase.cidfonts import UnicodeCIDFont
        from reportlab.pdfgen.canvas import Canvas

        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        stream = io.BytesIO()
        canvas = Canvas(stream, pagesize=(595, 842), invariant=True, **options)
        canvas.setFont(FONT, 12)
        draw(canvas, amount)
        canvas.save()
        return stream.getvalue()

    return make


def write(
    canvas: Any, lines: Sequence[str], *, x: float = 72, y: float = 760, step: float = 20
) -> None:
    """Write lines one below the other, broken after 34 characters."""
    for line in lines:
        for start in range(0, len(line), 34):
            canvas.drawString(x, y, line[start : start + 34])
            y -= step


def shown(canvas: Any, amount: int) -> None:
    """Write the document."""
    write(canvas, paragraphs(amount))


def three_pages(canvas: Any, amount: int) -> None:
    """Write a document of three pages with header, footer and page numbers."""
    for number in (1, 2, 3):
        canvas.setFont(FONT, 12)
        canvas.drawString(72, 815, granting(HIDDEN))
        canvas.drawString(290, 30, f"— {number} —")
        write(canvas, paragraphs(amount) if number == 1 else ["（三）组织培训。各区开展服务。"])
        canvas.showPage()


def scan(canvas: Any, amount: int) -> None:
    """Draw a picture over the page."""
    from reportlab.lib.utils import ImageReader

    canvas.drawImage(ImageReader(io.BytesIO(grey_picture())), 0, 0, 595, 842)


def grey_picture() -> bytes:
    """Return a small picture as PNG."""
    import struct

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    rows = b"".join(b"\x00" + bytes(range(0, 160, 2)) for _ in range(80))
    head = struct.pack(">IIBBBBB", 80, 80, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def half_scan(canvas: Any, amount: int) -> None:
    """Write a page of text, then one that is a picture."""
    shown(canvas, amount)
    canvas.showPage()
    scan(canvas, amount)


def recognised(canvas: Any, amount: int) -> None:
    """Draw a picture with its recognised text, which is not painted."""
    scan(canvas, amount)
    text = canvas.beginText(72, 760)
    text.setFont(FONT, 12, 20)
    text.setTextRenderMode(3)
    for line in paragraphs(amount):
        for start in range(0, len(line), 34):
            text.textLine(line[start : start + 34])
    canvas.drawText(text)


def beside_page(canvas: Any, amount: int) -> None:
    """Write the document, and beside the page another sum."""
    shown(canvas, amount)
    canvas.drawString(-900, 400, granting(HIDDEN))
    canvas.drawString(100, 2000, granting(HIDDEN))


def watermark(canvas: Any, amount: int) -> None:
    """Write the document under a slanted line."""
    shown(canvas, amount)
    canvas.rotate(40)
    canvas.drawString(200, 100, granting(HIDDEN))


def twice(canvas: Any, amount: int) -> None:
    """Write the document twice with a small offset, as bold letters are made."""
    shown(canvas, amount)
    write(canvas, paragraphs(amount), x=72.3)


def turned(canvas: Any, amount: int) -> None:
    """Write the document on a page that is turned to be read."""
    canvas.setPageRotation(90)
    canvas.translate(595, 0)
    canvas.rotate(90)
    write(canvas, paragraphs(amount), y=540)


def upside_down(canvas: Any, amount: int) -> None:
    """Write the document on a page that is turned by half."""
    canvas.setPageRotation(180)
    canvas.translate(595, 842)
    canvas.rotate(180)
    shown(canvas, amount)


def wide_on_upright(canvas: Any, amount: int) -> None:
    """Write the document turned on a page that is not, as wide tables stand in a report."""
    canvas.translate(595, 0)
    canvas.rotate(90)
    write(canvas, paragraphs(amount), y=540)
    canvas.rotate(-90)
    canvas.drawString(-300, 30, "— 3 —")


def wide_the_other_way(canvas: Any, amount: int) -> None:
    """Write the document turned to the other side."""
    canvas.translate(0, 842)
    canvas.rotate(-90)
    write(canvas, paragraphs(amount), y=540)


def spread(canvas: Any, amount: int) -> None:
    """Write the document with room between all characters, as lines are spread to their width."""
    text = canvas.beginText(36, 760)
    text.setFont(FONT, 12, 22)
    text.setCharSpace(6)
    for line in paragraphs(amount):
        for start in range(0, len(line), 28):
            text.textLine(line[start : start + 28])
    canvas.drawText(text)


def columns(canvas: Any, amount: int) -> None:
    """Write two columns, the sentence broken between them."""
    first, second = granting(amount).split("一次性")
    for line, text in enumerate([*["支持企业创新发展和研发工作。"] * 30, first[:16]]):
        canvas.drawString(60, 780 - 20 * line, text.ljust(16, "啊") if text == first[:16] else text)
    write(canvas, [first[16:] + "一次性" + second], x=330, y=780)


def ruled(canvas: Any, amount: int) -> None:
    """Draw a table with the sum in a cell, beside the unit that is responsible."""
    rows = [
        ["任务", "内容", "责任单位"],
        ["奖励", granting(amount), "市科技局"],
        ["培训", "组织培训。", "市税务局"],
    ]
    canvas.setFont(FONT, 9)
    xs, ys = [60, 120, 420, 540], [780, 750, 720, 690]
    canvas.grid(xs, ys)
    for y, row in zip(ys, rows, strict=False):
        for x, text in zip(xs, row, strict=False):
            canvas.drawString(x + 4, y - 18, text)


def scripted(canvas: Any, amount: int) -> None:
    """Write the document with a note and a link to a file."""
    shown(canvas, amount)
    canvas.textAnnotation(granting(HIDDEN), (100, 100, 200, 200))
    canvas.linkURL("file:///etc/passwd", (0, 0, 100, 100))


def pdf_file(objects: Sequence[bytes], *, xref: bool = True) -> bytes:
    """Return a PDF of these objects, numbered from 1; the first one is its root."""
    content, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(content)
    if xref:
        content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        content += b"".join(b"%010d 00000 n \n" % place for place in places)
    return content + b"trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        start,
    )


def stream(content: bytes, more: bytes = b"") -> bytes:
    """Return a stream object."""
    return b"<</Length %d%s>>\nstream\n" % (len(content), more) + content + b"\nendstream"


CATALOG = b"<</Type/Catalog/Pages 2 0 R>>"


def one_page(
    content: bytes, *, kids: bytes = b"[3 0 R]", count: bytes = b"1", more: bytes = b""
) -> bytes:
    """Return a PDF of one page with this stream object as its content."""
    return pdf_file(
        [
            CATALOG,
            b"<</Type/Pages/Kids" + kids + b"/Count " + count + b">>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<<"
            b"/Font<</F 5 0 R>>/XObject<</X 4 0 R>>>>" + more + b">>",
            content,
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        ]
    )


LETTERS = stream(b"BT /F 12 Tf 72 700 Td (Support for enterprises of high technology) Tj ET")


def add_cases(cases: Collection) -> None:
    """Add the cases."""
    for name, draw in {
        "simple": shown, "pages": three_pages, "recognised": recognised, "beside": beside_page,
        "twice": twice, "turned": turned, "upside-down": upside_down, "wide": wide_on_upright,
        "wide-left": wide_the_other_way, "ruled": ruled, "spread": spread, "scripted": scripted,
    }.items():  # fmt: skip
        cases.add(f"pdfs/{name}.pdf", drawn(draw))
    cases.add("pdfs/watermark.pdf", drawn(watermark), note="watermark")
    cases.add("pdfs/half-scan.pdf", drawn(half_scan), note="scan")
    cases.add("pdfs/columns.pdf", drawn(columns))
    cases.add("pdfs/named-text.txt", drawn(shown))
    cases.add("pdfs/named-data.dat", drawn(shown))
    cases.add("pdfs/named-picture.jpg", drawn(shown))
    cases.add("pdfs/no-name", drawn(shown))
    cases.add("pdfs/garbage-before.pdf", lambda amount: b"junk\r\n" * 40 + drawn(shown)(amount))
    cases.add("pdfs/garbage-behind.pdf", lambda amount: drawn(shown)(amount) + b"\x00" * 900)
    cases.add("pdfs/no-index.pdf", lambda amount: without_index(drawn(shown)(amount)))
    add_locked(cases)
    add_refused(cases)
    add_circles(cases)


def without_index(content: bytes) -> bytes:
    """Return a PDF whose cross references lead nowhere."""
    return content.replace(b"startxref", b"startxxxx").replace(b"xref\n0", b"xxxx\n0")


def add_locked(cases: Collection) -> None:
    """Add encrypted PDFs: one that opens without a password is read."""

    def locked(user: str) -> Maker:
        def make(amount: int) -> bytes:
            from reportlab.lib.pdfencrypt import StandardEncryption

            return drawn(shown, encrypt=StandardEncryption(user, "owner", canCopy=0))(amount)

        return make

    cases.add("pdfs/password.pdf", locked("secret"), reason="encrypted")
    cases.add("pdfs/no-copying.pdf", locked(""))


def add_refused(cases: Collection) -> None:
    """Add what has no text to read."""
    cases.add("pdfs/scan.pdf", drawn(scan), reason="scan")
    cases.add("pdfs/header-only.pdf", b"%PDF-1.4\n", reason="damaged")
    cases.add("pdfs/noise.pdf", b"%PDF-1.4\n" + bytes(range(256)) * 20, reason="damaged")
    cases.add("pdfs/cut-early.pdf", drawn(shown)(5)[:700], reason="damaged")
    cases.add(
        "pdfs/cut-late.pdf", lambda amount: drawn(shown)(amount).rstrip()[:-5], note="damaged"
    )
    cases.add("pdfs/cut-trailer.pdf", lambda amount: drawn(shown)(amount)[:-300], reason="damaged")
    cases.add(
        "pdfs/no-pages.pdf",
        pdf_file([CATALOG, b"<</Type/Pages/Kids[]/Count 0>>"]),
        reason="damaged",
    )
    cases.add("pdfs/empty-page.pdf", one_page(stream(b"")), reason="no-text")
    cases.add("pdfs/no-letters.pdf", garbled(), reason="garbled")
    cases.add("pdfs/drawn-letters.pdf", drawn_letters(), reason="garbled")


def garbled() -> bytes:
    """Return a PDF whose font does not tell which characters its codes are."""
    codes = "".join(f"{code:04X}" for code in range(0xE100, 0xE160))
    text = stream(f"BT /F 12 Tf 72 700 Td <{codes}> Tj ET".encode())
    to_private = stream(b"1 beginbfrange <E100> <E15F> <E100> endbfrange")
    objects = [
        CATALOG,
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 1595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
        text,
        b"<</Type/Font/Subtype/Type0/BaseFont/X/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>",
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/X/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor 8 0 R>>",
        to_private,
        b"<</Type/FontDescriptor/FontName/X/Flags 4/FontBBox[0 0 1000 1000]/Ascent 800/Descent -200>>",
    ]
    return pdf_file(objects)


def drawn_letters() -> bytes:
    """Return a PDF whose font draws its glyphs and has them at the places of ASCII, in any order."""
    codes = bytes(code for code in range(0x24, 0x7B) if code not in b"()\\")
    text = b"".join(codes[n * 37 % 80 :][:9] for n in range(12))
    return pdf_file(
        [
            CATALOG,
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 1595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
            stream(b"BT /F 12 Tf 72 700 Td (" + text + b") Tj ET"),
            b"<</Type/Font/Subtype/Type3/FontBBox[0 0 1000 1000]/FontMatrix[.001 0 0 .001 0 0]"
            b"/CharProcs<</a 6 0 R>>/Encoding<</Type/Encoding/Differences[36" + b" /a" * 87 + b"]>>"
            b"/FirstChar 36/LastChar 122/Widths[" + b"1000 " * 87 + b"]>>",
            stream(b"1000 0 0 0 750 750 d1 0 0 750 750 re f"),
        ]
    )


def add_circles(cases: Collection) -> None:
    """Add PDFs whose structure lies or runs in circles; none of their text grants anything."""
    cases.add(
        "pdfs/tree-circle.pdf", one_page(LETTERS, kids=b"[2 0 R 3 0 R]", count=b"2"), measures=False
    )
    cases.add("pdfs/false-count.pdf", one_page(LETTERS, count=b"2000000000"), measures=False)
    cases.add("pdfs/draws-itself.pdf", one_page(
        stream(b"BT /F 12 Tf 72 700 Td (Support for enterprises) Tj ET /X Do",
               b"/Type/XObject/Subtype/Form/BBox[0 0 595 842]/Resources<</XObject<</X 4 0 R>>/Font<</F 5 0 R>>>>")
    ), measures=False)  # fmt: skip
    cases.add(
        "pdfs/script.pdf",
        one_page(
            LETTERS, more=b"/AA<</O<</S/JavaScript/JS(app.launchURL('http://127.0.0.1:9'))>>>>"
        ),
        measures=False,
    )
    cases.add(
        "pdfs/launch.pdf",
        one_page(LETTERS, more=b"/AA<</O<</S/Launch/F(/bin/sh)>>>>"),
        measures=False,
    )
    cases.add(
        "pdfs/outside.pdf",
        one_page(stream(b"", b"/F(/etc/passwd)/FFilter/FlateDecode")),
        reason="no-text",
    )
    nested = b"[" * 100_000 + b"]" * 100_000
    cases.add("pdfs/nested.pdf", one_page(LETTERS, more=b"/Nest" + nested), measures=False)
    cases.add("pdfs/bomb.pdf", lambda _: packed(b" " * 300_000_000), measures=False)
    letters = b"(aaaaaaaaaaaaaaaaaaaa) Tj " * 60_000
    cases.add("pdfs/many-letters.pdf", lambda _: packed(letters), reason="too-large", slow=True)


def packed(behind: bytes) -> bytes:
    """Return a PDF whose page says one word, then much that is packed small."""
    content = zlib.compress(b"BT /F 12 Tf 72 700 Td (Support) Tj " + behind + b" ET")
    return one_page(stream(content, b"/Filter/FlateDecode"))
