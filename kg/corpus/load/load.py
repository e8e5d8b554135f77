"""From bytes to text: plain text here, everything else in the parser process."""

from __future__ import annotations

import re

from kg.corpus.decode import decode
from kg.corpus.load.limits import LIMITS, Limits
from kg.corpus.load.loaded import Loaded, Note
from kg.corpus.load.parser import parser
from kg.corpus.load.recognize import is_html, tell_format
from kg.errors import CorpusError

STRUCK = re.compile(r"(?<![0-9~])~~(?=[^\s~])[^~\n]{1,300}~~")
"""What markdown strikes out; in 10~~20 it is a range."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufe00-\ufe0f\ufff9-\ufffb\U000e0000-\U000e007f]"
)


def load(content: bytes, name: str, *, limits: Limits = LIMITS) -> Loaded:
    """Return the text of a file; its format is told by its content, not by its name.

    Raises CorpusError with the class of the failure in ``reason`` and what to do in ``advice``.
    """
    limits.check_size(len(content), name)
    if not content.strip(b" \t\r\n\v\f\x00"):
        raise CorpusError(f"{name}: the file is empty", reason="empty", advice="leave it out")
    format = tell_format(content, name)
    if format == "text":
        text, encoding = decode(content, name=name)
        if not is_html(text, name):
            limits.check_text(text, name)
            return Loaded(text, "text", encoding, (*_text_notes(text), *_struck_notes(text)))
        format = "html"
    loaded = parser(limits).parse(format, content, name)
    notes = (*loaded.notes, *_text_notes(loaded.text))
    return Loaded(loaded.text, loaded.format, loaded.encoding, notes)


def _struck_notes(text: str) -> list[Note]:
    struck = sum(1 for _ in STRUCK.finditer(text)) if "~~" in text else 0
    if not struck:
        return []
    return [Note("struck-text", f"{struck} passages that are struck out are left out")]


def _text_notes(text: str) -> list[Note]:
    notes = []
    invisible = len(_INVISIBLE.findall(text)) if _INVISIBLE.search(text) else 0
    if invisible:
        notes.append(
            Note("invisible-characters", f"{invisible} invisible characters are passed over")
        )
    damaged = text.count("\ufffd")
    if damaged:
        notes.append(Note("damaged-characters", f"{damaged} characters are damaged (\ufffd)"))
    return notes
