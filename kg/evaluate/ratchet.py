"""The ratchet: figures that were reached once and may not fall again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.errors import CorpusError

SLACK = 0.0005


@dataclass(frozen=True, slots=True)
class Change:
    """A figure that differs from what the ratchet holds; ``gained`` is negative where it fell."""

    name: str
    kept: float
    now: float

    @property
    def gained(self) -> float:
        """How much better the figure is now.

        >>> Change("measure", 0.9, 0.92).gained
        0.02
        """
        return round(self.now - self.kept, 3)


def read_ratchet(path: Path) -> dict[str, dict[str, float]]:
    """Return set of documents → figure → the least value it may have.

    Raises CorpusError where the file cannot be read as such.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return {
            name: {k: float(v) for k, v in figures.items()} for name, figures in content.items()
        }
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise CorpusError(f"{path}: not a ratchet file: {error}", reason="ratchet") from error


def write_ratchet(path: Path, kept: Mapping[str, Mapping[str, float]]) -> None:
    """Write the figures; ``read_ratchet`` reads them back."""
    text = json.dumps(kept, ensure_ascii=False, indent=2, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")


def plain_figures(row: Mapping[str, object]) -> dict[str, float]:
    """Return each figure as one number: F1 where there are precision and recall.

    >>> plain_figures({"measure": {"p": 1.0, "r": 0.5, "f1": 0.667}, "status_acc": 1.0})
    {'measure': 0.667, 'status_acc': 1.0}
    """
    figures = {}
    for name, value in row.items():
        number = value["f1"] if isinstance(value, dict) else value
        if isinstance(number, int | float):
            figures[name] = float(number)
    return figures


def compare_figures(now: Mapping[str, float], kept: Mapping[str, float]) -> tuple[Change, ...]:
    """Return every figure of the ratchet that changed, the greatest loss first."""
    changes = [Change(name, value, now.get(name, 0.0)) for name, value in kept.items()]
    moved = [change for change in changes if abs(change.gained) > SLACK]
    return tuple(sorted(moved, key=lambda change: (change.gained, change.name)))
