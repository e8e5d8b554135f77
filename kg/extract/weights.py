"""Weights: the trained linear models that judge measures and re-rank instruments."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

NAME = "weights.json"


@dataclass(frozen=True, slots=True)
class Linear:
    """A logistic model over binary features."""

    weights: Mapping[str, float]

    def score(self, features: Iterable[str]) -> float:
        """Return the sum of the weights of the features; unknown features weigh nothing."""
        get = self.weights.get
        return math.fsum(get(feature, 0.0) for feature in set(features))

    def probability(self, features: Iterable[str]) -> float:
        """Return the probability, rounded so that it is the same on every machine."""
        return round(_logistic(self.score(features)), 2)


@dataclass(frozen=True, slots=True)
class Classes:
    """Logistic models of many classes over binary features: feature → class → weight."""

    weights: Mapping[str, Mapping[str, float]]

    def probabilities(self, features: Iterable[str]) -> dict[str, float]:
        """Return class → probability of each class that a feature speaks for."""
        scores: dict[str, float] = dict(self.weights.get("bias", {}))
        for feature in sorted(set(features)):
            for name, weight in self.weights.get(feature, _NONE).items():
                scores[name] = scores.get(name, 0.0) + weight
        return {name: round(_logistic(score), 3) for name, score in scores.items()}


_NONE: Mapping[str, float] = {}


def _logistic(score: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, score))))


@dataclass(frozen=True, slots=True)
class Weights:
    """The models: what a text is about, is it a measure, does an instrument count, is it
    the main one, how strongly is it worded.

    ``keep`` is the least probability with which an instrument counts, ``version`` the hash of
    the training data and recipe.
    """

    text: Classes
    measure: Linear
    instrument: Linear
    main: Linear
    strength: Classes
    keep: float
    version: str


def read_weights(content: Mapping[str, Any]) -> Weights:
    """Return the weights from what ``scripts/train`` wrote."""
    return Weights(
        text=Classes(content["text"]),
        measure=Linear(content["measure"]),
        instrument=Linear(content["instrument"]),
        main=Linear(content["main"]),
        strength=Classes(content["strength"]),
        keep=float(content["keep"]),
        version=str(content["version"]),
    )


@lru_cache(maxsize=1)
def shipped_weights() -> Weights | None:
    """Return the weights that come with the package, None where there are none."""
    path = files("kg.extract") / NAME
    if not path.is_file():
        return None
    return read_weights(json.loads(path.read_text(encoding="utf-8")))
