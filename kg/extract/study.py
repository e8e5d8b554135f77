"""Studies: a secondary source is read as statements about cities, one claim each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kg.extract.candidates import Candidate
from kg.extract.claims import CityMention, Claim, Setting, compile_claims
from kg.extract.judge import Judge, Reading
from kg.extract.sections import Headings, is_advice
from kg.model import Document
from kg.ontology import Vocabulary

_MONEY = "CNY"


class StudyReader:
    """Read comparative prose: by its wording where that is plain, else where the judge is sure."""

    def __init__(self, vocabulary: Vocabulary, headings: Headings, judge: Judge) -> None:
        self._vocabulary = vocabulary
        self._headings = headings
        self._judge = judge
        self._claims = compile_claims(vocabulary)
        self._advice = re.compile(vocabulary.pattern("study-advice"))

    def read(
        self, document: Document, candidates: Sequence[Candidate], readings: Sequence[Reading]
    ) -> Iterator[tuple[Candidate, Reading, Claim]]:
        """Yield the claims of a document with the sentences that state them, in its order."""
        setting = Setting(self._vocabulary.city_of(document.place))
        read = {c.index: (c, r) for c, r in zip(candidates, readings, strict=True)}
        advised = -2
        for index, sentence in enumerate(document.sentences):
            if index not in read:
                self._claims.find_cities(sentence.text, (), setting)
                continue
            candidate, reading = read[index]
            setting.advice = is_advice(document, sentence.clause, self._headings)
            setting.ours = self._claims.is_about(document, sentence.clause, setting.subject)
            found = self._claims.read(sentence.text, reading.hits, reading.segments, setting)
            for claim in found or self._judged(reading, setting, goes_on=advised == index - 1):
                advised = index if claim.status == "recommended" else advised
                passing = claim.status == "reported" and claim.cities == (setting.subject,)
                if not passing or self._judge.is_sure(reading):
                    yield candidate, reading, claim

    def _judged(self, reading: Reading, setting: Setting, *, goes_on: bool) -> Iterator[Claim]:
        """Yield what a sentence says whose words fit no pattern of a claim.

        Money that was given (累计…资金超100亿元) is told of the study's own city, by rule where the
        judge, who has learnt to leave sums of what was reached, sees no measure.  Else it must be
        sure: then it is advice by its modal verb or as it ``goes_on`` from advice, a want by its
        word for lacking, or a report about the cities that it names.
        """
        mentions = self._claims.find_cities(reading.task.text, reading.hits, setting)
        families = {hit.family for hit in reading.hits}
        told = sorted(reading.instruments, key=lambda ranked: ranked.start)
        given = any(amount.unit == _MONEY for amount in reading.amounts)
        named = tuple(ranked.id for ranked in told) or (reading.ruled if given else ())
        if not named or "statistic" in families:
            return
        subject = (setting.subject,) if setting.subject else ()
        if given and subject and not mentions:
            reading.confidence = max(reading.confidence, reading.ruled_confidence)
            yield Claim(subject, named, "reported")
            return
        if self._judge.weights is None or not self._judge.is_sure(reading):
            return
        cities = tuple(dict.fromkeys(city for m in mentions for city in m.cities))
        if "lacks" in families:
            yield Claim(cities or subject, named, "lacking", "lacks")
        elif self._is_advice(reading, mentions, setting, goes_on=goes_on):
            yield Claim(cities or subject, named, "recommended", "should-adopt")
        elif cities:
            group = any(mention.group for mention in mentions)
            yield Claim(cities, named, "reported", "", group)

    def _is_advice(
        self, reading: Reading, mentions: Sequence[CityMention], setting: Setting, *, goes_on: bool
    ) -> bool:
        """Tell whether a sentence says what the study's own place should do."""
        if mentions and setting.subject and setting.subject not in mentions[0].cities:
            return False
        urged = bool(self._advice.search(reading.task.text))
        return urged or setting.advice or (goes_on and not mentions)
