"""Understanding: which intent a question has and which names fill its slots, or nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

import pyoxigraph as ox

from kg.ask.aims import read_aims
from kg.ask.citing import split_citation
from kg.ask.clauses import (
    find_headings,
    list_headings,
    match_heading,
    read_ordinals,
    take_clauses,
)
from kg.ask.counts import read_count
from kg.ask.cues import Cue, find_residue, keep_longest, load_words, mask_spans
from kg.ask.days import find_dates, read_span
from kg.ask.decisive import drop_circumstances, read_words
from kg.ask.dropping import drop_groups, drop_nested
from kg.ask.figures import match_figures
from kg.ask.lexicon import Hit, Lexicon, TermKind, read_serial
from kg.ask.match import absorb, match_instrument
from kg.ask.narrow import choose_narrower, refine_instruments, settle_narrower, take_categories
from kg.ask.offices import OFFICES, read_offices
from kg.ask.passages import is_told, take_name
from kg.ask.periods import find_years, read_period
from kg.ask.readings import Reading, Spot, Unmapped, overlaps
from kg.ask.receivers import BENEFICIARIES, find_receivers
from kg.ask.titles import TITLE, find_titles, read_renderings, read_sorts, read_titles
from kg.ask.whether import read_whether
from kg.ask.wording import Wording, clean_label, read_wording
from kg.ontology import BASE, Vocabulary

_RECEIVER = 4  # characters of those who receive something, of whose name no instrument is made
_RENDERED = 3  # English words of a heading that are one although they name an instrument too
_ROLES = ("units", "lead", "support", "responsible")  # cues that are no words of a heading
OPEN = frozenset({"policies", "measures"})  # cues of what a word left over could narrow
MAPPED = 0.6  # share of a quotation that names must cover
_VALIDITY = ("valid", "entering", "ending")  # cues of being in force, of its beginning and end
_ENGLISH_NUMBER = re.compile(
    r"no\.? ?(?P<serial>\d+),? ?(?:of )?(?P<year>\d{4})|(?P<year2>\d{4}),? ?no\.? ?(?P<serial2>\d+)"
)


def read_question(question: str, store: ox.Store, lexicon: Lexicon, *, base: str = BASE) -> Reading:
    """Read what a question names and which cues it holds.

    Raises Unmapped where a quotation, a document number or a term beside a known one names
    nothing, or a name could be several things.
    """
    vocabulary = lexicon.vocabulary
    wording = read_wording(question)
    reading = Reading(wording)
    _refuse_repeals(wording, vocabulary)
    hits = _read_quotes(reading, lexicon.find(wording), lexicon, store, base)
    _take_hits(reading, hits, lexicon)
    settle_narrower(reading, vocabulary)
    _read_numbers(reading, question, lexicon)
    if not reading.documents:
        read_renderings(reading, lexicon)
    reading.cues = _find_cues(reading.masked(), vocabulary)
    read_offices(reading, lexicon)
    _read_clauses(reading, lexicon, store, base)
    _refuse_quotes(reading)
    take_categories(reading, vocabulary)
    refine_instruments(reading, vocabulary)
    _read_times(reading, vocabulary)
    reading.cues = _find_cues(reading.masked(), vocabulary)
    read_count(reading, vocabulary)
    reading.topics = _find_topics(wording, vocabulary)
    if not reading.instruments and "targets" not in reading.cues:
        _read_parts(reading, vocabulary)
        drop_circumstances(reading)
    if not {"cities", "places", "districts", "documents"} & reading.cues.keys():
        read_titles(reading, lexicon)
    if not reading.documents:
        read_sorts(reading, lexicon)
    split_citation(reading, lexicon)
    if not match_figures(reading, store, vocabulary, base):
        read_aims(reading, store, vocabulary, base)
    reading.receivers = find_receivers(reading, vocabulary)
    _read_residue(reading, lexicon, store, base)
    reading.figures = match_figures(reading, store, vocabulary, base)
    drop_nested(reading, vocabulary)
    drop_groups(reading, vocabulary)
    if reading.doubts and {"clauses", "responsible"} & reading.cues.keys():
        raise Unmapped(", ".join(reading.doubts))
    return reading


def _refuse_repeals(wording: Wording, vocabulary: Vocabulary) -> None:
    """Refuse what documents replace or repeal, outside of quotations: the graph does not say it."""
    free = mask_spans(wording, wording.quotes)
    for cue in load_words(vocabulary, "repeal-words").find(free):
        raise Unmapped(wording.text[cue.start : cue.end])


def _read_times(reading: Reading, vocabulary: Vocabulary) -> None:
    """Read the dates of a question; the words of months and days are names, as those of places are."""
    words = [spot for cue in _VALIDITY for spot in reading.cues.get(cue, ())]
    text = mask_spans(reading.masked(), words).text  # 到 in 到期 is no word for a time
    reading.years = find_years(text, vocabulary)
    reading.period = read_period(text, vocabulary)
    reading.span = read_span(mask_spans(reading.masked(), words), vocabulary)
    dates = find_dates(text, vocabulary)
    reading.taken.extend((found.start, found.end) for found in dates if found.month)


def _read_quotes(
    reading: Reading, hits: list[Hit], lexicon: Lexicon, store: ox.Store, base: str
) -> list[Hit]:
    """Map each quotation: a heading, names that cover it, a part of a heading or of a title.

    Returns the hits that remain names by themselves.
    """
    for start, end in reading.wording.quotes:
        words = reading.wording.text[start:end]
        inside = [hit for hit in hits if start <= hit.start and hit.end <= end]
        covered = sum(hit.end - hit.start for hit in inside) >= MAPPED * len(words)
        clauses = find_headings(words, store, base)
        exact = [iri for iri, heading in clauses.items() if clean_label(heading) == words]
        if exact or (clauses and not covered):
            reading.clauses |= dict.fromkeys(exact or clauses, (start, end))
            reading.headings |= clauses
        elif not covered:
            titles = find_titles(words, lexicon)
            if not titles and words.isascii():
                reading.pending.append((start, end))
            elif not (
                titles
                or reading.wording.in_aside(start, end)
                or take_name(words, (start, end), reading, store, base)
            ):
                raise Unmapped(words)
            reading.documents |= dict.fromkeys(titles, (start, end))
            if not titles:
                continue
        else:
            continue
        reading.taken.append((start, end))
        hits = [hit for hit in hits if hit not in inside]
    return hits


def _read_clauses(reading: Reading, lexicon: Lexicon, store: ox.Store, base: str) -> None:
    """Take clauses by number and by an English rendering of a heading, in the documents named."""
    vocabulary = lexicon.vocabulary
    headings = list_headings(reading, lexicon, store, base)
    if not headings:
        return
    for start, end in reading.wording.quotes:
        outside = [(0, start), (end, len(reading.wording.text))]
        words = mask_spans(reading.wording, outside)
        named, _ = match_heading(words, headings, vocabulary, quoted=True)
        if named:
            take_clauses(reading, named, (start, end))
            _drop_overlapped(reading, (start, end))
    read_ordinals(reading, headings, vocabulary)
    if "units" in reading.cues and not reading.clauses and "targets" not in reading.cues:
        roles = [spot for cue in _ROLES for spot in reading.cues.get(cue, ())]
        words = mask_spans(_free_instruments(reading), roles)
        named, spots = match_heading(words, headings, vocabulary, quoted=False)
        inside = all(overlaps(spot, spots) for spot in reading.instruments.values())
        if (
            len(spots) >= _RENDERED
            or (inside and "clauses" in reading.cues)
            or not reading.instruments
        ):
            for spot in (spot for spot in spots if not overlaps(spot, roles)):
                take_clauses(reading, named, spot)
                _drop_overlapped(reading, spot)


def _free_instruments(reading: Reading) -> Wording:
    """Return the wording with all names blanked out but those of instruments, which may be a heading's."""
    freed = set(reading.instruments.values())
    return mask_spans(reading.wording, [spot for spot in reading.taken if spot not in freed])


