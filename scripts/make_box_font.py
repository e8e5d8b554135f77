"""Make kg/corpus/load/box.ttf: a font in which every character is the same box.

PDFs may leave out the fonts of Chinese text and rely on those of the machine.  Where there is
none, PDFium finds no shape and drops characters that stand alone; with this font it reads the same
text on every machine.  Needs fontTools (MIT).
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

TARGET = Path(__file__).resolve().parent.parent / "kg" / "corpus" / "load" / "box.ttf"
CHARACTERS = (*range(0x20, 0xD800), *range(0xE000, 0x30000))


def make_font(target: Path) -> None:
    """Write the font."""
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "box"])
    pen = TTGlyphPen(None)
    pen.moveTo((50, -120))
    for corner in ((50, 880), (950, 880), (950, -120)):
        pen.lineTo(corner)
    pen.closePath()
    shape = pen.glyph()
    builder.setupGlyf({".notdef": shape, "box": shape})
    builder.setupHorizontalMetrics({".notdef": (1000, 50), "box": (1000, 50)})
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Box", "styleName": "Regular"})
    table = newTable("cmap")
    table.tableVersion = 0
    many_to_one = CmapSubtable.newSubtable(13)
    many_to_one.platformID, many_to_one.platEncID, many_to_one.language = 3, 10, 0
    many_to_one.cmap = dict.fromkeys(CHARACTERS, "box")
    table.tables = [many_to_one]
    builder.font["cmap"] = table
    builder.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=880, usWinDescent=120)
    builder.setupPost(keepGlyphNames=False)
    builder.font.recalcTimestamp = False
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.save(target)


if __name__ == "__main__":
    make_font(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
