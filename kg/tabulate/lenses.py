"""Lenses: the classes by which measures are counted, read from the vocabulary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import pyoxigraph as ox

from kg.errors import QueryError
from kg.graph import Coding
from kg.ontology import BASE, PK, Vocabulary, list_categories, local_id
from kg.ontology.namespaces import SKOS

UNTOLD = "-"


@dataclass(frozen=True, slots=True)
class Lens:
    """A way to class measures: ``classes`` maps ids to Chinese names, in their order."""

    name: str
    classes: Mapping[str, str]
    classify: Callable[[Coding], tuple[str, ...]]


@lru_cache(maxsize=32)
def make_lens(name: str, vocabulary: Vocabulary) -> Lens:
    """Return the lens called ``name``; a measure may fall into several of its classes.

    category (the six), main-category (the first alone), instrument, rothwell (supply,
    environment, demand), tool (Rothwell and Zegveld's sub-tools), stip (OECD), beneficiary,
    stage (of growth, by beneficiaries), strength, place (of the document), document.  Raises
    QueryError for any other name.
    """
    if name not in LENSES:
        raise QueryError(f"no lens {name!r}; there are: {', '.join(LENSES)}")
    return LENSES[name](vocabulary)


def read_matches(vocabulary: Vocabulary, scheme: str) -> dict[str, str]:
    """Return instrument id → id of the concept of another scheme that it is mapped to."""
    start = f"{BASE}id/{scheme}/"
    return {
        local_id(subject): local_id(matched)
        for subject, matched in read_pairs(vocabulary, SKOS + "closeMatch")
        if matched.startswith(start)
    }


def read_values(vocabulary: Vocabulary, scheme: str) -> dict[str, float]:
    """Return id → pk:value of the concepts in a scheme of scores, highest first.

    Of several values the last counts: that of a folder layered over the shipped one.
    """
    members = _members(vocabulary, f"{BASE}id/scheme/{scheme}")
    values: dict[str, float] = {}
    for subject, value in read_pairs(vocabulary, PK + "value"):
        if subject in members:
            values[local_id(subject)] = float(value)
    return dict(sorted(values.items(), key=lambda item: (-item[1], item[0])))


def name_class(vocabulary: Vocabulary, scheme: str, identifier: str) -> str:
    """Return the Chinese name of a concept in a scheme, its id where it has none."""
    labels = vocabulary.schemes[scheme].get(identifier, ())
    return next((text for text, language in labels if language == "zh"), identifier)


def read_pairs(vocabulary: Vocabulary, predicate: str) -> Sequence[tuple[str, str]]:
    """Return subject and object of what the vocabulary says by a predicate, in the order of its files."""
    return _index_statements(vocabulary).get(predicate, ())


@lru_cache(maxsize=2)
def _index_statements(vocabulary: Vocabulary) -> Mapping[str, Sequence[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for subject, predicate, value in vocabulary.triples:
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            found[predicate.value].append((subject.value, value.value))
    return dict(found)


@lru_cache(maxsize=32)
def _members(vocabulary: Vocabulary, scheme: str) -> frozenset[str]:
    pairs = read_pairs(vocabulary, SKOS + "inScheme")
    return frozenset(subject for subject, found in pairs if found == scheme)


def _label_all(vocabulary: Vocabulary, scheme: str) -> dict[str, str]:
    return {name: name_class(vocabulary, scheme, name) for name in vocabulary.schemes[scheme]}


def _by_category(vocabulary: Vocabulary) -> Lens:
    return Lens("category", _categories(vocabulary), lambda coding: coding.categories)


def _by_main_category(vocabulary: Vocabulary) -> Lens:
    return Lens("main-category", _categories(vocabulary), lambda coding: coding.categories[:1])


def _categories(vocabulary: Vocabulary) -> dict[str, str]:
    return {concept.id: concept.notation for concept in list_categories(vocabulary)}


def _by_instrument(vocabulary: Vocabulary) -> Lens:
    names = {c.id: c.zh for c in vocabulary.concepts.values() if c.broader}
    return Lens("instrument", names, lambda coding: coding.instruments)


def _by_tool(vocabulary: Vocabulary) -> Lens:
    return _by_match(vocabulary, "tool", "rothwell-zegveld", {})


def _by_rothwell(vocabulary: Vocabulary) -> Lens:
    above = {
        local_id(subject): local_id(broader)
        for subject, broader in read_pairs(vocabulary, SKOS + "broader")
        if broader.startswith(f"{BASE}id/rothwell-zegveld/")
    }
    return _by_match(vocabulary, "rothwell", "rothwell-zegveld", above)


def _by_stip(vocabulary: Vocabulary) -> Lens:
    return _by_match(vocabulary, "stip", "stip", {})


def _by_match(vocabulary: Vocabulary, name: str, scheme: str, above: Mapping[str, str]) -> Lens:
    """Class a measure by what its instruments, or the next broader ones, are mapped to."""
    matches = read_matches(vocabulary, scheme)
    known = {
        concept: next(
            (
                above.get(matches[a], matches[a])
                for a in vocabulary.ancestors(concept)
                if a in matches
            ),
            "",
        )
        for concept in vocabulary.concepts
    }
    used = set(known.values()) - {""}
    labels = {n: label for n, label in _label_all(vocabulary, scheme).items() if n in used}
    return Lens(
        name,
        labels,
        lambda coding: tuple(
            dict.fromkeys(filter(None, (known.get(i, "") for i in coding.instruments)))
        ),
    )


def _by_beneficiary(vocabulary: Vocabulary) -> Lens:
    labels = _label_all(vocabulary, "beneficiaries")
    return Lens("beneficiary", labels, lambda coding: coding.beneficiaries)


def _by_stage(vocabulary: Vocabulary) -> Lens:
    members = _members(vocabulary, f"{BASE}id/scheme/growth-stages")
    stands_for = {
        local_id(related): local_id(subject)
        for subject, related in read_pairs(vocabulary, SKOS + "related")
        if subject in members
    }
    order = sorted(read_values(vocabulary, "growth-stages").items(), key=lambda item: item[1])
    labels = {stage: name_class(vocabulary, "growth-stages", stage) for stage, _ in order}
    return Lens(
        "stage",
        labels,
        lambda coding: tuple(
            s for s in labels if s in {stands_for.get(b, "") for b in coding.beneficiaries}
        ),
    )


def _by_strength(vocabulary: Vocabulary) -> Lens:
    order = ("require", "grant", "implement", "support", "encourage", "explore")
    labels = {name: name_class(vocabulary, "strength", name) for name in order}
    return Lens("strength", labels, lambda coding: (coding.strength,) if coding.strength else ())


def _by_place(vocabulary: Vocabulary) -> Lens:
    labels = {code: place.zh for code, place in vocabulary.places.items()}
    return Lens("place", labels, lambda coding: (coding.seat,) if coding.seat else ())


def _by_document(vocabulary: Vocabulary) -> Lens:
    return Lens(
        "document", {}, lambda coding: (coding.evidence.number or coding.evidence.document,)
    )


LENSES: dict[str, Callable[[Vocabulary], Lens]] = {
    "category": _by_category,
    "main-category": _by_main_category,
    "instrument": _by_instrument,
    "rothwell": _by_rothwell,
    "tool": _by_tool,
    "stip": _by_stip,
    "beneficiary": _by_beneficiary,
    "stage": _by_stage,
    "strength": _by_strength,
    "place": _by_place,
    "document": _by_document,
}
