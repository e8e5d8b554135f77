"""Metadata: what the first and last lines of a document say of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from kg.corpus.dates import Dates, find_expiry_problem, read_dates, without_label
from kg.corpus.grammar import Grammar
from kg.corpus.history import find_adopter
from kg.corpus.layout import Block
from kg.model import Citation, Level, Problem
from kg.ontology import Vocabulary

_HEADER_BLOCKS = 14
_SIGNATURE = 30
_SIGNED_WITHIN, _SIGNED_LAST = 40, 6
_COUNTRY = "CN"
_CITIES, _DISTRICT = ("Municipality", "Prefecture"), "County"
_QUESTIONS = 3
_TITLE_MARKS = re.compile(r"^《([^《》]+)》$")
_LEVELS: dict[str, Level] = {
    "Country": "national",
    "Region": "",
    "Province": "province",
    "Municipality": "city",
    "Prefecture": "city",
    "County": "district",
}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a document says of itself."""

    title: str
    number: str
    issuer: str
    dates: Dates
    place: str
    scope: str
    level: Level
    kind: str
    body: int
    problems: tuple[Problem, ...]


def read_metadata(blocks: list[Block], grammar: Grammar) -> Metadata:
    """Return the metadata of the document; ``body`` is the index of its first body block."""
    texts = [block.text for block in blocks]
    head = _header_end(texts, grammar)
    number, number_at = _find_number(texts[: head + 1], grammar)
    title = _find_title(texts[:head] or texts[:1], number_at, grammar)
    issuer = _find_issuer(texts, head, title, grammar)
    dates = read_dates(blocks, head, title, grammar)
    place = _find_place(issuer, title, texts, head, grammar)
    kind = _find_kind(title, number, issuer, texts, grammar)
    problems = find_expiry_problem(blocks, title, dates, grammar)
    return Metadata(
        title=title,
        number=number,
        issuer=issuer,
        dates=dates,
        place=place,
        scope=_find_scope(title, place, grammar),
        level=_LEVELS.get(_type_of(place, grammar), ""),
        kind=kind,
        body=head,
        problems=problems,
    )


def _type_of(place: str, grammar: Grammar) -> str:
    found = grammar.vocabulary.places.get(place)
    return found.type if found else ""


def _header_end(texts: list[str], grammar: Grammar) -> int:
    """Return the index of the first block after title, number and addressees."""
    for index, text in enumerate(texts[:_HEADER_BLOCKS]):
        if grammar.search("addressee", text):
            return index + 1
        if grammar.find_number(text) and index and not text[:2].isdigit():
            return index
        if grammar.search("adoption", text) or grammar.search("effective-line", text):
            continue
        if text.endswith(("。", "；")) and len(text) > 25:
            return index
    return min(len(texts), 3)


def _find_number(texts: list[str], grammar: Grammar) -> tuple[str, int]:
    for index, text in enumerate(texts):
        found = grammar.search("document-number", text)
        if found and len(text) <= len(found[0]) + 8:
            return _number(found, grammar), index
    return "", -1


def _number(found: re.Match[str], grammar: Grammar) -> str:
    agency = found["agency"].strip("（(").rpartition("：")[2]
    return grammar.vocabulary.pattern("number-template").format(
        agency=agency, year=found["year"], serial=int(found["serial"])
    )


def _find_title(texts: list[str], number_at: int, grammar: Grammar) -> str:
    lines = [
        _TITLE_MARKS.sub(r"\1", text)
        for index, text in enumerate(texts)
        if index != number_at and not _is_furniture(text, grammar)
    ]
    ends = [bool(grammar.search("title-end", text)) for text in lines]
    for index, text in enumerate(lines):
        if ends[index] and len(text) >= 6 and not grammar.search("issuer-line", text):
            before = lines[index - 1] if index else ""
            if before and not ends[index - 1] and _unfinished_title(before, text, grammar):
                return before + text
            return text
    return lines[0] if lines else (texts[0] if texts else "")


def _unfinished_title(before: str, text: str, grammar: Grammar) -> bool:
    return (
        len(before) >= 6 and not grammar.search("issuer-line", before) and len(before + text) <= 80
    )


def _is_furniture(text: str, grammar: Grammar) -> bool:
    return bool(
        grammar.stands_alone(text)
        or grammar.search("adoption", text)
        or grammar.search("addressee", text)
        or grammar.search("effective-line", text)
    )


def _find_issuer(texts: list[str], head: int, title: str, grammar: Grammar) -> str:
    """Prefer the signature above the date, then the title, then the first line."""
    near = range(head, min(len(texts), head + _SIGNED_WITHIN))
    for index in chain(near, range(max(near.stop, len(texts) - _SIGNED_LAST), len(texts))):
        if grammar.search("date-only", without_label(texts[index])) and index:
            before = texts[index - 1]
            if grammar.search("signature", before) and len(before) <= 40:
                return before
    found = grammar.search("title-prefix", title)
    if found:
        return found["issuer"]
    for text in texts[:head]:
        found = grammar.search("issuer-line", text)
        if found:
            return found["issuer"]
    return find_adopter(texts[: head + 1], grammar)


