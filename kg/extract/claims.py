"""Claims: what a secondary source says of which city — has, lacks, should adopt."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import ahocorasick_rs as ac

from kg.extract.instruments import Segment, name_instruments, select_instruments
from kg.extract.lexicon import Hit
from kg.extract.sections import clause_path
from kg.model import Basis, Document, Status
from kg.ontology import Vocabulary

_OPENING = 2
_CITY_TYPES = ("Municipality", "Prefecture", "Province")


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement about cities (place ids): instruments, status, basis of a denial."""

    cities: tuple[str, ...]
    instruments: tuple[str, ...]
    status: Status
    basis: Basis = ""
    distributed: bool = False
    start: int = 0


@dataclass(frozen=True, slots=True)
class CityMention:
    """One or several cities named side by side (北京、深圳) or as a group (三地)."""

    start: int
    end: int
    cities: tuple[str, ...]
    group: bool


@dataclass(slots=True)
class Setting:
    """What earlier sentences establish: the last enumeration of n cities, the paper's city.

    ``advice`` tells that a heading announces advice, ``ours`` that one names the paper's city.
    """

    subject: str
    groups: dict[int, tuple[str, ...]] = field(default_factory=dict)
    advice: bool = False
    ours: bool = False


class ClaimReader:
    """Read comparative prose with the place names and comparison words of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._codes: dict[str, str] = {}
        for place in vocabulary.places.values():
            if place.type in _CITY_TYPES:
                for label in (place.zh, place.official):
                    if len(label) >= 2 and label not in place.ambiguous:
                        self._codes.setdefault(label, place.code)
        self._names = sorted(self._codes)
        self._automaton = ac.AhoCorasick(self._names, matchkind=ac.MatchKind.LeftmostLongest)
        self._joint = re.compile(vocabulary.pattern("city-joint"))
        self._breaks = re.compile(vocabulary.pattern("claim-break"))
        self._compared = re.compile(vocabulary.pattern("compared-cities"))
        self._refers_back = re.compile(vocabulary.pattern("such-policies"))
        self._rest = re.compile(vocabulary.pattern("other-cities"))
        self._praise = re.compile(vocabulary.pattern("claim-praise"))
        self._missing = re.compile(vocabulary.pattern("policy-lack"))
        self._short = self._abbreviations()

    def _abbreviations(self) -> dict[str, tuple[str, ...]]:
        """Return each run of one-character names (北上深) with the cities it stands for."""
        single = {
            label: code
            for code, labels in self._vocabulary.cues("city-abbreviation").items()
            for label in labels
        }
        groups = self._vocabulary.cues("city-abbreviation-group").values()
        return {
            label: tuple(single[c] for c in label if c in single)
            for labels in groups
            for label in labels
        }

    def find_cities(self, text: str, hits: Sequence[Hit], setting: Setting) -> list[CityMention]:
        """Return the cities named in ``text``; neighbours joined by 、 or 和 are one mention."""
        mentions: list[CityMention] = []
        for index, start, end in self._automaton.find_matches_as_indexes(text):
            code = self._codes[self._names[index]]
            last = mentions[-1] if mentions else None
            if last and not last.group and self._joint.fullmatch(text, last.end, start):
                mentions[-1] = CityMention(last.start, end, (*last.cities, code), False)
            else:
                mentions.append(CityMention(start, end, (code,), False))
        mentions = [m for m in mentions if not self._compared.match(text, m.end)]
        for mention in mentions:
            if len(mention.cities) >= 2:
                setting.groups[len(mention.cities)] = mention.cities
        for label, cities in self._short.items():
            if label in text:
                setting.groups.setdefault(len(cities), cities)
        for hit in hits:
            if hit.family == "group" and not self._refers(mentions, hit, text):
                cities = setting.groups.get(int(hit.id), ())
                if cities:
                    mentions.append(CityMention(hit.start, hit.end, cities, True))
        return sorted(mentions, key=lambda mention: mention.start)

    def is_about(self, document: Document, clause: int | None, city: str) -> bool:
        """Tell whether a heading above names a city: what stands below is then said of it."""
        names = [name for name, code in self._codes.items() if code == city]
        return any(name in part.heading for part in clause_path(document, clause) for name in names)

    def _refers(self, mentions: Iterable[CityMention], hit: Hit, text: str) -> bool:
        """Tell whether 两地 repeats the cities before it (北京和深圳两地) or means the rest (其他两地)."""
        named = any(mention.end == hit.start for mention in mentions)
        return named or bool(self._rest.search(text[: hit.start]))

    def read(
        self, text: str, hits: Sequence[Hit], segments: Sequence[Segment], setting: Setting
    ) -> list[Claim]:
        """Return the claims of a sentence in the order of its parts, joined per city set."""
        cities = self.find_cities(text, hits, setting)
        hits = self._without_praise(text, hits)
        claims: list[Claim] = []
        before: tuple[str, ...] = ()
        for start, end in self._parts(text, cities):
            inside = [hit for hit in hits if start <= hit.start and hit.end <= end]
            named = self._named(text, inside, segments)
            if not named and self._refers_back.search(text, start, end):
                named = before
            before = named or before
            here = [m for m in cities if start <= m.start < end]
            claims.extend(self._read_part(text[start:end], start, inside, named, here, setting))
        claims.extend(self._denials(text, hits, claims, cities, setting))
        if setting.ours and not (claims or cities or setting.advice):
            claims.extend(self._missing_policies(text, hits, segments, setting))
        return _merged(claims)

    def _without_praise(self, text: str, hits: Sequence[Hit]) -> list[Hit]:
        """Leave out the instruments that stand in what a policy is good for (…，更能留住人才)."""
        praise = [found.span() for found in self._praise.finditer(text)]
        return [
            hit
            for hit in hits
            if hit.family != "instrument" or not any(a <= hit.start < b for a, b in praise)
        ]

    def _missing_policies(
        self, text: str, hits: Sequence[Hit], segments: Sequence[Segment], setting: Setting
    ) -> Iterator[Claim]:
        """Say of the paper's city, below a heading that names it, which policies are missing.

        Only what the phrase itself names counts (…准入机制的政策较为缺乏), up to the next comma.
        """
        for found in self._missing.finditer(text):
            start = max(text.rfind(mark, 0, found.start()) for mark in "，；。") + 1
            inside = [h for h in hits if start <= h.start and h.end <= found.end() and not h.weak]
            named = self._named(text, inside, segments)
            if named:
                yield Claim((setting.subject,), named, "lacking", "lacks", start=start)

    def _named(
        self, text: str, hits: Sequence[Hit], segments: Sequence[Segment]
    ) -> tuple[str, ...]:
        """Return the instruments that a part names, its beneficiaries (高新区所在地政府) left aside."""
        named = name_instruments(text, _without_recipients(hits), segments, self._vocabulary)
        return tuple(ranked.id for ranked in select_instruments(named))

    def _parts(self, text: str, cities: Sequence[CityMention]) -> Iterator[tuple[int, int]]:
        """Cut where a contrast or a new city begins (…，但北京…，以及深圳…)."""
        start = 0
        for found in self._breaks.finditer(text):
            if any(found.end() <= m.start <= found.end() + 1 for m in cities):
                yield start, found.start()
                start = found.end()
        yield start, len(text)

    def _read_part(
        self,
        text: str,
        offset: int,
        hits: Sequence[Hit],
        named: tuple[str, ...],
        cities: Sequence[CityMention],
        setting: Setting,
    ) -> Iterator[Claim]:
        if not named:
            return
        families = {hit.family for hit in hits}
        advised = families & {"lacks", "adopt"}
        if ("silent-sentence" in families and not advised) or (
            "statistic" in families and not advised and "provide" not in families
        ):
            return
        lacking = next((hit for hit in hits if hit.family == "lacks"), None)
        if lacking and cities and not _advised(hits, lacking):
            yield from _lacking(lacking, named, cities, offset)
            return
        if self._is_advice(hits, cities, setting):
            yield Claim((setting.subject,), named, "recommended", "should-adopt", start=offset)
            return
        opens = bool(cities) and cities[0].start - offset <= _OPENING
        acts = bool(families & {"provide", "strength", "grant-noun"})
        told = cities and (cities[0].group or acts or opens) and "statistic" not in families
        if told:
            yield Claim(cities[0].cities, named, "reported", "", cities[0].group, offset)

    def _is_advice(
        self, hits: Sequence[Hit], cities: Sequence[CityMention], setting: Setting
    ) -> bool:
        adopting = [hit for hit in hits if hit.family == "adopt"]
        if setting.advice:
            return not cities or setting.subject in cities[0].cities
        own = cities and setting.subject in cities[0].cities and not cities[0].group
        return bool(own and adopting)

    def _denials(
        self,
        text: str,
        hits: Sequence[Hit],
        claims: Sequence[Claim],
        cities: Sequence[CityMention],
        setting: Setting,
    ) -> Iterator[Claim]:
        """Say of the paper's city what is told of others as instructive or different."""
        others = [
            claim
            for claim in claims
            if claim.status == "reported" and setting.subject not in claim.cities
        ]
        if not others or any(claim.status == "lacking" for claim in claims):
            return
        families = {hit.family for hit in hits}
        differs = "differs" in families
        if not differs and "instructive" not in families:
            return
        named = tuple(dict.fromkeys(i for claim in others for i in claim.instruments))
        basis: Basis = "differs" if differs else "should-adopt"
        yield Claim((setting.subject,), named, "recommended", basis, start=len(text))


