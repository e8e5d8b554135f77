"""The catalogue of the embedded corpus: what each digest retells."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from kg.errors import CorpusError

CATALOGUE = "catalogue.toml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One document of the corpus; ``original_sha256`` is that of the text it retells.

    ``covered`` and ``left_out`` say in words which parts of the original the digest carries and
    which it does not; empty where it carries all.
    """

    file: str
    title: str
    number: str
    issuer: str
    issued: str
    effective: str
    expires: str
    place: str
    level: str
    kind: str
    original_sha256: str
    covered: str = ""
    left_out: str = ""


def embedded_folder() -> Path:
    """Return the folder of the digests that come with the package."""
    return Path(str(files("kg") / "data" / "corpus"))


def read_catalogue(folder: Path) -> dict[str, Entry]:
    """Return file name → entry, empty where ``folder`` has no catalogue.

    Raises CorpusError where the catalogue cannot be read.
    """
    path = folder / CATALOGUE
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8"))["document"]
        return {entry["file"]: Entry(**entry) for entry in entries}
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise CorpusError(f"{path}: not a catalogue: {error}", reason="catalogue") from error