def _find_place(issuer: str, title: str, texts: list[str], head: int, grammar: Grammar) -> str:
    """Return the place whose official or short name stands first in issuer or title.

    A national authority (国务院, 财政部) speaks for the country, whatever its title names.
    """
    places = _place_names(grammar.vocabulary)
    lines = (issuer, title, *texts[:3], *(t for t in texts[-8:] if len(t) <= _SIGNATURE))
    if not _places_in(issuer, places) and any(_is_national(t, places, grammar) for t in lines):
        return _COUNTRY
    for text in (issuer, title, *texts[:head]):
        found = _places_in(text, places)
        if found:
            return _most_precise(found, grammar)
    return _commonest_place(texts, grammar)


def _find_scope(title: str, place: str, grammar: Grammar) -> str:
    """Return the district that a city makes a rule for (上海市浦东新区…若干规定), else nothing."""
    found = _places_in(title, _place_names(grammar.vocabulary))
    named = _most_precise(found, grammar) if found else ""
    inside = named != place and place in grammar.vocabulary.place_chain(named)
    below = _type_of(place, grammar) in _CITIES and _type_of(named, grammar) == _DISTRICT
    return named if inside and below else ""


def _is_national(text: str, places: dict[str, list[str]], grammar: Grammar) -> bool:
    """Tell whether a national authority opens ``text``, not its local office (税务总局杭州市…)."""
    if grammar.search("national-sign", text):
        return True
    found = grammar.search("national-issuer", text)
    return found is not None and not _opens(text[found.end() :], places)


def _opens(text: str, places: dict[str, list[str]]) -> bool:
    return any(text[:width] in places for width in range(2, 13))


@lru_cache(maxsize=4)
def _place_names(vocabulary: Vocabulary) -> dict[str, list[str]]:
    """Return name → codes of the places that bear it, but for names that are common words."""
    names: dict[str, list[str]] = {}
    for place in vocabulary.places.values():
        for label in dict.fromkeys((place.official, place.zh, *place.labels)):
            if len(label) >= 2 and label not in place.ambiguous:
                names.setdefault(label, []).append(place.code)
    return names


def _places_in(text: str, names: dict[str, list[str]]) -> list[list[str]]:
    """Return candidate codes of the places that open ``text`` one after the other."""
    found: list[list[str]] = []
    position = 0
    skipped = 0
    while position < len(text) and skipped <= 12:
        for width in range(min(12, len(text) - position), 1, -1):
            codes = names.get(text[position : position + width])
            if codes:
                found.append(codes)
                position += width
                break
        else:
            if found:
                break
            position += 1
            skipped += 1
    return found


def _commonest_place(texts: list[str], grammar: Grammar) -> str:
    """Return the province or city that an unsigned text names most, at least five times."""
    text = "\n".join(texts)
    counts = {
        place.code: text.count(place.zh)
        for place in grammar.vocabulary.places.values()
        if place.type in ("Municipality", "Prefecture", "Province")
        and place.zh not in place.ambiguous
        and place.zh in text
    }
    best = max(sorted(counts), key=lambda code: counts[code], default="")
    return best if best and counts[best] >= 5 else ""


def _most_precise(found: list[list[str]], grammar: Grammar) -> str:
    """Choose the place that lies within the ones named before it."""
    chosen = min(found[0], key=lambda code: (len(grammar.vocabulary.place_chain(code)), code))
    for codes in found[1:]:
        inside = [code for code in codes if chosen in grammar.vocabulary.place_chain(code)]
        if inside:
            chosen = min(inside)
    return chosen


def _find_kind(title: str, number: str, issuer: str, texts: list[str], grammar: Grammar) -> str:
    head = " ".join(texts[:10])
    kinds = dict(grammar.kinds)
    if kinds["study"].search(head) and not number:
        return "study"
    core = title.partition("（")[0] or title
    for kind in ("interpretation", "report", "rule"):
        if kinds[kind].search(core):
            return kind
    asked = sum(bool(grammar.search("question-line", text)) for text in texts)
    if asked >= _QUESTIONS and not number:
        return "interpretation"
    if grammar.search("congress", issuer):
        return "law"
    if number:
        return _numbered_kind(title, number, grammar)
    signs = sum(len(grammar.report_signs.findall(text)) for text in texts)
    if not grammar.search("title-end", title) and signs >= 8:
        return "report"
    for kind, pattern in grammar.kinds:
        if kind not in ("study", "interpretation", "report") and pattern.search(core[-8:]):
            return kind
    return "normative"


def _numbered_kind(title: str, number: str, grammar: Grammar) -> str:
    """A number of the normative series wins over the words of the title."""
    kinds = dict(grammar.kinds)
    if grammar.search("normative-series", number):
        return "normative"
    inner = grammar.search("citation", title)
    core = (inner["title"] if inner else title).partition("（")[0]
    if kinds["work"].search(core):
        return "work"
    return "normative" if kinds["normative"].search(core) else "work"


def find_citations(blocks: list[Block], title: str, grammar: Grammar) -> tuple[Citation, ...]:
    """Return the documents cited with a number or by a title that reads like a document's."""
    cites: dict[tuple[str, str], Citation] = {}
    pattern = re.compile(grammar.vocabulary.pattern("citation"))
    for block in blocks:
        if "《" not in block.text:
            continue
        for found in pattern.finditer(block.text):
            name, number = found["title"], _clean_number(found["number"] or "", grammar)
            if name in title or title in name or not (number or grammar.search("title-end", name)):
                continue
            span = block.span(*found.span())
            cites.setdefault((name, number), Citation(name, number, span))
    return tuple(cites.values())


def _clean_number(text: str, grammar: Grammar) -> str:
    found = grammar.search("document-number", text)
    return _number(found, grammar) if found else text
