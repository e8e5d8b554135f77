"""Decoding: bytes become text, with the encoding told and binary content refused."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from kg.errors import CorpusError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARY = (
    b"%PDF",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"\x89PNG",
    b"\x7fELF",
    b"GIF8",
    b"\xff\xd8\xff",
)


def decode(content: bytes, *, name: str) -> tuple[str, str]:
    """Return the text of ``content`` and its encoding; newlines and the BOM are kept.

    Raises CorpusError with reason ``empty``, ``binary`` or ``encoding``.
    """
    if not content.strip():
        raise CorpusError(f"{name}: the file is empty", reason="empty", advice="leave it out")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decode_as(content, encoding, name)
    if content.startswith(_BINARY) or b"\x00" in content:
        raise CorpusError(
            f"{name}: binary content, not text",
            reason="binary",
            advice="convert it to plain text (UTF-8) first",
        )
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _guess(content, name)


def _decode_as(content: bytes, encoding: str, name: str) -> tuple[str, str]:
    try:
        return content.decode(encoding), encoding
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{name}: damaged {encoding} text at byte {error.start}",
            reason="encoding",
            advice="save the file as UTF-8",
        ) from error


def _guess(content: bytes, name: str) -> tuple[str, str]:
    best = from_bytes(content, cp_isolation=["gb18030", "big5"]).best()
    if best is None:
        raise CorpusError(
            f"{name}: the encoding is not UTF-8, GB18030 or Big5",
            reason="encoding",
            advice="save the file as UTF-8",
        )
    return content.decode(best.encoding), best.encoding
