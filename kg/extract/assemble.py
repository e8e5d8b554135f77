"""Assembly: the readings of a document's sentences become measures, goals and indicators."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kg.extract.candidates import Candidate, CandidateFinder
from kg.extract.claims import Claim, Setting, compile_claims
from kg.extract.judge import DECIDED, Judge, Reading, Task
from kg.extract.lexicon import Hit
from kg.extract.pipeline import cut_of, lexicon_of, make_pipeline, read_tasks
from kg.extract.repeats import mark_repeats
from kg.extract.sections import compile_headings, is_advice
from kg.extract.subjects import compile_subjects
from kg.extract.targets import read_target_table
from kg.extract.units import compile_units
from kg.model import (
    Document,
    Extraction,
    Goal,
    Indicator,
    Measure,
    Responsibility,
    Sentence,
    Status,
)
from kg.ontology import Vocabulary


class Extractor:
    """Extract the measures of documents with one vocabulary; make one per process."""

    def __init__(self, vocabulary: Vocabulary, *, judge: Judge | None = None) -> None:
        self._vocabulary = vocabulary
        self._lexicon = lexicon_of(vocabulary)
        self._nlp = make_pipeline(vocabulary, judge=judge)
        self._units = compile_units(vocabulary)
        self._subjects = compile_subjects(vocabulary)
        self._claims = compile_claims(vocabulary)
        self._headings = compile_headings(vocabulary)
        self._finder = CandidateFinder(
            vocabulary, self._lexicon, self._units, self._headings, cut_of(self._nlp)
        )
        self._goal_words = vocabulary.cues("goal")["goal"]
        self._condition = re.compile(vocabulary.pattern("clause-tail"))

    def extract(self, document: Document) -> Extraction:
        """Return measures, goals and indicators of ``document`` with their evidence."""
        candidates, readings = self.read(document)
        return self._assemble(document, candidates, readings)

    def code(self, document: Document, readings: Sequence[Reading]) -> Extraction:
        """Return the extraction that follows from readings which ``read`` made of it before."""
        return self._assemble(document, self._finder.find(document), readings)

    def _assemble(
        self, document: Document, candidates: Sequence[Candidate], readings: Sequence[Reading]
    ) -> Extraction:
        if document.kind == "study":
            measures = list(self._study(document, candidates, readings))
        else:
            measures = list(self._own(document, candidates, readings))
        goals = [
            *self._goals(document, candidates, readings, measures),
            *read_target_table(document, self._vocabulary),
        ]
        return Extraction(
            document=document,
            measures=mark_repeats(_identified(measures, document), document),
            goals=tuple(goals),
            indicators=tuple(self._indicators(document, candidates, readings, measures)),
            problems=tuple(p for c in candidates for p in c.problems),
        )

    def read(self, document: Document) -> tuple[list[Candidate], list[Reading]]:
        """Return the sentences worth reading and what the pipeline finds in each."""
        candidates = self._finder.find(document)
        traits = self._finder.document_traits(document, candidates)
        tasks = [
            Task(
                c.sentence.text,
                c.hits,
                c.bracketed,
                bool(c.sentence.lead),
                (*traits, *self._finder.place_traits(document, c.sentence)),
            )
            for c in candidates
        ]
        return candidates, read_tasks(tasks, self._nlp)

    def _own(
        self,
        document: Document,
        candidates: Sequence[Candidate],
        readings: Sequence[Reading],
    ) -> Iterator[Measure]:
        """Yield the measures of a document that speaks for its own place."""
        city = self._vocabulary.city_of(document.place)
        national = not city or document.level == "national"
        cities = () if national else (city,)
        status: Status = "reported" if document.kind == "report" else "provided"
        subjects = {} if document.kind == "report" else self.read_subjects(document)
        for candidate, reading in zip(candidates, readings, strict=True):
            unsaid = candidate.silent or not reading.instruments
            if reading.confidence < DECIDED or unsaid:
                continue
            units = candidate.units or subjects.get(candidate.index, ())
            claim = Claim(cities, tuple(r.id for r in reading.instruments), status)
            yield self._measure(document, candidate, reading, claim, units)

    def read_subjects(self, document: Document) -> dict[int, tuple[Responsibility, ...]]:
        """Return sentence index → the units that act in it.

        What a semicolon or a list goes on with has the subject that was said before.
        """
        found: dict[int, tuple[Responsibility, ...]] = {}
        before: tuple[Responsibility, ...] = ()
        last: Sentence | None = None
        for index, sentence in enumerate(document.sentences):
            if sentence.kind not in ("body", "heading"):
                continue
            units = self._subjects.read(sentence.text, document.place)
            if not units and before and last is not None and self._goes_on(last, sentence):
                units = before
            found[index] = units
            listed = sentence.lead and last is not None and last.lead == sentence.lead
            before = units or (before if listed else ())
            last = sentence
        return found

    def _goes_on(self, last: Sentence, sentence: Sentence) -> bool:
        """Tell whether a sentence may share the subject of the one before it."""
        listed = bool(sentence.lead) and (last.text == sentence.lead or last.lead == sentence.lead)
        if listed:
            return True
        same = last.clause == sentence.clause and last.text.endswith("；")
        return same and self._subjects.is_elided(sentence.text)

    def _study(
        self,
        document: Document,
        candidates: Sequence[Candidate],
        readings: Sequence[Reading],
    ) -> Iterator[Measure]:
        """Yield what a secondary source says of each city, one measure per statement."""
        setting = Setting(self._vocabulary.city_of(document.place))
        read = {c.index: (c, r) for c, r in zip(candidates, readings, strict=True)}
        for index, sentence in enumerate(document.sentences):
            if index not in read:
                self._claims.find_cities(sentence.text, (), setting)
                continue
            candidate, reading = read[index]
            setting.advice = is_advice(document, candidate.sentence.clause, self._headings)
            claims = self._claims.read(
                candidate.sentence.text, reading.hits, reading.segments, setting
            )
            for claim in claims:
                yield self._measure(document, candidate, reading, claim, ())

    def _measure(
        self,
        document: Document,
        candidate: Candidate,
        reading: Reading,
        claim: Claim,
        units: tuple[Responsibility, ...],
    ) -> Measure:
        categories = dict.fromkeys(self._vocabulary.notation(i) for i in claim.instruments)
        own = document.kind != "study"
        return Measure(
            key=_normal(candidate.sentence.text),
            span=candidate.sentence.span(),
            clause=candidate.sentence.clause,
            places=(document.place,) if own and document.place else claim.cities,
            cities=claim.cities,
            categories=tuple(categories),
            instruments=claim.instruments,
            status=claim.status,
            basis=claim.basis,
            strength=reading.strength,
            distributed=claim.distributed,
            beneficiaries=_beneficiaries(reading.hits),
            object=_object(candidate.sentence.text, reading),
            conditions=_conditions(candidate.sentence.text, self._condition),
            responsibilities=units,
            amounts=reading.amounts if own and document.kind != "report" else (),
            targets=reading.targets if reading.targets and self._is_goal(reading) else (),
            confidence=reading.confidence,
            rule=f"{'claim' if not own else candidate.sentence.kind}",
        )

    def _goals(
        self,
        document: Document,
        candidates: Sequence[Candidate],
        readings: Sequence[Reading],
        measures: Sequence[Measure],
    ) -> Iterator[Goal]:
        taken = {measure.span for measure in measures}
        for candidate, reading in zip(candidates, readings, strict=True):
            span = candidate.sentence.span()
            aimed = document.kind not in ("study", "report") or any(
                hit.family == "aim" for hit in candidate.hits
            )
            if reading.targets and span not in taken and aimed and self._is_goal(reading):
                yield Goal(span, candidate.sentence.clause, reading.targets)

    def _is_goal(self, reading: Reading) -> bool:
        return any(word in reading.task.text for word in self._goal_words)

    def _indicators(
        self,
        document: Document,
        candidates: Sequence[Candidate],
        readings: Sequence[Reading],
        measures: Sequence[Measure],
    ) -> Iterator[Indicator]:
        if document.kind not in ("study", "report"):
            return
        taken = {measure.span for measure in measures}
        for candidate, reading in zip(candidates, readings, strict=True):
            span = candidate.sentence.span()
            if reading.targets and span not in taken:
                yield Indicator(span, candidate.sentence.clause)


def _normal(text: str) -> str:
    return hashlib.sha256("".join(text.split()).encode()).hexdigest()[:12]


def _identified(measures: Sequence[Measure], document: Document) -> tuple[Measure, ...]:
    """Give each measure its key: hash of the sentence, ordinal among equals, part."""
    ordinals: Counter[str] = Counter()
    named = []
    previous: Measure | None = None
    part = 0
    counts = Counter((m.span, m.key) for m in measures)
    for measure in measures:
        if previous is None or measure.span != previous.span:
            ordinals[measure.key] += 1
            part = 0
        else:
            part += 1
        previous = measure
        key = f"{measure.key}-{ordinals[measure.key]}"
        if counts[measure.span, measure.key] > 1:
            key += f"-{chr(97 + part)}" if part < 26 else f"-{part}"
        named.append(replace(measure, key=key))
    return tuple(named)


def _beneficiaries(hits: Sequence[Hit]) -> tuple[str, ...]:
    """Return the beneficiaries named, the longest name winning where names overlap."""
    named = [hit for hit in hits if hit.family == "beneficiaries"]
    kept = [
        hit
        for hit in named
        if not any(
            o.start <= hit.start and hit.end <= o.end and o.end - o.start > hit.end - hit.start
            for o in named
        )
    ]
    return tuple(dict.fromkeys(hit.id for hit in kept))


def _object(text: str, reading: Reading) -> str:
    if not reading.instruments:
        return ""
    main = reading.instruments[0]
    return (
        text[main.start : main.end]
        if main.end - main.start <= 24
        else text[main.start : main.start + 24]
    )


def _conditions(text: str, tail: re.Pattern[str]) -> tuple[str, ...]:
    """Return the conditions: what stands before a comma and ends in 的 (经批准提高容积率的，)."""
    return tuple(
        part.strip()
        for part in text.replace("；", "，").split("，")
        if tail.search(part) and 4 <= len(part) <= 60
    )
