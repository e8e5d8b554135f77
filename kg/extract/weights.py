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

from kg.extract.gate import Gate
from kg.extract.network import SCALE, Network, join_tables

NAME = "weights.npz"
MEASURE = "measure"
_MATRICES = ("bags", "hidden", "last", "biases")


@dataclass(frozen=True, slots=True)
class Linear:
    """A logistic model over a few features with names; weights in hundredths, too."""

    weights: Mapping[str, int]

    def score(self, features: Iterable[str]) -> int:
        """Return the sum of the weights of the features; unknown features weigh nothing."""
        return sum(filter(None, map(self.weights.get, features)))


def probability(score: int | float) -> float:
    """Return the probability that a score stands for, to three decimals.

    >>> probability(0), probability(300)
    (0.5, 0.953)
    """
    return round(1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score / SCALE)))), 3)


UNLIKELY = 1000
_TABLE = tuple(probability(score) for score in range(-UNLIKELY, UNLIKELY + 1))
_LOOKUP = np.array(_TABLE)


def likelihood(score: int) -> float:
    """Return ``probability(score)`` from a table, bounded at ten logits.

    >>> likelihood(300) == probability(300), likelihood(5000)
    (True, 1.0)
    """
    return _TABLE[min(2 * UNLIKELY, max(0, score + UNLIKELY))]


def likelihoods(scores: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the likelihood of each score.

    >>> likelihoods(np.array([0, 300], np.int32)).tolist()
    [0.5, 0.953]
    """
    return _LOOKUP[np.clip(scores, -UNLIKELY, UNLIKELY) + UNLIKELY]


@dataclass(frozen=True, slots=True)
class Weights:
    """The models: ``gate`` tells which sentences to read, ``sentence`` says whether one is a measure, of which instruments
    and categories, how strongly worded; ``context`` weighs that against its neighbours; ``keep``
    and ``main`` say of each instrument whether it counts and whether it comes first.

    ``least`` is the least probability with which an instrument counts, ``known`` are the names of
    instruments that the vocabulary had when they were trained, ``version`` is the hash of
    the training data and recipe.
    """

    gate: Gate
    sentence: Network
    context: Mapping[str, float]
    keep: Linear
    main: Linear
    least: float
    known: frozenset[str]
    version: str
    recipe: Mapping[str, Any]


def write_weights(weights: Weights, path: Path) -> None:
    """Write the weights as a compressed NumPy archive; ``read_weights`` reads it back."""
    network = weights.sentence
    rows, columns = np.nonzero(network.direct)
    about = {
        "columns": network.columns,
        "context": dict(weights.context),
        "keep": dict(weights.keep.weights),
        "main": dict(weights.main.weights),
        "gate": weights.gate.bias,
        "known": sorted(weights.known),
        "least": weights.least,
        "version": weights.version,
        "recipe": weights.recipe,
    }
    np.savez_compressed(
        path,
        about=_bytes(json.dumps(about, ensure_ascii=False, sort_keys=True)),
        names=_bytes("\n".join(sorted(network.index, key=lambda name: network.index[name]))),
        counts=np.bincount(rows, minlength=len(network.index)).astype(np.uint16),
        columns=columns.astype(np.uint8),
        values=network.direct[rows, columns].astype(np.int16),
        gate=weights.gate.weights,
        embedding=network.embedding.astype(np.int8),
        **{name: getattr(network, name).astype(np.int32) for name in _MATRICES},
    )


def read_weights(path: Path) -> Weights:
    """Return the weights that ``write_weights`` wrote."""
    with np.load(path) as stored:
        about: dict[str, Any] = json.loads(stored["about"].tobytes().decode())
        names = stored["names"].tobytes().decode().split("\n")
        rows = np.repeat(np.arange(len(names)), stored["counts"])
        direct = np.zeros((len(names), len(about["columns"])), dtype=np.int16)
        direct[rows, stored["columns"]] = stored["values"]
        gate = Gate(stored["gate"], int(about["gate"]))
        table = join_tables(stored["embedding"], direct)
        matrices = {name: stored[name].astype(np.float64) for name in _MATRICES}
    index = {name: row for row, name in enumerate(names)}
    return Weights(
        gate=gate,
        sentence=Network(index, tuple(about["columns"]), table, **matrices),
        context=about["context"],
        keep=Linear(about["keep"]),
        main=Linear(about["main"]),
        least=float(about["least"]),
        known=frozenset(about["known"]),
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
