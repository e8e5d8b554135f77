"""Baselines: what a plain keyword list and the commonest class reach on the same texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import ahocorasick_rs as ac

from kg.evaluate.gold import Coded, GoldDocument, known_instrument
from kg.model import Span
from kg.ontology import Vocabulary

_STOPS = re.compile("[^\u3002\uff1b;\n]+[\u3002\uff1b;\n]?")


def code_by_keywords(texts: Mapping[str, str], vocabulary: Vocabulary) -> dict[str, list[Coded]]:
    """Code each sentence that holds a name of an instrument, with all the names it holds.

    ``texts`` maps source to raw text; sentences are cut at full stops, semicolons and line ends.
    """
    owners = {
        text: concept.id
        for concept in vocabulary.concepts.values()
        for text, language in concept.labels
        if language == "zh" and concept.broader
    }
    names = sorted(owners)
    automaton = ac.AhoCorasick(names, matchkind=ac.MatchKind.LeftmostLongest)
    sheet: dict[str, list[Coded]] = {}
    for source, text in texts.items():
        sheet[source] = [
            _line(Span(start, end), found, vocabulary)
            for start, end in _sentences(text)
            if (
                found := [
                    owners[names[index]]
                    for index, _, _ in automaton.find_matches_as_indexes(text[start:end])
                ]
            )
        ]
    return sheet


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    for found in _STOPS.finditer(text):
        if len(found[0].strip()) > 5:
            yield found.span()


def _line(span: Span, found: Sequence[str], vocabulary: Vocabulary) -> Coded:
    instruments = tuple(dict.fromkeys(known_instrument(i, vocabulary) for i in found))
    categories = tuple(dict.fromkeys(vocabulary.notation(i) for i in instruments))
    return Coded(span, categories, instruments, (), "provided", "implement", (), (), (), ())


def code_by_majority(gold: Sequence[GoldDocument]) -> dict[str, list[Coded]]:
    """Code every gold measure with the commonest instrument, category and strength."""
    lines = [line for document in gold for line in document.lines]
    common = {
        name: Counter(value for line in lines for value in read(line)).most_common(1)
        for name, read in (
            ("instruments", lambda x: x.instruments[:1]),
            ("categories", lambda x: x.categories[:1]),
            ("strength", lambda x: (x.strength,) if x.strength else ()),
        )
    }
    first = {name: counted[0][0] if counted else "" for name, counted in common.items()}
    return {
        document.key: [
            Coded(
                line.span,
                (first["categories"],),
                (first["instruments"],),
                line.cities,
                "provided",
                first["strength"],
                (),
                (),
                (),
                (),
            )
            for line in document.lines
        ]
        for document in gold
    }
