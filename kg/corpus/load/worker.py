"""The parser process from within: limits first, then one document after the other.

Before the first document it gives up the right to open anything: no file and no network
connection, whatever a document asks for, by the limit of open files that the system keeps.
"""

from __future__ import annotations

import codecs
import json
import math
import resource
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from kg.corpus.load import pdf, web, word
from kg.corpus.load.archive import smallest_docx
from kg.corpus.load.limits import Limits
from kg.corpus.load.loaded import Loaded
from kg.corpus.load.numbering import chinese_number
from kg.errors import CorpusError

_DEEP = 10_000
_CODECS = [
    "ascii",
    "latin-1",
    "cp1252",
    "hz",
    "utf-7",
    "cp437",
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32-le",
    "utf-32-be",
    "gb2312",
    "gbk",
    "gb18030",
    "cp950",
    "big5",
    "big5hkscs",
    "quopri_codec",
    "uu_codec",
]


def serve(descriptor: int, bounds: Mapping[str, Any]) -> None:
    """Answer questions on the socket ``descriptor`` until the other side goes away."""
    limits = Limits(**bounds)
    sys.setrecursionlimit(_DEEP)
    _warm(limits)
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    began = _peak()  # that of the process which started this one counts in it
    with Connection(descriptor) as connection:
        connection.send_bytes(b"ready")
        while True:
            try:
                question = json.loads(connection.recv_bytes())
                content = connection.recv_bytes()
            except EOFError:
                return
            _allow(limits.seconds)
            answer = _answer(question["format"], content, question["name"], limits)
            grown = _peak() - began
            connection.send_bytes(json.dumps({**answer, "grown": grown}).encode())


def _allow(seconds: float) -> None:
    """Let this process compute for so long from now on; the system ends it afterwards."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = math.ceil(usage.ru_utime + usage.ru_stime + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _peak() -> int:
    """Return the most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _warm(limits: Limits) -> None:
    """Use every loader and codec once, so that none has to open a file later on."""
    for codec in _CODECS:
        codecs.lookup(codec)
    chinese_number(12)
    for format, content in (
        ("html", bytes.fromhex("d6a7b3d6b8dfd0c2") * 30),
        (
            "mhtml",
            b"Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\nYQ==",
        ),
        ("docx", smallest_docx()),
        ("docx", b"PK"),
        ("pdf", b""),
    ):
        _answer(format, content, "", limits)


def _answer(format: str, content: bytes, name: str, limits: Limits) -> dict[str, Any]:
    loaders = {
        "html": web.load_html,
        "mhtml": web.load_mhtml,
        "docx": word.load_docx,
        "pdf": pdf.load_pdf,
    }
    try:
        loaded: Loaded = loaders[format](content, name, limits)
        limits.check_text(loaded.text, name)
    except CorpusError as error:
        return {
            "reason": error.reason,
            "message": _without(name, str(error)),
            "advice": error.advice,
        }
    except MemoryError:
        return {
            "reason": "too-large",
            "message": "unpacked, it needs more memory than a document may take",
            "advice": "split it, take the pictures out of it, or raise the limit: --limit memory=BYTES",
        }
    except RecursionError:
        return {
            "reason": "damaged",
            "message": "its parts lie too deep in each other",
            "advice": "open it and save it anew",
        }
    return {
        "text": loaded.text.encode("utf-8", "replace").decode(),
        "format": loaded.format,
        "encoding": loaded.encoding,
        "notes": [(note.kind, note.message) for note in loaded.notes],
    }


def _without(name: str, message: str) -> str:
    return message.removeprefix(f"{name}: ")
