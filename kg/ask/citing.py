"""Citing: which of the named documents cites, and which is cited."""

from __future__ import annotations

import re

from kg.ask.lexicon import Document, Lexicon
from kg.ask.readings import Reading, Spot, Unmapped


def split_citation(reading: Reading, lexicon: Lexicon) -> None:
    """Leave among the documents those that cite; name those that are cited among the works.

    A document after 引用 is cited and one before it cites; after 被 and cited by it is the other
    way round.  Raises Unmapped for a work outside of the graph that nothing is asked to cite.
    """
    if "cites" not in reading.cues:
        if reading.works:
            raise Unmapped(next(iter(reading.works)))
        return
    for iri, spot in list(reading.documents.items()):
        if _is_cited(spot, reading):
            del reading.documents[iri]
            reading.works |= dict.fromkeys(_names(lexicon.documents[iri]), spot)


def _is_cited(spot: Spot, reading: Reading) -> bool:
    if "passive" in reading.cues:
        return spot < reading.cues["passive"][0]
    return spot > reading.cues["cites"][0]


def _names(document: Document) -> list[str]:
    inner = re.findall(r"《(.+)》", document.title)
    return [name for name in (document.number, document.title, *inner) if name]
