"""Contents: all that a report and a workbook show of one comparison, gathered once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import networkx as nx

from kg.compare import (
    Cell,
    Claim,
    Gaps,
    Mix,
    MixClaim,
    Overlaps,
    find_gaps,
    find_mix,
    find_overlaps,
    load_lens,
    name_place,
    read_cells,
    resolve_peers,
)
from kg.compare.matrix import list_places
from kg.compare.units import ROLES, UnitProfile, profile_units
from kg.compare.verdicts import Verdict, check_claims
from kg.graph import Coding, Version, read_codings, read_documents, read_measures
from kg.ontology import Vocabulary
from kg.report.figures import Figure, Figures

Tick = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Subject:
    """What is told of: the graph, its projection, the city and its peers (names or ids).

    Without a city it is the one with most measures of its own; without peers all other places
    that something is said of.
    """

    version: Version
    claims: nx.DiGraph
    vocabulary: Vocabulary
    base: str
    city: str = ""
    peers: tuple[str, ...] = ()
    stated: tuple[MixClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A cell with its counts: measures that credit the place, and those that deny it."""

    cell: Cell
    says: Figure
    denies: Figure


@dataclass(frozen=True, slots=True)
class Bar:
    """The mix of a place: sentences counted, and of each category, in the order of the columns."""

    place: str
    n: Figure
    parts: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Office:
    """A unit with its measures by role (see ROLES)."""

    profile: UnitProfile
    counts: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A document: its IRI, its row of ``kg documents``, and how many measures it holds."""

    iri: str
    row: dict[str, Any]
    measures: Figure


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything shown; ``spots`` is keyed by place id and instrument id, categories included.

    ``places`` are ids, the city first; ``instruments`` are those of which something is said,
    ``silent`` the others, both in the order of the vocabulary.
    """

    subject: Subject
    figures: Figures
    documents: Figure
    measures: Figure
    places: tuple[str, ...]
    categories: tuple[str, ...]
    instruments: tuple[str, ...]
    silent: tuple[str, ...]
    spots: dict[tuple[str, str], Spot]
    gaps: Gaps
    overlaps: tuple[Overlaps, ...]
    mix: Mix
    bars: tuple[Bar, ...]
    verdicts: tuple[Verdict, ...]
    offices: tuple[Office, ...]
    sources: tuple[Source, ...]
    sheet: tuple[dict[str, Any], ...]

    @property
    def city(self) -> str:
        """The id of the place that the others are compared with."""
        return self.places[0]


def gather_contents(subject: Subject, *, on_step: Tick = lambda step: None) -> Contents:
    """Run every comparison that a report shows.

    ``on_step`` is told what is being done.  Raises QueryError for an unknown place, or where
    the documents say nothing of any two places.
    """
    vocabulary, claims = subject.vocabulary, subject.claims
    figures = Figures(claims, vocabulary, subject.base)
    entries = claims.graph["documents"]
    on_step("matrix")
    places = choose_places(subject)
    home, *peers = places
    spots = {key: spot for place in places for key, spot in _read_spots(figures, place)}
    tops = tuple(group.id for group in load_lens(vocabulary, "six").tops())
    below = sorted(set(vocabulary.concepts) - set(tops), key=_by_category(vocabulary, tops))
    said = {i for (_, i), spot in spots.items() if spot.says.value or spot.denies.value}
    on_step("gaps")
    gaps = find_gaps(claims, home, peers, vocabulary=vocabulary)
    on_step("overlaps")
    overlaps = tuple(find_overlaps(claims, home, peer, vocabulary=vocabulary) for peer in peers)
    mix = find_mix(claims, vocabulary, places=places, weights="main", stated=subject.stated)
    on_step("claims")
    codings = read_codings(subject.version, base=subject.base)
    verdicts = check_claims(
        subject.version, vocabulary, city=home, codings=codings, base=subject.base
    )
    on_step("units")
    store = subject.version.store()
    on_step("coding sheet")
    sheet = tuple(
        r for r in read_measures(subject.version, base=subject.base) if r["document"] in entries
    )
    return Contents(
        subject=subject,
        figures=figures,
        documents=figures.count_all(len(entries), "documents"),
        measures=figures.count_all(len(sheet), "measures"),
        places=places,
        categories=tops,
        instruments=tuple(i for i in below if i in said),
        silent=tuple(i for i in below if i not in said),
        spots=spots,
        gaps=gaps,
        overlaps=overlaps,
        mix=mix,
        bars=tuple(_read_bars(figures, mix, places, tops)),
        verdicts=verdicts,
        offices=tuple(_read_offices(figures, codings)),
        sources=tuple(_read_sources(figures, read_documents(store, base=subject.base), sheet)),
        sheet=sheet,
    )


