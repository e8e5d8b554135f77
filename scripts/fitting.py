"""Fit the network of the judge with PyTorch: the same sums and layers as kg.extract.network.

Needs PyTorch (extra ``train``).  Nothing in it is random but the seed's sequence; one thread, so
that a second run on the same machine gives the same weights.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kg.extract.network import BAGS, Network, Sentence, shared_words, whole_network

_BATCH = 256
_LEVEL = 3.0
_LEAST = 0.08
Bag = list[int]


@dataclass(frozen=True)
class Lesson:
    """A sentence to learn from: what it shows, its labels (0, 1) and what each label weighs."""

    sentence: Sentence
    labels: NDArray[np.float32]
    weights: NDArray[np.float32]


class Model(nn.Module):
    """The network while it learns."""

    def __init__(
        self, features: int, frequent: int, columns: int, width: int, dropout: float
    ) -> None:
        super().__init__()
        self.frequent = frequent
        self.embedding = nn.EmbeddingBag(features, width, mode="sum", sparse=True)
        self.direct = nn.EmbeddingBag(
            frequent + 1, columns, mode="sum", sparse=True, padding_idx=frequent
        )
        self.bags = nn.ModuleList([nn.Linear(width, width, bias=False) for _ in BAGS])
        self.before = nn.Parameter(torch.zeros(width))
        self.hidden = nn.Linear(width, width)
        self.last = nn.Linear(width, columns)
        self.drop = nn.Dropout(dropout)
        nn.init.normal_(self.embedding.weight, 0.0, 0.05)
        nn.init.zeros_(self.direct.weight)

    def forward(self, bags: Sequence[Sequence[Bag]]) -> Tensor:
        """Return the logits of a batch: all features, then the words of each part of the place."""
        first, *others = [_flat(bag) for bag in bags]
        one = self.embedding(*first[:2]) * first[2]
        for matrix, (rows, starts, level) in zip(self.bags, others, strict=True):
            one = one + matrix(self.embedding(rows, starts) * level)
        one = self.drop(torch.relu(one + self.before))
        two = self.drop(torch.relu(self.hidden(one))) + one
        direct = self.direct(first[0].clamp(max=self.frequent), first[1])
        return torch.as_tensor(self.last(two) + direct)


def _flat(bag: Sequence[Bag]) -> tuple[Tensor, Tensor, Tensor]:
    """Return rows, the starts of the sentences in them, and the level of each sentence."""
    counts = [len(rows) for rows in bag]
    starts = np.cumsum([0, *counts[:-1]])
    level = _LEVEL / np.sqrt(np.maximum(1, counts))
    flat = torch.tensor([row for rows in bag for row in rows], dtype=torch.long)
    return flat, torch.from_numpy(starts), torch.from_numpy(level).float().unsqueeze(1)


def fit_network(
    lessons: Sequence[Lesson], columns: tuple[str, ...], recipe: dict[str, Any]
) -> Network:
    """Return the network fitted to the lessons."""
    torch.manual_seed(recipe["seed"])
    torch.set_num_threads(1)
    seen = Counter(name for lesson in lessons for name in _shown(lesson.sentence))
    index = index_features(seen, recipe["least-seen"])
    frequent = sum(seen[name] >= recipe["direct-seen"] for name in index)
    bags = [bags_of(lesson.sentence, index) for lesson in lessons]
    labels = torch.from_numpy(np.stack([lesson.labels for lesson in lessons]))
    weights = torch.from_numpy(np.stack([lesson.weights for lesson in lessons]))
    model = Model(len(index), frequent, len(columns), recipe["width"], recipe["dropout"])
    _learn(model, bags, labels, weights, recipe)
    return _whole(model, index, columns)


def _shown(sentence: Sentence) -> set[str]:
    return {*sentence.place, *sentence.own}


def index_features(seen: Counter[str], least: int) -> dict[str, int]:
    """Return the rows of the features that at least so many sentences show, the commonest first."""
    kept = sorted((n for n, count in seen.items() if count >= least), key=lambda n: (-seen[n], n))
    return {name: row for row, name in enumerate(kept)}


def bags_of(sentence: Sentence, index: dict[str, int]) -> list[Bag]:
    """Return the rows of all features and of the words of each part of the place."""
    parts = [[*sentence.place, *sentence.own]]
    parts += [shared_words(sentence.place, prefix) for prefix in BAGS]
    return [sorted({index[name] for name in part if name in index}) for part in parts]


def _learn(
    model: Model, bags: list[list[Bag]], labels: Tensor, weights: Tensor, recipe: dict[str, Any]
) -> None:
    sparse = torch.optim.SparseAdam([model.embedding.weight, model.direct.weight])
    tables = {id(model.embedding.weight), id(model.direct.weight)}
    dense = torch.optim.AdamW(
        [p for p in model.parameters() if id(p) not in tables], weight_decay=recipe["decay"]
    )
    order = np.random.default_rng(recipe["seed"])
    loss = nn.BCEWithLogitsLoss(reduction="none")
    model.train()
    for epoch in range(recipe["epochs"]):
        rate = recipe["rate"] * (1 - epoch / recipe["epochs"]) + 1e-5
        for group in (*sparse.param_groups, *dense.param_groups):
            group["lr"] = rate
        shuffled = order.permutation(len(bags))
        for at in range(0, len(bags), _BATCH):
            chosen = shuffled[at : at + _BATCH]
            kept = [_thinned(bags[i][0], order, recipe["thin"]) for i in chosen]
            rest = [[bags[i][part] for i in chosen] for part in range(1, len(BAGS) + 1)]
            sparse.zero_grad()
            dense.zero_grad()
            losses = loss(model([kept, *rest]), labels[chosen]) * weights[chosen]
            (losses.sum() / len(chosen)).backward()
            sparse.step()
            dense.step()


def _thinned(rows: Bag, order: np.random.Generator, share: float) -> Bag:
    kept = order.random(len(rows)) >= share
    return [row for row, keep in zip(rows, kept.tolist(), strict=True) if keep]


def _whole(model: Model, index: dict[str, int], columns: tuple[str, ...]) -> Network:
    """Return the network as it ships; PyTorch holds the matrices of layers transposed."""
    with torch.no_grad():
        biases = torch.cat([model.before, model.hidden.bias, model.last.bias])
        direct = np.zeros((len(index), len(columns)))
        direct[: model.frequent] = model.direct.weight[: model.frequent].numpy()
        values = {
            "direct": np.where(np.abs(direct) < _LEAST, 0.0, direct),
            "embedding": model.embedding.weight.numpy(),
            "bags": np.stack([torch.as_tensor(m.weight).T.numpy() for m in model.bags]),
            "hidden": model.hidden.weight.T.numpy(),
            "last": model.last.weight.T.numpy(),
            "biases": biases.numpy(),
        }
    return whole_network(
        index, columns, {name: np.asarray(v, dtype=np.float64) for name, v in values.items()}
    )
