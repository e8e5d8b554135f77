"""Limits: what reading one document may cost, and a deadline for what runs in this process."""

from __future__ import annotations

import math
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from types import FrameType
from typing import Any

from kg.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: bytes of the file, characters of its text, seconds, memory.

    ``seconds`` of computing are for parsing, ``reading`` for what follows; ``memory`` is the address space in
    bytes of the process that parses it, ``part`` the bytes of one unpacked part of an archive,
    ``pages`` the pages of a PDF, ``measures`` what one document may hold of them.
    """

    bytes: int = 100_000_000
    characters: int = 500_000
    measures: int = 6_000
    seconds: float = 60.0
    reading: float = 60.0
    memory: int = 900_000_000
    part: int = 48_000_000
    pages: int = 3_000

    def check_size(self, size: int, name: str) -> None:
        """Raise CorpusError where a file of ``size`` bytes is too large."""
        if size > self.bytes:
            raise CorpusError(
                f"{name}: {size:,} bytes, more than {self.bytes:,}",
                reason="too-large",
                advice="split it, take the pictures out of it, or raise the limit: --limit bytes=N",
            )

    def check_text(self, text: str, name: str) -> None:
        """Raise CorpusError where ``text`` is too long."""
        if len(text) > self.characters:
            raise CorpusError(
                f"{name}: {len(text):,} characters, more than {self.characters:,}",
                reason="too-large",
                advice="split it into documents, or raise the limit: --limit characters=N",
            )

    def check_measures(self, count: int, name: str) -> None:
        """Raise CorpusError where a document holds too many measures."""
        if count > self.measures:
            raise CorpusError(
                f"{name}: {count:,} measures, more than {self.measures:,}",
                reason="too-large",
                advice="it is a collection: split it into documents, or raise the limit: "
                "--limit measures=N",
            )


LIMITS = Limits()

# With less memory no parser reads anything; timers and resource limits end at the most.
_LEAST = {"memory": 100_000_000}
_MOST = {"seconds": 86_400, "reading": 86_400}
_MOST_OF_OTHERS = 10**12


def change_limits(settings: Iterable[str], limits: Limits = LIMITS) -> Limits:
    """Return the limits with some set anew, each by ``NAME=VALUE`` in the unit of its field.

    Raises CorpusError, naming the fields, for what is none of them or no number in its range.

    >>> change_limits(["characters=2_000_000", "seconds=120"]).characters
    2000000
    """
    changed: dict[str, Any] = {}
    for setting in settings:
        name, _, value = setting.partition("=")
        changed[name.strip()] = _read_limit(name.strip(), value, setting)
    return replace(limits, **changed)


def _read_limit(name: str, value: str, setting: str) -> float:
    known: dict[str, type[float]] = {name: type(usual) for name, usual in asdict(LIMITS).items()}
    if name not in known:
        raise CorpusError(f"{setting!r} sets no limit; NAME=VALUE with one of {', '.join(known)}")
    least, most = _LEAST.get(name, 1), _MOST.get(name, _MOST_OF_OTHERS)
    try:
        number = known[name](value)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise CorpusError(
            f"{setting!r} sets no limit; {name} is a number from {least:,} to {most:,}"
        )
    return number


@contextmanager
def deadline(seconds: float, name: str) -> Iterator[None]:
    """Raise CorpusError with reason ``too-slow`` in the body once it has computed ``seconds``.

    Time in which other programs have the processor does not count; matching of patterns is
    interrupted, too.  Needs the main thread and a system with interval timers; elsewhere, or
    within another deadline, the body runs without one.
    """
    usable = threading.current_thread() is threading.main_thread() and hasattr(signal, "setitimer")
    if not usable or signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
        yield
        return

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise CorpusError(
            f"{name}: not read within {seconds:.0f} seconds of computing",
            reason="too-slow",
            advice="look whether it is a document; split it, leave it out, or raise the limit: "
            "--limit reading=SECONDS",
        )

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
