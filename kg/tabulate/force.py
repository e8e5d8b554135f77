"""Policy force (政策力度): rank of the issuer × class of the document, beside the wording."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from kg.graph import Coding
from kg.ontology import Vocabulary
from kg.tabulate.lenses import Lens, read_values

_RANKS = {
    "Country": "national",
    "Province": "province",
    "Municipality": "province",
    "Prefecture": "city",
    "County": "district",
    "Zone": "district",
}


@dataclass(frozen=True, slots=True)
class ForceRow:
    """A class of measures with its scores: means over the measures, each once.

    ``force`` is rank × document class, ``wording`` the score of the strength of wording, ``total``
    the sum of force × wording over the measures; ``measures`` are their IRIs.
    """

    name: str
    label: str
    n: int
    rank: float
    document_class: float
    force: float
    wording: float
    total: float
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """The scores in use: of issuer ranks, document classes and wording."""

    ranks: dict[str, float]
    classes: dict[str, float]
    wording: dict[str, float]


def read_scores(vocabulary: Vocabulary) -> Scores:
    """Return the scores of ``ontology/tables.ttl`` with what is layered over it."""
    return Scores(
        ranks=read_values(vocabulary, "issuer-ranks"),
        classes=read_values(vocabulary, "document-classes"),
        wording=read_values(vocabulary, "wording-scores"),
    )


def find_rank(place: str, vocabulary: Vocabulary) -> str:
    """Return the rank of an issuer by its place (an id), empty where it is not known.

    A municipality such as 上海 ranks with the provinces.
    """
    found = vocabulary.places.get(place)
    return _RANKS.get(found.type, "") if found else ""


def is_scored(coding: Coding, scores: Scores, vocabulary: Vocabulary) -> bool:
    """Tell whether a measure has a force: its document is of a scored class, its issuer ranked."""
    return coding.kind in scores.classes and find_rank(coding.seat, vocabulary) in scores.ranks


def measure_force(
    codings: Iterable[Coding], lens: Lens, vocabulary: Vocabulary
) -> tuple[ForceRow, ...]:
    """Return the force of each class of a lens, the highest total first.

    The idea of scoring issuer and genre apart from what a measure says follows Peng Jisheng,
    Zhong Weiguo and Sun Wenxiang (2008), 政策测量、政策协同演变与经济绩效, 管理世界 (9), 25-36;
    the scores are ours and may be changed in the vocabulary.  Reports and studies have no force.
    """
    scores = read_scores(vocabulary)
    found: dict[str, list[Coding]] = defaultdict(list)
    for coding in codings:
        if is_scored(coding, scores, vocabulary):
            for name in lens.classify(coding):
                found[name].append(coding)
    rows = [_make_row(name, held, lens, scores, vocabulary) for name, held in found.items()]
    return tuple(sorted(rows, key=lambda row: (-row.total, row.name)))


def _make_row(
    name: str, held: list[Coding], lens: Lens, scores: Scores, vocabulary: Vocabulary
) -> ForceRow:
    ranks = [scores.ranks[find_rank(c.seat, vocabulary)] for c in held]
    classes = [scores.classes[c.kind] for c in held]
    wording = [scores.wording.get(c.strength, 0.0) for c in held]
    forces = [rank * kind for rank, kind in zip(ranks, classes, strict=True)]
    return ForceRow(
        name=name,
        label=lens.classes.get(name, name),
        n=len(held),
        rank=round(fmean(ranks), 2),
        document_class=round(fmean(classes), 2),
        force=round(fmean(forces), 2),
        wording=round(fmean(wording), 2),
        total=round(sum(f * w for f, w in zip(forces, wording, strict=True)), 2),
        measures=tuple(c.measure for c in held),
    )
