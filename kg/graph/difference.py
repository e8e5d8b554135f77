"""The difference between two versions: measures added, removed and coded differently."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from kg.graph.query import select
from kg.graph.sheet import Row, read_measures
from kg.graph.version import Version
from kg.ontology import BASE

CODED = (
    "form", "document", "clause", "text", "places", "cities", "categories", "instruments", "status",
    "basis", "strength", "beneficiaries", "object", "conditions", "units", "amounts", "targets",
)  # fmt: skip


_CATEGORIES = """
    SELECT ?category (COUNT(DISTINCT ?measure) AS ?number) WHERE {
      ?measure a pk:Measure ; pk:category/skos:notation ?category
    } GROUP BY ?category"""


class Change(NamedTuple):
    """One field of a measure that is not what it was."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Changed:
    """A measure that both versions hold: its row in the later one, and what changed."""

    row: Row
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a second version has more, less and otherwise than a first.

    ``added``, ``removed`` and the rows of ``changed`` are rows of the coding sheet; ``figures``
    gives by category how many measures both versions hold.
    """

    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    changed: tuple[Changed, ...]
    documents_added: tuple[str, ...]
    documents_removed: tuple[str, ...]
    figures: dict[str, tuple[int, int]]


def compare_versions(first: Version, second: Version) -> Difference:
    """Compare the measures of two versions of a graph.

    A measure is the same where its IRI is: same document, same words.  Changed is one of which
    another code of ``CODED`` is given; that it stands elsewhere in the file, or that the judge
    is more or less sure of it, is no change.  Only graphs that differ are read in detail.
    """
    before, after = _read_differing(first, second), _read_differing(second, first)
    old, new = {row["id"]: row for row in before}, {row["id"]: row for row in after}
    both = (Changed(row, _list_changes(old[iri], row)) for iri, row in new.items() if iri in old)
    sources = [{row["source"] for row in _ingested(version)} for version in (first, second)]
    return Difference(
        added=tuple(row for iri, row in new.items() if iri not in old),
        removed=tuple(row for iri, row in old.items() if iri not in new),
        changed=tuple(found for found in both if found.changes),
        documents_added=tuple(sorted(sources[1] - sources[0])),
        documents_removed=tuple(sorted(sources[0] - sources[1])),
        figures=_count_categories(first, second),
    )


def _read_differing(version: Version, other: Version) -> list[Row]:
    """Return the measures in those graphs of a version that another has not, or otherwise."""
    known = {(iri, piece.sha256) for iri, piece in other.read_index().items()}
    graphs = {
        iri for iri, piece in version.read_index().items() if (iri, piece.sha256) not in known
    }
    return list(read_measures(version, base=_base(version), graphs=graphs))


def _list_changes(old: Row, new: Row) -> tuple[Change, ...]:
    return tuple(Change(name, old[name], new[name]) for name in CODED if old[name] != new[name])


def _ingested(version: Version) -> Iterator[Row]:
    rows = version.manifest.get("sources", ())
    yield from (row for row in rows if row["outcome"] == "ingested")


def _count_categories(first: Version, second: Version) -> dict[str, tuple[int, int]]:
    old, new = ({**_count(version)} for version in (first, second))
    return {name: (old.get(name, 0), new.get(name, 0)) for name in sorted({*old, *new})}


def _count(version: Version) -> dict[str, int]:
    rows = select(version.store(), _CATEGORIES, base=_base(version))
    return {str(row["category"]): int(str(row["number"])) for row in rows}


def _base(version: Version) -> str:
    return str(version.manifest.get("base", BASE))
