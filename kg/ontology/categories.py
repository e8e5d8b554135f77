"""The categories of instruments in the order in which the taxonomy names them."""

from __future__ import annotations

from kg.ontology.terms import Concept, Vocabulary


def list_categories(vocabulary: Vocabulary) -> tuple[Concept, ...]:
    """Return the top concepts by ``pk:order``, those without one last, by id."""
    tops = [concept for concept in vocabulary.concepts.values() if not concept.broader]
    return tuple(sorted(tops, key=lambda c: (vocabulary.orders.get(c.id, len(tops)), c.id)))
