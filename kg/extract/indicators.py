"""Indicators: the figures and ranks that a document reports, as observations."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from kg.extract.figures import Figure, PlaceMention, Rank, Ranking, any_of, compile_figures
from kg.extract.lexicon import Hit
from kg.extract.naming import Context, Namer, Reading, mask_brackets
from kg.extract.sections import clause_path
from kg.model import Document, Indicator, Observation, Sentence, Span
from kg.ontology import Vocabulary

_ACTIVE = {"strength", "modal", "aim", "grant-noun", "duty", "provide", "adopt"}

Event = Rank | Ranking | tuple[Figure, ...]

_SHARE, _CAPTION, _STOPS = "%", 24, "。；：！？，,;:"


class IndicatorReader:
    """Reads reported figures and rankings; make one per vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._finder = compile_figures(vocabulary)
        self._namer = Namer(vocabulary, self._finder)
        self._each = re.compile(vocabulary.pattern("rank-each"))
        self._last_year = re.compile(vocabulary.pattern("last-year"))
        self._aims = re.compile(any_of(vocabulary.cues("aim")["aim"]))
        changes = vocabulary.cues("change")
        self._changes = {word: name for name, words in changes.items() for word in words}
        self._change = re.compile(
            f"(?P<word>{any_of(self._changes)})(?:{vocabulary.pattern('change-tail')})$"
        )

    def read_document(
        self, document: Document, sentences: Iterable[int] | None = None
    ) -> tuple[Indicator, ...]:
        """Return the indicators in ``sentences`` (indexes; by default every body sentence)."""
        city = self._vocabulary.city_of(document.place)
        context = Context("", city)
        clause: int | None = -1
        found = []
        for index in range(len(document.sentences)) if sentences is None else sentences:
            sentence = document.sentences[index]
            if sentence.kind != "body":
                continue
            if sentence.clause != clause:
                context, clause = Context(self._place_of(document, sentence), city), sentence.clause
            observations = self.read(sentence, context)
            if sentence.clause is None:
                context.year = ""
            if observations:
                found.append(Indicator(sentence.span(), sentence.clause, observations))
        return tuple(found)

    def _place_of(self, document: Document, sentence: Sentence) -> str:
        """Return the place a sentence is about where it names none.

        A study speaks of the one city that the nearest heading names, every other document of
        its own place.
        """
        if document.kind != "study":
            return document.place
        for clause in clause_path(document, sentence.clause):
            named = self._finder.find_places(clause.heading, "")
            if named:
                return named[0].places[0] if len(named) == 1 == len(named[0].places) else ""
        return ""

    def read(self, sentence: Sentence, context: Context) -> tuple[Observation, ...]:
        """Return the observations of one sentence; ``context`` learns the year it names last.

        Figures in goals are left out, and those of which it is not certain what they count.
        """
        text = sentence.text
        places = self._finder.find_places(text, context.city)
        events = list(self._events(text, places))
        aims = bool(self._aims.search(text))
        if aims:  # 到2020年末，…排序依次为 aims at nothing
            events = [event for event in events if isinstance(event, Ranking)]
        places = _without_scopes(places, events)
        years = self._finder.find_years(text)
        told: list[Observation] = []
        if events:
            bases = self._finder.find_bases(text)
            starts = [e[0].start if isinstance(e, tuple) else e.start for e in events]
            r = Reading(text, mask_brackets(text), places, years, bases, starts, context)
            for event in events:
                self._read_event(r, event)
            told = r.told
        elif len(text) <= _CAPTION and text[-1] not in _STOPS:
            self._read_caption(text, places, context)
        if years and (told or not aims):
            context.year = years[-1][2]
        return tuple(replace(o, span=sentence.span(*o.span)) for o in told)

    def _read_caption(self, text: str, places: Sequence[PlaceMention], context: Context) -> None:
        """Take the district that a caption opens with for the place of what follows."""
        if len(places) == 1 and places[0].start == 0 and len(places[0].places) == 1:
            place = places[0].places[0]
            if place != context.city and self._vocabulary.city_of(place) == context.city:
                context.place = place

    def _events(self, text: str, places: Sequence[PlaceMention]) -> Iterator[Event]:
        """Yield rankings, ranks and series of figures in order, none inside another."""
        finder = self._finder
        found: list[Rank | Ranking | Figure] = [
            *finder.find_rankings(text, places),
            *finder.find_ranks(text, places),
            *finder.find_figures(text, places),
        ]
        reach, series = 0, list[Figure]()
        for event in sorted(found, key=lambda e: (e.start, -e.end)):
            if event.start < reach:
                continue
            reach = event.end
            if isinstance(event, Figure):
                if series and not finder.is_joint(text, series[-1], event):
                    yield tuple(series)
                    series = []
                series.append(event)
                continue
            if series:
                yield tuple(series)
                series = []
            yield event
        if series:
            yield tuple(series)

    def _read_event(self, r: Reading, event: Event) -> None:
        if isinstance(event, tuple):
            self._read_figures(r, event)
            return
        if isinstance(event, Ranking):
            r.told += list(self._read_ranking(r, event))
        else:
            r.told += list(self._read_rank(r, event))
        r.left = event.end

    def _read_ranking(self, r: Reading, event: Ranking) -> Iterator[Observation]:
        name = self._namer.name_before(r, event.start) or self._namer.topic(r, event.start)
        for place, rank in event.ranks if name else ():
            told = _observe(r, event.start, event.end, place, name)
            among = tuple(place for place, _ in event.ranks)
            yield replace(told, rank=rank, scope=event.scope, among=among)

    def _read_rank(self, r: Reading, event: Rank) -> Iterator[Observation]:
        place = self._namer.place_before(r, event.start)
        if not event.scope and any(m.start == event.end for m in r.places):
            yield from self._read_rank_of(r, event)
            return
        for name in self._ranked_names(r, event.start):
            told = _observe(r, event.start, event.end, place, name)
            yield replace(told, rank=event.rank, scope=event.scope)

    def _read_rank_of(self, r: Reading, event: Rank) -> Iterator[Observation]:
        """Yield the rank of the place that follows it, in what was ranked before (第1位北京)."""
        mention = next(m for m in r.places if m.start == event.end)
        before = next((o for o in reversed(r.told) if o.rank and not o.among), None)
        if before and len(mention.places) == 1:
            told = _observe(r, event.start, mention.end, mention.places[0], before.indicator)
            yield replace(told, rank=event.rank, scope=before.scope)

    def _ranked_names(self, r: Reading, position: int) -> Iterator[str]:
        each = self._each.search(r.text[:position])
        if each:  # 上海在技术交易额和项目数方面都列第1位
            yield from self._namer.names_of_each(each["each"])
            return
        name = self._namer.name_before(r, position)
        name = self._namer.complete(r, name) if name else self._namer.last(r, position)
        if name:
            yield name

    def _read_figures(self, r: Reading, series: tuple[Figure, ...]) -> None:
        first, r_end = series[0], series[-1].end
        change = self._change.search(r.text[r.left : first.start])
        if change and self._is_change(r, first, change):
            r.told += list(self._read_change(r, series, change["word"], r.left + change.start()))
        elif len(series) > 1:
            r.told += list(self._read_series(r, series))
        else:
            name, r_end = self._namer.name_figure(r, first)
            if name:
                place = self._namer.place_before(r, first.start)
                r.told.append(_value(r, first, place, name))
                r.named.append(name)
        r.left = max(r_end, first.end)

    def _is_change(self, r: Reading, figure: Figure, change: re.Match[str]) -> bool:
        """Tell a change from a verb: in %, or measured from a year (较2019年净增1871家)."""
        before = r.text[: r.left + change.start()]
        based = any(end <= len(before) for _, end, _ in r.bases)
        return figure.unit == _SHARE or based or bool(self._last_year.search(before))

    def _read_change(
        self, r: Reading, series: tuple[Figure, ...], word: str, at: int
    ) -> Iterator[Observation]:
        """Yield changes: one value per base year, or one per figure told before."""
        suffix = self._changes[word]
        bases = next((years for _, end, years in reversed(r.bases) if end <= at), ())
        named, last = self._namer.name_before(r, at), r.figures()[-len(series) :]
        several = len(series) > 1 and len(bases) != len(series)
        if several and (named or len(last) < len(series)):
            return
        name = named or self._namer.last(r, at)
        if name and not several:
            r.named.append(name)
        place = self._namer.place_before(r, at)
        for number, figure in enumerate(series):
            told = last[number] if several else None
            base = "" if several or not bases else bases[min(number, len(bases) - 1)]
            owner, label = (told.place, told.indicator) if told else (place, name)
            if label:
                yield replace(_value(r, figure, owner, label + suffix), base=base, change=True)

    def _read_series(self, r: Reading, series: tuple[Figure, ...]) -> Iterator[Observation]:
        """Yield figures told of as many places, in their order (京、沪分别为5家、3家)."""
        start = series[0].start
        group = next((m for m in reversed(r.places) if m.end <= start and m.places), None)
        if group is None or len(group.places) != len(series):
            return
        name = self._namer.name_before(r, start) or self._namer.last(r, start)
        for figure, place in zip(series, group.places, strict=True):
            if name:
                yield _value(r, figure, place, name)


