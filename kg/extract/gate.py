"""The gate: a first look at characters alone that tells which sentences deserve a closer reading."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BUCKETS = 1 << 16
_FIRST, _SECOND, _SHIFT = 40_503, 2_654_435_761, 7
_ALONE = 2_246_822_519
_SHARE = 400
REJECTED, DOUBTED = -200, -100


@dataclass(frozen=True, slots=True, eq=False)
class Gate:
    """A linear model over single characters and pairs of them, each with a weight in a bucket.

    ``weights`` and ``bias`` are hundredths of a logit that a sentence states a measure.
    """

    weights: NDArray[np.int16]
    bias: int

    def scores(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return the score of each text, all at once."""
        if not texts:
            return np.zeros(0, dtype=np.int64)
        buckets, starts = hash_characters(texts)
        sums = np.add.reduceat(self.weights[buckets].astype(np.int64), starts)
        return np.asarray(sums + self.bias, dtype=np.int64)

    def levels(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return the score of each sentence of a document, raised the more of it speaks of measures.

        That is up to two logits less where no other sentence of the document looks like a measure,
        up to two more where all do.  Up to ``REJECTED`` a sentence is not read, up to ``DOUBTED``
        closely only where it names an instrument or supports something.
        """
        scores = self.scores(texts)
        if not len(scores):
            return scores
        return scores + _SHARE * (2 * int((scores > 0).sum()) - len(scores)) // (2 * len(scores))


def hash_characters(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the buckets of the characters and pairs of all texts, and where each text begins.

    Each character gives one bucket for itself and one for it and the next; the last one of a
    text pairs with a line break, and a line break with itself.

    >>> buckets, starts = hash_characters(["支持", "人才"])
    >>> len(buckets), starts.tolist()
    (12, [0, 6])
    """
    joined = "\n".join(texts) + "\n"
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    follows = np.append(codes[1:], codes[-1:])
    follows[codes == codes[-1]] = codes[-1]
    pairs = (codes * np.uint64(_FIRST) + follows * np.uint64(_SECOND)) >> np.uint64(_SHIFT)
    alone = (codes * np.uint64(_ALONE)) >> np.uint64(_SHIFT - 2)
    both = np.stack([pairs, alone], axis=1).ravel() % np.uint64(BUCKETS)
    lengths = np.array([len(text) + 1 for text in texts])
    starts = 2 * np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return both.astype(np.int64), starts.astype(np.int64)
