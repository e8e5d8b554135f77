"""Decoding: bytes become text, with the encoding told and binary content refused."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from kg.corpus.catalogue import embedded_folder
from kg.errors import CorpusError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Where two read a text equally well, the first one is taken.
_CANDIDATES = (
    ("utf-8", "utf-8"),
    ("gb18030", "gb18030"),
    ("cp950", "big5"),
    ("big5hkscs", "big5"),
    ("utf-16-le", "utf-16-le"),
    ("utf-16-be", "utf-16-be"),
    ("utf-32-le", "utf-32-le"),
    ("utf-32-be", "utf-32-be"),
)
_SAMPLE = 20_000
_PLAUSIBLE = 0.9
_DAMAGE = 0.002
_ACCIDENT = 0.02
_KANA = 0.1
_MISREAD = (
    ("gb18030", "utf-8"),
    ("latin-1", "gb18030"),
    ("cp1252", "gb18030"),
    ("latin-1", "utf-8"),
    ("cp1252", "utf-8"),
)
_IN_ASCII = (("ascii", "hz"), ("ascii", "utf-7"))
_SHIFTED = re.compile(r"~\{[!-~]{2}|\+[A-Za-z0-9+/]{8}")
_MARKS_ARE_ONE_IN, _LEAST_MISREAD = 60, 6
_FREQUENT, _LEAST_FREQUENT, _ENOUGH = 300, 0.22, 40
# Eight characters of UTF-8 in a row, which bytes of another encoding never are by chance.
_UTF8_WITHIN = re.compile(
    rb"(?:(?:[\xe4-\xe9][\x80-\xbf]|\xe3\x80|\xef[\xbc\xbd])[\x80-\xbf][\x20-\x7e]{0,12}){8}"
)
_DAMAGED = re.compile("\ufffd+")
_PLAIN = re.compile(r"[\t\n\r\f\v\x20-\x7e]+")
_MARK = re.compile(r"[\u3000-\u3017\uff01-\uff5e\u2010-\u2027\u2460-\u2473\u00b7\ufeff\xa0]")
_DRAWN = re.compile("[\u2190-\u21ff\u2500-\u257f\u25a0-\u25ff]")  # frames of tables, boxes to tick
_IDEOGRAPH = re.compile(r"[\u4e00-\u9fff]")
_STRANGE = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]")


def decode(content: bytes, *, name: str) -> tuple[str, str]:
    """Return the text of ``content`` and its encoding; newlines and the BOM are kept.

    The encoding is judged from the bytes alone, never from what a name or header claims.  Damaged
    bytes become U+FFFD, at three places or two in a thousand characters.  Raises CorpusError with
    reason ``empty``, ``binary`` or ``encoding``, the latter also for Chinese that another program
    has misread and saved again.
    """
    text, encoding = _decode(content, name)
    _refuse_misread(text, name)
    return text, encoding


def _decode(content: bytes, name: str) -> tuple[str, str]:
    if not content.strip(b" \t\r\n\v\f\x00") or content in {mark for mark, _ in _MARKS}:
        raise CorpusError(f"{name}: the file is empty", reason="empty", advice="leave it out")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            text = _decode_damaged(content, encoding)
            if text is None or _is_strange(text):
                raise _undecodable(name, f"damaged {encoding} text")
            return text, encoding
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return _judge(content, name)
    return (text, "utf-8") if not _STRANGE.search(text) else _judge(content, name)


def _undecodable(name: str, what: str, reason: str = "encoding") -> CorpusError:
    return CorpusError(f"{name}: {what}", reason=reason, advice=f"{what}: save the file as UTF-8")


def _decode_damaged(content: bytes, encoding: str) -> str | None:
    """Return the text, with U+FFFD where a few bytes are damaged; None where it is not this."""
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode(encoding, "replace")
    damaged = len(_DAMAGED.findall(text))
    return text if damaged <= max(3, _DAMAGE * len(_PLAIN.sub("", text))) else None


def _is_strange(text: str) -> bool:
    """Tell whether a text has more control characters than an accident explains."""
    sample = text[:_SAMPLE]
    strange = len(_STRANGE.findall(sample))
    return strange > max(2, _ACCIDENT * len(sample), len(_IDEOGRAPH.findall(sample)) / 3)


def _judge(content: bytes, name: str) -> tuple[str, str]:
    """Return the reading with the largest share of characters that Chinese texts consist of."""
    best, text, encoding = 0.0, "", ""
    for codec, label in _CANDIDATES:
        found = _decode_damaged(content, codec)
        if found is None:
            continue
        score = _plausibility(found) - found.count("\ufffd") / len(found)
        if score > best:
            best, text, encoding = score, found, label
    if encoding in ("gb18030", "big5") and _UTF8_WITHIN.search(content):
        raise _undecodable(name, f"a part of it is UTF-8, another one {encoding}")
    if (best >= _PLAUSIBLE or encoding == "utf-8") and not _is_strange(text) and _is_chinese(text):
        return text, encoding
    if b"\x00" in content:
        raise CorpusError(
            f"{name}: binary content, not text",
            reason="binary",
            advice="leave it out, or convert it to text first",
        )
    raise _undecodable(name, "the encoding is not UTF-8, UTF-16, UTF-32, GB18030 or Big5")


def _refuse_misread(text: str, name: str) -> None:
    """Raise CorpusError where the characters are those of Chinese bytes that were misread.

    Such a text is sound to look at by its bytes, but says nothing: 鏀跨瓥 for 政策.  A text with the usual
    Chinese marks is none.
    """
    sample = text[:_SAMPLE]
    others = _PLAIN.sub("", sample)
    if _MARKS_ARE_ONE_IN * len(_MARK.findall(others)) > len(others):
        return
    ways = _MISREAD if others else _IN_ASCII if _SHIFTED.search(sample) else ()
    for read_as, meant in ways:
        found = sample.encode(read_as, "ignore").decode(meant, "ignore")
        ideographs = _IDEOGRAPH.findall(found)
        frequent = sum(character in _frequent_ideographs() for character in ideographs)
        if frequent >= max(_LEAST_MISREAD, _LEAST_FREQUENT * len(_PLAIN.sub("", found))):
            raise CorpusError(
                f"{name}: text in {meant} that was read as {read_as} and saved again",
                reason="encoding",
                advice=f"it is {meant} read as {read_as}: get it again, or convert it back",
            )


def _plausibility(text: str) -> float:
    """Return the share of common characters outside ASCII, 1 where there are none.

    Controls and private characters count against a text as long as they are few; ASCII tells
    nothing, since most encodings read it alike.
    """
    sample = text[:_SAMPLE]
    others = _PLAIN.sub("", _STRANGE.sub("", sample))
    common = _common_ideographs()
    good = sum(character in common for character in others)
    good += len(_MARK.findall(others)) + len(_DRAWN.findall(others))
    strange = len(_STRANGE.findall(sample))
    return (good / len(others) if others else 1.0) - strange / max(1, len(sample))


@lru_cache(maxsize=1)
def _common_ideographs() -> frozenset[str]:
    """Return the ideographs of the first levels of GB 2312 and of Big5."""
    simplified = (bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF))
    traditional = (
        bytes((row, cell))
        for row in range(0xA4, 0xC7)
        for cell in (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    )
    return frozenset((*_characters(simplified, "gb2312"), *_characters(traditional, "cp950")))


def _characters(codes: Iterator[bytes], encoding: str) -> Iterator[str]:
    for code in codes:
        yield from code.decode(encoding, "ignore")


def _is_chinese(text: str) -> bool:
    """Tell Chinese from Korean or Japanese bytes that Chinese encodings accept as well.

    Of the ideographs of a Chinese text a good part are the commonest ones.
    """
    sample = text[:_SAMPLE]
    ideographs = _IDEOGRAPH.findall(sample)
    kana = len(re.findall(r"[\u3041-\u30fa]", sample))
    if kana > _KANA * (len(ideographs) + kana):
        return False
    if len(ideographs) < _ENOUGH:
        return True
    frequent = _frequent_ideographs()
    return sum(c in frequent for c in ideographs) >= _LEAST_FREQUENT * len(ideographs)


@lru_cache(maxsize=1)
def _frequent_ideographs() -> frozenset[str]:
    """Return the ideographs that the embedded corpus uses most, in both scripts."""
    from opencc import OpenCC

    texts = (path.read_text(encoding="utf-8") for path in sorted(embedded_folder().glob("*.txt")))
    counts = Counter(character for text in texts for character in _IDEOGRAPH.findall(text))
    frequent = "".join(character for character, _ in islice(counts.most_common(), _FREQUENT))
    return frozenset(frequent + OpenCC("s2t").convert(frequent))