def _drop_overlapped(reading: Reading, spot: Spot) -> None:
    for name, other in list(reading.instruments.items()):
        if overlaps(other, [spot]):
            del reading.instruments[name]


def _refuse_quotes(reading: Reading) -> None:
    """Refuse an English quotation, outside of brackets, that no clause and no name was found for."""
    for start, end in reading.pending:
        if not reading.wording.in_aside(start, end) and not overlaps((start, end), reading.taken):
            raise Unmapped(reading.wording.text[start:end])


def _take_hits(reading: Reading, hits: Iterable[Hit], lexicon: Lexicon) -> None:
    """Take places and documents first: they tell units of the same name apart."""
    first = ("place", "document")
    ordered = sorted(hits, key=lambda hit: (_kind_of(hit) not in first, hit))
    for hit in ordered:
        kind = _kind_of(hit)
        ids = [term.id for term in hit.terms if term.kind == kind]
        if kind == "place":
            ids = _choose_place(ids, lexicon)
        elif kind == "unit":
            ids = _choose_units(ids, (hit.start, hit.end), reading, lexicon)
            if not ids and _is_filler(reading.wording.text[hit.start : hit.end], lexicon):
                continue
        if kind in ("place", "instrument") and len(ids) > 1:
            raise Unmapped(reading.wording.text[hit.start : hit.end])
        for name in ids:
            reading.spots(kind).setdefault(name, (hit.start, hit.end))
        reading.taken.append((hit.start, hit.end))


