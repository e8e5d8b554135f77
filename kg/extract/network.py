"""The network: a small neural model over named features whose scores are exact whole numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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


class _Sum(NamedTuple):
    embedded: Whole
    direct: Whole
    known: int


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Features sum to a vector, which two layers turn into scores; each feature also adds its own.

    ``direct`` is what a feature adds to each score (in hundredths), ``embedding`` its vector (in
    1/128).  The words of headings, title and list lead are looked up once more as words and pass
    through a matrix of ``bags`` each.  The matrices are in 1/256, the biases in 1/65536.

    All values are whole numbers, held as floating point: every sum is exact, so a score is the
    same on every machine, in every order of features and beside whatever other sentences.
    """

    index: Mapping[str, int]
    columns: tuple[str, ...]
    direct: NDArray[np.int16]
    embedding: NDArray[np.int8]
    bags: Whole
    hidden: Whole
    last: Whole
    biases: Whole

    def scores(self, sentences: Sequence[Sentence]) -> NDArray[np.int32]:
        """Return one row a sentence, one column a class: hundredths of a logit."""
        if not sentences:
            return np.zeros((0, len(self.columns)), dtype=np.int32)
        places: dict[tuple[str, ...], int] = {}
        at = [places.setdefault(sentence.place, len(places)) for sentence in sentences]
        shared = [self._sum(self._rows(place)) for place in places]
        own = [self._sum(self._rows(sentence.own)) for sentence in sentences]
        counts = np.array([o.known + shared[p].known for o, p in zip(own, at, strict=True)])
        embedded = np.stack([o.embedded + shared[p].embedded for o, p in zip(own, at, strict=True)])
        direct = np.stack([o.direct + shared[p].direct for o, p in zip(own, at, strict=True)])
        with _controller().limit(limits=1):
            first = _level(embedded, counts) * _FINE + self._words_of(list(places))[at]
            return np.rint(self._layers(first) + direct).astype(np.int32)

    def _rows(self, features: Iterable[str]) -> list[int]:
        rows = set(map(self.index.get, features))
        return [row for row in rows if row is not None]

    def _sum(self, rows: list[int]) -> _Sum:
        embedded = self.embedding.take(rows, axis=0).sum(axis=0, dtype=np.int32)
        direct = self.direct.take(rows, axis=0).sum(axis=0, dtype=np.int32)
        return _Sum(embedded.astype(np.float64), direct.astype(np.float64), len(rows))

    def _words_of(self, places: Sequence[tuple[str, ...]]) -> Whole:
        """Return what the words of headings, titles and leads add to the first layer."""
        total = np.zeros((len(places), self.embedding.shape[1]))
        for matrix, prefix in zip(self.bags, BAGS, strict=True):
            sums = [self._sum(self._rows(shared_words(place, prefix))) for place in places]
            embedded = np.stack([s.embedded for s in sums])
            total += _level(embedded, np.array([s.known for s in sums])) @ matrix
        return total

    def _layers(self, first: Whole) -> Whole:
        width = self.embedding.shape[1]
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


def _level(sums: Whole, counts: NDArray[np.int64]) -> Whole:
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

    return Network(
        index,
        columns,
        rounded("direct", SCALE, 32000).astype(np.int16),
        rounded("embedding", _STEP, 127).astype(np.int8),
        rounded("bags", _FINE, 32000),
        rounded("hidden", _FINE, 32000),
        rounded("last", _FINE, 32000),
        rounded("biases", _FINE**2, 2**30),
    )
