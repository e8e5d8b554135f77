"""The manifest and the index of a version: written piece by piece, however many sources there are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from typing import Any

from kg.graph.durable import write_durably
from kg.graph.verify import make_seal
from kg.graph.version import MANIFEST, SEAL, Piece

_TOKENS = 10_000  # tokens of JSON, of some characters each, that are written at a time


def write_manifest(version: Path, content: Mapping[str, Any]) -> None:
    """Write the manifest of a version with its seal, and make all files read-only."""
    encoder = json.JSONEncoder(ensure_ascii=False, indent=1, sort_keys=True)
    write_durably(version / MANIFEST, _join(chain(encoder.iterencode(content), "\n")))
    write_durably(version / SEAL, [make_seal(version / MANIFEST)])
    for path in version.rglob("*"):
        if path.is_file():
            path.chmod(0o444)


def write_index(path: Path, pieces: Mapping[str, Piece]) -> None:
    """Write where each graph lies, in the order given."""
    encoder = json.JSONEncoder(ensure_ascii=False, indent=0)
    with open(path, "wb") as output:
        output.writelines(_join(encoder.iterencode(pieces)))


def _join(tokens: Iterable[str]) -> Iterator[bytes]:
    left = iter(tokens)
    while part := "".join(islice(left, _TOKENS)):
        yield part.encode()
