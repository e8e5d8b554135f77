"""Word files: tracked changes, hidden parts, bombs, entities, broken archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from tests.hostile import HIDDEN, Collection, Maker, granting, paragraphs
from tests.hostile.texts import ole

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
RELATIONS = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'


def run(text: str, properties: str = "") -> str:
    """Return a run of text."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(inner: str, properties: str = "") -> str:
    """Return a paragraph."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def shown(amount: int) -> str:
    """Return the document as paragraphs."""
    return "".join(paragraph(run(text)) for text in paragraphs(amount))


def word_file(
    body: str, parts: Mapping[str, str | bytes] | None = None, *, kind: str = WORD, space: str = W
) -> bytes:
    """Return a Word file with this body and further parts."""
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
    document = (
        f'<w:document xmlns:w="{space}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f"<w:body>{body}</w:body></w:document>"
    )
    content: dict[str, str | bytes] = {"[Content_Types].xml": types, "word/document.xml": document}
    return zip_file({**content, **(parts or {})})


def zip_file(parts: Mapping[str, str | bytes]) -> bytes:
    """Return an archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def body(make: str) -> Maker:
    """Return a maker of a file whose body is ``make``, with {shown} for the document."""
    return lambda amount: word_file(make.replace("{shown}", shown(amount)))


def changed(before: str, tag: str, behind: str) -> Maker:
    """Return a maker of a sentence whose sum stands in a tracked change."""
    inner = run if tag in ("ins", "moveTo") else lambda text: run(text).replace("w:t", "w:delText")

    def make(amount: int) -> bytes:
        value = str(amount) if tag in ("ins", "moveTo") else str(HIDDEN)
        text = paragraph(
            run(before.format(amount))
            + f"<w:{tag}>{inner(value)}</w:{tag}>"
            + run(behind.format(amount))
        )
        return word_file(shown(amount).replace(paragraph(run(paragraphs(amount)[2])), text))

    return make


def with_parts(**parts: str) -> Maker:
    """Return a maker of the document with further parts, named with __ for / and _ for a dot."""
    named = {key.replace("__", "/").replace("_", "."): value for key, value in parts.items()}
    return lambda amount: word_file(shown(amount), named)