def choose_places(subject: Subject) -> tuple[str, ...]:
    """Return the ids of the places, the city first; see Subject."""
    claims, vocabulary = subject.claims, subject.vocabulary
    if subject.city and subject.peers:
        return tuple(resolve_peers(vocabulary, [subject.city, *subject.peers]))
    found = [place for place in list_places(claims, vocabulary) if place in claims]
    own = {
        place: sum(
            c.standing == "own" for *_, told in claims.out_edges(place, "claims") for c in told
        )
        for place in found
    }
    home = resolve_peers(vocabulary, [subject.city])[0] if subject.city else ""
    home = home or max(found, key=lambda place: (own[place], place), default="")
    if subject.peers:
        return tuple(resolve_peers(vocabulary, [home, *subject.peers]))
    others = [place for place in found if place != home]
    return tuple(resolve_peers(vocabulary, [home, *others]))


def _by_category(vocabulary: Vocabulary, tops: Sequence[str]) -> Callable[[str], Any]:
    """Return a key that sorts instruments by category, then each under its broader one."""
    return lambda i: (tops.index(vocabulary.category_of(i)), vocabulary.ancestors(i)[::-1])


def _count(claims: Iterable[Claim]) -> int:
    """Count measures, what a task table repeats once."""
    return len({claim.repeats or claim.measure for claim in claims})


def _read_spots(figures: Figures, place: str) -> Iterable[tuple[tuple[str, str], Spot]]:
    for instrument, cell in read_cells(figures.claims, figures.vocabulary, place).items():
        says = figures.count_cell(_count(cell.positives), "says", place, instrument)
        denies = figures.count_cell(_count(cell.denials), "denies", place, instrument)
        yield (place, instrument), Spot(cell, says, denies)


def _read_bars(
    figures: Figures, mix: Mix, places: Sequence[str], categories: Sequence[str]
) -> Iterable[Bar]:
    by_name = {found.place: found for found in mix.places}
    for place in places:
        found = by_name.get(name_place(figures.vocabulary, place))
        if found and found.n:
            counts = {share.id: share.n for share in found.groups}
            yield Bar(
                place,
                figures.count_sentences(found.n, place),
                tuple(figures.count_sentences(counts.get(c, 0), place, c) for c in categories),
            )


def _read_offices(figures: Figures, codings: Iterable[Coding]) -> Iterable[Office]:
    entries = figures.claims.graph["documents"]
    counted = (coding for coding in codings if coding.document in entries)
    for profile in profile_units(counted, figures.vocabulary):
        roles = ((role, getattr(profile, role)) for role in ROLES)
        counts = (figures.count_duties(n, profile.unit, role) for role, n in roles)
        yield Office(profile, tuple(counts))


def _read_sources(
    figures: Figures, rows: Iterable[dict[str, Any]], sheet: Sequence[dict[str, Any]]
) -> Iterable[Source]:
    by_key = {(row["source"], row["title"], row["number"]): row for row in rows}
    for iri, entry in sorted(figures.claims.graph["documents"].items(), key=lambda e: e[1].source):
        n = sum(row["document"] == iri for row in sheet)
        row = by_key[entry.source, entry.title, entry.number]
        yield Source(iri, row, figures.count_all(n, "measures", iri))
