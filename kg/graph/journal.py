"""The journal of a build: what is staged already, so that an interrupted build can go on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from kg.graph.durable import close_quietly
from kg.graph.version import Piece

NAME = "journal.jsonl"


class Noted(NamedTuple):
    """What is staged of a source: graph, where its lines lie, text by hash, what is known of it.

    ``source`` is the SHA-256 of the source's bytes, ``text`` that of the decoded text.
    """

    iri: str
    piece: Piece
    source: str
    text: str
    about: dict[str, Any]


class Journal:
    """Lines of a checksum and JSON, the first with the configuration of the build; ``found`` are those by key."""

    def __init__(self, workspace: Path, configuration: str) -> None:
        path = workspace / NAME
        self.found = dict(_read_notes(path))
        self._output = open(path, "ab")  # noqa: SIM115 (see close)
        if path.stat().st_size == 0:
            self._write_line({"configuration": configuration})
        elif not _ends_line(path):
            self._output.write(b"\n")

    @staticmethod
    def fits(workspace: Path, configuration: str) -> bool:
        """Tell whether a journal stands there, of a build with the same configuration."""
        try:
            with open(workspace / NAME, "rb") as lines:
                return bool(_read_line(lines.readline())["configuration"] == configuration)
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def write(self, key: str, noted: Noted) -> None:
        """Write one line, whole or, where the build is killed, in a part that is not read."""
        self._write_line({"key": key, **noted._asdict()})

    def _write_line(self, content: dict[str, Any]) -> None:
        line = json.dumps(content, ensure_ascii=False).encode()
        self._output.write(_sum(line) + b" " + line + b"\n")
        self._output.flush()

    def close(self) -> None:
        """Close the file."""
        close_quietly(self._output)


def _read_notes(path: Path) -> list[tuple[str, Noted]]:
    if not path.is_file():
        return []
    notes = []
    for line in path.read_bytes().split(b"\n"):
        try:
            row = _read_line(line)
            piece = Piece(*row["piece"])
            about = dict(row["about"])
            notes.append((row["key"], Noted(row["iri"], piece, row["source"], row["text"], about)))
        except (ValueError, KeyError, TypeError):
            continue  # the first line, or one that was cut off
    return notes


def _read_line(line: bytes) -> dict[str, Any]:
    """Return what a line says; raises ValueError for one that is not as it was written."""
    digest, _, content = line.rstrip(b"\n").partition(b" ")
    if digest != _sum(content):
        raise ValueError("a line was changed or cut off")
    return dict(json.loads(content))


def _sum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest()[:16].encode()


def _ends_line(path: Path) -> bool:
    with open(path, "rb") as content:
        content.seek(-1, 2)
        return content.read() == b"\n"
