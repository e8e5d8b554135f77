"""Verdicts: secondary statements held against the own documents of the city they speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from kg.compare.claims import project_claims
from kg.compare.coverage import find_coverage
from kg.compare.provisions import OwnSide, OwnText, find_own, find_related, name_cues, read_side
from kg.compare.statements import DENYING, Dated, Statement, date_documents, read_statements
from kg.graph import Coding, Version, read_codings
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
_STOP = re.compile("[，；。]")
_SHARE = re.compile(r"\d+(?:\.\d+)?\s*[%％]")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A statement with its verdict, the basis (a code), and what the verdict rests on.

    Bases: ``provided`` (an own document says so), ``later`` (only own documents of a later date
    do: that answers a lack, and confirms a presence for their date), ``already-held`` (advice to
    adopt, or praise of others for, what own documents provided before), ``mentioned`` (own documents only come near it: they
    name it in measures of another kind, or are coded so without naming it), ``not-found`` (``documents``, which cover the category, name nothing of
    the kind), ``no-coverage`` (no own document covers it), ``category`` (a whole category is
    meant), ``general`` (policies at large are meant), ``degree`` (too little rather than nothing,
    or more of a thing), ``state`` (a state of affairs, no policy), ``unnamed`` (no instrument of the
    vocabulary is named), ``share`` (a share without corpus and unit of counting; ``beside``
    is ours, n with it), ``undated`` (own documents provide it, but they or the study tell no
    date).
    """

    statement: Statement
    verdict: VerdictName
    basis: str
    own: tuple[OwnText, ...] = ()
    related: tuple[OwnText, ...] = ()
    documents: tuple[str, ...] = ()
    beside: str = ""


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
        place: read_side(
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
    found = find_own(statement, side.texts, vocabulary)
    coded = tuple(text for text in found if text.extent != "mention" and text.label)
    related = find_related(statement.instrument, side.texts, vocabulary)
    if coded:
        return _judge(statement, coded, related)
    if found:
        return Verdict(statement, "not-comparable", "mentioned", found, related)
    covering = side.covering.get(vocabulary.category_of(statement.instrument), ())
    if not covering:
        return Verdict(statement, "not-comparable", "no-coverage", related=related)
    absent: VerdictName = "confirmed" if statement.kind in DENYING else "unsupported"
    return Verdict(statement, absent, "not-found", related=related, documents=covering)


def _judge(statement: Statement, own: tuple[OwnText, ...], related: tuple[OwnText, ...]) -> Verdict:
    """Decide by dates where own documents provide what is spoken of.

    Advice to adopt what the city had, or praise of another city for it, is not refuted: it
    rests on a lack that the documents of the city do not show, and is unsupported.
    """
    denies = statement.kind in DENYING
    earlier = tuple(text for text in own if text.dated.is_before(statement.said))
    dated = tuple(text for text in own if text.dated.date and statement.said.date)
    if earlier and (statement.kind == "should-adopt" or statement.implied):
        return Verdict(statement, "unsupported", "already-held", earlier, related)
    if earlier:
        told: VerdictName = "contradicted" if denies else "confirmed"
        return Verdict(statement, told, "provided", earlier, related)
    if dated:
        answer: VerdictName = "addressed-later" if denies else "confirmed"
        return Verdict(statement, answer, "later", dated, related)
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
    if statement.instrument in vocabulary.cues("no-verdict")["general"]:
        return "general"
    return "degree" if statement.degree or _is_more(statement, vocabulary) else ""


def _is_more(statement: Statement, vocabulary: Vocabulary) -> bool:
    """Tell whether advice asks for more of a thing (进一步提升…) rather than for the thing."""
    named = name_cues(statement.evidence.quote, vocabulary).get(statement.instrument)
    if statement.kind != "should-adopt" or named is None:
        return False
    text = "".join(statement.evidence.quote.split())
    asks = re.compile(vocabulary.pattern("asks-for"))
    parts = [p for p in _STOP.split(text) if named.label in p or asks.search(p)]
    return any(re.match(vocabulary.pattern("advice-of-degree"), part) for part in parts)


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
