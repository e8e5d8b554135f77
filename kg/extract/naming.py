"""Naming: the words around a figure that say what it counts, and of which place and year."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kg.extract.figures import Figure, FigureFinder, PlaceMention, any_of
from kg.model import Observation
from kg.ontology import Vocabulary

_LONGEST, _NEAR = 40, 16
_PATTERNS = ("break", "head", "tail", "stop", "share", "topic", "partitive", "within", "object")
_BRACKETS = re.compile("（[^（）]*）")
_FILLER = "\0"


@dataclass(slots=True)
class Context:
    """What stands before a sentence: the place and year of its clause, the last name told.

    ``city`` is the city whose districts may be named.
    """

    place: str
    city: str
    year: str = ""


@dataclass(slots=True)
class Reading:
    """One sentence while it is read: what was found, and what was told so far.

    ``masked`` is the text with brackets blanked, ``left`` where the words of the next name begin,
    ``told`` the observations with spans within the sentence, ``named`` the names of figures.
    """

    text: str
    masked: str
    places: Sequence[PlaceMention]
    years: Sequence[tuple[int, int, str]]
    bases: Sequence[tuple[int, int, tuple[str, ...]]]
    starts: Sequence[int]
    context: Context
    told: list[Observation] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    left: int = 0

    def figures(self) -> list[Observation]:
        """Return the plain figures told so far, without changes."""
        return [o for o in self.told if o.value is not None and not o.change]

    def year_before(self, position: int) -> str:
        """Return the last year named before ``position``, else the one carried over."""
        return next((y for _, e, y in reversed(self.years) if e <= position), self.context.year)


def mask_brackets(text: str) -> str:
    """Blank what stands in brackets, so that offsets hold.

    >>> mask_brackets("转化（含转让）项目").replace(chr(0), "_")
    '转化_____项目'
    """
    return _BRACKETS.sub(lambda found: _FILLER * len(found[0]), text)


class Namer:
    """Finds the name of what is counted with the words of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary, finder: FigureFinder) -> None:
        self._finder = finder
        patterns = {name: vocabulary.pattern(f"indicator-{name}") for name in _PATTERNS}
        self._pattern = {name: re.compile(text) for name, text in patterns.items()}
        self._joint = re.compile(f"(?:{vocabulary.pattern('figure-joint')})$")
        self._noun = re.compile(vocabulary.pattern("figure-noun"))
        self._possession = re.compile(vocabulary.pattern("possession"))
        self._flow = re.compile(vocabulary.pattern("flow"))
        self._last_year = re.compile(vocabulary.pattern("last-year"))
        self._bare = set(vocabulary.cues("bare-indicator")["bare"])
        self._heads = re.compile(any_of(vocabulary.cues("counted-head")["head"]))

    def name_figure(self, reading: Reading, figure: Figure) -> tuple[str, int]:
        """Return the name of what a figure counts, empty where not certain, and where it ends."""
        words = self._words(reading, self._begin(reading, figure.start), figure.start)
        name = self.clean(words)
        after, end = self._after(
            reading, figure, whole=bool(self._pattern["partitive"].match(words))
        )
        if self._noun.match(reading.text, figure.end) and name in self._bare and after:
            return after + name, end  # 总额9.9亿元的创新券
        turned = bool(after) and bool(self._pattern["object"].search(words))
        if turned or not name or self._flow.search(name):
            name = "" if turned else name
            if after:
                whole = self._part_of(reading, words) or self._within(reading, figure.start, "")
                return self._fit(whole, name + after), end
            return ("" if name else self.last(reading, figure.start)), figure.end
        if self._possession.search(words) and after:
            return self._within(reading, figure.start, name + after), end
        full = self.complete(reading, self._part_of(reading, words) + name)
        return (self._within(reading, figure.start, name) if full == name else full), figure.end

    def _part_of(self, reading: Reading, words: str) -> str:
        """Return what a name is a part of (孵化企业6000家，其中 before 高新技术企业241家)."""
        found = self._pattern["partitive"].match(words)
        if not found or not reading.named or words[found.end() :].startswith(_FILLER):
            return ""
        return reading.named[-1] + found[0]

    def _within(self, reading: Reading, position: int, name: str) -> str:
        """Put before a name what the sentence counts within (在深交所上市企业中)."""
        found = self._pattern["within"].search(reading.text, 0, position)
        if not found or any(found.start() <= m.start < found.end() for m in reading.places):
            return name
        within = self.clean(self._words(reading, *found.span("within")))
        return self._fit(within, name)

    def _fit(self, whole: str, name: str) -> str:
        return whole + name if len(whole + name) <= _LONGEST else name

    def name_before(self, reading: Reading, position: int) -> str:
        """Return the name right before ``position``, empty where there is none."""
        return self.clean(self._words(reading, self._begin(reading, position), position))

    def complete(self, reading: Reading, name: str) -> str:
        """Put what was named last before a name that says nothing alone (占比, 数量)."""
        if name not in self._bare and not self._pattern["share"].search(name):
            return name if len(name) <= _LONGEST else ""
        named = reading.named or [self.topic(reading, len(reading.text))]
        base = named[-1].removesuffix(name)
        return base + name if base and len(base + name) <= _LONGEST else ""

    def last(self, reading: Reading, position: int) -> str:
        """Return what a figure or rank without a name is of.

        That is what the words since the last figure name (航空航天领域的占比最少，约为0.5%), else
        what was named last, else the topic; empty where the words are no plain name.
        """
        begin = self._begin(reading, position)
        topic = self.topic(reading, begin, reading.left)
        if topic:
            return topic
        *_, words = self._pattern["break"].split(
            self._words(reading, reading.left, max(reading.left, begin - 1))
        )
        name = self.clean(words)
        if name:
            plain = 2 <= len(name) <= _NEAR and not self._pattern["stop"].search(name)
            return name if plain else ""
        return reading.named[-1] if reading.named else self.topic(reading, position)

    def topic(self, reading: Reading, position: int, start: int = 0) -> str:
        """Return the topic that a sentence opens with (在高新技术企业从业人数方面)."""
        topics = self._pattern["topic"].finditer(reading.text, start, position)
        found = [m["topic"] for m in topics]
        return self.clean(found[-1]) if found else ""

    def place_before(self, reading: Reading, position: int) -> str:
        """Return the place that a figure is of: the nearest named before it, else the clause's.

        Empty where a group or several places are named, and for the whole that a place named
        afterwards is a part of (377家，其中上海59家).
        """
        text = reading.text
        for mention in reversed(reading.places):
            if mention.end > position:
                continue
            if self._owns(text, mention, position) or not self._finder.is_aside(text, mention):
                return mention.places[0] if len(mention.places) == 1 else ""
        partitive = self._pattern["partitive"]
        parts = [m for m in reading.places if partitive.search(text[: m.start][-2:])]
        return "" if parts else reading.context.place

    def _owns(self, text: str, mention: PlaceMention, position: int) -> bool:
        """Tell whether a place stands right before a figure (远低于北京的17.5%)."""
        return bool(self._noun.fullmatch(text, mention.end, position))

    def clean(self, words: str) -> str:
        """Strip what does not belong to a name: verbs, adverbs, hedges, particles."""
        name = words.replace(_FILLER, "").strip(" “”\"'、")
        while True:
            stripped = self._pattern["head"].sub("", self._pattern["tail"].sub("", name)).strip()
            if stripped == name:
                return name
            name = stripped

    def _begin(self, reading: Reading, position: int) -> int:
        """Return where the words of a name may begin: after the last stop or figure."""
        stops = [m.end() for m in self._pattern["break"].finditer(reading.masked, 0, position)]
        return max(reading.left, stops[-1] if stops else 0)

    def _words(self, reading: Reading, start: int, end: int) -> str:
        """Return the words between two positions without places, years and base years."""
        text, aside = reading.text, self._finder.is_aside
        spans = [
            (m.start, m.end)
            for m in reading.places
            if self._owns(text, m, end) or not aside(text, m)
        ]
        spans += [(s, e) for s, e, _ in (*reading.years, *reading.bases)]
        spans += [m.span() for m in self._last_year.finditer(reading.text)]
        kept = list(reading.masked)
        for first, last in spans:
            kept[first:last] = _FILLER * (last - first)
        return "".join(kept[start:end])

    def _after(self, reading: Reading, figure: Figure, *, whole: bool) -> tuple[str, int]:
        """Return the words after a figure that name what it counts, and where they end.

        Where another figure follows, it takes the words that are not certainly of this one.
        The verb belongs to a part of something (其中40家登陆科创板): ``whole`` keeps it.
        """
        stop = self._pattern["break"].search(reading.masked, figure.end)
        end = stop.start() if stop else len(reading.text)
        following = next((s for s in reading.starts if s >= figure.end), len(reading.text))
        shared, end = following < end, min(following, end)
        words = self._words(reading, figure.end, end)
        lead = self._pattern["head"].match(words)
        verb = self._pattern["stop"].search(words, lead.end() if lead else 0)
        if verb and not whole:
            words = words[: verb.start()]
        elif shared and not self._joint.search(words):
            words = words[: self._heads_end(words)]
        name = self.clean(self._joint.sub("", words))
        return (name if len(name) <= _LONGEST else ""), figure.end + len(words)

    def _heads_end(self, words: str) -> int:
        found = self._heads.search(words)
        return found.end() if found else 0

    def names_of_each(self, words: str) -> Iterator[str]:
        """Yield the parts of an enumeration of names (技术交易额、项目数和人数)."""
        for part in re.split(self._joint.pattern.removesuffix("$"), words):
            name = self.clean(part)
            if name:
                yield name
