"""Narrowing: what words beside a name say more precisely than the concept the name stands for."""

from __future__ import annotations

from collections.abc import Iterable

from kg.ask.clauses import translate
from kg.ask.cues import find_residue, load_words, mask_spans
from kg.ask.match import find_label
from kg.ask.readings import Reading
from kg.ask.wording import clean_label
from kg.ontology import Vocabulary

MENTIONED = 4  # the same where a question asks what mentions it
SPECIFIC = 6  # characters from which a name other than the preferred one is meant word for word


def refine_instruments(reading: Reading, vocabulary: Vocabulary) -> None:
    """Put a narrower instrument in the place of a named one where the question says it in English.

    extra weight in government-procurement scoring is more than government procurement.
    """
    for name, spot in list(reading.instruments.items()):
        others = [taken for taken in reading.taken if taken != spot]
        text = mask_spans(reading.wording, others).text
        narrower = (
            concept
            for concept in vocabulary.concepts.values()
            if concept.id != name and name in vocabulary.ancestors(concept.id)
        )
        found = {
            concept.id: spans
            for concept in narrower
            for label in (
                clean_label(text) for text, language in concept.labels if language == "en"
            )
            if (spans := find_label(text, label))
            and spot[0] <= spans[-1][1]
            and spans[0][0] <= spot[1]
        }
        if len(found) == 1:
            [(other, spans)] = found.items()
            reading.taken.extend(spans)
            reading.instruments = {
                (other if known == name else known): at for known, at in reading.instruments.items()
            }


def find_wording(reading: Reading, vocabulary: Vocabulary) -> str:
    """Return the words of the one instrument where they are a long Chinese name, not the preferred."""
    if len(reading.instruments) != 1:
        return ""
    [(name, (start, end))] = reading.instruments.items()
    words = reading.wording.text[start:end]
    preferred = clean_label(vocabulary.concepts[name].zh)
    labels = {clean_label(text) for text, _ in vocabulary.concepts[name].labels}
    least = MENTIONED if "mention" in reading.cues else SPECIFIC
    specific = len(words) >= least and not words.isascii() and words != preferred
    return words if specific and words in labels else ""


def find_hints(reading: Reading, vocabulary: Vocabulary) -> tuple[tuple[str, ...], ...]:
    """Return for each word that names nothing the Chinese words a target that is meant may hold."""
    words = load_words(vocabulary, "question-cues", "question-fillers", "target-topics")
    cues = words.find(reading.masked())
    rest = mask_spans(reading.masked(), [(cue.start, cue.end) for cue in cues])
    return tuple(translate(reading.wording, find_residue(rest), vocabulary))


def count_hints(text: str, hints: Iterable[Iterable[str]]) -> int:
    """Count the words of which a text holds a rendering."""
    joined = "".join(text.split())
    return sum(any(word in joined for word in hint) for hint in hints)
