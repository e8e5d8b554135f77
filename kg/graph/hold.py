"""Readers hold the version that they read, so that none is removed under them.

A hold is a shared lock on the version's manifest; it goes with the object, and with the process
however that ends.
"""

from __future__ import annotations

import os
from pathlib import Path


class Hold:
    """A lock on a file that is open; see ``hold_file`` and ``claim_file``."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __del__(self) -> None:
        os.close(self._descriptor)


def hold_file(path: Path) -> Hold | None:
    """Keep others from claiming a file as long as the hold lives.

    None where there is no such file (any more), or where the system has no locks.
    """
    hold = _lock(path, exclusive=False)
    return hold if hold is not None and path.exists() else None


def claim_file(path: Path) -> Hold | None:
    """Have a file for oneself, None where somebody holds it, or where that cannot be told."""
    return _lock(path, exclusive=True)


def _lock(path: Path, *, exclusive: bool) -> Hold | None:
    try:
        import fcntl  # not on every platform

        descriptor = os.open(path, os.O_RDONLY)
    except (ImportError, OSError):
        return None
    hold = Hold(descriptor)  # closes the file in any case
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if exclusive else fcntl.LOCK_SH)
    except OSError:
        return None
    return hold
