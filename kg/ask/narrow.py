"""Narrowing: what words beside a name say more precisely than the concept the name stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.ask.clauses import translate
from kg.ask.cues import Cue, find_residue, keep_longest, load_words, mask_spans
from kg.ask.match import PIECE, find_label
from kg.ask.readings import Reading
from kg.ask.wording import clean_label
from kg.ontology import Concept, Vocabulary

MENTIONED = 4  # the same where a question asks what mentions it
CLOSE = 3  # the same where it is asked who is responsible, or how much is given
SPECIFIC = 5  # characters from which a name other than the preferred one is meant word for word


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


def choose_narrower(reading: Reading, cues: Iterable[Cue], vocabulary: Vocabulary) -> None:
    """Put a narrower instrument in the place of a named one where words left over are of its name.

    政府采购给中小企业留出份额 is 预留采购份额: 份额 stands in no name of 政府采购 itself.
    """
    long = [(cue.start, cue.end) for cue in cues if cue.end - cue.start >= PIECE]
    rest = find_residue(mask_spans(reading.masked(), long))
    left = [reading.wording.text[start:end] for start, end in rest]
    for name in list(reading.instruments):
        narrower = [
            c for c in vocabulary.concepts.values() if name in vocabulary.ancestors(c.id)[1:]
        ]
        known = "".join(clean_label(text) for text, _ in vocabulary.concepts[name].labels)
        told = {concept.id: sum(map(len, _pieces_in(left, concept, known))) for concept in narrower}
        most = max(told.values(), default=0)
        best = [other for other, size in told.items() if size == most and most]
        if len(best) == 1:
            reading.instruments = {
                (best[0] if other == name else other): at
                for other, at in reading.instruments.items()
            }


def _pieces_in(texts: Iterable[str], concept: Concept, known: str) -> set[str]:
    """Return the longest pieces that Chinese names of a concept share with texts, and others not."""
    labels = [clean_label(text) for text, language in concept.labels if language == "zh"]
    found: set[str] = set()
    for text in texts:
        for size in range(len(text), PIECE - 1, -1):
            pieces = {text[at : at + size] for at in range(len(text) - size + 1)}
            met = {p for p in pieces if p not in known and any(p in label for label in labels)}
            if met:
                found |= met
                break
    return found


def take_categories(reading: Reading, vocabulary: Vocabulary) -> None:
    """Take short names of categories that stand in a row (组织、财政和科技) or beside another."""
    short = {c.notation: c.id for c in vocabulary.concepts.values() if not c.broader}
    one = "|".join(map(re.escape, short))
    joints = "|".join(map(re.escape, vocabulary.cues("question-cues")["and"]))
    row = re.compile(f"(?:{one})(?:(?:{joints}|,)(?:{one}))+")
    for found in row.finditer(reading.masked().text):
        for name in re.finditer(one, found[0]):
            at = (found.start() + name.start(), found.start() + name.end())
            reading.instruments.setdefault(short[name[0]], at)
            reading.taken.append(at)
    if set(short.values()) & set(reading.instruments):
        _take_further(reading, set(short.values()), vocabulary)


def _take_further(reading: Reading, categories: set[str], vocabulary: Vocabulary) -> None:
    """Take further categories beside one that is named: fiscal ones, as against organisational measures."""
    for cue in keep_longest(load_words(vocabulary, "question-names").find(reading.masked())):
        if cue.id in categories - set(reading.instruments):
            reading.instruments[cue.id] = (cue.start, cue.end)
            reading.taken.append((cue.start, cue.end))


def find_wording(reading: Reading, vocabulary: Vocabulary, *, closely: bool = False) -> str:
    """Return the words of the one instrument where they are a long Chinese name, not the preferred.

    ``closely`` says that short names, too, are meant word for word.
    """
    if len(reading.instruments) != 1:
        return ""
    [(name, (start, end))] = reading.instruments.items()
    words = reading.wording.text[start:end]
    preferred = clean_label(vocabulary.concepts[name].zh)
    labels = {clean_label(text) for text, _ in vocabulary.concepts[name].labels}
    least = CLOSE if closely else MENTIONED if "mention" in reading.cues else SPECIFIC
    alike = preferred in words or words in preferred
    specific = len(words) >= least and not words.isascii() and not alike
    return words if specific and words in labels else ""


def settle_narrower(reading: Reading, vocabulary: Vocabulary) -> None:
    """Put the instrument that a narrower name is of in the place of another that it only holds.

    知识产权质押 is lending, although 知识产权 is a name of the protection of such rights.
    """
    for cue in keep_longest(load_words(vocabulary, "narrower-names").find(reading.wording)):
        own, whole = cue.id.partition("-")[0], (cue.start, cue.end)
        for name, (start, end) in list(reading.instruments.items()):
            inside = cue.start <= start and end <= cue.end and (start, end) != whole
            if inside and own not in vocabulary.ancestors(name):
                del reading.instruments[name]
                reading.instruments[own] = whole
                reading.taken.append(whole)


def find_narrower_names(
    reading: Reading, vocabulary: Vocabulary
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return for each instrument that is called by a name of something narrower the words for that.

    Proof of concept (概念验证) is a label of technology transfer, and yet not all of it: a passage
    that is meant holds one of the words.
    """
    found: dict[str, list[str]] = {}
    for cue in keep_longest(load_words(vocabulary, "narrower-names").find(reading.wording)):
        name = cue.id.partition("-")[0]
        if name in reading.instruments and not _is_in_preferred(cue, name, reading, vocabulary):
            found.setdefault(name, []).extend(vocabulary.cues("narrower-names")[cue.id])
    return tuple((name, tuple(dict.fromkeys(words))) for name, words in found.items())


def _is_in_preferred(cue: Cue, name: str, reading: Reading, vocabulary: Vocabulary) -> bool:
    """Tell whether a cue is but a part of the instrument's own name, which means all of it."""
    label = clean_label(vocabulary.concepts[name].zh)
    spans = (found.span() for found in re.finditer(re.escape(label), reading.wording.text))
    return any(start <= cue.start and cue.end <= end for start, end in spans)


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
