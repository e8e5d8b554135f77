"""Provisions: what the own documents of a city say of an instrument, the nearest text first."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kg.compare.statements import Dated, Statement
from kg.extract.instruments import Ranked, name_instruments, split_segments
from kg.extract.lexicon import GAP, compile_lexicon
from kg.graph import Coding
from kg.model import Evidence
from kg.ontology import Vocabulary
from kg.states import ENACTED

Extent = Literal["city", "district", "exploratory", "mention"]
_EXTENTS: tuple[Extent, ...] = ("city", "district", "exploratory", "mention")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class OwnText:
    """What an own document says of the instrument: measure IRI, date, place id, how far it goes.

    ``district``: only a district's document; ``exploratory``: only worded as an exploration;
    ``mention``: the sentence names the instrument and is coded otherwise.  ``main`` tells whether
    the instrument is the main one of the measure, ``enacted`` whether a policy document says so,
    ``label`` the words that name the instrument, empty where none does outright.
    """

    measure: str
    instrument: str
    dated: Dated
    place: str
    extent: Extent
    evidence: Evidence
    main: bool = True
    enacted: bool = True
    label: str = ""
    beneficiaries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnSide:
    """What the own documents of one city hold: texts, covering documents by category, shares."""

    texts: tuple[OwnText, ...]
    covering: Mapping[str, tuple[str, ...]]
    shares: Mapping[str, float]
    counted: int


def read_side(
    codings: Sequence[Coding],
    city: str,
    dates: Mapping[str, Dated],
    covering: Mapping[str, tuple[str, ...]],
    vocabulary: Vocabulary,
) -> OwnSide:
    """Collect what the own documents of a city (a place id) provide, each measure once.

    What only defines a term (…是指…) is no provision.
    """
    own = [c for c in codings if c.is_own and city in c.cities and c.status != "lacking"]
    counted = [c for c in own if not c.repeats]
    shares: dict[str, float] = defaultdict(float)
    for coding in counted:
        for category in coding.categories[:1]:
            shares[category] += 1
    defines = re.compile(vocabulary.pattern("definition"))
    texts = tuple(
        text
        for coding in counted
        if not defines.search(_words(coding.evidence))
        for text in _read_texts(coding, city, dates, vocabulary)
    )
    return OwnSide(texts, covering, dict(shares), len(counted))


def _read_texts(
    coding: Coding, city: str, dates: Mapping[str, Dated], vocabulary: Vocabulary
) -> Iterator[OwnText]:
    """Yield what a measure says of its instruments, and of others that it names outright.

    An instrument that is not the main one counts where the sentence names it by a cue of its own.
    """
    names = name_cues(coding.evidence.quote, vocabulary)
    strong = {name for name, ranked in names.items() if not ranked.weak}
    for position, instrument in enumerate(dict.fromkeys((*coding.instruments, *sorted(strong)))):
        coded = instrument in coding.instruments
        if coded and position and instrument not in strong:
            continue
        yield OwnText(
            measure=coding.measure,
            instrument=instrument,
            dated=dates.get(coding.document, Dated()),
            place=coding.seat,
            extent=_find_extent(coding, city) if coded else "mention",
            evidence=coding.evidence,
            main=position == 0,
            enacted=coding.kind in ENACTED,
            label=names[instrument].label if instrument in names else "",
            beneficiaries=coding.beneficiaries,
        )


@lru_cache(maxsize=8192)
def _find_names(text: str, vocabulary: Vocabulary) -> tuple[Ranked, ...]:
    hits = compile_lexicon(vocabulary).find(text)
    return name_instruments(text, hits, split_segments(text, hits), vocabulary)


def name_cues(quote: str, vocabulary: Vocabulary) -> dict[str, Ranked]:
    """Return the instruments that a passage names, each with the words that name it best."""
    return {ranked.id: ranked for ranked in _find_names("".join(quote.split()), vocabulary)}


def _says(evidence: Evidence, label: str, vocabulary: Vocabulary) -> bool:
    """Tell whether a passage names an instrument by these words, beside others that name it better."""
    text = _words(evidence)
    hits = compile_lexicon(vocabulary).find(text)
    named = (hit for hit in hits if hit.family == "instrument")
    return any(GAP.join(text[a:b] for a, b in hit.spans) == label for hit in named)


def _words(evidence: Evidence) -> str:
    return "".join(evidence.quote.split())


def _find_extent(coding: Coding, city: str) -> Extent:
    if coding.strength == "explore":
        return "exploratory"
    return "city" if coding.seat == city else "district"


def find_own(
    statement: Statement, texts: Iterable[OwnText], vocabulary: Vocabulary
) -> tuple[OwnText, ...]:
    """Return the texts on the instrument of a statement or a narrower one, the nearest first.

    Coded texts come before mentions, texts that name the instrument before others, main
    instruments before others, the words of the statement before other words.  A statement that
    names the instrument by one aspect only (the scheme ``aspect-words``) is held against texts
    of the same words.  What a report tells in other words is no sign of a policy.
    """
    instrument = statement.instrument
    named = name_cues(statement.evidence.quote, vocabulary).get(instrument)
    label = named.label if named else ""
    aspect = label in vocabulary.cues("aspect-words")["same"]
    found = [
        text
        for text in texts
        if instrument in vocabulary.ancestors(text.instrument)
        and (not aspect or _says(text.evidence, label, vocabulary))
        and (text.label or text.enacted)
    ]
    found.sort(
        key=lambda t: (
            t.extent == "mention",
            not t.label,
            not t.main,
            t.label != label,
            t.instrument != instrument,
            not t.enacted,
            _EXTENTS.index(t.extent),
            t.dated.date,
            t.evidence.source,
            t.evidence.start,
        )
    )
    first: dict[str, OwnText] = {}
    for text in found:
        first.setdefault(text.measure, text)
    return tuple(first.values())


def find_related(
    instrument: str, texts: Iterable[OwnText], vocabulary: Vocabulary
) -> tuple[OwnText, ...]:
    """Return up to three own texts on related instruments and siblings, never on the whole category."""
    concept = vocabulary.concepts[instrument]
    near = {*concept.related}
    if vocabulary.concepts[concept.broader].broader:
        near |= {c.id for c in vocabulary.concepts.values() if c.broader == concept.broader}
        near.add(concept.broader)
    near |= {c.id for c in vocabulary.concepts.values() if instrument in c.related}
    near.discard(instrument)
    found = {t.measure: t for t in texts if t.instrument in near and t.extent != "mention"}
    ordered = sorted(found.values(), key=lambda t: (t.extent != "city", t.dated.date, t.measure))
    return tuple(ordered[:_SHOWN])
