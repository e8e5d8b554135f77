"""Lenses: the groups by which instruments are summed up, ours or those of the literature."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from kg.errors import QueryError
from kg.ontology import Vocabulary, list_categories
from kg.ontology.namespaces import SKOS

LENSES = {"six": "instruments", "rothwell": "rothwell-zegveld", "stip": "stip"}


@dataclass(frozen=True, slots=True)
class Group:
    """A group of instruments in a lens; ``broader`` is the id of the group above, empty on top."""

    id: str
    zh: str
    en: str
    broader: str
    instruments: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lens:
    """A lens: its groups by id, tops before what they hold; ``unmapped`` instruments fit none."""

    name: str
    groups: Mapping[str, Group]
    unmapped: tuple[str, ...]

    def find(self, instrument: str) -> tuple[str, ...]:
        """Return the ids of the groups that an instrument belongs to, the narrowest first."""
        found = [group for group in self.groups.values() if instrument in group.instruments]
        return tuple(g.id for g in sorted(found, key=lambda g: (not g.broader, g.id)))

    def tops(self) -> tuple[Group, ...]:
        """Return the groups on top."""
        return tuple(group for group in self.groups.values() if not group.broader)


def load_lens(vocabulary: Vocabulary, name: str = "six") -> Lens:
    """Return a lens: the six categories, Rothwell and Zegveld's tools, or the types of OECD STIP.

    An instrument belongs to the group that it is mapped to (``skos:closeMatch``) and to the one
    above; one without a mapping of its own is unmapped, and so are the six categories, which are
    wider than any group.  Raises QueryError for an unknown name.
    """
    if name not in LENSES:
        raise QueryError(f"no lens {name!r}; there are: {', '.join(LENSES)}")
    if name == "six":
        return _load_categories(vocabulary)
    broader, mapped = _read_mappings(vocabulary, LENSES[name])
    members: dict[str, set[str]] = defaultdict(set)
    for instrument, group in mapped.items():
        while group:
            members[group].add(instrument)
            group = broader.get(group, "")
    labels = vocabulary.schemes[LENSES[name]]
    groups = {
        group: Group(
            group,
            next((text for text, lang in labels[group] if lang == "zh"), group),
            next((text for text, lang in labels[group] if lang == "en"), group),
            broader.get(group, ""),
            frozenset(members[group]),
        )
        for group in sorted(labels, key=lambda g: (broader.get(g) or g, g in broader, g))
    }
    unmapped = tuple(c.id for c in vocabulary.concepts.values() if c.broader and c.id not in mapped)
    return Lens(name, groups, unmapped)


def _load_categories(vocabulary: Vocabulary) -> Lens:
    groups = {
        c.id: Group(c.id, c.notation or c.zh, c.en, "", vocabulary.narrower(c.id))
        for c in list_categories(vocabulary)
    }
    return Lens("six", groups, ())


def _read_mappings(vocabulary: Vocabulary, scheme: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return group → broader group, and instrument → group, of a scheme."""
    start = next(iter(vocabulary.concepts.values())).iri.rsplit("/", 2)[0] + f"/{scheme}/"
    broader, mapped = {}, {}
    instruments = {concept.iri: concept.id for concept in vocabulary.concepts.values()}
    for triple in vocabulary.triples:
        subject = getattr(triple.subject, "value", "")
        value = getattr(triple.object, "value", "")
        if not value.startswith(start):
            continue
        if triple.predicate.value == SKOS + "broader" and subject.startswith(start):
            broader[subject[len(start) :]] = value[len(start) :]
        elif triple.predicate.value == SKOS + "closeMatch" and subject in instruments:
            mapped[instruments[subject]] = value[len(start) :]
    return broader, mapped
