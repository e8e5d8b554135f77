"""Fonts that a PDF names but does not hold: one of our own stands for all, never the machine's."""

from __future__ import annotations

import ctypes
from functools import lru_cache
from importlib.resources import files
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as c

_ASIAN = frozenset({128, 129, 134, 136})  # Shift-JIS, Hangul, GB 2312, Big5
_OURS = 1


@lru_cache(maxsize=1)
def use_own_font() -> Any:
    """Make PDFium measure Chinese text without fonts of its own by ``box.ttf``.

    Otherwise the text read depends on the fonts of the machine: where there are none, characters
    that stand alone are lost.  Returns what must live as long as PDFium is used.
    """
    content = (files("kg.corpus.load") / "box.ttf").read_bytes()
    kinds = dict(c.FPDF_SYSFONTINFO._fields_)

    def map_font(_info: Any, _w: Any, _i: Any, charset: int, *_others: Any) -> int | None:
        return _OURS if charset in _ASIAN else None

    def font_data(_info: Any, _font: Any, table: int, buffer: Any, size: int) -> int:
        if table:
            return 0
        if buffer and size >= len(content):
            ctypes.memmove(buffer, content, len(content))
        return len(content)

    calls = {
        "Release": lambda _info: None,
        "EnumFonts": lambda _info, _mapper: None,
        "MapFont": map_font,
        "GetFont": lambda _info, _face: None,
        "GetFontData": font_data,
        "GetFaceName": lambda _info, _font, _buffer, _size: 0,
        "GetFontCharset": lambda _info, _font: 1,
        "DeleteFont": lambda _info, _font: None,
    }
    info = c.FPDF_SYSFONTINFO(version=1)
    for name, call in calls.items():
        setattr(info, name, kinds[name](call))
    pdfium.PdfDocument.new().close()  # starts PDFium
    c.FPDF_SetSystemFontInfo(ctypes.byref(info))
    return info
