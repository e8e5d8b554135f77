"""Finding: which files of the given paths may be documents, and why the others are not."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path
from typing import NamedTuple

from kg.corpus.load import DOCUMENTS, HEAD, Limits, why_no_document
from kg.errors import CorpusError

_UNSHOWN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)
_SPECIAL = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
_CHUNK = 1 << 20
_ATTEMPTS = 3


class Found(NamedTuple):
    """A file or folder: path, name shown (relative, POSIX), and why it is no document, if so."""

    path: Path
    name: str
    reason: str = ""


def find_sources(
    paths: Iterable[Path], *, follow_links: bool = False
) -> tuple[list[Found], list[Found]]:
    """Return the files that may be documents, and what is left out with its reason.

    Folders are searched through in name order.  Links within them are not followed unless
    ``follow_links`` says so, and then to each folder once; a path that is given itself is.
    What is no regular file is never opened.  Raises CorpusError for a path that does not exist.
    """
    taken: list[Found] = []
    skipped: list[Found] = []
    for path in paths:
        if not os.path.lexists(path):
            raise CorpusError(f"{path}: no such file or folder", reason="missing")
        for found in _search(path, follow_links):
            reason = found.reason or _why_left(found)
            (skipped if reason else taken).append(found._replace(reason=reason))
    return taken, skipped


def show_name(name: str) -> str:
    r"""Return a file name as text on one line: what is no UTF-8 or not visible is escaped.

    >>> print(show_name(b"\xd6\xd0\n.txt".decode("utf-8", "surrogateescape")))
    \xd6\xd0\x0a.txt
    """
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return _UNSHOWN.sub(_escape, text)


def read_bytes(path: Path, name: str, limits: Limits) -> bytes:
    """Return the content of a regular file up to the limit of its size.

    Raises CorpusError (``unreadable``, ``too-large``) also where the file was exchanged for a
    pipe or device since it was found, or is being written.
    """
    try:
        for _ in range(_ATTEMPTS):
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            with open(descriptor, "rb", buffering=0) as file:
                content = _read_whole(file, name, limits)
            if content is not None:
                return content
    except OSError as error:
        raise CorpusError(
            f"{name}: cannot be read: {error.strerror}",
            reason="unreadable",
            advice=f"{error.strerror}: check its rights",
        ) from error
    raise CorpusError(
        f"{name}: changed while it was read",
        reason="unreadable",
        advice="changed while it was read: build again when it is written to its end",
    )


def _read_whole(file: FileIO, name: str, limits: Limits) -> bytes | None:
    """Return the content of an open file, None where somebody wrote to it meanwhile."""
    before = os.fstat(file.fileno())
    if not stat.S_ISREG(before.st_mode):
        raise OSError(0, "it is no regular file")
    limits.check_size(before.st_size, name)
    parts, size = [], 0
    while before.st_size and size <= limits.bytes and (chunk := file.read(_CHUNK)):
        parts.append(chunk)
        size += len(chunk)
    limits.check_size(size, name)
    after = os.fstat(file.fileno())
    same = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return b"".join(parts) if same else None


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _search(root: Path, follow_links: bool) -> Iterator[Found]:
    """Yield the files below ``root`` in name order, and with a reason what is left out unopened."""
    seen: set[tuple[int, int]] = set()
    waiting = [(root, "")]
    while waiting:
        path, name = waiting.pop()
        shown = name or show_name(root.name)
        status, reason = _examine(path, follow_links or path is root)
        if path is not root and path.name.startswith((".", "~$")):
            reason = "a hidden or temporary file"
        if reason or status is None:
            yield Found(path, shown, reason)
        elif not stat.S_ISDIR(status.st_mode):
            yield Found(path, shown)
        elif (status.st_dev, status.st_ino) in seen:
            yield Found(path, shown, "a folder that was searched before")
        else:
            seen.add((status.st_dev, status.st_ino))
            try:
                entries = sorted(os.listdir(path), reverse=True)
            except OSError as error:
                yield Found(path, shown, f"a folder that cannot be opened: {error.strerror}")
                continue
            prefix = f"{name}/" if name else ""
            waiting.extend((path / entry, prefix + show_name(entry)) for entry in entries)


def _examine(path: Path, follow: bool) -> tuple[os.stat_result | None, str]:
    """Return what kind of file this is, and why it is left out, empty where it is not."""
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            if not follow:
                return None, "a link, not followed"
            status = os.stat(path)
    except OSError as error:
        return None, f"it cannot be looked at: {error.strerror}"
    for test, kind in _SPECIAL:
        if test(status.st_mode):
            return None, f"no file but {kind}"
    return status, ""


def _why_left(found: Found) -> str:
    if found.path.suffix.lower() in DOCUMENTS:
        return ""
    try:
        descriptor = os.open(found.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb", buffering=0) as file:
            regular = stat.S_ISREG(os.fstat(descriptor).st_mode)
            return why_no_document(found.path.name, (file.read(HEAD) or b"") if regular else b"")
    except OSError:
        return ""  # reading it will fail, too, and be reported
