"""Receivers: those whom the measures that a question asks for must be meant for."""

from __future__ import annotations

from kg.ask.cues import Cue, keep_longest, load_words, mask_spans
from kg.ask.readings import Reading
from kg.ask.wording import MASK
from kg.ontology import Vocabulary

BENEFICIARIES = ("beneficiaries", "question-receivers")
_WORDS = "receiver-marks"


def find_receivers(reading: Reading, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the beneficiaries that follow a word for being meant for somebody, of the longest names.

    Where a question names no instrument, those beside words for giving and receiving as well:
    给高校哪些支持, 科研人员能享受什么政策; but not enterprises as such, whom most measures are for.
    """
    ends = [end for _, end in reading.cues.get("receivers", ())]
    if ends:
        found = _name(reading, vocabulary)
        return tuple(dict.fromkeys(cue.id for cue in found if cue.start >= min(ends)))
    if reading.instruments:
        return ()
    words = load_words(vocabulary, _WORDS).find(reading.masked())
    before = {cue.end for cue in words if cue.id == "before"}
    after = {cue.start for cue in words if cue.id == "after"}
    text = _close_gaps(reading, vocabulary)
    return tuple(
        dict.fromkeys(
            cue.id
            for cue in _name_particular(reading, vocabulary)
            if cue.start in before
            or any(_only_gap(text[cue.end : at]) for at in after if at >= cue.end)
        )
    )


def name_receivers(reading: Reading, vocabulary: Vocabulary) -> list[str]:
    """Return the words of a question that name beneficiaries, but not enterprises as such."""
    named = _name_particular(reading, vocabulary)
    return [reading.wording.text[cue.start : cue.end] for cue in named]


def _name_particular(reading: Reading, vocabulary: Vocabulary) -> list[Cue]:
    """Return the names of beneficiaries but for enterprises as such."""
    words = load_words(vocabulary, _WORDS).find(reading.masked())
    whole = [(cue.start, cue.end) for cue in words if cue.id == "whole"]
    return [cue for cue in _name(reading, vocabulary) if (cue.start, cue.end) not in whole]


def _name(reading: Reading, vocabulary: Vocabulary) -> list[Cue]:
    return keep_longest(load_words(vocabulary, *BENEFICIARIES).find(reading.masked()))


def _close_gaps(reading: Reading, vocabulary: Vocabulary) -> str:
    """Return the text with all fillers blanked out."""
    fillers = load_words(vocabulary, "question-fillers").find(reading.masked())
    return mask_spans(reading.masked(), [(cue.start, cue.end) for cue in fillers]).text


def _only_gap(between: str) -> bool:
    """Tell whether nothing that means something stands in a gap (科研人员在浦东能享受)."""
    return not between.replace(MASK, "").strip()
