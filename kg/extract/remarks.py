"""Remarks: every sentence in which a study says that its own city lacks something or lags behind.

Wider than the coding: remarks need not name an instrument, and may only imply that the city has
not what another one is praised for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from kg.extract.claims import CityMention, Claim, Setting, compile_claims
from kg.extract.figures import any_of
from kg.extract.instruments import split_segments
from kg.extract.lexicon import Hit, compile_lexicon
from kg.extract.sections import clause_path, compile_headings, is_advice
from kg.model import Document, Sentence, Span
from kg.ontology import Vocabulary

RemarkKind = Literal["lacks", "differs", "should-adopt", "outcome"]
_SHORT = 2
_STOP = re.compile("[，；。]")


@dataclass(frozen=True, slots=True)
class Remark:
    """What a sentence says of a city (a place id): kind, instruments, categories, cue as written.

    ``outcome`` stands for a state of affairs (few enterprises, a lag in a figure) rather than a
    missing policy; ``implied`` for what another city (``other``) is praised for; ``beside`` for a
    lack of policies at large that the sentence tells of beside one of a named instrument.
    """

    span: Span
    city: str
    kind: RemarkKind
    instruments: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    cue: str = ""
    implied: bool = False
    other: tuple[str, ...] = ()
    beside: bool = False


class RemarkReader:
    """Read what studies find wanting, with the cue words of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._lexicon = compile_lexicon(vocabulary)
        self._claims = compile_claims(vocabulary)
        self._headings = compile_headings(vocabulary)
        self._deficit = re.compile(
            f"(?:{any_of(vocabulary.cues('remark-deficit')['deficit'])})(?!\\d)"
        )
        self._ahead = re.compile(any_of(vocabulary.cues("remark-ahead")["ahead"]))
        self._policy = re.compile(vocabulary.pattern("policy-lack"))
        self._multiple = re.compile(vocabulary.pattern("multiple-of"))
        self._refers_back = re.compile(vocabulary.pattern("such-policies"))
        self._lacked = vocabulary.cues("remark-lacked")
        endings = any_of(vocabulary.cues("category-endings")["category"])
        self._categories = {
            concept.id: re.compile(f"{re.escape(concept.notation)}(?:{endings})")
            for concept in vocabulary.concepts.values()
            if not concept.broader
        }

    def read(self, document: Document) -> tuple[Remark, ...]:
        """Return the remarks of a study on the city of its place, in the order of the text."""
        subject = self._vocabulary.city_of(document.place)
        setting = Setting(subject)
        found: list[Remark] = []
        for sentence in document.sentences:
            if sentence.kind == "body" and subject:
                setting.advice = is_advice(document, sentence.clause, self._headings)
                setting.ours = self._claims.is_about(document, sentence.clause, subject)
                found += self._read_sentence(document, sentence, setting)
            else:
                self._claims.find_cities(sentence.text, (), setting)
        return tuple(found)

    def _read_sentence(
        self, document: Document, sentence: Sentence, setting: Setting
    ) -> Iterator[Remark]:
        text = sentence.text
        hits = [h for h in self._lexicon.find(text) if not _is_short(h)]
        segments = split_segments(text, hits)
        claims = self._claims.read(text, hits, segments, setting)
        denials = [c for c in claims if setting.subject in c.cities and c.status in _KINDS]
        for claim in denials:
            kind = _KINDS[claim.status] if claim.basis != "differs" else "differs"
            named = self._name_categories(text)
            yield Remark(sentence.span(), setting.subject, kind, claim.instruments, named)
        if denials:
            yield from self._general_lack(sentence, hits, setting)
            return
        if any(hit.family == "silent-sentence" for hit in hits):
            return
        cities = self._claims.find_cities(text, hits, setting)
        ours = any(setting.subject in mention.cities for mention in cities)
        implied = self._implied(document, sentence, claims, setting, ours=ours)
        if implied:
            yield from implied
        elif (ours or (setting.ours and not cities)) and not setting.advice:
            yield from self._wanting(sentence, claims, cities, setting)

    def _implied(
        self,
        document: Document,
        sentence: Sentence,
        claims: Sequence[Claim],
        setting: Setting,
        *,
        ours: bool,
    ) -> list[Remark]:
        """Return what others are praised for, beside our city or under a heading on its lacks."""
        praise = self._ahead.search(sentence.text) if ours else None
        wanting = setting.ours and self._is_wanting(document, sentence.clause)
        if not praise and not wanting:
            return []
        return [
            Remark(
                sentence.span(),
                setting.subject,
                "differs",
                claim.instruments[:1],
                cue=praise[0] if praise else "",
                implied=True,
                other=claim.cities,
            )
            for claim in claims
            if claim.status == "reported" and setting.subject not in claim.cities
        ]

    def _is_wanting(self, document: Document, clause: int | None) -> bool:
        return any(self._deficit.search(c.heading) for c in clause_path(document, clause))

    def _general_lack(
        self, sentence: Sentence, hits: Sequence[Hit], setting: Setting
    ) -> Iterator[Remark]:
        """Yield a lack of policies at large that stands beside denials of named instruments."""
        named = [span for hit in hits if hit.family == "instrument" for span in hit.spans]
        for lack in self._policy.finditer(sentence.text):
            start, end = _clause_around(sentence.text, lack)
            refers = self._refers_back.search(lack[0])
            if not refers and not any(left < end and right > start for left, right in named):
                yield Remark(sentence.span(), setting.subject, "lacks", cue=lack[0], beside=True)
                return

    def _is_multiple(self, text: str, cities: Sequence[CityMention], subject: str) -> bool:
        """Tell whether another city is said to have several times what the subject has."""
        return any(
            match.start("of") <= mention.start and mention.end <= match.end("of")
            for match in self._multiple.finditer(text)
            for mention in cities
            if subject in mention.cities
        )

    def _wanting(
        self,
        sentence: Sentence,
        claims: Sequence[Claim],
        cities: Sequence[CityMention],
        setting: Setting,
    ) -> Iterator[Remark]:
        """Yield a remark on a lack of policy where a policy is said to be missing, else on a state."""
        cue = self._deficit.search(sentence.text)
        if cue is None and self._is_multiple(sentence.text, cities, setting.subject):
            cue = self._multiple.search(sentence.text)
        if cue is None:
            return
        lacks = self._policy.search(sentence.text)
        named = dict.fromkeys(
            i for c in claims if setting.subject in c.cities for i in c.instruments
        )
        if lacks and not named:
            named = dict.fromkeys(
                i for i, words in self._lacked.items() if any(w in lacks[0] for w in words)
            )
        yield Remark(
            sentence.span(),
            setting.subject,
            "lacks" if lacks else "outcome",
            tuple(named) if lacks else (),
            self._name_categories(sentence.text),
            cue=lacks[0] if lacks else cue[0],
        )

    def _name_categories(self, text: str) -> tuple[str, ...]:
        """Return the ids of the categories that a sentence names as such (财政供给, 人才引导)."""
        return tuple(name for name, found in self._categories.items() if found.search(text))


def _clause_around(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Return where the clause between commas begins and ends in which a match lies."""
    starts = [stop.end() for stop in _STOP.finditer(text, 0, match.start())]
    stop = _STOP.search(text, match.end())
    return (starts[-1] if starts else 0), (stop.start() if stop else len(text))


_KINDS: dict[str, RemarkKind] = {"lacking": "lacks", "recommended": "should-adopt"}


def _is_short(hit: Hit) -> bool:
    """Tell whether a hit is a name too short to be trusted without segmentation."""
    return hit.family == "instrument" and len(hit.spans) == 1 and hit.end - hit.start <= _SHORT


@lru_cache(maxsize=2)
def compile_remarks(vocabulary: Vocabulary) -> RemarkReader:
    """Return the reader of ``vocabulary``, built once."""
    return RemarkReader(vocabulary)
