"""Plain texts: encodings, invisible characters, damage, and texts that are long or repetitive."""

from __future__ import annotations

import base64
import random

from tests.hostile import HIDDEN, Collection, Maker, granting, paragraphs, plain

ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-mark": "utf-8-sig",
    "gb18030": "gb18030",
    "gbk": "gbk",
    "utf-16-mark": "utf-16",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32-mark": "utf-32",
    "utf-32-le": "utf-32-le",
    "utf-32-be": "utf-32-be",
}
BREAKS = {
    "crlf": "\r\n",
    "cr": "\r",
    "nel": "\x85",
    "ls": "\u2028",
    "ff": "\f",
    "mixed": "\r\n\n\r",
}
WITHIN = {
    "nul": "\x00",
    "bell": "\x07",
    "escape": "\x1b",
    "c1": "\x9b",
    "zero-width-space": "\u200b",
    "joiner": "\u200d",
    "word-joiner": "\u2060",
    "soft-hyphen": "\u00ad",
    "mark-within": "\ufeff",
    "left-to-right": "\u200e",
    "override": "\u202e",
    "isolate": "\u2066",
    "variation": "\ufe0f",
    "tag": "\U000e0041",
    "blank": " ",
    "wide-blank": "\u3000",
    "no-break": "\u00a0",
}


OLD_OFFICE = {
    "old-word.doc": "WordDocument",
    "old-word-renamed.docx": "WordDocument",
    "kingsoft.wps": "WpsContent",
    "old-sheet-as-word.doc": "Workbook",
    "old-slides.dot": "PowerPoint Document",
    "message.msg": "__substg1.0_",
}
MISREAD = [("gbk", "utf-8"), ("latin-1", "gbk"), ("cp1252", "gbk"), ("latin-1", "utf-8")]
MAIL_HEADS = {
    "message.eml": "From: a@example.org\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain",
    "sent.txt": "Received: from a.example.org\n by b.example.org\nFrom: a@example.org",
    "with-attachment.html": "MIME-Version: 1.0\nTo: a@example.org\nContent-Type: multipart/mixed;\n boundary=x",
}


def encoded(encoding: str) -> Maker:
    """Return a maker of the document in an encoding."""
    return lambda amount: plain(amount).encode(encoding)


def traditional(amount: int) -> bytes:
    """Return the document in Big5, its characters as they are written there."""
    from opencc import OpenCC

    return str(OpenCC("s2t").convert(plain(amount))).encode("big5hkscs")


def between(mark: str) -> Maker:
    """Return a maker of a text with ``mark`` between the characters of its terms."""

    def make(amount: int) -> bytes:
        text = plain(amount)
        for term in ("高新技术企业", "奖励", "认定"):
            text = text.replace(term, mark.join(term))
        return text.encode()

    return make


def after(tail: str) -> Maker:
    """Return a maker of the document with a tail."""
    return lambda amount: f"{plain(amount)}\n\n{tail}\n".encode()


def damaged(before: int, behind: int) -> Maker:
    """Return a maker that cuts bytes off at both ends."""
    return lambda amount: plain(amount).encode()[before : -behind or None]


def with_bytes(wrong: bytes) -> Maker:
    """Return a maker that puts bytes that are no UTF-8 between two paragraphs."""
    return lambda amount: plain(amount).encode().replace(b"\n\n", b"\n" + wrong + b"\n", 1)


def add_cases(cases: Collection) -> None:
    """Add the cases."""
    for name, encoding in ENCODINGS.items():
        cases.add(f"texts/{name}.txt", encoded(encoding))
    cases.add("texts/big5.txt", traditional)
    cases.add("texts/radicals.txt", with_radicals)
    for name, mark in BREAKS.items():
        cases.add(
            f"texts/break-{name}.txt",
            lambda amount, mark=mark: mark.join(paragraphs(amount)).encode(),
        )
    for name, mark in WITHIN.items():
        cases.add(f"texts/within-{name}.txt", between(mark))
    for encoding in ("utf-8", "gb18030", "utf-16"):
        cases.add(
            f"texts/box-{encoding}.txt",
            lambda amount, encoding=encoding: box(amount).encode(encoding),
        )
    cases.add("texts/table.md", lambda amount: piped(amount).encode())
    cases.add(
        "texts/hidden.md",
        after(f"~~{granting(HIDDEN)}~~<!-- {granting(HIDDEN)} -->"),
        note="struck-text",
    )
    add_damaged(cases)
    add_refused(cases)
    add_long(cases)
    add_injections(cases)