def _without_scopes(places: Sequence[PlaceMention], events: Sequence[Event]) -> list[PlaceMention]:
    """Leave out the places that only tell among whom a rank holds (列江苏第1位)."""
    ranks = [event for event in events if isinstance(event, Rank)]
    return [m for m in places if not any(r.start <= m.start < r.end for r in ranks)]


def _value(r: Reading, figure: Figure, place: str, name: str) -> Observation:
    told = _observe(r, figure.start, figure.end, place, name)
    return replace(told, value=figure.value, unit=figure.unit, op=figure.op, hedge=figure.hedge)


def _observe(r: Reading, start: int, end: int, place: str, name: str) -> Observation:
    """Make an observation; its span is that in the sentence until the sentence is done."""
    year = r.year_before(end)
    return Observation(Span(start, end), place, name, year, None, "", surface=r.text[start:end])


def is_statistic(hits: Iterable[Hit]) -> bool:
    """Tell a sentence that only reports figures: nothing is done, granted or aimed at."""
    families = {hit.family for hit in hits}
    return "statistic" in families and not families & _ACTIVE


@lru_cache(maxsize=2)
def compile_indicators(vocabulary: Vocabulary) -> IndicatorReader:
    """Return the reader of ``vocabulary``, built once."""
    return IndicatorReader(vocabulary)
