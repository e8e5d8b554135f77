"""Statements: what secondary sources say of cities, coded or not, one per city and instrument."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kg.compare.reread import find_told_year, reread_documents
from kg.extract.remarks import Remark, compile_remarks
from kg.graph import Coding, Version
from kg.model import Document, Evidence
from kg.ontology import BASE, Vocabulary

StatementKind = Literal["has", "lacks", "differs", "should-adopt", "outcome"]
DENYING: frozenset[str] = frozenset({"lacks", "differs", "should-adopt"})
_KINDS: Mapping[str, StatementKind] = {"lacking": "lacks", "recommended": "should-adopt"}


@dataclass(frozen=True, slots=True)
class Dated:
    """A date (ISO, or a year alone) and how it is known: stated, told, or given; or both empty."""

    date: str = ""
    basis: Literal["", "stated", "told", "given"] = ""

    def is_before(self, other: Dated) -> bool:
        """Tell whether something of this date precedes what another source says.

        A year alone stands for its end: a study that tells of 2020 speaks of all of it.
        """
        return bool(self.date and other.date) and _end(self.date) <= _end(other.date)


@dataclass(frozen=True, slots=True)
class Statement:
    """What a study says of one city (a place id) and one instrument, or of none.

    ``measure`` is the IRI of the coded measure, empty where the sentence is no measure;
    ``implied`` marks what follows from the praise of another city; ``degree`` a lack of degree
    (too little, too weak) rather than of the thing; ``categories`` are ids named as such.
    """

    measure: str
    city: str
    instrument: str
    kind: StatementKind
    said: Dated
    evidence: Evidence
    heading: str = ""
    implied: bool = False
    distributed: bool = False
    degree: bool = False
    categories: tuple[str, ...] = ()
    cue: str = ""


def _end(date: str) -> str:
    return f"{date}-12-31" if len(date) == 4 else date


def date_documents(
    version: Version, vocabulary: Vocabulary, *, base: str = BASE
) -> tuple[dict[str, Document], dict[str, Dated]]:
    """Return IRI → document, and IRI → its date: stated, else the latest year it tells of."""
    documents = dict(reread_documents(version, vocabulary, base=base))
    dates = {}
    for iri, document in documents.items():
        stated = document.issued or document.effective
        told = "" if stated else find_told_year(document, vocabulary)
        dates[iri] = Dated(stated or told, "stated" if stated else "told" if told else "")
    return documents, dates


def read_statements(
    codings: Iterable[Coding],
    documents: Mapping[str, Document],
    dates: Mapping[str, Dated],
    vocabulary: Vocabulary,
) -> tuple[Statement, ...]:
    """Return what the studies among ``documents`` say, in the order of source and text.

    Coded measures come first; a sentence that says of the study's city that it lacks something,
    lags or might learn from another one is added where the coding does not hold it already.
    """
    coded = [coding for coding in codings if not coding.is_own]
    found = [s for c in coded for s in _read_coding(c, documents, dates, vocabulary)]
    plain = _compile_plain_lack(vocabulary)
    for iri, document in documents.items():
        if document.kind == "study":
            held = {(s.evidence.start, s.city) for s in found if _is_denied(s, iri, coded)}
            for remark in compile_remarks(vocabulary).read(document):
                if remark.beside or (remark.span.start, remark.city) not in held:
                    found += _read_remark(remark, iri, document, dates, coded, plain)
    return tuple(
        sorted(found, key=lambda s: (s.evidence.source, s.evidence.start, s.city, s.instrument))
    )


def _is_denied(statement: Statement, document: str, coded: Iterable[Coding]) -> bool:
    return statement.kind in DENYING and any(
        c.measure == statement.measure and c.document == document for c in coded
    )


def _read_coding(
    coding: Coding,
    documents: Mapping[str, Document],
    dates: Mapping[str, Dated],
    vocabulary: Vocabulary,
) -> Iterator[Statement]:
    kind = _KINDS.get(coding.status, "has")
    if coding.basis == "differs":
        kind = "differs"
    text = "".join(coding.evidence.quote.split())
    plain = _compile_plain_lack(vocabulary)
    grouped = len(coding.cities) > 1 and kind == "has"
    for city in coding.cities:
        for instrument in _most_specific(coding.instruments, vocabulary):
            yield Statement(
                measure=coding.measure,
                city=city,
                instrument=instrument,
                kind=kind,
                said=dates.get(coding.document, Dated()),
                evidence=coding.evidence,
                heading=coding.heading,
                distributed=grouped,
                degree=kind == "lacks" and not plain.search(text),
            )


@lru_cache(maxsize=2)
def _compile_plain_lack(vocabulary: Vocabulary) -> re.Pattern[str]:
    """Match words for a thing that is not there (缺乏), unless softened to too little of it (较为缺乏)."""
    cues = vocabulary.cues("plain-lack")
    softened = "".join(f"(?<!{re.escape(word)})" for word in cues["softened"])
    return re.compile(f"{softened}(?:{'|'.join(map(re.escape, cues['lack']))})")


def _most_specific(instruments: Iterable[str], vocabulary: Vocabulary) -> list[str]:
    """Drop whole categories beside instruments: an enumeration of headings is no statement."""
    named = list(instruments)
    specific = [i for i in named if vocabulary.concepts[i].broader]
    return specific or named


def _read_remark(
    remark: Remark,
    iri: str,
    document: Document,
    dates: Mapping[str, Dated],
    coded: Iterable[Coding],
    plain: re.Pattern[str],
) -> Iterator[Statement]:
    place = (remark.span.start, remark.span.end)
    praised = [
        c for c in coded if c.document == iri and (c.evidence.start, c.evidence.end) == place
    ]
    for instrument in remark.instruments or ("",):
        owner = next(
            (
                c
                for c in praised
                if instrument in c.instruments and set(c.cities) & set(remark.other)
            ),
            None,
        )
        yield Statement(
            measure=owner.measure if owner else "",
            city=remark.city,
            instrument=instrument,
            kind=remark.kind,
            said=dates.get(iri, Dated()),
            evidence=_make_evidence(document, remark),
            implied=remark.implied,
            degree=remark.kind == "lacks" and not plain.search(remark.cue),
            categories=remark.categories,
            cue=remark.cue,
        )


def _make_evidence(document: Document, remark: Remark) -> Evidence:
    return Evidence(
        document=document.title,
        number=document.number,
        source=document.source,
        form=document.form,
        start=remark.span.start,
        end=remark.span.end,
        quote=remark.span.of(document.raw),
        kind="secondary",
    )