def _kind_of(hit: Hit) -> TermKind:
    """Tell what a name stands for, the more particular kind first."""
    order: tuple[TermKind, ...] = ("document", "unit", "instrument", "place", "work")
    return next(kind for kind in order if any(term.kind == kind for term in hit.terms))


def _choose_place(ids: list[str], lexicon: Lexicon) -> list[str]:
    """Prefer places that the documents are about, then the higher level."""
    chain = lexicon.vocabulary.place_chain
    seats = {code for document in lexicon.documents.values() for code in chain(document.seat)}
    known = [code for code in ids if code in seats] or ids
    depth = {code: len(chain(code)) for code in known}
    return [code for code in known if depth[code] == min(depth.values())]


def _choose_units(ids: list[str], spot: Spot, reading: Reading, lexicon: Lexicon) -> list[str]:
    """Keep the units of the places that are named, or within or above them; of one jurisdiction only."""
    chain = lexicon.vocabulary.place_chain
    words = reading.wording.text[slice(*spot)]
    seats = {iri: lexicon.units[iri].jurisdiction for iri in ids}
    named = {*reading.places, *(lexicon.units[iri].jurisdiction for iri in reading.units)}
    named |= {lexicon.documents[iri].seat for iri in reading.documents}
    exact = [iri for iri in ids if seats[iri] in named]
    within = [iri for iri in ids if named & set(chain(seats[iri]))]
    chosen = exact or within or [iri for iri in ids if _is_above(seats[iri], named, lexicon)]
    if not chosen and not (named and _is_bare(words, lexicon)):
        chosen = ids
    if len({seats[iri] for iri in chosen}) != 1:
        reading.doubts.extend([] if _is_filler(words, lexicon) else [words])
        return []
    return chosen


def _is_above(seat: str, named: Iterable[str], lexicon: Lexicon) -> bool:
    """Tell whether one of the places named lies in a place."""
    return any(seat in lexicon.vocabulary.place_chain(code) for code in named)


def _is_bare(words: str, lexicon: Lexicon) -> bool:
    """Tell whether a name of an office says only its level and sort: 市财政局, 政府."""
    levels = lexicon.vocabulary.cues(OFFICES)["level"]
    kinds = {clean_label(t) for k in lexicon.vocabulary.unit_kinds.values() for t in k.labels}
    return words in kinds or any(words.removeprefix(level) in kinds for level in levels)


def _is_filler(words: str, lexicon: Lexicon) -> bool:
    fillers = lexicon.vocabulary.cues("question-fillers").values()
    return any(words in texts for texts in fillers)


def _read_numbers(reading: Reading, question: str, lexicon: Lexicon) -> None:
    """Map document numbers in English (No. 9 (2021)); refuse numbers of unknown documents."""
    for found in _ENGLISH_NUMBER.finditer(reading.masked().text):
        serial = (found["year"] or found["year2"], found["serial"] or found["serial2"])
        iris = [iri for iri, document in lexicon.documents.items() if document.serial == serial]
        if not iris:
            raise Unmapped(found[0])
        reading.documents |= dict.fromkeys(iris, found.span())
        reading.taken.append(found.span())
    asked = unicodedata.normalize("NFKC", question)
    known = {document.serial for document in lexicon.documents.values()}
    known |= {read_serial(work) for work in lexicon.works}
    for number in re.finditer(lexicon.vocabulary.pattern("document-number"), asked):
        if (number["year"], number["serial"]) not in known:
            raise Unmapped(number[0])


def _find_cues(masked: Wording, vocabulary: Vocabulary) -> dict[str, list[Spot]]:
    cues: dict[str, list[Spot]] = defaultdict(list)
    for start, end, name in load_words(vocabulary, "question-cues").find(masked):
        cues[name].append((start, end))
    ends = re.finditer(vocabulary.pattern("question-valid"), masked.text)
    cues["valid"] += [found.span() for found in ends]
    if not cues["valid"]:
        del cues["valid"]
    else:
        cues["dates"].extend(cues["valid"])
    read_whether(cues, masked.text, vocabulary)
    return dict(cues)


