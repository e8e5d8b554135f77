"""Spelling: names of instruments that are written with a slip."""

from __future__ import annotations

from difflib import get_close_matches

from kg.ask.cues import find_residue, load_words, mask_spans
from kg.ask.lexicon import Lexicon
from kg.ask.wording import clean_label, read_wording, to_plain

ALIKE = 0.88  # likeness of two English words, by difflib
WORD = 6  # letters of an English word, characters of a Chinese name, that can hold a slip
_LISTS = ("question-cues", "question-fillers", "question-names")


def correct_spelling(question: str, lexicon: Lexicon) -> tuple[str, dict[str, str]]:
    """Return a question with slips in names put right, and each slip with its correction.

    An English word that is in no list is taken for the one it is most like, a Chinese name for
    one that differs in a single character or in the order of two.
    """
    wording = read_wording(question)
    hits = [(hit.start, hit.end) for hit in lexicon.find(wording)]
    rest = mask_spans(wording, hits)
    cues = load_words(lexicon.vocabulary, *_LISTS).find(rest)
    left = mask_spans(rest, [(cue.start, cue.end) for cue in cues])
    words = {
        rest.text[start:end] for start, end in find_residue(left) if rest.text[start].isascii()
    }
    corrected = _correct_words(words, lexicon) | _correct_names(rest.text, lexicon)
    text = question.lower() if all(slip in question.lower() for slip in corrected) else wording.text
    for slip, right in corrected.items():
        text = text.replace(slip, right)
    return text, corrected


def _correct_words(words: set[str], lexicon: Lexicon) -> dict[str, str]:
    known = {word for name in lexicon.english for word in name if len(word) >= WORD}
    found = {}
    for word in sorted(words):
        near = get_close_matches(word, known, n=1, cutoff=ALIKE) if len(word) >= WORD else []
        if near and near[0] not in (word, to_plain(word)):
            found[word] = near[0]
    return found


def _correct_names(text: str, lexicon: Lexicon) -> dict[str, str]:
    labels = {
        clean_label(label)
        for concept in lexicon.vocabulary.concepts.values()
        for label, language in concept.labels
        if language == "zh"
    }
    found: dict[str, str] = {}
    for label in sorted(labels, key=len, reverse=True):
        for start in range(len(text) - len(label) + 1):
            words = text[start : start + len(label)]
            if words != label and _is_slip(words, label):
                found.setdefault(words, label)
    return dict(list(found.items())[:1])


def _is_slip(words: str, label: str) -> bool:
    """Tell whether two texts of one length differ in one character, or two in their order."""
    apart = [
        number for number, pair in enumerate(zip(words, label, strict=True)) if pair[0] != pair[1]
    ]
    if len(apart) == 1:
        return len(label) >= WORD and not words[apart[0]].isascii()
    swapped = len(apart) == 2 and apart[1] == apart[0] + 1
    return swapped and words[apart[0]] == label[apart[1]] and words[apart[1]] == label[apart[0]]