def _without_recipients(hits: Sequence[Hit]) -> list[Hit]:
    """Leave out weak cues that are part of the longer name of a beneficiary."""
    names = [hit for hit in hits if hit.family == "beneficiaries"]
    return [
        hit
        for hit in hits
        if not hit.weak
        or not any(
            n.start <= hit.start and hit.end <= n.end and n.end - n.start > hit.end - hit.start
            for n in names
        )
    ]


def _advised(hits: Sequence[Hit], lacking: Hit) -> bool:
    """Tell whether advice follows what is missing (…欠缺，应积极增加…)."""
    return any(hit.family == "adopt" and hit.start > lacking.end for hit in hits)


def _lacking(
    lacking: Hit, named: tuple[str, ...], cities: Sequence[CityMention], offset: int
) -> Iterator[Claim]:
    """X lacks what Y and Z have: one claim for each side."""
    before = [m for m in cities if m.end <= lacking.start]
    after = [m for m in cities if m.start >= lacking.end]
    if before:
        yield Claim(before[0].cities, named, "lacking", "lacks", start=offset)
    for mention in after:
        yield Claim(mention.cities, named, "reported", "", False, offset)


def _merged(claims: Sequence[Claim]) -> list[Claim]:
    """Join claims that differ in their instruments only."""
    merged: dict[tuple[object, ...], Claim] = {}
    for claim in claims:
        key = (claim.cities, claim.status, claim.basis, claim.distributed)
        known = merged.get(key)
        instruments = (*(known.instruments if known else ()), *claim.instruments)
        merged[key] = Claim(
            claim.cities,
            tuple(dict.fromkeys(instruments)),
            claim.status,
            claim.basis,
            claim.distributed,
            known.start if known else claim.start,
        )
    return list(merged.values())


@lru_cache(maxsize=2)
def compile_claims(vocabulary: Vocabulary) -> ClaimReader:
    """Return the reader of ``vocabulary``, built once."""
    return ClaimReader(vocabulary)
