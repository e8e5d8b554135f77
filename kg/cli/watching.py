"""Watching what a build reads: files are looked at again and again, on every file system alike."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.cli.composition import Order

PAUSE = 1.0
_SHARE = 20  # looking takes at most one twentieth of the time

State = dict[str, tuple[int, int, int]]


def wait_for_change(order: Order, *, pause: float = PAUSE) -> Iterator[None]:
    """Yield at once, and again after every change of what the build reads; never ends.

    A change counts when nothing more has changed for ``pause`` seconds, so that files which are
    being copied are not read half.
    """
    watched = list(_list_watched(order))
    seen = look_at(watched, order.out)
    yield
    while True:
        begin = time.monotonic()
        now = look_at(watched, order.out)
        spent = time.monotonic() - begin
        if now == seen:
            time.sleep(max(pause, _SHARE * spent))
        else:
            seen = _wait_for_rest(watched, order.out, now, pause)
            yield


def look_at(paths: Iterable[Path], out: Path) -> State:
    """Return size, time of change and inode of every file below ``paths``, but not below ``out``.

    Links are not followed.
    """
    state: State = {}
    for path in paths:
        if not path.is_dir():
            _note(path, state)
        for folder, folders, names in os.walk(path):
            folders[:] = [name for name in folders if not _is_same(Path(folder, name), out)]
            for name in names:
                _note(Path(folder, name), state)
    return state


def _is_same(path: Path, other: Path) -> bool:
    return path.name == other.name and other.exists() and path.samefile(other)


def _note(path: Path, state: State) -> None:
    try:
        found = path.lstat()
    except OSError:  # gone in between
        return
    state[str(path)] = (found.st_size, found.st_mtime_ns, found.st_ino)


def _wait_for_rest(paths: list[Path], out: Path, state: State, pause: float) -> State:
    while True:
        time.sleep(pause)
        now = look_at(paths, out)
        if now == state:
            return now
        state = now


def _list_watched(order: Order) -> Iterator[Path]:
    yield from order.paths
    yield from order.ontologies
    yield from order.corrections
    if order.originals is not None:
        yield order.originals
