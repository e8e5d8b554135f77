"""The build, composed: find, read, extract, write quads, publish a version."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from kg.corpus import (
    Entry,
    embedded_folder,
    find_sources,
    read_catalogue,
    read_document,
    read_source,
)
from kg.errors import CorpusError, GraphError, KGError
from kg.extract import Extractor, shipped_weights
from kg.graph import check_graph, load_rules, stage_version, write_quads, write_triples
from kg.ontology import BASE, Vocabulary, document_graph, load_vocabulary, resource_iri
from kg.review import Decision, apply_decisions, read_decisions, write_decisions

BATCH = 24


_COMPANIONS = (
    "catalogue.toml",
    "corrections.jsonl",
    ".gold.jsonl",
    "gold/sentences.jsonl",
    "gold/sentences-later.jsonl",
    "gold/invented.tsv",
)


@dataclass(frozen=True, slots=True)
class Order:
    """What to build: paths (none: the embedded corpus), where to, with which vocabulary.

    ``corrections`` are files of decisions by hand (see ``find_corrections``).
    """

    paths: tuple[Path, ...]
    out: Path
    ontologies: tuple[Path, ...] = ()
    originals: Path | None = None
    corrections: tuple[Path, ...] = ()
    workers: int = 1
    base: str = BASE
    on_document: Callable[[int], None] = field(default=lambda _: None)
    on_total: Callable[[int], None] = field(default=lambda _: None)


@dataclass(frozen=True, slots=True)
class _Job:
    """One file to read; ``entry`` marks a digest, ``decisions`` are all that were ever made."""

    path: Path
    name: str
    entry: Entry | None
    decisions: tuple[Decision, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file: its quads and text, or why it was rejected."""

    name: str
    document: str = ""
    form: str = ""
    sha256: str = ""
    raw: str = ""
    lines: tuple[str, ...] = ()
    measures: int = 0
    reason: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a build, as ``kg build --json`` prints it."""

    found: int
    ingested: int
    rejected: tuple[dict[str, str], ...]
    skipped: tuple[dict[str, str], ...]
    measures: int
    triples: int
    version: str
    vocabulary: str
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the report as plain lists and dicts."""
        return asdict(self)


def compose_build(order: Order) -> Report:
    """Build a graph and publish it; the graph before it stays until the new one is whole.

    Raises GraphError where nothing could be ingested: then nothing is published.
    """
    started = time.perf_counter()
    jobs, skipped = _find_jobs(order)
    decisions = read_decisions(order.corrections)
    jobs = [replace(job, decisions=decisions) for job in jobs]
    order.on_total(len(jobs))
    vocabulary = load_vocabulary(*order.ontologies)
    weights = shipped_weights()
    rejected: list[dict[str, str]] = []
    sources: list[dict[str, Any]] = []
    taken: dict[str, str] = {}
    with stage_version(order.out) as staging:
        for result in _process(jobs, order):
            order.on_document(1)
            if result.reason:
                rejected.append(
                    {"file": result.name, "reason": result.reason, "advice": result.advice}
                )
                continue
            if result.document in taken:
                reason = f"same document as {taken[result.document]}"
                skipped.append({"file": result.name, "reason": reason})
                continue
            taken[result.document] = result.name
            staging.add_graph(document_graph(result.document, base=order.base), result.lines)
            staging.add_text(result.sha256, result.raw)
            sources.append(
                {"source": result.name, "sha256": result.sha256, "measures": result.measures}
            )
        if not sources:
            raise GraphError(_nothing(rejected))
        graph = resource_iri("graph", "vocabulary", base=order.base)
        staging.add_graph(graph, write_triples(vocabulary.triples, graph, base=order.base))
        staging.add_graph(*write_decisions(decisions, base=order.base))
        version = staging.publish(
            {
                "base": order.base,
                "vocabulary": vocabulary.version,
                "weights": weights.version if weights else "",
                "corrections": [str(path.absolute()) for path in order.corrections],
                "sources": sources,
                "rejected": rejected,
                "skipped": skipped,
            }
        )
    return Report(
        found=len(jobs) + len(skipped) - sum("same document" in s["reason"] for s in skipped),
        ingested=len(sources),
        rejected=tuple(rejected),
        skipped=tuple(skipped),
        measures=sum(source["measures"] for source in sources),
        triples=int(version.manifest["triples"]),
        version=version.name,
        vocabulary=vocabulary.version,
        seconds=round(time.perf_counter() - started, 2),
    )


