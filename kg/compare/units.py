"""Units: who leads and supports what, who answers together, the same function in several places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import networkx as nx

from kg.graph import Coding
from kg.model import Evidence, Responsibility
from kg.ontology import Vocabulary, list_categories

ROLES = ("lead", "responsible", "support")


@dataclass(frozen=True, slots=True)
class Task:
    """A measure as a duty of a unit: IRI of the measure, role, instruments, clause, evidence."""

    measure: str
    role: str
    category: str
    instruments: tuple[str, ...]
    clause: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class UnitProfile:
    """A unit with what it answers for; ``unit`` is its IRI, ``jurisdiction`` a place id.

    ``function`` is an id of the functions of government; the counts are measures, each once.
    ``categories`` are (notation, measures) by frequency.
    """

    unit: str
    name: str
    function: str
    jurisdiction: str
    lead: int
    responsible: int
    support: int
    categories: tuple[tuple[str, int], ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Rank:
    """A unit in the network of those who answer together; centralities are between 0 and 1.

    ``degree`` is the share of the other units it answers with, ``strength`` the sum of shared
    measures, ``community`` a number from 1, the largest community first.
    """

    unit: str
    name: str
    jurisdiction: str
    function: str
    measures: int
    degree: float
    strength: int
    betweenness: float
    eigenvector: float
    community: int


@dataclass(frozen=True, slots=True)
class Counterpart:
    """One side of a comparison: the units of a place that lead an instrument, with their tasks."""

    place: str
    units: tuple[str, ...]
    functions: tuple[str, ...]
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """An instrument that several places provide, and who leads it in each.

    ``same`` tells whether the same function of government leads it everywhere.
    """

    instrument: str
    category: str
    sides: tuple[Counterpart, ...]
    same: bool


def profile_units(
    codings: Iterable[Coding], vocabulary: Vocabulary, *, repeats: bool = False
) -> tuple[UnitProfile, ...]:
    """Return the units with their duties, those with the most measures first.

    What a task table repeats of a clause counts once, as the clause has it, unless ``repeats``.
    """
    found: dict[str, list[tuple[Responsibility, Task]]] = defaultdict(list)
    for coding in codings:
        if coding.is_own and (repeats or not coding.repeats):
            for duty in coding.duties:
                found[duty.unit].append((duty, _make_task(coding, duty.role, vocabulary)))
    profiles = [_make_profile(unit, held, vocabulary) for unit, held in found.items()]
    return tuple(sorted(profiles, key=lambda p: (-len({t.measure for t in p.tasks}), p.unit)))


def find_function(duty: Responsibility, vocabulary: Vocabulary) -> str:
    """Return the id of what a unit does: that of the unit itself, else of its kind; may be empty."""
    known = vocabulary.units.get(duty.unit.rsplit("/", 1)[-1])
    kind = vocabulary.unit_kinds.get(duty.kind)
    return (known.function if known else "") or (kind.function if kind else "")


def name_function(function: str, vocabulary: Vocabulary) -> str:
    """Return the Chinese name of a function of government, empty where there is none."""
    labels = vocabulary.schemes["functions"].get(function, ())
    return next((text for text, language in labels if language == "zh"), "")


def link_units(
    codings: Iterable[Coding], vocabulary: Vocabulary, *, place: str = "", groups: bool = False
) -> nx.Graph:
    """Project the measures to units that answer for them together.

    Nodes are IRIs of units with ``label``, ``function``, ``jurisdiction``, ``measures``; links
    carry ``weight``, the number of measures that both answer for, each once however often a task
    table repeats it, and ``measures``, their IRIs parted by spaces.  ``place`` (an id) keeps the
    documents of that place and of places within it.  Groups such as 各镇 and units that the
    vocabulary does not know are left out unless ``groups``.  Nodes and links are added in IRI
    order, so that equal graphs are equal files.
    """
    measures: dict[str, set[str]] = defaultdict(set)
    shared: dict[tuple[str, str], set[str]] = defaultdict(set)
    about: dict[str, Responsibility] = {}
    for coding in codings:
        within = not place or place in vocabulary.place_chain(coding.seat)
        if not coding.is_own or coding.repeats or not within:
            continue
        duties = {d.unit: d for d in coding.duties if groups or is_single(d, vocabulary)}
        about.update({unit: duty for unit, duty in duties.items() if unit not in about})
        for unit in duties:
            measures[unit].add(coding.measure)
        for pair in combinations(sorted(duties), 2):
            shared[pair].add(coding.measure)
    network = nx.Graph()
    for unit in sorted(measures):
        network.add_node(
            unit,
            label=about[unit].name,
            function=find_function(about[unit], vocabulary),
            jurisdiction=about[unit].jurisdiction,
            measures=len(measures[unit]),
        )
    for (one, other), found in sorted(shared.items()):
        network.add_edge(one, other, weight=len(found), measures=" ".join(sorted(found)))
    return network


def is_single(duty: Responsibility, vocabulary: Vocabulary) -> bool:
    """Tell whether a name stands for one unit that the vocabulary knows, not for a group."""
    local = duty.unit.rsplit("/", 1)[-1]
    groups = {unit.id for unit in vocabulary.units.values() if unit.group}
    if local.startswith("x-") and not duty.kind:
        return False
    return not (local in groups or local.rpartition("-")[2] in groups)


def rank_units(network: nx.Graph, *, seed: int = 0) -> tuple[Rank, ...]:
    """Return the units by betweenness with their centralities and communities.

    Betweenness (Brandes) and degree count links, eigenvector centrality weighs them; communities
    are those of Louvain's method over the weights with a fixed seed, the largest first.  Values
    are rounded to six digits.
    """
    if not network:
        return ()
    betweenness = nx.betweenness_centrality(network)
    degree = nx.degree_centrality(network)
    eigenvector = _weigh_eigenvector(network)
    communities = sorted(
        (sorted(found) for found in nx.community.louvain_communities(network, seed=seed)),
        key=lambda found: (-len(found), found),
    )
    number = {unit: index for index, found in enumerate(communities, 1) for unit in found}
    ranks = [
        Rank(
            unit=unit,
            name=str(about["label"]),
            jurisdiction=str(about["jurisdiction"]),
            function=str(about["function"]),
            measures=int(about["measures"]),
            degree=round(degree[unit], 6),
            strength=int(network.degree(unit, weight="weight")),
            betweenness=round(betweenness[unit], 6),
            eigenvector=round(eigenvector[unit], 6),
            community=number[unit],
        )
        for unit, about in network.nodes(data=True)
    ]
    return tuple(sorted(ranks, key=lambda r: (-r.betweenness, -r.strength, r.unit)))


def _weigh_eigenvector(network: nx.Graph) -> dict[str, float]:
    """Return the eigenvector centrality within the largest component, 0 outside of it."""
    largest = max(
        (sorted(found) for found in nx.connected_components(network)),
        key=lambda found: (len(found), found),
    )
    values = dict.fromkeys(network, 0.0)
    if len(largest) > 2:
        core = network.subgraph(largest)
        values.update(nx.eigenvector_centrality(core, max_iter=5000, tol=1e-9, weight="weight"))
    return {unit: abs(value) for unit, value in values.items()}


def compare_units(
    codings: Sequence[Coding], places: Sequence[str], vocabulary: Vocabulary
) -> tuple[Comparison, ...]:
    """Return the instruments that documents of several ``places`` (ids) provide, and who leads each.

    A unit leads where a document says so (牵头); where it tells no roles, the unit named first
    does.  What differs comes first, then by category and instrument.
    """
    leading = {place: _find_leading(codings, place, vocabulary) for place in places}
    found = []
    for instrument in sorted(vocabulary.concepts):
        sides = tuple(
            _make_side(place, leading[place][instrument], vocabulary)
            for place in places
            if instrument in leading[place]
        )
        if len(sides) > 1:
            functions = [frozenset(side.functions) for side in sides]
            same = bool(frozenset.intersection(*functions))
            found.append(Comparison(instrument, vocabulary.notation(instrument), sides, same))
    order = [c.notation for c in list_categories(vocabulary)]
    return tuple(sorted(found, key=lambda c: (c.same, order.index(c.category), c.instrument)))


def find_leads(coding: Coding) -> tuple[Responsibility, ...]:
    """Return the leading units of a measure; where no role is told, the one named first."""
    led = tuple(duty for duty in coding.duties if duty.role == "lead")
    return led or tuple(duty for duty in coding.duties if duty.role != "support")[:1]


def _find_leading(
    codings: Iterable[Coding], place: str, vocabulary: Vocabulary
) -> dict[str, list[tuple[Responsibility, Task]]]:
    found: dict[str, list[tuple[Responsibility, Task]]] = defaultdict(list)
    for coding in codings:
        if coding.is_own and coding.seat == place and not coding.repeats:
            for duty in find_leads(coding):
                task = _make_task(coding, duty.role, vocabulary)
                for instrument in coding.instruments:
                    found[instrument].append((duty, task))
    return found


def _make_side(
    place: str, held: Sequence[tuple[Responsibility, Task]], vocabulary: Vocabulary
) -> Counterpart:
    duties = {duty.unit: duty for duty, _ in held}
    functions = (find_function(duty, vocabulary) for duty in duties.values())
    return Counterpart(
        place=place,
        units=tuple(duty.name for duty in duties.values()),
        functions=tuple(dict.fromkeys(filter(None, functions))),
        tasks=tuple(dict.fromkeys(task for _, task in held)),
    )


def _make_task(coding: Coding, role: str, vocabulary: Vocabulary) -> Task:
    category = coding.categories[0] if coding.categories else ""
    return Task(
        measure=coding.measure,
        role=role,
        category=vocabulary.concepts[category].notation if category else "",
        instruments=coding.instruments,
        clause="".join(coding.numbers) + coding.heading,
        evidence=coding.evidence,
    )


def _make_profile(
    unit: str, held: Sequence[tuple[Responsibility, Task]], vocabulary: Vocabulary
) -> UnitProfile:
    duty = held[0][0]
    by_role = {role: {t.measure for _, t in held if t.role == role} for role in ROLES}
    categories: dict[str, set[str]] = defaultdict(set)
    for _, task in held:
        categories[task.category].add(task.measure)
    counted = sorted(((n, len(m)) for n, m in categories.items()), key=lambda c: (-c[1], c[0]))
    return UnitProfile(
        unit=unit,
        name=duty.name,
        function=find_function(duty, vocabulary),
        jurisdiction=duty.jurisdiction,
        lead=len(by_role["lead"]),
        responsible=len(by_role["responsible"]),
        support=len(by_role["support"]),
        categories=tuple(counted),
        tasks=tuple(task for _, task in held),
    )
