"""Assembly: the readings of a document's sentences become measures, goals and indicators."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kg.extract.claims import Claim, Setting, compile_claims
from kg.extract.contradictions import compile_contradictions
from kg.extract.indicators import compile_indicators, is_statistic
from kg.extract.judge import DECIDED, Judge, Reading, Task
from kg.extract.lexicon import Hit
from kg.extract.pipeline import lexicon_of, make_pipeline, read_tasks
from kg.extract.repeats import mark_repeats
from kg.extract.sections import (
    Columns,
    assign_brackets,
    clause_path,
    compile_headings,
    is_advice,
    is_silent,
    read_columns,
)
from kg.extract.targets import read_target_table
from kg.extract.units import compile_units
from kg.model import (
    Document,
    Extraction,
    Goal,
    Indicator,
    Measure,
    Problem,
    Responsibility,
    Sentence,
    Status,
)
from kg.ontology import Vocabulary

_TELLING, _DENSE = 0.85, 0.08
_TOPIC_LEAST, _TOPIC_SHARE, _TOPIC_PENALTY = 6, 0.12, 0.4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence worth reading, with its hits, units and place in the document.

    ``silent`` stands under a heading such as 工作目标: goals may be there, measures are not.
    """

    index: int
    sentence: Sentence
    hits: tuple[Hit, ...]
    units: tuple[Responsibility, ...]
    bracketed: bool
    silent: bool = False
    problems: tuple[Problem, ...] = ()


class Extractor:
    """Extract the measures of documents with one vocabulary; make one per process."""

    def __init__(self, vocabulary: Vocabulary, *, judge: Judge | None = None) -> None:
        self._vocabulary = vocabulary
        self._lexicon = lexicon_of(vocabulary)
        self._nlp = make_pipeline(vocabulary, judge=judge)
        self._units = compile_units(vocabulary)
        self._claims = compile_claims(vocabulary)
        self._headings = compile_headings(vocabulary)
        self._goal_words = vocabulary.cues("goal")["goal"]
        self._indicator_reader = compile_indicators(vocabulary)
        self._contradictions = compile_contradictions(vocabulary)
        self._condition = re.compile(vocabulary.pattern("clause-tail"))

    def extract(self, document: Document) -> Extraction:
        """Return measures, goals and indicators of ``document`` with their evidence."""
        candidates, readings = self.read(document)
        if document.kind == "study":
            measures = list(self._study(document, candidates, readings))
        else:
            measures = list(self._own(document, candidates, readings))
        goals = [
            *self._goals(document, candidates, readings, measures),
            *read_target_table(document, self._vocabulary),
        ]
        marked = mark_repeats(_identified(measures, document), document)
        indicators = self._indicators(document, candidates, marked)
        return Extraction(
            document=document,
            measures=marked,
            goals=tuple(goals),
            indicators=indicators,
            problems=(
                *(p for c in candidates for p in c.problems),
                *self._contradictions.find(indicators, marked, document.raw),
            ),
        )

    def read(self, document: Document) -> tuple[list[Candidate], list[Reading]]:
        """Return the sentences worth reading and what the pipeline finds in each."""
        candidates = _without_topics(list(self._candidates(document)))
        traits = self._document_traits(document, candidates)
        tasks = [
            Task(
                c.sentence.text,
                c.hits,
                c.bracketed,
                bool(c.sentence.lead),
                (*traits, *self._place_traits(document, c.sentence)),
            )
            for c in candidates
        ]
        return candidates, list(read_tasks(tasks, self._nlp))

    def _document_traits(
        self, document: Document, candidates: Sequence[Candidate]
    ) -> tuple[str, ...]:
        """Name the class of a document, what its title names, how much of it is to the point."""
        telling = sum(_is_named(c.hits) for c in candidates)
        bodies = sum(s.kind in ("body", "cell") for s in document.sentences) or 1
        title = self._lexicon.find(document.title)
        named = {hit.family for hit in title if hit.family in ("instrument", "beneficiaries")}
        topic = int(10 * telling / bodies)
        return (f"kind={document.kind}", f"topic={topic}", *(f"title-{n}" for n in sorted(named)))

    def _place_traits(self, document: Document, sentence: Sentence) -> tuple[str, ...]:
        """Name what the clause heading names, and whether the sentence is a table cell."""
        heading = next((c.heading for c in clause_path(document, sentence.clause) if c.heading), "")
        found = {h.id for h in self._lexicon.find(heading) if h.family == "instrument"}
        tops = {self._vocabulary.notation(i) for i in found}
        return (
            f"cell={sentence.kind == 'cell'}",
            *(f"heading={i}" for i in sorted(found)),
            *(f"heading-of={top}" for top in sorted(tops)),
        )

    def _candidates(self, document: Document) -> Iterator[Candidate]:
        brackets = assign_brackets(document)
        columns = [
            read_columns([[cell.text for cell in row] for row in table.rows], self._headings)
            for table in document.tables
        ]
        cache: dict[str, tuple[Responsibility, ...]] = {}
        found = [
            (index, sentence, tuple(self._lexicon.find(sentence.text)))
            for index, sentence in enumerate(document.sentences)
            if self._is_text(document, sentence, columns)
        ]
        dense = sum(map(_is_named, (hits for _, _, hits in found))) >= _DENSE * len(found)
        for index, sentence, hits in found:
            if not _is_telling(sentence.text, hits, dense=dense):
                continue
            silent = document.kind != "study" and is_silent(
                document, sentence.clause, self._headings
            )
            if silent and not any(map(str.isdigit, sentence.text)):
                continue
            bracket = brackets.get(index, "")
            if bracket and bracket not in cache:
                cache[bracket] = self._units.parse_list(bracket, document.place)
            units = cache.get(bracket, ())
            if sentence.row is not None:
                units = self._row_units(document, sentence, columns)
            yield Candidate(index, sentence, hits, units, bool(units), silent)

    def _is_text(self, document: Document, sentence: Sentence, columns: Sequence[Columns]) -> bool:
        """Tell whether a sentence may say something: body text or a cell of a task column."""
        if sentence.kind == "body":
            if document.kind == "study":
                return len(sentence.text) >= 6
            return _is_sentence(sentence)
        if sentence.kind != "cell" or sentence.row is None:
            return False
        table, _, column = sentence.row
        known = columns[table]
        if column in dict(known.units) or len(sentence.text) < 10:
            return False
        return not known.tasks or column in known.tasks

    def _row_units(
        self, document: Document, sentence: Sentence, columns: Sequence[Columns]
    ) -> tuple[Responsibility, ...]:
        if sentence.row is None:
            return ()
        table, row, _ = sentence.row
        cells = document.tables[table].rows[row]
        return tuple(
            unit
            for column, label in columns[table].units
            if column < len(cells) and cells[column].text
            for unit in self._units.parse_list(f"{label}：{cells[column].text}", document.place)
        )

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
        for candidate, reading in zip(candidates, readings, strict=True):
            unsaid = candidate.silent or not reading.instruments
            if reading.confidence < DECIDED or unsaid:
                continue
            units = candidate.units
            if not units and document.kind != "report":
                units = self._units.parse_subject(
                    candidate.sentence.text, document.place, _verb_starts(candidate.hits)
                )
            claim = Claim(cities, tuple(r.id for r in reading.instruments), status)
            yield self._measure(document, candidate, reading, claim, units)

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


