"""Titles: documents that a question calls by words of their titles, or by their sort and place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from kg.ask.clauses import GLOSSARY, translate
from kg.ask.cues import Cue, find_residue, keep_longest, load_words, mask_spans
from kg.ask.lexicon import Document, Lexicon
from kg.ask.match import matches_title
from kg.ask.readings import Reading, Spot, overlaps
from kg.ask.wording import clean_label, to_singular
from kg.ontology import Vocabulary

TITLE = 4  # characters that words of a title have at least
NEAR = 4  # characters between a place and the sort of its document
WORDS = "document-words"
_STUDY = "study"


def find_titles(words: str, lexicon: Lexicon, places: Iterable[str] = ()) -> list[str]:
    """Return the documents, of some places if any are named, whose titles hold some words."""
    if len(words) < TITLE:
        return []
    known = _known_of_places(places, lexicon)
    return [document.iri for document in known if words in clean_label(document.title)]


def read_titles(reading: Reading, lexicon: Lexicon) -> None:
    """Map words that end like a title (十五条举措) to the documents whose titles hold them."""
    kinds = lexicon.vocabulary.schemes["document-kinds"].values()
    endings = {text for labels in kinds for text, lang in labels if lang == "zh"}
    cues = [spot for spots in reading.cues.values() for spot in spots]
    text = mask_spans(reading.masked(), cues).text
    for run in re.finditer(r"[\u3400-\u9fff]+", text):
        for start, end in _spans_of(run[0]):
            words = run[0][start:end]
            if words.endswith(tuple(endings)) and words not in endings:
                spot = (run.start() + start, run.start() + end)
                if _read_title(reading, spot, lexicon):
                    titles = [lexicon.documents[iri].title for iri in reading.documents]
                    reading.taken += [spot, *_between(reading, spot, "".join(titles))]
                    break


def _spans_of(words: str) -> Iterator[Spot]:
    """Yield the spans that could be words of a title, the longest first."""
    for size in range(len(words), TITLE - 1, -1):
        for start in range(len(words) - size + 1):
            yield start, start + size


def _read_title(reading: Reading, spot: Spot, lexicon: Lexicon) -> bool:
    """Map words to the documents, of the places named, whose titles hold them."""
    words = reading.wording.text[spot[0] : spot[1]]
    found = [
        document.iri
        for document in _known_of_places(reading.places, lexicon)
        if matches_title(words, clean_label(document.title))
    ]
    reading.documents |= dict.fromkeys(found, spot)
    return bool(found)


def _known_of_places(places: Iterable[str], lexicon: Lexicon) -> list[Document]:
    named = set(places)
    chain = lexicon.vocabulary.place_chain
    known = lexicon.documents.values()
    return [document for document in known if not named or named & set(chain(document.seat))]


def read_renderings(reading: Reading, lexicon: Lexicon) -> None:
    """Take the document that English words beside its sort tell: Beijing's technology transfer regulations.

    Every word between the place and the sort must render one of its title; words behind the sort
    (the regulations on AI) belong to it as far as they do.  Instruments in them are not asked for.
    """
    vocabulary = lexicon.vocabulary
    fillers = load_words(vocabulary, "question-fillers").find(reading.wording)
    glosses = keep_longest(load_words(vocabulary, GLOSSARY).find(reading.wording))
    for cue in keep_longest(load_words(vocabulary, WORDS).find(reading.masked())):
        if cue.id == _STUDY or not reading.wording.text[cue.start : cue.end].isascii():
            continue
        found = {
            known.iri: spot
            for known in _of_sort(cue.id, reading, lexicon)
            if (spot := _find_phrase(cue, known.title, reading, (fillers, glosses), vocabulary))
        }
        widest = max((end - start for start, end in found.values()), default=0)
        meant = [iri for iri, (start, end) in found.items() if end - start == widest]
        if len(meant) == 1:
            spot = found[meant[0]]
            reading.documents[meant[0]] = spot
            reading.taken.append(spot)
            for name, at in list(reading.instruments.items()):
                if overlaps(at, [spot]):
                    del reading.instruments[name]
            return


def _find_phrase(
    cue: Cue,
    title: str,
    reading: Reading,
    words: tuple[list[Cue], list[Cue]],
    vocabulary: Vocabulary,
) -> Spot | None:
    """Return the span of the words before and behind a sort that render words of a title, if any do."""
    fillers, glosses = words
    idle = [(found.start, found.end) for found in fillers]
    told = [
        (found.start, found.end)
        for found in glosses
        if any(word in title for word in vocabulary.cues(GLOSSARY)[found.id])
    ]
    spans = [(start, end) for _, start, end in reading.wording.words()]
    before = [end for _, end in reading.places.values() if end <= cue.start]
    start, end, held = cue.start, cue.end, False
    between = [spot for spot in spans if before and max(before) <= spot[0] and spot[1] <= cue.start]
    if before and all(overlaps(spot, [*idle, *told]) for spot in between):
        held = any(overlaps(spot, told) for spot in between)
        start = max(before) if held else start
    for spot in (spot for spot in spans if spot[0] >= cue.end):
        if overlaps(spot, told):
            end, held = spot[1], True
        elif not overlaps(spot, idle):
            break
    return (start, end) if held else None


def read_sorts(reading: Reading, lexicon: Lexicon) -> None:
    """Take the one document that is called by its sort: Pudong's plan, 浦东那份行动计划, 这篇论文.

    Of several of a sort the one is meant whose title holds the most of the words that name
    nothing else; where that does not decide, none is taken.
    """
    vocabulary = lexicon.vocabulary
    for cue in keep_longest(load_words(vocabulary, WORDS).find(reading.masked())):
        spot = (cue.start, cue.end)
        if not (_is_single(cue, reading) if cue.id == _STUDY else _follows_place(reading, spot)):
            continue
        fitting = _of_sort(cue.id, reading, lexicon)
        meant = fitting if len(fitting) == 1 else _best_told(fitting, reading, vocabulary)
        if len(meant) == 1:
            reading.documents[meant[0].iri] = spot
            reading.taken += [spot, *_between(reading, spot, meant[0].title)]
            return


def _between(reading: Reading, spot: Spot, title: str) -> list[Spot]:
    """Return the span between a place and the sort of a document if its title has these words."""
    start = max((end for _, end in reading.places.values() if end <= spot[0]), default=spot[0])
    words = reading.wording.text[start : spot[0]].strip()
    named = overlaps((start, spot[0]), reading.instruments.values())
    return [(start, spot[0])] if words and words in title.casefold() and not named else []


def _is_single(cue: Cue, reading: Reading) -> bool:
    """Tell whether a word for a study is no English plural: which papers are asked for, none is named."""
    word = reading.wording.text[cue.start : cue.end]
    return not word.isascii() or to_singular(word) == word


def _follows_place(reading: Reading, spot: Spot) -> bool:
    """Tell whether a place stands before the sort of a document, hardly anything between."""
    ends = [end for _, end in reading.places.values() if end <= spot[0]]
    return any(len(reading.wording.text[end : spot[0]].strip()) <= NEAR for end in ends)


def _of_sort(sort: str, reading: Reading, lexicon: Lexicon) -> list[Document]:
    """Return the documents of a sort: studies of any place, others of the places named alone."""
    if sort == _STUDY:
        return [known for known in lexicon.documents.values() if known.kind == _STUDY]
    endings = lexicon.vocabulary.cues(WORDS)[sort]
    tail = lexicon.vocabulary.pattern("title-tail")
    end = re.compile(f"(?:{'|'.join(map(re.escape, endings))}){tail}")
    seats = set(reading.places)
    names = [lexicon.vocabulary.places[code].zh for code in seats]
    known = [
        document
        for document in lexicon.documents.values()
        if document.seat in seats or any(name in document.title for name in names)
    ]
    return [document for document in known if end.search(document.title)]


def _best_told(
    documents: Iterable[Document], reading: Reading, vocabulary: Vocabulary
) -> list[Document]:
    words = load_words(vocabulary, "question-cues", "question-fillers")
    cues = words.find(reading.masked())
    rest = find_residue(mask_spans(reading.masked(), [(cue.start, cue.end) for cue in cues]))
    spots = [*rest, *reading.instruments.values()]
    hints = list(translate(reading.wording, spots, vocabulary))
    counted = [(sum(any(w in d.title for w in hint) for hint in hints), d) for d in documents]
    most = max((count for count, _ in counted), default=0)
    return [document for count, document in counted if most and count == most]
