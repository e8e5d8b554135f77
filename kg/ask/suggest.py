"""Suggestions: the concepts nearest to a question that was not understood."""

from __future__ import annotations

from difflib import SequenceMatcher

from kg.ask.cues import find_residue, load_words, mask_spans
from kg.ask.wording import clean_label, read_wording
from kg.ontology import Vocabulary

NEAREST = 5
LIKENESS = 0.34


def suggest_concepts(question: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the names of the instruments whose labels are most like what the question says.

    Likeness is that of difflib between a label and the words left without cues and fillers;
    names are in the language of the question, the nearest first.
    """
    wording = read_wording(question)
    words = load_words(vocabulary, "question-cues", "question-fillers").find(wording)
    rest = mask_spans(wording, [(cue.start, cue.end) for cue in words])
    runs = [rest.text[start:end] for start, end in find_residue(rest)]
    chinese = [run for run in runs if not run.isascii()]
    english = " ".join(run for run in runs if run.isascii())
    asked = chinese or ([english] if english else [])
    language = "zh" if chinese else "en"
    ranked: dict[str, float] = {}
    for concept in vocabulary.concepts.values():
        labels = [clean_label(text) for text, found in concept.labels if found == language]
        likeness = max((_compare(run, label) for run in asked for label in labels), default=0)
        if likeness >= LIKENESS:
            ranked[concept.zh if chinese else concept.en] = likeness
    return tuple(sorted(ranked, key=lambda name: (-ranked[name], name))[:NEAREST])


def _compare(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.quick_ratio() >= LIKENESS else 0.0