def _find_topics(wording: Wording, vocabulary: Vocabulary) -> dict[str, tuple[str, ...]]:
    """Return scheme → Chinese words, one of which the passage must hold."""
    return {
        scheme: tuple(
            dict.fromkeys(
                text
                for cue in load_words(vocabulary, scheme).find(wording)
                for text in vocabulary.cues(scheme)[cue.id]
            )
        )
        for scheme in ("target-topics", "amount-topics")
    }


def _read_parts(reading: Reading, vocabulary: Vocabulary) -> None:
    receivers = load_words(vocabulary, *BENEFICIARIES).find(reading.masked())
    spots = [(cue.start, cue.end) for cue in receivers if cue.end - cue.start >= _RECEIVER]
    match = match_instrument(mask_spans(reading.masked(), spots), vocabulary)
    if match:
        reading.instruments[match.instrument] = match.spans[0]
        reading.taken.extend(match.spans)
        return
    for cue in keep_longest(load_words(vocabulary, "question-names").find(reading.masked())):
        reading.instruments.setdefault(cue.id, (cue.start, cue.end))
        reading.taken.append((cue.start, cue.end))
        reading.loose.append((cue.start, cue.end))


def _read_residue(reading: Reading, lexicon: Lexicon, store: ox.Store, base: str) -> None:
    """Map what is left to titles and headings; refuse a term that stands beside a known one."""
    vocabulary = lexicon.vocabulary
    words = load_words(vocabulary, "question-cues", "question-fillers", *BENEFICIARIES)
    cues = words.find(reading.masked())
    rest = mask_spans(reading.masked(), [(cue.start, cue.end) for cue in cues])
    ignored: list[str] = []
    english: list[Spot] = []
    choose_narrower(reading, cues, vocabulary)
    for start, end in find_residue(rest):
        text = absorb(rest.text[start:end], reading.instruments, vocabulary)
        if len(text) < 2 or rest.in_aside(start, end):
            continue
        if text.isascii():
            english.append((start, end))
            continue
        clauses = find_headings(text, store, base) if len(text) >= TITLE else {}
        if clauses and "units" in reading.cues:
            reading.clauses |= dict.fromkeys(clauses, (start, end))
            reading.headings |= clauses
            continue
        changes = _is_enumerated(reading, (start, end), cues) or _touches(reading, (start, end))
        if (changes or OPEN & reading.cues.keys()) and is_told(
            (text,), reading, vocabulary, store, base
        ):
            reading.told.append(text)
        elif _take_title(text, (start, end), reading, lexicon) or take_name(
            text, (start, end), reading, store, base
        ):
            continue
        elif (meant := find_titles(text, lexicon)) and len(meant) == 1 and not reading.documents:
            reading.documents[meant[0]] = (start, end)
        elif changes:
            raise Unmapped(text)
        else:
            ignored.append(text)
    ignored += read_words(reading, english, lexicon, store, base)
    reading.ignored = tuple(ignored)


def _take_title(text: str, spot: Spot, reading: Reading, lexicon: Lexicon) -> bool:
    """Take the documents whose titles hold a word left over, where dates of documents are asked for."""
    if "dates" not in reading.cues or reading.documents or reading.instruments:
        return False
    titles = find_titles(text, lexicon, reading.places)
    reading.documents |= dict.fromkeys(titles, spot)
    return bool(titles)


def _is_enumerated(reading: Reading, spot: Spot, cues: Iterable[Cue]) -> bool:
    """Tell whether a conjunction joins a span to an instrument that is named."""
    named = set(reading.instruments.values())
    starts = {start for start, _ in named} | {spot[0]}
    ends = {end for _, end in named} | {spot[1]}
    text = reading.wording.text
    return bool(named) and any(
        cue.id in ("and", "or")
        and len(text[: cue.start].rstrip()) in ends
        and cue.end + len(text[cue.end :]) - len(text[cue.end :].lstrip()) in starts
        for cue in cues
    )


def _touches(reading: Reading, spot: Spot) -> bool:
    """Tell whether a word that means nothing stands beside a loose name and so changes it.

    人才公园 is no 人才, and electric vouchers are no vouchers.
    """
    text = reading.wording.text
    gaps = [text[end : spot[0]] for _, end in reading.loose if end <= spot[0]]
    gaps += [text[spot[1] : start] for start, _ in reading.loose if spot[1] <= start]
    return any(not gap.strip() for gap in gaps)