def _nothing(rejected: list[dict[str, str]]) -> str:
    if not rejected:
        return "no documents found; give files or folders of .txt or .md files"
    first = rejected[0]
    return f"nothing could be read: {first['file']}: {first['reason']}; {first['advice']}"


def _find_jobs(order: Order) -> tuple[list[_Job], list[dict[str, str]]]:
    """Return the files in the order of precedence: originals before digests, then by path."""
    folders = order.paths or (embedded_folder(),)
    catalogue: dict[str, Entry] = {}
    for folder in folders:
        if folder.is_dir():
            catalogue.update(read_catalogue(folder))
    files, left = find_sources(folders)
    replaced = _originals(order.originals)
    jobs = []
    for path, name in files:
        entry = catalogue.get(name)
        original = replaced.get(entry.original_sha256) if entry else None
        jobs.append(
            _Job(original or path, original.name if original else name, None if original else entry)
        )
    jobs.sort(key=lambda job: (job.entry is not None, job.name))
    skipped = [
        {"file": name, "reason": "not a text file"}
        for _, name in left
        if not name.endswith(_COMPANIONS)
    ]
    return jobs, skipped


def _originals(folder: Path | None) -> dict[str, Path]:
    """Return SHA-256 → file of the originals in ``folder``."""
    if folder is None:
        return {}
    import hashlib

    files, _ = find_sources([folder])
    return {hashlib.sha256(path.read_bytes()).hexdigest(): path for path, _ in files}


def _process(jobs: list[_Job], order: Order) -> Iterator[Result]:
    """Yield the results in the order of the jobs, whatever the number of workers."""
    batches = _batches(jobs, order)
    if order.workers <= 1 or len(jobs) <= 1:
        yield from chain.from_iterable(map(process_batch, batches))
        return
    with ProcessPoolExecutor(order.workers, mp_context=get_context("spawn")) as pool:
        yield from chain.from_iterable(pool.map(process_batch, batches))


def _batches(
    jobs: list[_Job], order: Order
) -> list[tuple[tuple[_Job, ...], tuple[Path, ...], str]]:
    size = max(1, min(BATCH, -(-len(jobs) // (order.workers * 2))))
    left = iter(jobs)
    return [
        (batch, order.ontologies, order.base)
        for batch in iter(lambda: tuple(islice(left, size)), ())
    ]


def process_batch(batch: tuple[tuple[_Job, ...], tuple[Path, ...], str]) -> list[Result]:
    """Read, extract and write the quads of each file; a bad file is a result too."""
    jobs, ontologies, base = batch
    return [_process_one(job, ontologies, base) for job in jobs]


def _process_one(job: _Job, ontologies: tuple[Path, ...], base: str) -> Result:
    vocabulary, extractor = _tools(ontologies)
    try:
        source = read_source(job.path, job.name, job.entry)
        document = read_document(source, vocabulary)
        extraction = apply_decisions(extractor.extract(document), job.decisions, vocabulary)
        lines = write_quads(extraction, categories=_categories(vocabulary), base=base)
        _check(job.name, lines, base)
    except CorpusError as error:
        return Result(job.name, reason=error.reason, advice=error.advice or str(error))
    except KGError as error:
        return Result(job.name, reason="invalid", advice=str(error))
    return Result(
        name=job.name,
        document=document.id,
        form=source.form,
        sha256=source.sha256,
        raw=source.raw,
        lines=tuple(lines),
        measures=len(extraction.measures),
    )


def _check(name: str, lines: Iterable[str], base: str) -> None:
    violations = check_graph(lines, _rules(base))
    if violations:
        raise GraphError(f"{name}: {violations[0].message} ({violations[0].resource})")


@lru_cache(maxsize=2)
def _rules(base: str) -> Any:
    return load_rules(base=base)


@lru_cache(maxsize=2)
def _tools(ontologies: tuple[Path, ...]) -> tuple[Vocabulary, Extractor]:
    vocabulary = load_vocabulary(*ontologies)
    return vocabulary, Extractor(vocabulary)


@lru_cache(maxsize=2)
def _categories(vocabulary: Vocabulary) -> dict[str, str]:
    return {c.notation: c.id for c in vocabulary.concepts.values() if c.notation}
