"""The configuration of a build: what, besides the sources, decides what the graphs say."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import unicodedata
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path

from kg import __version__

_READING = (
    "corpus", "extract", "graph", "ontology", "model.py", "cli/reading.py", "review/anchors.py",
    "review/apply.py", "review/decisions.py",
)  # fmt: skip
_CODE = (".py", ".npz")
_APART = re.compile(r"extra\s*==\s*[\"'](?:dev|train|browser|cluster)[\"']")  # never read documents


def hash_configuration(**settings: str) -> str:
    """Return the SHA-256 of all that decides, besides a source, what its graph says.

    These are the program's code and weights, the packages it reads with, Python's tables of
    characters and ``settings``, such as the version of the vocabulary and the base.
    """
    content = {**settings, "tool": __version__, "code": _hash_code(), "packages": _list_packages()}
    content["python"] = f"{sys.version_info[:2]} {unicodedata.unidata_version}"
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@lru_cache(maxsize=1)
def _hash_code() -> str:
    digest = hashlib.sha256()
    root = Path(str(files("kg")))
    for name in _READING:
        path = root / name
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix in _CODE:
                content = file.read_bytes()
                digest.update(f"{file.relative_to(root).as_posix()} {len(content)}\n".encode())
                digest.update(content)
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _list_packages() -> dict[str, str]:
    """Return the versions of the packages that reading may use, empty for a missing one."""
    try:
        wanted = requires("policykg") or []
    except PackageNotFoundError:
        return {}
    names = [re.split(r"[^\w.-]", line)[0] for line in wanted if not _APART.search(line)]
    return {name: _find_version(name) for name in sorted(names)}


def _find_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
