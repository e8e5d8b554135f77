"""Verification: does a version hold what its manifest says, byte for byte?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kg.errors import GraphError
from kg.graph.durable import hash_file
from kg.graph.version import MANIFEST, SEAL, Piece, Version, hash_graphs

_FOLDERS = ("store", "texts")


class Damage(NamedTuple):
    """A file of a version that is ``changed``, ``missing`` or ``added``."""

    file: str
    kind: str


def verify_version(version: Version) -> list[Damage]:
    """Return what is damaged in a version, by file name; an empty list means: it is whole.

    Every file is read and its SHA-256 compared, about a second for a gigabyte.
    """
    return sorted({*_check_manifest(version), *_check_files(version, list_outputs(version))})


def verify_store(version: Version) -> list[Damage]:
    """Return what is damaged in the store of a version."""
    outputs = {name: digest for name, digest in list_outputs(version).items() if _in_store(name)}
    return [damage for damage in _check_files(version, outputs) if _in_store(damage.file)]


def require_whole(version: Version) -> None:
    """Raise GraphError, naming the files, where a version is damaged."""
    damages = verify_version(version)
    if damages:
        first = ", ".join(f"{damage.file} ({damage.kind})" for damage in damages[:3])
        more = f" and {len(damages) - 3} more" if len(damages) > 3 else ""
        raise GraphError(
            f"{version.folder}: damaged: {first}{more}; run kg build again, or kg rollback"
        )


def is_sealed(version: Version) -> bool:
    """Tell whether the manifest of a version is as it was written."""
    return not list(_check_manifest(version))


def list_outputs(version: Version) -> dict[str, str]:
    """Return by relative path the SHA-256 that each file of a version should have."""
    outputs = version.manifest.get("outputs")
    if not isinstance(outputs, dict):
        raise GraphError(f"{version.folder / MANIFEST}: lists no outputs; run kg build")
    return outputs


def _check_manifest(version: Version) -> Iterator[Damage]:
    """Compare the manifest with its seal and with the folder's name."""
    manifest, seal = version.folder / MANIFEST, version.folder / SEAL
    if manifest.is_symlink():
        yield Damage(MANIFEST, "changed")
    if not _is_plain(seal):
        yield Damage(SEAL, "changed" if seal.is_symlink() else "missing")
    elif seal.read_bytes() != make_seal(manifest):
        yield Damage(MANIFEST, "changed")
    if version.manifest.get("version") != version.name or version.hash[:16] != version.name[:16]:
        yield Damage(MANIFEST, "changed")


def make_seal(manifest: Path) -> bytes:
    """Return the content of the file that seals a manifest, as ``sha256sum --check`` reads it."""
    return f"{hash_file(manifest)}  {MANIFEST}\n".encode()


def _check_files(version: Version, outputs: dict[str, str]) -> Iterator[Damage]:
    known = {*outputs, MANIFEST, SEAL}
    folders = {*_FOLDERS, *(parent.as_posix() for name in known for parent in Path(name).parents)}
    for path in version.folder.rglob("*"):
        name = path.relative_to(version.folder).as_posix()
        if name not in (folders if path.is_dir() and not path.is_symlink() else known):
            yield Damage(name, "added")
    for name, digest in outputs.items():
        path = version.folder / name
        if not _is_plain(path):
            yield Damage(name, "changed" if path.is_symlink() or path.exists() else "missing")
        elif hash_file(path) != digest:
            yield Damage(name, "changed")
    if "graphs.json" in outputs and not _has_hash(version):
        yield Damage("graphs.json", "changed")


def _has_hash(version: Version) -> bool:
    """Tell whether the list of graphs, where there is one, gives the version's hash."""
    try:
        index = json.loads((version.folder / "graphs.json").read_bytes())
        pieces = {iri: Piece(*piece) for iri, piece in index.items()}
        return not pieces or hash_graphs(pieces) == version.hash
    except (OSError, ValueError, TypeError, AttributeError):
        return False


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _in_store(name: str) -> bool:
    return name.startswith("store/")
