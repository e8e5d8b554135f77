"""What is reviewed: the measures of a version, or all its sentences, and samples of them."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kg.graph import Version, read_codings, read_measures
from kg.graph.sheet import read_entries
from kg.model import Sentence, Source, hash_sentence
from kg.ontology import BASE, Vocabulary
from kg.review.decisions import Codes, UnitCode


@dataclass(frozen=True, slots=True)
class Row:
    """One measure or sentence to review; ``codes`` is None where it is no measure (yet).

    ``id`` is the measure's IRI or the sentence's; ``document`` the document's id; offsets are code
    points of the source's text; ``decided`` names who decided before.
    """

    id: str
    document: str
    source: str
    sha256: str
    title: str
    clause: str
    start: int
    end: int
    text: str
    codes: Codes | None = None
    confidence: float | None = None
    decided: str = ""


def list_measures(version: Version, *, base: str = BASE) -> list[Row]:
    """Return the measures of a version in the order of source and place."""
    codings = {coding.measure: coding for coding in read_codings(version, base=base)}
    prefix = f"{base}id/document/"
    rows = []
    for found in read_measures(version, base=base):
        coding = codings[found["id"]]
        rows.append(
            Row(
                id=found["id"],
                document=found["document"].removeprefix(prefix),
                source=found["source"],
                sha256=found["sha256"],
                title=coding.evidence.document,
                clause=found["clause"],
                start=found["start"],
                end=found["end"],
                text=found["text"],
                codes=_read_codes(found, coding.cities),
                confidence=found["confidence"],
                decided="；".join(f"{d['by']} {d['on']} {d['action']}" for d in found["decided"]),
            )
        )
    return rows


def _read_codes(row: Mapping[str, Any], cities: tuple[str, ...]) -> Codes:
    return Codes(
        categories=tuple(row["categories"]),
        instruments=tuple(row["instruments"]),
        units=tuple(UnitCode(u["name"], u["role"], u["surface"]) for u in row["units"]),
        status=row["status"],
        strength=row["strength"],
        cities=cities,
    )


def list_sentences(version: Version, vocabulary: Vocabulary, *, base: str = BASE) -> Iterator[Row]:
    """Yield the sentences and table cells of every document, without any code of the machine.

    They are cut as the build cuts them, so that a coder decides on the same units.
    """
    from kg.corpus import read_document

    for entry, about in read_sources(version, base=base):
        raw = version.text(about["sha256"])
        source = Source(entry, about["sha256"], raw)
        document = read_document(source, vocabulary)
        seen: dict[str, int] = defaultdict(int)
        for sentence in document.sentences:
            if not _is_unit(sentence):
                continue
            span = sentence.span()
            digest = hash_sentence(sentence.text)
            seen[digest] += 1
            clause = document.clauses[sentence.clause] if sentence.clause is not None else None
            yield Row(
                id=f"{base}id/document/{about['document']}/sentence/{digest}-{seen[digest]}",
                document=about["document"],
                source=entry,
                sha256=about["sha256"],
                title=document.title,
                clause=f"{clause.number}{clause.heading}" if clause else "",
                start=span.start,
                end=span.end,
                text=span.of(raw),
            )


def _is_unit(sentence: Sentence) -> bool:
    """Tell what a coder decides on: text, cells, and a numbered line that is a whole sentence."""
    text = sentence.text.strip()
    if sentence.kind == "heading":
        return len(text) >= 10 and text[-1] in "。；"
    return sentence.kind in ("body", "cell") and bool(text)


def read_sources(version: Version, *, base: str = BASE) -> list[tuple[str, dict[str, str]]]:
    """Return source → id, SHA-256 and title of each document, in the order of the sources."""
    from kg.graph import read_documents

    store = version.store()
    prefix = f"{base}id/document/"
    iris = {e.source: e.document.removeprefix(prefix) for e in read_entries(store, base)}
    return [
        (
            row["source"],
            {"document": iris[row["source"]], "sha256": row["sha256"], "title": row["title"]},
        )
        for row in read_documents(store, base=base)
    ]


def sample_rows(rows: Iterable[Row], share: float, seed: int) -> list[Row]:
    """Return a random sample, stratified by document, in the order of the rows.

    Each document gives its share of rows, one at least; what rounding leaves over goes to the
    documents with the largest remainders.  The same seed draws the same rows, whatever their order.
    """
    strata: dict[str, list[Row]] = defaultdict(list)
    found = list(rows)
    for row in found:
        strata[row.document].append(row)
    sizes = _share_out({name: len(group) for name, group in strata.items()}, share)
    taken: set[str] = set()
    for name, group in strata.items():
        ranked = sorted(group, key=lambda row: _rank(row, seed))
        taken.update(row.id for row in ranked[: sizes[name]])
    return [row for row in found if row.id in taken]


def _share_out(sizes: Mapping[str, int], share: float) -> dict[str, int]:
    least = {name: min(size, max(1, int(size * share))) for name, size in sizes.items()}
    left = round(share * sum(sizes.values())) - sum(least.values())
    remainders = sorted(sizes, key=lambda name: (least[name] - sizes[name] * share, name))
    for name in remainders[: max(0, left)]:
        least[name] = min(sizes[name], least[name] + 1)
    return least


def _rank(row: Row, seed: int) -> str:
    return hashlib.sha256(f"{seed} {row.id}".encode()).hexdigest()


def group_rows(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the rows by the SHA-256 of their text, in order."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row.sha256].append(row)
    return groups
