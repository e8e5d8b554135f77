"""Statements of secondary sources about a policy mix, to be shown beside a count of our own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx
import pyoxigraph as ox

from kg.compare.lenses import Lens, load_lens
from kg.graph.observations import read_observations
from kg.model import Evidence
from kg.ontology import BASE, Vocabulary


@dataclass(frozen=True, slots=True)
class MixClaim:
    """A source that says which share some groups have of a place's policies.

    ``op`` and ``value`` are as stated (%); ``comparable`` is always false: ``reasons`` tell what
    the source leaves open.
    """

    place: str
    groups: tuple[str, ...]
    labels: tuple[str, ...]
    op: str
    value: float
    surface: str
    comparable: bool
    reasons: tuple[str, ...]
    evidence: Evidence


def find_mix_claims(
    store: ox.Store,
    claims: nx.DiGraph,
    vocabulary: Vocabulary,
    *,
    lens: str = "six",
    base: str = BASE,
) -> tuple[MixClaim, ...]:
    """Find what documents of the projection say of the shares of groups in a place's policies.

    A reported figure in % is such a statement where its name holds a word of the scheme
    ``mix-claims`` (政策占比 …) and its sentence names groups of the lens by their short names.
    """
    view = load_lens(vocabulary, lens)
    sources = {entry.source for entry in claims.graph["documents"].values()}
    words = [word for found in vocabulary.cues("mix-claims").values() for word in found]
    return tuple(
        claim
        for row in read_observations(store, base=base)
        if row["unit"] == "%" and any(word in row["indicator"] for word in words)
        if row["evidence"].source in sources
        for claim in _read_claim(row, view, vocabulary)
    )


def _read_claim(row: Mapping[str, Any], lens: Lens, vocabulary: Vocabulary) -> Iterator[MixClaim]:
    evidence: Evidence = row["evidence"]
    quote = "".join(evidence.quote.split())
    named = [group for group in lens.tops() if group.zh in quote]
    if named:
        yield MixClaim(
            place=str(row["place"]),
            groups=tuple(group.id for group in named),
            labels=tuple(group.zh for group in named),
            op=str(row["op"]),
            value=float(row["value"]),
            surface=str(row["surface"]),
            comparable=False,
            reasons=_find_reasons(quote, vocabulary),
            evidence=evidence,
        )


def _find_reasons(quote: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    units = [word for found in vocabulary.cues("counting-units").values() for word in found]
    reasons = ["it does not list the documents counted"]
    if not any(word in quote for word in units):
        reasons.append("it does not name the unit of counting")
    return tuple(reasons)
