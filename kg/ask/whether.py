"""Whether: questions that name a verb twice, or end in the word for not having, lack nothing."""

from __future__ import annotations

import re

from kg.ask.readings import Spot, overlaps
from kg.ontology import Vocabulary

_LISTS = ("cities", "clauses", "districts", "documents", "places", "policies", "surplus")


def read_whether(cues: dict[str, list[Spot]], text: str, vocabulary: Vocabulary) -> None:
    """Take the lack out of 给不给 and 有购房补贴没有, which ask whether something is there.

    At the end of a question for a list 没有 means what it says: 北京有哪些政策上海没有.
    """
    either = [found.span() for found in re.finditer(vocabulary.pattern("question-either"), text)]
    tail = re.search(vocabulary.pattern("question-tail"), text)
    if tail and not any(name in cues for name in _LISTS):
        either.append(tail.span("tail"))
    lacks = [spot for spot in cues.get("lack", ()) if overlaps(spot, either)]
    if not lacks:
        return
    cues["lack"] = [spot for spot in cues["lack"] if spot not in lacks]
    if not cues["lack"]:
        del cues["lack"]
    cues.setdefault("check", []).extend(lacks)
