"""Verdicts: secondary statements held against the own documents of the city they speak of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from kg.compare.claims import project_claims
from kg.compare.coverage import find_coverage
from kg.compare.statements import DENYING, Dated, Statement, date_documents, read_statements
from kg.graph import Coding, Version, read_codings
from kg.model import Evidence
from kg.ontology import BASE, Vocabulary

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
Extent = Literal["city", "district", "exploratory"]
_SHARE = re.compile(r"\d+(?:\.\d+)?\s*[%％]")
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class OwnText:
    """What an own document says of the instrument: measure IRI, date, place id, how far it goes.

    ``district``: only a district's document; ``exploratory``: only worded as an exploration.
    """

    measure: str
    instrument: str
    dated: Dated
    place: str
    extent: Extent
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Verdict:
    """A statement with its verdict, the basis (a code), and what the verdict rests on.

    Bases: ``provided`` (an own document says so), ``later`` (only own documents of a later date
    do), ``not-found`` (``documents``, which cover the category, name nothing of the kind),
    ``no-coverage`` (no own document covers it), ``category`` (a whole category is meant),
    ``degree`` (too little rather than nothing), ``state`` (a state of affairs, no policy),
    ``unnamed`` (a policy that the vocabulary does not name), ``share`` (a share without corpus
    and unit of counting; ``beside`` is ours, n with it).
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
    base: str = BASE,
) -> tuple[Verdict, ...]:
    """Hold every statement of the studies in a graph against own documents, in text order.

    ``city`` is a place id: only what is said of it.  ``said`` (ISO date) dates studies that state
    no date; without it the latest year that a study tells of is its date, and own documents
    after that year are later ones.  Absence in the documents that cover a category confirms a
    lack only as far as these documents go, which are listed.
    """
    documents, dates = date_documents(version, vocabulary, base=base)
    codings = read_codings(version, base=base)
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
    own = _find_own(statement.instrument, side.texts, vocabulary)
    related = _find_related(statement.instrument, side.texts, vocabulary)
    earlier = tuple(t for t in own if t.dated.is_before(statement.said) or not t.dated.date)
    if earlier:
        denies = statement.kind in DENYING
        return Verdict(
            statement, "contradicted" if denies else "confirmed", "provided", earlier, related
        )
    if own:
        return Verdict(statement, "addressed-later", "later", own, related)
    covering = side.covering.get(vocabulary.category_of(statement.instrument), ())
    if not covering:
        return Verdict(statement, "not-comparable", "no-coverage", related=related)
    found: VerdictName = "confirmed" if statement.kind in DENYING else "unsupported"
    return Verdict(statement, found, "not-found", related=related, documents=covering)


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
) -> OwnSide:
    own = [c for c in codings if c.is_own and city in c.cities and c.status != "lacking"]
    counted = [c for c in own if not c.repeats]
    shares: dict[str, float] = defaultdict(float)
    for coding in counted:
        for category in coding.categories[:1]:
            shares[category] += 1
    texts = tuple(
        OwnText(
            measure=coding.measure,
            instrument=instrument,
            dated=dates.get(coding.document, Dated()),
            place=coding.seat,
            extent=_find_extent(coding, city),
            evidence=coding.evidence,
        )
        for coding in counted
        for instrument in coding.instruments
    )
    return OwnSide(texts, covering, dict(shares), len(counted))


def _find_extent(coding: Coding, city: str) -> Extent:
    if coding.strength == "explore":
        return "exploratory"
    return "city" if coding.seat == city else "district"


def _find_own(
    instrument: str, texts: Iterable[OwnText], vocabulary: Vocabulary
) -> tuple[OwnText, ...]:
    """Return the texts on an instrument or a narrower one: the city's first, then by date."""
    found = [t for t in texts if instrument in vocabulary.ancestors(t.instrument)]
    order = ("city", "district", "exploratory")
    found.sort(
        key=lambda t: (
            t.instrument != instrument,
            order.index(t.extent),
            t.dated.date,
            t.evidence.source,
            t.evidence.start,
        )
    )
    return tuple({t.measure: t for t in reversed(found)}[m] for m in _unique(found))


def _unique(texts: Iterable[OwnText]) -> list[str]:
    return list(dict.fromkeys(text.measure for text in texts))


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
    found = {text.measure: text for text in texts if text.instrument in near}
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