def _without_topics(candidates: list[Candidate]) -> list[Candidate]:
    """Turn down the names that run through a document: they are its topic, not what is done.

    A name in at least 12 % of the sentences, six or more, counts as a weak one.
    """
    counts = Counter(
        (hit.id, c.sentence.text[hit.start : hit.end])
        for c in candidates
        for hit in c.hits
        if hit.family == "instrument" and len(hit.spans) == 1
    )
    least = max(_TOPIC_LEAST, _TOPIC_SHARE * len(candidates))
    topics = {name for name, count in counts.items() if count >= least}
    if not topics:
        return candidates
    return [
        replace(c, hits=tuple(_turned_down(c.sentence.text, c.hits, topics))) for c in candidates
    ]


def _turned_down(text: str, hits: Sequence[Hit], topics: set[tuple[str, str]]) -> Iterator[Hit]:
    for hit in hits:
        topical = hit.family == "instrument" and (hit.id, text[hit.start : hit.end]) in topics
        yield replace(hit, weight=hit.weight - _TOPIC_PENALTY, weak=True) if topical else hit


def _verb_starts(hits: Sequence[Hit]) -> list[int]:
    verbs = {hit.start for hit in hits if hit.family in ("strength", "modal", "context")}
    return sorted(start for start in verbs if start >= 2)


def _is_named(hits: Sequence[Hit]) -> bool:
    """Tell whether a sentence names an instrument by more than a weak or short word."""
    return any(h.family == "instrument" and not h.weak and h.weight >= _TELLING for h in hits)


def _is_telling(text: str, hits: Sequence[Hit], *, dense: bool) -> bool:
    """Tell whether a sentence needs a closer reading: it names an instrument or a number.

    In a document that is ``dense`` with instruments a verb is enough.
    """
    families = {hit.family for hit in hits}
    named = "instrument" in families or (dense and "strength" in families)
    return named or any(map(str.isdigit, text))


def _is_sentence(sentence: Sentence) -> bool:
    """Tell a sentence from a caption: it ends in a stop, or has a comma and some length."""
    text = sentence.text
    return len(text) >= 6 and (text[-1] in "。；：！？” " or "，" in text or bool(sentence.lead))


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
