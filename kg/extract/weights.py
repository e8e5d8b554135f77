"""Weights: the trained linear models that judge measures, instruments and wording."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NAME = "weights.npz"
SCALE = 100
MEASURE = "measure"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Logistic models of many classes over binary features, one column a class.

    Weights are whole numbers, hundredths of the model's: their sums are exact, so that a
    score is the same on every machine and in every order of the features.
    """

    index: Mapping[str, int]
    columns: tuple[str, ...]
    weights: NDArray[np.int16]

    def scores(self, features: Iterable[str]) -> NDArray[np.int32]:
        """Return the sum of the weights per column; unknown features weigh nothing."""
        get = self.index.get
        rows = [row for feature in features if (row := get(feature)) is not None]
        return np.asarray(
            self.weights.take(rows, axis=0).sum(axis=0, dtype=np.int32), dtype=np.int32
        )


@dataclass(frozen=True, slots=True)
class Linear:
    """A logistic model over a few features with names; weights in hundredths, too."""

    weights: Mapping[str, int]

    def score(self, features: Iterable[str]) -> int:
        """Return the sum of the weights of the features; unknown features weigh nothing."""
        get = self.weights.get
        return sum(get(feature, 0) for feature in features)


def probability(score: int | float) -> float:
    """Return the probability that a score stands for, to three decimals.

    >>> probability(0), probability(300)
    (0.5, 0.953)
    """
    return round(1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score / SCALE)))), 3)


_BOUND = 1000
_TABLE = tuple(probability(score) for score in range(-_BOUND, _BOUND + 1))


def likelihood(score: int) -> float:
    """Return ``probability(score)`` from a table, bounded at ten logits.

    >>> likelihood(300) == probability(300), likelihood(5000)
    (True, 1.0)
    """
    return _TABLE[min(2 * _BOUND, max(0, score + _BOUND))]


@dataclass(frozen=True, slots=True)
class Weights:
    """The models: ``sentence`` says of a sentence whether it is a measure, of which instruments
    and categories, how strongly worded; ``context`` weighs that against its neighbours; ``keep``
    and ``main`` say of each instrument whether it counts and whether it comes first.

    ``least`` is the least probability with which an instrument counts, ``version`` the hash of
    the training data and recipe.
    """

    sentence: Table
    context: Mapping[str, float]
    keep: Linear
    main: Linear
    least: float
    version: str
    recipe: Mapping[str, Any]


def write_weights(weights: Weights, path: Path) -> None:
    """Write the weights as a compressed NumPy archive; ``read_weights`` reads it back."""
    rows, columns = np.nonzero(weights.sentence.weights)
    about = {
        "columns": weights.sentence.columns,
        "context": dict(weights.context),
        "keep": dict(weights.keep.weights),
        "main": dict(weights.main.weights),
        "least": weights.least,
        "version": weights.version,
        "recipe": weights.recipe,
    }
    names = "\n".join(sorted(weights.sentence.index, key=lambda name: weights.sentence.index[name]))
    counts = np.bincount(rows, minlength=len(weights.sentence.index))
    np.savez_compressed(
        path,
        about=_bytes(json.dumps(about, ensure_ascii=False, sort_keys=True)),
        names=_bytes(names),
        counts=counts.astype(np.uint16),
        columns=columns.astype(np.uint8),
        values=weights.sentence.weights[rows, columns],
    )


def read_weights(path: Path) -> Weights:
    """Return the weights that ``write_weights`` wrote."""
    with np.load(path) as stored:
        about: dict[str, Any] = json.loads(stored["about"].tobytes().decode())
        names = stored["names"].tobytes().decode().split("\n")
        rows = np.repeat(np.arange(len(names)), stored["counts"])
        table = np.zeros((len(names), len(about["columns"])), dtype=np.int16)
        table[rows, stored["columns"]] = stored["values"]
    return Weights(
        sentence=Table(
            {name: row for row, name in enumerate(names)}, tuple(about["columns"]), table
        ),
        context=about["context"],
        keep=Linear(about["keep"]),
        main=Linear(about["main"]),
        least=float(about["least"]),
        version=str(about["version"]),
        recipe=about["recipe"],
    )


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode(), dtype=np.uint8)


@lru_cache(maxsize=1)
def shipped_weights() -> Weights | None:
    """Return the weights that come with the package, None where there are none."""
    found = files("kg.extract") / NAME
    if not found.is_file():
        return None
    with as_file(found) as path:
        return read_weights(path)


def whole(values: Sequence[float] | NDArray[np.float64]) -> NDArray[np.int16]:
    """Return weights as whole hundredths.

    >>> whole([0.123, -1.5]).tolist()
    [12, -150]
    """
    rounded = np.clip(np.rint(np.asarray(values, dtype=np.float64) * SCALE), -32000, 32000)
    return np.asarray(rounded, dtype=np.int16)
