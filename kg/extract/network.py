"""The network: a small neural model over named features whose scores are exact whole numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

Whole = NDArray[np.float64]

BAGS = ("heading-word=", "above-word=", "title=", "lead=")
WORD = "w="
SCALE = 100
_STEP, _FINE, _LEVEL = 128, 256, 3.0


class Sentence(NamedTuple):
    """What a sentence shows: ``place`` it shares with others of its clause, ``own`` it does not."""

    place: tuple[str, ...]
    own: Sequence[str]


class _Sums(NamedTuple):
    """A row for each list of features: the sum of their rows in the table, and how many are known."""

    total: NDArray[np.int32]
    known: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Features sum to a vector, which two layers turn into scores; each feature also adds its own.

    A row of ``table`` is the vector of a feature (``embedding``, in 1/128) and, behind it, what
    it adds to each score (``direct``, in hundredths).  The words of headings, title and list lead are looked up once more as words and pass
    through a matrix of ``bags`` each.  The matrices are in 1/256, the biases in 1/65536.

    All values are whole numbers, held as floating point: every sum is exact, so a score is the
    same on every machine, in every order of features and beside whatever other sentences.
    """

    index: Mapping[str, int]
    columns: tuple[str, ...]
    table: NDArray[np.int16] | NDArray[np.int8]
    bags: Whole
    hidden: Whole
    last: Whole
    biases: Whole

    @property
    def embedding(self) -> NDArray[np.int16] | NDArray[np.int8]:
        """Return the vectors of the features, one a row."""
        return self.table[:, : -len(self.columns)]

    @property
    def direct(self) -> NDArray[np.int16] | NDArray[np.int8]:
        """Return what each feature adds to each score."""
        return self.table[:, -len(self.columns) :]

    def scores(self, sentences: Sequence[Sentence]) -> NDArray[np.int32]:
        """Return one row a sentence, one column a class: hundredths of a logit."""
        if not sentences:
            return np.zeros((0, len(self.columns)), dtype=np.int32)
        places: dict[tuple[str, ...], int] = {}
        at = [places.setdefault(sentence.place, len(places)) for sentence in sentences]
        shared = self._sum(places)
        own = self._sum([sentence.own for sentence in sentences])
        width = len(self.hidden)
        total, known = own.total + shared.total[at], own.known + shared.known[at]
        with _controller().limit(limits=1):
            first = _level(total[:, :width], known) * _FINE + self._words_of(list(places))[at]
            return np.rint(self._layers(first) + total[:, width:]).astype(np.int32)

    def _sum(self, lists: Collection[Iterable[str]]) -> _Sums:
        """Sum up the rows of each list of features; one that recurs counts once."""
        total = np.zeros((len(lists), self.table.shape[1]), dtype=np.int32)
        known = np.zeros(len(lists), dtype=np.int64)
        for line, features in enumerate(lists):
            rows = set(map(self.index.get, features))
            rows.discard(None)
            if rows:
                taken = self.table.take(np.fromiter(rows, np.intp, len(rows)), axis=0)
                np.add.reduce(taken, axis=0, dtype=np.int32, out=total[line])
                known[line] = len(rows)
        return _Sums(total, known)

    def _words_of(self, places: Sequence[tuple[str, ...]]) -> Whole:
        """Return what the words of headings, titles and leads add to the first layer."""
        width = len(self.hidden)
        total = np.zeros((len(places), width))
        for matrix, prefix in zip(self.bags, BAGS, strict=True):
            words = [tuple(shared_words(place, prefix)) for place in places]
            distinct = {bag: line for line, bag in enumerate(dict.fromkeys(words))}
            sums = self._sum(distinct)
            added = _level(sums.total[:, :width], sums.known) @ matrix
            total += added[[distinct[bag] for bag in words]]
        return total

    def _layers(self, first: Whole) -> Whole:
        width = len(self.hidden)
        before, within, after = np.split(self.biases, [width, 2 * width])
        one = np.rint(np.maximum(first + before, 0.0) / _FINE)
        two = np.rint(np.maximum(one @ self.hidden + within, 0.0) / _FINE) + one
        return (two @ self.last + after) * (SCALE / _FINE**2)


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    """Return what keeps small products on one thread: others would only spin beside it."""
    return ThreadpoolController()


def shared_words(place: Iterable[str], prefix: str) -> list[str]:
    """Return the words of a place as a sentence's words are named.

    >>> shared_words(("title=人才", "lead=支持"), "title=")
    ['w=人才']
    """
    return [WORD + name.removeprefix(prefix) for name in place if name.startswith(prefix)]


def _level(sums: NDArray[np.int32], counts: NDArray[np.int64]) -> Whole:
    """Bring sums of many and of few vectors to one level; the result is in 1/256."""
    factor = _LEVEL / np.sqrt(np.maximum(1, counts)) * (_FINE / _STEP)
    return np.rint(sums * factor[:, np.newaxis])


def whole_network(
    index: Mapping[str, int],
    columns: tuple[str, ...],
    values: Mapping[str, NDArray[np.float64]],
) -> Network:
    """Return the network with its values made whole.

    ``values`` holds ``direct``, ``embedding``, ``bags``, ``hidden``, ``last`` and ``biases`` as
    trained; vectors beyond one are cut off.
    """

    def rounded(name: str, step: int, bound: int) -> NDArray[np.float64]:
        return np.clip(np.rint(values[name] * step), -bound, bound)

    direct = rounded("direct", SCALE, 32000).astype(np.int16)
    return Network(
        index,
        columns,
        join_tables(rounded("embedding", _STEP, 127).astype(np.int8), direct),
        rounded("bags", _FINE, 32000),
        rounded("hidden", _FINE, 32000),
        rounded("last", _FINE, 32000),
        rounded("biases", _FINE**2, 2**30),
    )


def join_tables(
    embedding: NDArray[np.int8], direct: NDArray[np.int16]
) -> NDArray[np.int16] | NDArray[np.int8]:
    """Return vectors and direct weights side by side, in one byte each where that holds them."""
    if direct.size and np.abs(direct).max() <= np.iinfo(np.int8).max:
        return np.hstack([embedding, direct.astype(np.int8)])
    return np.hstack([embedding, direct])
