"""Verdicts: secondary statements held against the own documents of the city they speak of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kg.compare.claims import project_claims
from kg.compare.coverage import find_coverage
from kg.compare.statements import DENYING, Dated, Statement, date_documents, read_statements
from kg.extract.instruments import name_instruments, split_segments
from kg.extract.lexicon import compile_lexicon
from kg.graph import Coding, Version, read_codings
from kg.model import Evidence
from kg.ontology import BASE, Vocabulary
from kg.states import ENACTED

VerdictName = Literal[
    "confirmed", "contradicted", "unsupported", "addressed-later", "not-comparable"
]
VERDICTS: tuple[VerdictName, ...] = (
    "confirmed",
    "contradicted",
    "unsupported",
    "addressed-later",
    "not-comparable",
)
Extent = Literal["city", "district", "exploratory", "mention"]
_EXTENTS: tuple[Extent, ...] = ("city", "district", "exploratory", "mention")
_SHARE = re.compile(r"\d+(?:\.\d+)?\s*[%％]")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class OwnText:
    """What an own document says of the instrument: measure IRI, date, place id, how far it goes.

    ``district``: only a district's document; ``exploratory``: only worded as an exploration;
    ``mention``: the sentence names the instrument and is coded otherwise.  ``main`` tells whether
    the instrument is the main one of the measure, ``enacted`` whether a policy document says so,
    ``weak`` whether only a weak cue names it, which counts where the statement has no better.
    """

    measure: str
    instrument: str
    dated: Dated
    place: str
    extent: Extent
    evidence: Evidence
    main: bool = True
    enacted: bool = True
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """A statement with its verdict, the basis (a code), and what the verdict rests on.

    Bases: ``provided`` (an own document says so), ``later`` (only own documents of a later date
    do: that answers a lack, and confirms a presence for their date), ``mentioned`` (own documents name it in measures of another kind), ``not-found`` (``documents``, which cover the category, name nothing of the kind),
    ``no-coverage`` (no own document covers it), ``category`` (a whole category is meant),
    ``degree`` (too little rather than nothing), ``state`` (a state of affairs, no policy),
    ``unnamed`` (a policy that the vocabulary does not name), ``share`` (a share without corpus
    and unit of counting; ``beside`` is ours, n with it), ``undated`` (own documents provide it, but
    they or the study tell no date).
    """

    statement: Statement
    verdict: VerdictName
    basis: str
    own: tuple[OwnText, ...] = ()
    related: tuple[OwnText, ...] = ()
    documents: tuple[str, ...] = ()
    beside: str = ""


@dataclass(frozen=True, slots=True)
class OwnSide:
    """What the own documents of one city hold: by instrument and by category."""

    texts: tuple[OwnText, ...]
    covering: Mapping[str, tuple[str, ...]]
    shares: Mapping[str, float]
    counted: int


def check_claims(
    version: Version,
    vocabulary: Vocabulary,
    *,
    city: str = "",
    said: str = "",
    codings: Sequence[Coding] | None = None,
    base: str = BASE,
) -> tuple[Verdict, ...]:
    """Hold every statement of the studies in a graph against own documents, in text order.

    ``city`` is a place id: only what is said of it.  ``said`` (ISO date) dates studies that state
    no date; without it the latest year that a study tells of is its date, and own documents
    after that year are later ones.  Absence in the documents that cover a category confirms a
    lack only as far as these documents go, which are listed.  ``codings`` are those of the whole
    graph, where they were read before.
    """
    documents, dates = date_documents(version, vocabulary, base=base)
    codings = read_codings(version, base=base) if codings is None else codings
    if said:
        studies = {iri for iri, document in documents.items() if document.kind == "study"}
        dates = {
            iri: Dated(said, "given") if iri in studies and dated.basis != "stated" else dated
            for iri, dated in dates.items()
        }
    statements = read_statements(codings, documents, dates, vocabulary)
    wanted = [s for s in statements if not city or s.city == city]
    claims = project_claims(version.store(), vocabulary, base=base)
    names = {iri: document.number or document.title for iri, document in documents.items()}
    sides = {
        place: _read_side(
            codings,
            place,
            dates,
            {
                category: tuple(names[iri] for iri in found)
                for category, found in find_coverage(claims, vocabulary, place).items()
            },
            vocabulary,
        )
        for place in {statement.city for statement in wanted}
    }
    return tuple(decide_verdict(s, sides[s.city], vocabulary) for s in wanted)


def decide_verdict(statement: Statement, side: OwnSide, vocabulary: Vocabulary) -> Verdict:
    """Decide one statement from what the own documents of its city hold."""
    basis = _not_comparable(statement, vocabulary)
    if basis:
        beside = _describe_share(statement, side, vocabulary) if basis == "share" else ""
        return Verdict(statement, "not-comparable", basis, beside=beside)
    own = _find_own(statement, side.texts, vocabulary)
    mentioned = bool(own) and all(text.extent == "mention" for text in own)
    related = _find_related(statement.instrument, side.texts, vocabulary)
    if own:
        return _judge(statement, own, related, mentioned=mentioned)
    covering = side.covering.get(vocabulary.category_of(statement.instrument), ())
    if not covering:
        return Verdict(statement, "not-comparable", "no-coverage", related=related)
    found: VerdictName = "confirmed" if statement.kind in DENYING else "unsupported"
    return Verdict(statement, found, "not-found", related=related, documents=covering)


def _judge(
    statement: Statement,
    own: tuple[OwnText, ...],
    related: tuple[OwnText, ...],
    *,
    mentioned: bool,
) -> Verdict:
    """Decide by dates where own documents provide what is spoken of."""
    denies = statement.kind in DENYING
    earlier = tuple(text for text in own if text.dated.is_before(statement.said))
    dated = tuple(text for text in own if text.dated.date and statement.said.date)
    if earlier:
        told: VerdictName = "contradicted" if denies else "confirmed"
        return Verdict(statement, told, "mentioned" if mentioned else "provided", earlier, related)
    if dated:
        answer: VerdictName = "addressed-later" if denies else "confirmed"
        return Verdict(statement, answer, "mentioned" if mentioned else "later", dated, related)
    if denies:
        return Verdict(statement, "not-comparable", "undated", own, related)
    return Verdict(statement, "confirmed", "provided", own, related)


def _not_comparable(statement: Statement, vocabulary: Vocabulary) -> str:
    """Return why a statement cannot be held against provisions, empty where it can."""
    text = "".join(statement.evidence.quote.split())
    if not statement.instrument:
        if statement.categories and _SHARE.search(text):
            return "share"
        if statement.categories:
            return "category"
        return "unnamed" if statement.kind == "lacks" else "state"
    if not vocabulary.concepts[statement.instrument].broader:
        return "category"
    return "degree" if statement.degree else ""


def _read_side(
    codings: Sequence[Coding],
    city: str,
    dates: Mapping[str, Dated],
    covering: Mapping[str, tuple[str, ...]],
    vocabulary: Vocabulary,
) -> OwnSide:
    own = [c for c in codings if c.is_own and city in c.cities and c.status != "lacking"]
    counted = [c for c in own if not c.repeats]
    shares: dict[str, float] = defaultdict(float)
    for coding in counted:
        for category in coding.categories[:1]:
            shares[category] += 1
    texts = tuple(text for c in counted for text in _read_texts(c, city, dates, vocabulary))
    return OwnSide(texts, covering, dict(shares), len(counted))


def _read_texts(
    coding: Coding, city: str, dates: Mapping[str, Dated], vocabulary: Vocabulary
) -> Iterator[OwnText]:
    """Yield what a measure says of its instruments, and of others that it names outright.

    An instrument that is not the main one counts where the sentence names it by a cue of its own.
    """
    names = name_cues(coding.evidence.quote, vocabulary)
    for position, instrument in enumerate(dict.fromkeys((*coding.instruments, *sorted(names)))):
        coded = instrument in coding.instruments
        if coded and position and names.get(instrument) is not False:
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
            weak=not coded and names[instrument],
        )


def name_cues(quote: str, vocabulary: Vocabulary) -> dict[str, bool]:
    """Return the instruments that a passage names, each with whether only weak cues name it."""
    text = "".join(quote.split())
    hits = compile_lexicon(vocabulary).find(text)
    named = name_instruments(text, hits, split_segments(text, hits), vocabulary)
    return {ranked.id: ranked.weak for ranked in named}


def _find_extent(coding: Coding, city: str) -> Extent:
    if coding.strength == "explore":
        return "exploratory"
    return "city" if coding.seat == city else "district"


def _find_own(
    statement: Statement, texts: Iterable[OwnText], vocabulary: Vocabulary
) -> tuple[OwnText, ...]:
    """Return the texts on an instrument or a narrower one: main ones first, then by date."""
    instrument = statement.instrument
    weak = name_cues(statement.evidence.quote, vocabulary).get(instrument) is True
    found = [
        text
        for text in texts
        if instrument in vocabulary.ancestors(text.instrument)
        and (not text.weak or (weak and text.instrument == instrument))
    ]
    found.sort(
        key=lambda t: (
            t.extent == "mention",
            not t.main,
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


def _find_related(
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


def _describe_share(statement: Statement, side: OwnSide, vocabulary: Vocabulary) -> str:
    if not side.counted:
        return ""
    share = sum(side.shares.get(category, 0) for category in statement.categories)
    names = " + ".join(vocabulary.concepts[c].notation for c in statement.categories)
    percent = 100 * share / side.counted
    return f"{names}: {percent:.1f} % of {side.counted} sentences (main category, each once)"


def count_verdicts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """Return verdict → number of statements, every verdict listed."""
    counts = dict.fromkeys(VERDICTS, 0)
    for verdict in verdicts:
        counts[verdict.verdict] += 1
    return {str(name): count for name, count in counts.items()}
