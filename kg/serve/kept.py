"""Results that are kept: the same query over the same version has the same answer."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """A result as it goes out, with the entity tag of the response.

    ``seconds`` is how long the engine worked for it.
    """

    body: bytes
    content_type: str
    tag: str
    seconds: float


class Results:
    """The results of one version by what was asked; those not asked for longest go first.

    ``limit`` is how many bytes all of them may take, of which one takes a sixteenth at most;
    with 0 nothing is kept.

    >>> results = Results(limit=16 * (SURPLUS + 4))
    >>> results.add("short", Kept(b"true", "", "", 0)), results.add("long", Kept(b"wrong", "", "", 0))
    (None, None)
    >>> results.find("short").body, results.find("long")
    (b'true', None)
    """

    def __init__(self, limit: int) -> None:
        self._limit, self._size = limit, 0
        self._results: OrderedDict[Hashable, Kept] = OrderedDict()

    def find(self, key: Hashable) -> Kept | None:
        """Return what is kept under a key."""
        found = self._results.get(key)
        if found is not None:
            self._results.move_to_end(key)
        return found

    def add(self, key: Hashable, result: Kept) -> None:
        """Keep a result, unless it is too large."""
        size = len(result.body) + SURPLUS
        if size > self._limit // 16 or key in self._results:
            return
        self._results[key] = result
        self._size += size
        while self._size > self._limit:
            _, oldest = self._results.popitem(last=False)
            self._size -= len(oldest.body) + SURPLUS


SURPLUS = 4 << 10  # bytes that are counted for a key and what surrounds a body