def box(amount: int) -> str:
    """Return the document as a table in a box, its cells broken into lines."""
    first, second = granting(amount).split("，")
    return (
        f"某某市关于支持企业创新的第{amount}号意见\n\n┌──┬──────┬────┐\n│序号│任务　　│责任单位│\n├──┼──────┼────┤\n"
        f"│１　│{first}，│市科技局│\n│　　│{second}│、财政局│\n└──┴──────┴────┘\n"
    )


def piped(amount: int) -> str:
    """Return the document as a table of markdown."""
    return (
        f"# 某某市关于支持企业创新的第{amount}号意见\n\n|序号|任务|责任单位|\n|---|---|---|\n"
        f"|1|**{granting(amount)}**|[市科技局](https://example.org/)|\n"
    )


def with_radicals(amount: int) -> bytes:
    """Return the document with radicals for ideographs, as fonts of PDFs leave them in copies."""
    radicals = str.maketrans("高新一支首金长", "⾼新⼀⽀⾸⾦⻓")
    return plain(amount).translate(radicals).replace("金", "\uf90a").encode()


def add_damaged(cases: Collection) -> None:
    """Add texts of which a little is broken: they are read, and the damage is told."""
    told = "damaged-characters"
    cases.add("texts/cut-at-end.txt", damaged(0, 2), note=told)
    cases.add("texts/cut-at-start.txt", damaged(1, 0), note=told)
    cases.add("texts/one-wrong-byte.txt", with_bytes(b"\xff"), note=told)
    cases.add("texts/half-a-surrogate.txt", with_bytes(b"\xed\xa0\x80"), note=told)
    cases.add("texts/overlong.txt", with_bytes(b"\xc0\xaf"), note=told)
    cases.add(
        "texts/gb-one-wrong-byte.txt",
        lambda amount: plain(amount).encode("gb18030").replace(b"\n\n", b"\n\xff\n", 1),
        note=told,
    )
    cases.add(
        "texts/latin-byte-in-a-word.txt",
        lambda amount: (
            plain(amount).encode().replace("培训".encode(), "培".encode() + b"\xe9" + "训".encode())
        ),
        note=told,
    )
    cases.add(
        "texts/two-marks.txt", lambda amount: b"\xef\xbb\xbf\xef\xbb\xbf" + plain(amount).encode()
    )
    cases.add("texts/no-suffix", encoded("utf-8"))
    cases.add("texts/UPPER.TXT", encoded("utf-8"))
    cases.add("texts/odd-suffix.2023年", encoded("gb18030"))
    cases.add("texts/old.bak", encoded("utf-8"))
    cases.add("texts/claims-to-be.pdf", encoded("utf-8"))
    cases.add("texts/claims-to-be.docx", encoded("gb18030"))
    cases.add("texts/claims-to-be.html", encoded("utf-8"))


def misread(read_as: str, meant: str) -> Maker:
    """Return a maker of the document as it is when a program has misread it and saved that."""

    def make(amount: int) -> bytes:
        return (plain(amount) * 3).encode(meant).decode(read_as, "replace").encode()

    return make


def mail(head: str) -> Maker:
    """Return a maker of a message with the document in its body, coded as mail is."""

    def make(amount: int) -> bytes:
        body = base64.encodebytes(plain(amount).encode("gb18030"))
        return f"{head}\nContent-Transfer-Encoding: base64\n\n".encode() + body

    return make


