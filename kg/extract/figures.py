"""Figures: what stands in a sentence that counts something — numbers, ranks, places, years."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import ahocorasick_rs as ac

from kg.model import UNREADABLE, Operator
from kg.ontology import Place, Vocabulary

_CITY_TYPES = ("Municipality", "Prefecture", "Province")
_OPERATORS: dict[str, Operator] = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "="}
_LEAST_NAME = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its unit: money in yuan (CNY), shares in %; ``hedge`` as written beside it."""

    start: int
    end: int
    value: float
    unit: str
    op: Operator
    hedge: str


@dataclass(frozen=True, slots=True)
class Rank:
    """A rank told of one place, with the words for those among whom it holds."""

    start: int
    end: int
    rank: int
    scope: str


@dataclass(frozen=True, slots=True)
class Ranking:
    """A list of places in their order; equal ranks are ties."""

    start: int
    end: int
    ranks: tuple[tuple[str, int], ...]
    scope: str


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """Places named side by side; none for a group (三地) or the whole country."""

    start: int
    end: int
    places: tuple[str, ...]


class FigureFinder:
    """Finds numbers, ranks, rankings, places and years with the words of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._number = re.compile(_number_pattern(vocabulary))
        self._scales = {
            label: Decimal(name)
            for name, labels in vocabulary.cues("scale").items()
            for label in labels
        }
        self._scale = re.compile(any_of(self._scales))
        self._money = set(vocabulary.cues("measurement")["money"])
        self._before = _operators(vocabulary, "approx-before")
        self._after = _operators(vocabulary, "approx-after")
        names = ("fraction", "not", "noun", "range", "joint")
        self._figure = {name: re.compile(vocabulary.pattern(f"figure-{name}")) for name in names}
        self._rank = re.compile(vocabulary.pattern("rank"))
        self._rank_of = re.compile(vocabulary.pattern("rank-of"))
        self._ranking = re.compile(vocabulary.pattern("ranking-list"))
        self._tie = re.compile(vocabulary.pattern("ranking-tie"))
        self._among = re.compile(vocabulary.pattern("rank-among"))
        self._joint = re.compile(vocabulary.pattern("city-joint"))
        self._in_name = re.compile(vocabulary.pattern("place-in-name"))
        self._aside = re.compile(vocabulary.pattern("place-aside"))
        self._year = re.compile(vocabulary.pattern("figure-year"))
        self._base = re.compile(vocabulary.pattern("base-years"))
        groups = any_of(w for words in vocabulary.cues("group").values() for w in words)
        self._groups = re.compile(f"{groups}|{vocabulary.pattern('wide-place')}")
        self._cities = _Places(
            place for place in vocabulary.places.values() if place.type in _CITY_TYPES
        )
        self._districts: dict[str, _Places] = {}

    def find_places(self, text: str, city: str) -> list[PlaceMention]:
        """Return the places named: cities, provinces, districts of ``city``, groups of cities."""
        if city not in self._districts:
            self._districts[city] = _Places(self._districts_of(city))
        found = [*self._cities.find(text), *self._districts[city].find(text)]
        singles = [
            PlaceMention(start, end, (code,))
            for start, end, code in sorted(found)
            if not self._in_name.match(text, end)
        ]
        groups = [PlaceMention(m.start(), m.end(), ()) for m in self._groups.finditer(text)]
        joined = self._join(text, singles)
        return sorted([*joined, *groups], key=lambda mention: mention.start)

    def _districts_of(self, city: str) -> Iterator[Place]:
        for place in self._vocabulary.places.values():
            if city and place.type == "County" and self._vocabulary.city_of(place.code) == city:
                yield place

    def _join(self, text: str, singles: Sequence[PlaceMention]) -> list[PlaceMention]:
        mentions: list[PlaceMention] = []
        for single in singles:
            last = mentions[-1] if mentions else None
            if last and self._joint.fullmatch(text, last.end, single.start):
                places = (*last.places, *single.places)
                mentions[-1] = PlaceMention(last.start, single.end, places)
            elif not last or single.start >= last.end:
                mentions.append(single)
        return mentions

    def is_aside(self, text: str, mention: PlaceMention) -> bool:
        """Tell whether a place is only compared with or part of another name (占上海…总量)."""
        return bool(self._aside.search(text[: mention.start]))

    def find_figures(self, text: str, places: Sequence[PlaceMention]) -> Iterator[Figure]:
        """Yield the numbers that count something, in order; limits and ranges are none."""
        ends = {mention.end + 1 for mention in places if mention.places}
        found = [self._read_number(m) for m in self._number.finditer(text) if self._counts(text, m)]
        found += [
            self._read_fraction(text, m)
            for m in self._figure["fraction"].finditer(text)
            if m.start() not in ends
        ]
        yield from sorted(found, key=lambda figure: figure.start)

    def _counts(self, text: str, found: re.Match[str]) -> bool:
        """Tell a figure from a limit (低于2000万元的企业), a range and a number of parts (4个方面)."""
        if self._figure["not"].match(text, found.start("unit")):
            return False
        if (found["before"] or found["late"]) and self._figure["noun"].match(text, found.end()):
            return False
        after = self._figure["range"].match(text, found.end())
        start = found.start()
        return not after and not self._figure["range"].match(text, max(0, start - 1), start + 1)

    def _read_number(self, found: re.Match[str]) -> Figure:
        scale = Decimal(1)
        for word in self._scale.findall(found["scale"]):
            scale *= self._scales[word]
        unit = "CNY" if found["unit"] in self._money else found["unit"]
        words = [w for w in (found["before"], found["early"], found["after"], found["late"]) if w]
        op = self._before.get(found["before"] or "", "=")
        for word in words:
            op = self._after.get(word, op)
        value = float(Decimal(found["value"].replace(",", "")) * scale)
        return Figure(found.start(), found.end(), value, unit, op, "".join(words))

    def _read_fraction(self, text: str, found: re.Match[str]) -> Figure:
        before = max(
            (w for w in self._before if text.endswith(w, 0, found.start())), key=len, default=""
        )
        value = round(100 * int(found["part"]) / (int(found["whole"]) or 1), 6)
        op = self._before.get(before, "=")
        return Figure(found.start() - len(before), found.end(), value, "%", op, before)

    def find_ranks(self, text: str, places: Sequence[PlaceMention]) -> Iterator[Rank]:
        """Yield the ranks told with a verb (列全国第5位) and those before a place (第1位北京)."""
        taken: list[tuple[int, int]] = []
        for found in self._rank.finditer(text):
            scope = found["scope"] or found["among"] or self._scope_before(text, found.start())
            taken.append(found.span())
            yield Rank(found.start(), found.end(), _to_int(found["rank"]), scope.strip())
        starts = {mention.start for mention in places if len(mention.places) == 1}
        for found in self._rank_of.finditer(text):
            inside = any(start <= found.start() < end for start, end in taken)
            if found.end() in starts and not inside:
                yield Rank(found.start(), found.end(), _to_int(found["rank"]), "")

    def _scope_before(self, text: str, position: int) -> str:
        found = [m["among"] for m in self._among.finditer(text, 0, position)]
        return found[-1] if found else ""

    def find_rankings(self, text: str, places: Sequence[PlaceMention]) -> Iterator[Ranking]:
        """Yield the lists of places in their order (排序依次为北京、上海和深圳)."""
        starts = {mention.start: mention for mention in places if len(mention.places) >= 2}
        for found in self._ranking.finditer(text):
            mention = starts.get(found.end())
            if mention is None or len(set(mention.places)) != len(mention.places):
                continue
            tie = self._tie.match(text, mention.end)
            tied = [
                c for m in places for c in m.places if tie and tie.start() < m.start < tie.end()
            ]
            end = tie.end() if tie else mention.end
            ranks = tuple(_rank(mention.places, tied))
            yield Ranking(found.start(), end, ranks, text[mention.start : mention.end])

    def find_bases(self, text: str) -> list[tuple[int, int, tuple[str, ...]]]:
        """Return the phrases that name the years a change is measured from."""
        return [
            (m.start(), m.end(), tuple(self._year.findall(m[0]))) for m in self._base.finditer(text)
        ]

    def find_years(self, text: str) -> list[tuple[int, int, str]]:
        """Return the years named, without those that a change is only measured from."""
        bases = [(start, end) for start, end, _ in self.find_bases(text)]
        return [
            (m.start(), m.end(), m[1])
            for m in self._year.finditer(text)
            if not any(start <= m.start() < end for start, end in bases)
        ]

    def is_joint(self, text: str, first: Figure, second: Figure) -> bool:
        """Tell whether two figures stand side by side (32.41%、84.81%)."""
        joined = self._figure["joint"].fullmatch(text, first.end, second.start)
        return bool(joined) and first.unit == second.unit


class _Places:
    """An automaton over the names of places."""

    def __init__(self, places: Iterable[Place]) -> None:
        self._codes: dict[str, str] = {}
        for place in places:
            least = 2 if place.type in _CITY_TYPES else _LEAST_NAME
            for label in (place.zh, place.official):
                if len(label) >= least and label not in place.ambiguous:
                    self._codes.setdefault(label, place.code)
        self._names = sorted(self._codes)
        kind = ac.MatchKind.LeftmostLongest
        self._automaton = ac.AhoCorasick(self._names, matchkind=kind) if self._names else None

    def find(self, text: str) -> list[tuple[int, int, str]]:
        """Return start, end and id of every name in ``text``."""
        if self._automaton is None:
            return []
        found = self._automaton.find_matches_as_indexes(text)
        return [(start, end, self._codes[self._names[index]]) for index, start, end in found]


def any_of(words: Iterable[str]) -> str:
    """Return a regular expression for any of ``words``, the longest first."""
    return "|".join(map(re.escape, sorted(set(words), key=lambda word: (-len(word), word))))


def _number_pattern(vocabulary: Vocabulary) -> str:
    def words(scheme: str) -> str:
        return any_of(label for labels in vocabulary.cues(scheme).values() for label in labels)

    measured = vocabulary.cues("measurement")
    units = any_of(
        (*vocabulary.cues("figure-unit")["count"], *measured["money"], *measured["share"])
    )
    after, lead = words("approx-after"), vocabulary.pattern("figure-lead")
    return (
        rf"(?:{vocabulary.pattern('hedge-lead')}(?P<before>{words('approx-before')}))?{lead}"
        rf"(?<!\d[{UNREADABLE}])(?P<value>\d+(?:,\d{{3}})*(?:\.\d+)?)(?!\d*[{UNREADABLE}]\d)"
        rf"\s?(?P<early>{after})?(?P<scale>(?:{words('scale')})*)(?P<after>{after})?"
        rf"(?P<unit>{units})(?P<late>{after})?"
    )


def _operators(vocabulary: Vocabulary, scheme: str) -> dict[str, Operator]:
    return {
        label: _OPERATORS[name]
        for name, labels in vocabulary.cues(scheme).items()
        for label in labels
    }


def _rank(places: Sequence[str], tied: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Number the places from 1; those that tie share the best of their ranks."""
    best = min((places.index(place) for place in tied if place in places), default=0) + 1
    for number, place in enumerate(places, 1):
        yield place, best if place in tied else number


def _to_int(number: str) -> int:
    if number.isdigit():
        return int(number)
    from cn2an import cn2an

    return int(cn2an(number, "smart"))


@lru_cache(maxsize=2)
def compile_figures(vocabulary: Vocabulary) -> FigureFinder:
    """Return the finder of ``vocabulary``, built once."""
    return FigureFinder(vocabulary)
