"""The ledger of a build: a row for what became of each source, as the manifest keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kg.graph import Origin, Version
from kg.ontology import document_graph, resource_iri

Row = dict[str, Any]

VOCABULARY = "vocabulary"
_OF_GRAPH = ("measures", "characters")


def make_key(row: Mapping[str, Any]) -> str:
    """Return all that decides, beside the configuration, what a source's graph says.

    ``decisions`` is the digest of the decisions of persons that concern it.
    """
    decisions = row.get("decisions") or "-"
    return f"{row['sha256']} {row['digest_of'] or '-'} {decisions} {row['source']}"


def list_documents(version: Version) -> dict[tuple[str, str], str]:
    """Return (SHA-256, source) → id of the document for the sources of a version."""
    return {
        (row["sha256"], row["source"]): row["document"]
        for row in version.manifest["sources"]
        if row.get("document")
    }


def mark_copy(row: Mapping[str, Any], other: str) -> Row:
    """Return the row of a source that holds the same document as the source ``other``."""
    kept = {name: value for name, value in row.items() if name not in _OF_GRAPH}
    return {**kept, "outcome": "skipped", "reason": f"same document as {other}"}


def list_origins(version: Version, base: str) -> dict[str, Origin]:
    """Return by key what the graphs of a version were made from.

    A copy of another document is known, too, but has no graph.
    """
    origins = {VOCABULARY: Origin(resource_iri("graph", VOCABULARY, base=base), "", {})}
    for row in version.manifest["sources"]:
        if row.get("document"):
            graph = document_graph(row["document"], base=base)
            iri = graph if row["outcome"] == "ingested" else ""
            origins[make_key(row)] = Origin(iri, row["sha256"], row)
    return origins


def list_rejected(rows: Iterable[Row]) -> list[dict[str, str]]:
    """Return the sources that could not be read, with the reason and what to do."""
    return [
        {"file": row["source"], "reason": row["reason"], "advice": row["advice"]}
        for row in rows
        if row["outcome"] == "rejected"
    ]


def list_skipped(rows: Iterable[Row]) -> list[dict[str, str]]:
    """Return the sources that were left out, with the reason."""
    return [
        {"file": row["source"], "reason": row["reason"]}
        for row in rows
        if row["outcome"] == "skipped"
    ]