def add_refused(cases: Collection) -> None:
    """Add what is no Chinese text."""
    cases.add("texts/empty.txt", b"", reason="empty")
    cases.add("texts/blank.txt", b" \r\n\t\n", reason="empty")
    cases.add("texts/only-a-mark.txt", b"\xff\xfe", reason="empty")
    cases.add("texts/only-nul.txt", b"\x00" * 4096, reason="empty")
    cases.add("texts/noise.txt", random.Random(1).randbytes(4096), reason="binary")
    cases.add("texts/all-bytes.txt", bytes(range(256)) * 20, reason="binary")
    cases.add("texts/picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(200), reason="unsupported")
    cases.add("texts/program.txt", b"\x7fELF\x02\x01\x01" + bytes(200), reason="unsupported")
    cases.add(
        "texts/two-encodings.txt",
        lambda amount: plain(amount).encode() * 4 + plain(amount).encode("gb18030") * 4,
        reason="encoding",
    )
    sentence = granting(HIDDEN).encode()  # in GB18030 it reads as ideographs that say nothing
    for encoding in ("gb18030", "big5"):
        cases.add(
            f"texts/one-sentence-in-utf-8-within-{encoding}.txt",
            lambda amount, encoding=encoding: (
                plain(amount).encode(encoding, "ignore") * 6
                + sentence
                + plain(amount).encode(encoding, "ignore") * 6
            ),
            reason="encoding",
        )
    for read_as, meant in MISREAD:
        cases.add(
            f"texts/{meant}-read-as-{read_as}.txt", misread(read_as, meant), reason="encoding"
        )
    for encoding in ("hz", "utf-7"):
        cases.add(f"texts/{encoding}.txt", encoded(encoding), reason="encoding")
    korean = "대한민국 정부는 첨단기술기업을 지원한다. 재정 지원과 세제 혜택을 제공한다. " * 20
    cases.add("texts/korean.txt", korean.encode("euc_kr"), reason="encoding")
    japanese = "政府は先端技術企業を支援する。財政支援と税制優遇を提供する。" * 20
    cases.add("texts/japanese.txt", japanese.encode("shift_jis"), reason="encoding")
    cases.add("texts/only-marks.txt", "---\n***\n\n- 1 -\n\n==\n", reason="no-text")
    for name, stream in OLD_OFFICE.items():
        cases.add(f"texts/{name}", ole(stream), reason="unsupported")
    cases.add("texts/rich.rtf", rb"{\rtf1\ansi \u25903?}", reason="unsupported")
    cases.add("texts/rich-as-word.doc", rb"{\rtf1\ansi \u25903?}", reason="unsupported")
    cases.add("texts/journal.caj", b"CAJ\x00" + bytes(300), reason="unsupported")
    cases.add("texts/photo-as-scan.pdf", b"\xff\xd8\xff\xe0" + bytes(300), reason="unsupported")
    for name, head in MAIL_HEADS.items():
        cases.add(f"texts/{name}", mail(head), reason="unsupported")
    cases.add(
        "texts/data.xml.txt", "<?xml version='1.0'?><rows><a>1</a></rows>", reason="unsupported"
    )


def ole(stream: str) -> bytes:
    """Return the beginning of an old Office file with a stream of this name."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + stream.encode("utf-16-le") + bytes(64)


def add_long(cases: Collection) -> None:
    """Add texts that a careless pattern takes hours for."""
    tails = {
        "open-brackets": "（" * 50_000,
        "open-titles": "《" * 50_000,
        "nested-brackets": "（" * 20_000 + "甲" + "）" * 20_000,
        "quotes": "“" * 50_000,
        "digits": "1" * 100_000,
        "less-than": "<" * 100_000,
        "tags": "<b " * 40_000,
        "hashes": "#" * 100_000,
        "stars": "*a" * 50_000,
        "blanks": "甲" + " " * 400_000 + "乙",
        "newlines": "\n" * 400_000,
        "commas": "甲，" * 60_000,
        "clauses": "（一）" * 30_000,
        "numbers": "第一条" * 30_000,
        "units": "市科技局、" * 20_000,
        "columns": "\t".join("甲" * 3_000),
        "rows": "甲\t乙\n" * 20_000,
        "amounts": "10万元、" * 20_000,
        "dates": "2024年1月1日至" * 10_000,
    }
    for name, tail in tails.items():
        cases.add(f"long/{name}.txt", after(tail))
    cases.add(
        "long/one-line.txt",
        lambda amount: (granting(amount) + "支持创新。" * 40_000).encode(),
        slow=True,
    )
    cases.add(
        "long/60-megabytes.txt",
        lambda _: "支持企业创新。\n".encode() * 3_000_000,
        reason="too-large",
    )
    cases.add(
        "long/200-megabytes.txt",
        lambda _: "支持企业创新。\n".encode() * 10_000_000,
        reason="too-large",
        slow=True,
    )


def add_injections(cases: Collection) -> None:
    """Add texts that try to mean something to what they pass through."""
    heads = {
        "quads": 'x" <https://example.org/a> <https://example.org/b> .\n<a> <b> "c',
        "sparql": '"} ; DROP ALL ; # ?s ?p ?o }',
        "formula": '=HYPERLINK("https://example.org","x")',
        "command": "=cmd|' /C calc'!A0",
        "script": "<script>alert(1)</script>",
        "template": "{{ 7*7 }} ${7*7} {% for a in b %}",
        "backslashes": '\\u0000 \\n \\" \\',
        "escape": "\x1b[2J\x1b]0;title\x07",
    }
    for name, head in heads.items():
        cases.add(
            f"injections/{name}.md", lambda amount, head=head: f"{head}\n\n{plain(amount)}".encode()
        )
