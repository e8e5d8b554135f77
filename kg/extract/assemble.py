"""Assembly: the readings of a document's sentences become measures, goals and indicators."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kg.extract.attributes import (
    read_beneficiaries,
    read_conditions,
    read_listed_conditions,
    read_object,
)
from kg.extract.candidates import Candidate, CandidateFinder
from kg.extract.claims import Claim
from kg.extract.contradictions import compile_contradictions
from kg.extract.damage import repair_cells
from kg.extract.duties import add_units, compile_duties
from kg.extract.goals import Deadlines
from kg.extract.indicators import compile_indicators, is_statistic
from kg.extract.judge import DECIDED, Judge, Reading, Task
from kg.extract.keys import identify_measures
from kg.extract.lexicon import instrument_names
from kg.extract.pipeline import cut_of, lexicon_of, make_pipeline, read_tasks
from kg.extract.repeats import mark_repeats
from kg.extract.sections import clause_path, compile_headings, find_plans
from kg.extract.study import StudyReader
from kg.extract.subjects import compile_subjects
from kg.extract.targets import read_target_table
from kg.extract.tasks import settle_rows
from kg.extract.units import compile_units
from kg.model import (
    Document,
    Extraction,
    Goal,
    Indicator,
    Measure,
    Responsibility,
    Sentence,
    hash_sentence,
)
from kg.ontology import Vocabulary


class Extractor:
    """Extract the measures of documents with one vocabulary; make one per process."""

    def __init__(self, vocabulary: Vocabulary, *, judge: Judge | None = None) -> None:
        self._vocabulary = vocabulary
        self._judge = judge or Judge()
        self._lexicon = lexicon_of(vocabulary)
        self._nlp = make_pipeline(vocabulary, judge=self._judge)
        self._units = compile_units(vocabulary)
        self._subjects = compile_subjects(vocabulary)
        self._duties = compile_duties(vocabulary)
        self._headings = compile_headings(vocabulary)
        self._studies = StudyReader(vocabulary, self._headings, self._judge)
        weights = self._judge.weights
        self._finder = CandidateFinder(
            vocabulary,
            self._lexicon,
            self._units,
            self._headings,
            cut_of(self._nlp),
            weights.gate if weights else None,
            instrument_names(vocabulary) - weights.known if weights else (),
        )
        self._goal_words = vocabulary.cues("goal")["goal"]
        self._indicator_reader = compile_indicators(vocabulary)
        self._contradictions = compile_contradictions(vocabulary)
        self._condition = re.compile(vocabulary.pattern("clause-tail"))
        self._listing = re.compile(vocabulary.pattern("conditions-follow"))

    @property
    def weights(self) -> str:
        """The version of the weights that judge, empty where rules do."""
        return self._judge.weights.version if self._judge.weights else ""

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
        deadlines = Deadlines(document, self._vocabulary)
        identified = identify_measures(deadlines.date_all(measures), document)
        fragments = {c.sentence.span(): c.fragments for c in candidates if c.fragments}
        marked, damaged = repair_cells(mark_repeats(identified, document), fragments)
        indicators = self._indicators(document, candidates, marked)
        return Extraction(
            document=document,
            measures=marked,
            goals=tuple(deadlines.date_all(goals)),
            indicators=indicators,
            problems=(
                *damaged,
                *self._contradictions.find(indicators, marked, document.raw),
            ),
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
                () if c.doubtful else (*traits, *self._finder.place_traits(document, c.sentence)),
                c.doubtful,
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
        subjects: dict[int, tuple[Responsibility, ...]] = {}
        decided = list(self._decided(document, candidates, readings))
        report = document.kind == "report"
        planned = find_plans(document, self._headings) if report else frozenset()
        duties = self._duties.read(document, {candidate.index for candidate, *_ in decided})
        for candidate, reading, instruments in decided:
            units = candidate.units
            if not units and not report and candidate.sentence.kind != "cell":
                units = self.read_subjects(document, candidate.index, subjects)
            duty = duties.get(candidate.index)
            if duty:
                units = add_units(units, duty.units)
                named_in = (*(candidate.named_in if candidate.bracketed else ()), duty.span)
                candidate = replace(candidate, bracketed=True, named_in=named_in)
            done = report and candidate.index not in planned
            claim = Claim(cities, instruments, "reported" if done else "provided")
            yield self._measure(document, candidate, reading, claim, units)

    def _decided(
        self,
        document: Document,
        candidates: Sequence[Candidate],
        readings: Sequence[Reading],
    ) -> Iterator[tuple[Candidate, Reading, tuple[str, ...]]]:
        """Yield the sentences that are measures, with their instruments."""
        settle_rows(document, candidates, readings)
        for candidate, reading in zip(candidates, readings, strict=True):
            instruments = tuple(ranked.id for ranked in reading.instruments)
            if reading.confidence < DECIDED and candidate.given and reading.amounts:
                instruments = self._headed(document, candidate, reading)
            if not candidate.silent and reading.confidence >= DECIDED and instruments:
                yield candidate, reading, instruments

    def read_subjects(
        self, document: Document, index: int, known: dict[int, tuple[Responsibility, ...]]
    ) -> tuple[Responsibility, ...]:
        """Return the units that act in the sentence at ``index``; ``known`` holds those read before.

        What a semicolon or a list goes on with has the subject that was said before.
        """
        chain = [index]
        while chain[-1] not in known:
            sentence = document.sentences[chain[-1]]
            known[chain[-1]] = self._subjects.read(sentence.text, document.place)
            before = _text_before(document, chain[-1])
            if known[chain[-1]] or before is None:
                break
            if not self._goes_on(document.sentences[before], sentence):
                break
            chain.append(before)
        units = known[chain[-1]]
        known.update(dict.fromkeys(chain, units))
        return units

    def _goes_on(self, last: Sentence, sentence: Sentence) -> bool:
        """Tell whether a sentence may share the subject of the one before it."""
        listed = bool(sentence.lead) and (last.text == sentence.lead or last.lead == sentence.lead)
        if listed:
            return True
        same = last.clause == sentence.clause and last.text.endswith("；")
        return same and self._subjects.is_elided(sentence.text)

    def _headed(
        self, document: Document, candidate: Candidate, reading: Reading
    ) -> tuple[str, ...]:
        """Return what an amount behind a label is given as, by its own words or its heading."""
        headings = [c.heading for c in clause_path(document, candidate.sentence.clause)]
        hits = [h for heading in headings for h in self._lexicon.find(heading)]
        strong = [h for h in hits if h.family == "instrument" and not h.weak]
        headed = [h.id for h in sorted(strong, key=lambda h: (-h.weight, h.start - h.end))]
        names = [ranked.id for ranked in reading.named if not ranked.weak] or headed
        if names:
            reading.confidence, reading.strength = DECIDED, "grant"
        return tuple(names[:1])

    def _study(
        self,
        document: Document,
        candidates: Sequence[Candidate],
        readings: Sequence[Reading],
    ) -> Iterator[Measure]:
        """Yield what a secondary source says of each city, one measure per statement."""
        for candidate, reading, claim in self._studies.read(document, candidates, readings):
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
        told = document.kind != "study"
        amounts = document.kind != "report" and (told or _tells_amounts(claim))
        return Measure(
            key=hash_sentence(candidate.sentence.text),
            span=candidate.sentence.span(),
            clause=candidate.sentence.clause,
            places=(document.scope or document.place,) if told and document.place else claim.cities,
            cities=claim.cities,
            categories=tuple(categories),
            instruments=claim.instruments,
            status=claim.status,
            basis=claim.basis,
            strength=reading.strength,
            distributed=claim.distributed,
            beneficiaries=read_beneficiaries(reading.hits),
            object=read_object(candidate.sentence.text, reading),
            conditions=tuple(dict.fromkeys(self._conditions(document, candidate))),
            responsibilities=units,
            named_in=candidate.named_in if candidate.bracketed else (),
            amounts=reading.amounts if amounts else (),
            targets=reading.targets if self._may_aim(document, claim, reading) else (),
            confidence=reading.confidence,
            rule=candidate.sentence.kind if told else "claim",
        )

    def _conditions(self, document: Document, candidate: Candidate) -> Iterator[str]:
        yield from read_conditions(candidate.sentence.text, self._condition)
        yield from read_listed_conditions(document, candidate.index, self._listing)

    def _may_aim(self, document: Document, claim: Claim, reading: Reading) -> bool:
        """Tell goals from the figures of what a report tells as done or a study describes."""
        if document.kind == "report":
            return claim.status == "provided"
        return document.kind != "study" or self._is_goal(reading)

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
        self, document: Document, candidates: Sequence[Candidate], measures: Sequence[Measure]
    ) -> tuple[Indicator, ...]:
        """Return all reported figures of studies and reports, the plain statistics of others."""
        if document.kind in ("study", "report"):
            return self._indicator_reader.read_document(document)
        taken = {measure.span for measure in measures}
        plain = [
            c.index for c in candidates if is_statistic(c.hits) and c.sentence.span() not in taken
        ]
        return self._indicator_reader.read_document(document, plain)


def _text_before(document: Document, index: int) -> int | None:
    """Return the index of the body text or heading before a sentence."""
    for before in range(index - 1, -1, -1):
        if document.sentences[before].kind in ("body", "heading"):
            return before
    return None


def _tells_amounts(claim: Claim) -> bool:
    """Tell whether the amounts of a secondary source's sentence are those of one city."""
    return claim.status == "reported" and len(claim.cities) == 1
