"""Writing so that nothing is lost: flushed to the disk, replaced at one stroke, hashed, linked."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from kg.errors import GraphError

_MANY = 500  # files


@contextmanager
def explain_failure(folder: Path) -> Iterator[None]:
    """Say of a failing file operation which graph it concerns."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        message = f"{folder}: cannot write here ({reason}); free space or choose another folder"
        raise GraphError(message) from error


def write_durably(path: Path, content: Iterable[bytes]) -> None:
    """Write a file, part by part, so that a reader, even after a crash, sees the old or the new one."""
    draft = path.with_name(f".{path.name}.new")
    with open(draft, "wb") as output:
        output.writelines(content)
        flush_file(output)
    os.replace(draft, path)
    flush_folder(path.parent)


def flush_file(output: BinaryIO) -> None:
    """Bring what was written to the disk."""
    output.flush()
    os.fsync(output.fileno())


def flush_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk."""
    _flush_path(folder)


def flush_tree(folder: Path) -> None:
    """Bring all files below ``folder``, and their names, to the disk.

    Many are brought there at once, with all else that waits to be written: one by one each costs
    some milliseconds.  Only Linux waits for that to end.
    """
    paths = [*folder.rglob("*"), folder]
    if len(paths) > _MANY and sys.platform == "linux":
        os.sync()
        return
    for path in paths:
        _flush_path(path)


def close_quietly(file: BinaryIO) -> None:
    """Close a file whose content is needed no more, even where the disk is full."""
    with suppress(OSError):
        file.close()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file in hex digits; memory does not grow with its size."""
    with open(path, "rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def link_file(source: Path, target: Path) -> None:
    """Give a file that never changes a second name; copy it where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _flush_path(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