SECRET = paragraph(run(granting(HIDDEN)))
PARAGRAPH_STYLE = '<w:pStyle w:val="of-paragraph"/>'
START = "（一）给予认定奖励。对首次认定的高新技术企业，给予一次性"
BODIES = {
    "simple": "{shown}",
    "hidden-run": "{shown}" + paragraph(run(granting(HIDDEN), "<w:vanish/>")),
    "deleted-paragraph": "{shown}<w:del>" + SECRET + "</w:del>",
    "moved-away": "{shown}" + paragraph(f"<w:moveFrom>{run(granting(HIDDEN))}</w:moveFrom>"),
    "inserted-paragraphs": "<w:ins>{shown}</w:ins>",
    "in-control": "<w:sdt><w:sdtPr/><w:sdtContent>{shown}</w:sdtContent></w:sdt>",
    "deleted-row": "{shown}<w:tbl><w:tr><w:trPr><w:del/></w:trPr><w:tc>"
    + SECRET
    + "</w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>",
    "field-code": "{shown}"
    + paragraph(
        f'<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>{granting(HIDDEN)}</w:instrText></w:r>'
    ),
    "in-a-cell": "<w:tbl><w:tr><w:tc>{shown}</w:tc></w:tr></w:tbl>",
    "wide-span": "{shown}<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='999999999'/></w:tcPr>"
    + paragraph(run("甲"))
    + "</w:tc></w:tr></w:tbl>",
    "embedded": "{shown}<w:altChunk/>",
    "many": "{shown}" + paragraph(run("支持创新。")) * 6_000,
    "style-of-none": "{shown}"
    + paragraph(run("甲"), '<w:pStyle w:val="nowhere"/><w:numPr><w:numId w:val="9"/></w:numPr>'),
    "struck": "{shown}" + paragraph(run(granting(HIDDEN), "<w:strike/>")),
    "hidden-row": "{shown}<w:tbl><w:tr><w:trPr><w:hidden/></w:trPr><w:tc>"
    + SECRET
    + "</w:tc><w:tc><w:p/></w:tc></w:tr></w:tbl>",
    "field-in-code": "{shown}"
    + paragraph(
        '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>IF </w:instrText></w:r>'
        + run(granting(HIDDEN))
        + '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        + run("甲")
        + '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    ),
    "field-left-open": paragraph('<w:r><w:fldChar w:fldCharType="begin"/></w:r>') + "{shown}",
    "diagram": "{shown}" + paragraph("<w:r><w:drawing><relIds/></w:drawing></w:r>"),
    "drawing": "{shown}" + paragraph("<w:r><w:drawing><x/></w:drawing></w:r>"),
}


def box(amount: int) -> bytes:
    """Return a file with the sum in a text box, given in two readings."""
    text = f"<w:txbxContent>{paragraph(run(granting(amount)))}</w:txbxContent>"
    both = (
        f"<mc:AlternateContent><mc:Choice><w:drawing>{text}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{text}</w:pict></mc:Fallback></mc:AlternateContent>"
    )
    return word_file(paragraph(run("某某市意见")) + paragraph(f"<w:r>{both}</w:r>"))


def joined(amount: int) -> bytes:
    """Return a file in which a deleted paragraph mark lies within the sum."""
    first, second = granting(amount).split("一次性")
    mark = "<w:rPr><w:del/></w:rPr>"
    return word_file(paragraph(run(first + "一次"), mark) + paragraph(run("性" + second)))


def footnote(amount: int) -> bytes:
    """Return a file with the sum in a footnote."""
    notes = f'<w:footnotes xmlns:w="{W}"><w:footnote w:id="2">{paragraph(run(granting(amount)))}</w:footnote></w:footnotes>'
    text = run("某某市意见") + '<w:r><w:footnoteReference w:id="2"/></w:r>'
    return word_file(paragraph(text), {"word/footnotes.xml": notes})


def endnote(amount: int) -> bytes:
    """Return a file with the sum in an endnote whose number a footnote has, too."""
    parts = {
        f"word/{kind}s.xml": f'<w:{kind}s xmlns:w="{W}"><w:{kind} w:id="2">{paragraph(run(text))}'
        f"</w:{kind}></w:{kind}s>"
        for kind, text in (("endnote", granting(amount)), ("footnote", granting(HIDDEN)))
    }
    text = run("某某市意见") + '<w:r><w:endnoteReference w:id="2"/></w:r>'
    return word_file(paragraph(text), parts)


def by_style(mark: str) -> Maker:
    """Return a maker of a file whose styles make text unseen, and in one run seen again."""
    styles = f'<w:styles xmlns:w="{W}">' + "".join(
        f'<w:style w:type="{kind}" w:styleId="{kind}"><w:rPr><w:{mark}/></w:rPr></w:style>'
        f'<w:style w:type="{kind}" w:styleId="of-{kind}"><w:basedOn w:val="{kind}"/></w:style>'
        for kind in ("paragraph", "character")
    )

    def make(amount: int) -> bytes:
        body = (
            paragraph(run("某某市意见"))
            + paragraph(run(granting(amount), f'<w:{mark} w:val="0"/>'), PARAGRAPH_STYLE)
            + paragraph(run(granting(HIDDEN)), PARAGRAPH_STYLE)
            + paragraph(run(granting(HIDDEN), '<w:rStyle w:val="of-character"/>'))
        )
        return word_file(body, {"word/styles.xml": f"{styles}</w:styles>"})

    return make


def split_runs(amount: int) -> bytes:
    """Return a file in which every character is a run of its own."""
    return word_file("".join(paragraph("".join(map(run, text))) for text in paragraphs(amount)))


def add_cases(cases: Collection) -> None:
    """Add the cases."""
    for name, text in BODIES.items():
        cases.add(f"words/{name}.docx", body(text))
    for tag in ("ins", "moveTo"):
        cases.add(
            f"words/sum-in-{tag}.docx",
            changed(START, tag, "万元奖励。"),
            note="tracked-changes" * (tag == "ins"),
        )
    for tag in ("del", "moveFrom"):
        cases.add(
            f"words/sum-in-{tag}.docx", changed(START, tag, "{}万元奖励。"), note="tracked-changes"
        )
    for name, maker in {
        "text-box": box, "deleted-mark": joined, "footnote": footnote, "endnote": endnote, "hidden-by-style": by_style("vanish"),
        "struck-by-style": by_style("strike"), "split-runs": split_runs,
    }.items():  # fmt: skip
        cases.add(f"words/{name}.docx", maker)
    cases.add("words/strict.docx", lambda amount: word_file(shown(amount), space=STRICT))
    cases.add("words/macros.docm", lambda amount: word_file(shown(amount), kind=MACROS))
    cases.add("words/named-text.txt", lambda amount: word_file(shown(amount)))
    cases.add("words/named-pdf.pdf", lambda amount: word_file(shown(amount)))
    cases.add("words/no-name", lambda amount: word_file(shown(amount)))
    add_parts(cases)
    add_refused(cases)
    add_bombs(cases)


def add_parts(cases: Collection) -> None:
    """Add files with parts that are no text of the document, or that refer to outside."""
    hidden = f'<w:hdr xmlns:w="{W}">{SECRET}</w:hdr>'
    outside = (
        '<Relationship Id="r1" Type="{}" Target="http://127.0.0.1:9/x" TargetMode="External"/>'
    )
    circle = (
        f'<w:styles xmlns:w="{W}"><w:style w:styleId="a"><w:basedOn w:val="b"/></w:style>'
        '<w:style w:styleId="b"><w:basedOn w:val="a"/></w:style></w:styles>'
    )
    for name, parts in {
        "header": {"word__header1_xml": hidden, "word__footer1_xml": hidden},
        "comments": {"word__comments_xml": hidden},
        "template": {
            "word___rels__settings_xml_rels": RELATIONS.format(outside.format("attachedTemplate"))
        },
        "picture": {"word___rels__document_xml_rels": RELATIONS.format(outside.format("image"))},
        "style-circle": {"word__styles_xml": circle},
        "climbing": {"__________etc__x": "x"},
    }.items():
        cases.add(f"words/part-{name}.docx", with_parts(**parts))


def add_refused(cases: Collection) -> None:
    """Add what is no readable Word file."""
    whole = word_file(shown(5))
    cases.add("words/cut.docx", whole[: len(whole) * 2 // 3], reason="damaged")
    cases.add("words/head-only.docx", whole[:40], reason="damaged")
    wrong = whole.replace(b"word/document.xml", b"word/documant.xml")
    cases.add("words/no-document.docx", wrong, reason="damaged")
    flipped = bytearray(whole)
    flipped[len(whole) // 2 - 60] ^= 0xFF
    cases.add("words/flipped.docx", bytes(flipped), reason="damaged")
    cases.add("words/not-closed.docx", word_file("<w:p><w:r>"), reason="damaged")
    cases.add("words/wrong-character.docx", word_file(paragraph(run("甲\x01"))), reason="damaged")
    cases.add("words/empty.docx", word_file("<w:p/>"), reason="no-text")
    only = paragraph("<w:r><w:drawing><x/></w:drawing></w:r>")
    cases.add("words/only-picture.docx", word_file(only), reason="no-text")
    cases.add(
        "words/sheet.docx",
        word_file("", {}, kind=SHEET).replace(b"word/", b"book/"),
        reason="unsupported",
    )
    cases.add("words/just-zip.docx", zip_file({"a.txt": "甲"}), reason="unsupported")
    cases.add(
        "words/open.odt",
        zip_file({"mimetype": "application/vnd.oasis.opendocument.text"}),
        reason="unsupported",
    )
    for name, part in {
        "open.ofd": "OFD.xml",
        "ofd-as.pdf": "OFD.xml",
        "book.epub": "mimetype",
    }.items():
        cases.add(f"words/{name}", zip_file({part: "x"}), reason="unsupported")
    cases.add("words/password.docx", ole("EncryptedPackage"), reason="encrypted")
    locked = bytearray(whole)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = locked.find(mark)
        while at >= 0:
            locked[at + place] |= 1
            at = locked.find(mark, at + 4)
    cases.add("words/password-zip.docx", bytes(locked), reason="encrypted")


def add_bombs(cases: Collection) -> None:
    """Add entities, and parts that unpack to far more than they are."""
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 10))
    laughs = f'<!DOCTYPE x [<!ENTITY e0 "甲">{entities}]><w:document xmlns:w="{W}"><w:body><w:p><w:r><w:t>&e9;</w:t></w:r></w:p></w:body></w:document>'
    outside = laughs.replace('"甲"', 'SYSTEM "file:///etc/passwd"').replace("&e9;", "&e0;")
    for name, document in {"entities": laughs, "outside-entity": outside}.items():
        content = word_file("", {})
        parts = {n: zipfile.ZipFile(io.BytesIO(content)).read(n) for n in ["[Content_Types].xml"]}
        bomb = zip_file({**parts, "word/document.xml": document})
        cases.add(
            f"words/{name}.docx", bomb, reason="unsafe" if name == "outside-entity" else "damaged"
        )
    cases.add("words/deep.docx", word_file("<w:sdt><w:sdtContent>" * 5_000), reason="damaged")
    cases.add("words/bomb.docx", lambda _: word_file(" " * 120_000_000), reason="too-large")
    cases.add(
        "words/tree.docx", lambda _: word_file("<w:p/>" * 9_000_000), reason="too-large", slow=True
    )
    cases.add(
        "words/big-bomb.docx",
        lambda _: word_file(" " * 1_000_000_000),
        reason="too-large",
        slow=True,
    )
    cases.add(
        "words/many-parts.docx",
        lambda amount: word_file(shown(amount), {f"x/{i}": "" for i in range(5_000)}),
    )
    cases.add(
        "words/long.docx",
        lambda _: word_file(paragraph(run("支持创新。" * 200_000))),
        reason="too-large",
    )
