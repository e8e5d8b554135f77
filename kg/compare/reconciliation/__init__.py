"""Reconciliation: the narrative of a document held against its task table and its target table."""

from __future__ import annotations

from kg.compare.reconciliation.numbers import (
    check_numbers,
    check_sums,
    compare_targets,
)
from kg.compare.reconciliation.sides import AGREEING, Finding, NamedUnit, Side
from kg.compare.reconciliation.tasks import measure_likeness, reconcile_tasks
from kg.compare.reread import reread_documents
from kg.errors import QueryError
from kg.graph import Version, read_aims, read_codings
from kg.ontology import BASE, Vocabulary

__all__ = [
    "AGREEING",
    "Finding",
    "NamedUnit",
    "Side",
    "measure_likeness",
    "reconcile_documents",
]


def reconcile_documents(
    version: Version, vocabulary: Vocabulary, *, document: str = "", base: str = BASE
) -> tuple[Finding, ...]:
    """Return what holding the parts of each document with tables against each other shows.

    ``document`` is a source, a number, or a part of a title; without it all documents are read.
    Findings that agree are among them.  Raises QueryError where no document is called so.
    """
    codings = read_codings(version, base=base)
    goals = read_aims(version.store(), base=base)
    documents = list(reread_documents(version, vocabulary, base=base))
    wanted = [
        (iri, read)
        for iri, read in documents
        if document == read.source or document in read.number or document in read.title
    ]
    if not wanted:
        known = ", ".join(read.number or read.source for _, read in documents)
        raise QueryError(f"no document is called {document!r}; the graph holds: {known}")
    return tuple(
        finding
        for iri, read in wanted
        for finding in (
            *reconcile_tasks(iri, read, codings, vocabulary),
            *check_numbers(iri, read, vocabulary),
            *check_sums(iri, read, vocabulary),
            *compare_targets(iri, read, goals, vocabulary),
        )
    )
