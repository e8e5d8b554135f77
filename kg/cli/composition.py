"""The build, composed: find, read, extract, write quads, publish a version."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from kg.cli.cluster import Cluster, read_on_cluster, require_dask
from kg.cli.configuration import hash_configuration
from kg.cli.ledger import (
    VOCABULARY,
    Row,
    list_documents,
    list_origins,
    list_rejected,
    list_skipped,
    make_key,
    mark_copy,
)
from kg.cli.reading import Job, Result, Settings, find_jobs, read_all, read_batch
from kg.corpus import LIMITS, Limits
from kg.errors import GraphError
from kg.graph import (
    Staging,
    Version,
    collect_units,
    count_cells,
    list_versions,
    lock_folder,
    stage_locked,
    write_cells,
    write_directory,
    write_triples,
)
from kg.graph.verify import is_sealed
from kg.ontology import BASE, Vocabulary, document_graph, load_vocabulary, resource_iri
from kg.review import Decision, read_decisions, write_decisions


@dataclass(frozen=True, slots=True)
class Order:
    """What to build: paths (none: the embedded corpus), where to, with which vocabulary.

    ``corrections`` are files of decisions by hand (see ``find_corrections``); ``limits`` say what one
    document may cost.  ``full`` reads
    documents that have not changed, too.  ``engine`` is what distributes the reading: a pool of
    processes, or Dask, at the address of a ``scheduler`` or on this machine.  ``on_total`` is told how many documents
    there are, ``on_document`` after each the number of characters that were read for it.
    """

    paths: tuple[Path, ...]
    out: Path
    ontologies: tuple[Path, ...] = ()
    originals: Path | None = None
    corrections: tuple[Path, ...] = ()
    workers: int = 1
    engine: Literal["local", "dask"] = "local"
    scheduler: str = ""
    base: str = BASE
    follow_links: bool = False
    limits: Limits = LIMITS
    full: bool = False
    on_document: Callable[[int], None] = field(default=lambda _: None)
    on_total: Callable[[int], None] = field(default=lambda _: None)


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a build, as ``kg build --json`` prints it.

    ``read`` counts the files that were read for it; the graphs of the others were known.
    """

    found: int
    read: int
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

    Only what has changed since the newest version is read, and what an interrupted build has
    read is not read again; the result is the same as if everything were.  Raises GraphError
    where nothing could be ingested, then nothing is published, and where another process writes
    the same graph.
    """
    started = time.perf_counter()
    if order.engine == "dask":
        require_dask()
    with lock_folder(order.out):
        jobs, others = find_jobs(
            order.paths, order.originals, out=order.out, follow_links=order.follow_links
        )
        order.on_total(len(jobs))
        vocabulary = load_vocabulary(*order.ontologies)
        configuration = hash_configuration(
            vocabulary=vocabulary.version, base=order.base, limits=repr(order.limits)
        )
        earlier = _find_earlier(order, configuration)
        with stage_locked(order.out, configuration=configuration) as staging:
            if earlier is not None:
                staging.build_upon(earlier, list_origins(earlier, order.base))
            decisions = read_decisions(order.corrections)
            jobs = _mark_decided(jobs, decisions, earlier)
            settings = Settings(
                order.ontologies, vocabulary.version, order.base, decisions, order.limits
            )
            engine = _choose_engine(order, settings, configuration)
            staged = _stage_sources(jobs, settings, order, staging, engine)
            rows = [*staged.rows, *others]
            _stage_vocabulary(vocabulary, order.base, staging)
            staging.add_graph(*write_decisions(decisions, base=order.base))
            _stage_derived(vocabulary, order.base, staging)
            version = staging.publish(
                {
                    "base": order.base,
                    "configuration": configuration,
                    "vocabulary": vocabulary.version,
                    "weights": staged.weights or _name_weights(earlier),
                    "corrections": [str(path.absolute()) for path in order.corrections],
                    "sources": rows,
                    "rejected": list_rejected(rows),
                    "skipped": list_skipped(rows),
                    "built": _describe_run(order, started),
                }
            )
    return Report(
        found=len(rows),
        read=staged.read,
        ingested=sum(row["outcome"] == "ingested" for row in rows),
        rejected=tuple(list_rejected(rows)),
        skipped=tuple(list_skipped(rows)),
        measures=sum(row.get("measures", 0) for row in rows),
        triples=int(version.manifest["triples"]),
        version=version.name,
        vocabulary=vocabulary.version,
        seconds=round(time.perf_counter() - started, 2),
    )


def _stage_derived(vocabulary: Vocabulary, base: str, staging: Staging) -> None:
    """Add what follows from the documents: the directory of units, and the cells."""
    units = collect_units(staging.read_graphs(), base=base)
    staging.add_graph(*write_directory(units, vocabulary, base=base))
    cells = count_cells(staging.read_graphs(), base=base)
    staging.add_graph(*write_cells(cells, vocabulary, base=base))


def _mark_decided(
    jobs: Iterable[Job], decisions: tuple[Decision, ...], earlier: Version | None
) -> list[Job]:
    """Return the jobs with the digest of the decisions that concern each."""
    documents = list_documents(earlier) if earlier is not None else {}
    return [
        replace(job, decisions=job.digest(decisions, documents.get((job.sha256, job.name), "")))
        for job in jobs
    ]


def _find_earlier(order: Order, configuration: str) -> Version | None:
    """Return the newest version whose graphs were made as this build makes them."""
    for listed in reversed([] if order.full else list_versions(order.out)):
        version = listed.version
        if version is None or version.manifest.get("configuration") != configuration:
            continue
        if is_sealed(version):
            return version
    return None


def _choose_engine(
    order: Order, settings: Settings, configuration: str
) -> Callable[[list[Job]], Generator[Result]]:
    """Return what yields the results of jobs in their order."""
    if order.engine == "dask":
        cluster = Cluster(configuration, order.scheduler, order.workers)
        return lambda jobs: read_on_cluster(jobs, settings, cluster)
    return lambda jobs: read_all(jobs, settings, workers=order.workers)


class _Staged(NamedTuple):
    """How many sources were read, with weights of which version; and what became of each."""

    read: int
    weights: str
    rows: list[Row]


def _stage_sources(
    jobs: list[Job],
    settings: Settings,
    order: Order,
    staging: Staging,
    engine: Callable[[list[Job]], Generator[Result]],
) -> _Staged:
    """Stage the graphs of all files."""
    left = [job for job in jobs if staging.know(make_key(job.describe())) is None]
    taken: dict[str, str] = {}
    rows, read, weights = [], 0, ""
    with closing(engine(left)) as fresh:
        for job in jobs:
            row, result = _find_row(job, settings, staging, taken, fresh)
            document = row.get("document", "")
            if document in taken:
                row = mark_copy(row, taken[document])
            elif document:
                taken[document] = job.name
                if result is not None:
                    _stage_result(result, row, order.base, staging)
            rows.append(row)
            read += result is not None
            weights = (result.weights if result else "") or weights
            order.on_document(len(result.raw) if result else 0)
    if not taken:
        raise GraphError(_nothing(list_rejected(rows)))
    return _Staged(read, weights, rows)


def _find_row(
    job: Job,
    settings: Settings,
    staging: Staging,
    taken: Mapping[str, str],
    fresh: Iterator[Result],
) -> tuple[Row, Result | None]:
    """Return what becomes of a file, with what was read where it was not known from before."""
    key = make_key(job.describe())
    known = staging.know(key)
    if known is None:
        result = next(fresh)
    elif known["document"] in taken or staging.take(key):
        return dict(known), None
    else:
        [result] = read_batch(([job], settings))
    return _describe_source(job, result, settings), result


def _stage_result(result: Result, row: Row, base: str, staging: Staging) -> None:
    graph = document_graph(result.document, base=base)
    staging.add_quads(graph, result.quads)
    staging.add_text(result.sha256, result.raw)
    staging.note(make_key(row), graph, result.sha256, row)


def _stage_vocabulary(vocabulary: Vocabulary, base: str, staging: Staging) -> None:
    if not staging.take(VOCABULARY):
        graph = resource_iri("graph", VOCABULARY, base=base)
        staging.add_graph(graph, write_triples(vocabulary.triples, graph, base=base))
        staging.note(VOCABULARY, graph, "", {})


def _describe_source(job: Job, result: Result, settings: Settings) -> Row:
    row = job.describe()
    if result.reason:
        return {
            **row,
            "outcome": "rejected",
            "reason": result.reason,
            "advice": result.advice,
        }
    return {
        **row,
        "sha256": result.sha256,
        "size": result.size,  # it may have changed since it was found
        "outcome": "ingested",
        "form": result.form,
        "document": result.document,
        "decisions": job.digest(settings.decisions, result.document),
        "measures": result.measures,
        "characters": len(result.raw),
    }


def _describe_run(order: Order, started: float) -> dict[str, Any]:
    return {
        "paths": [str(path.resolve()) for path in order.paths],
        "engine": order.engine,
        "workers": order.workers,
        "limits": asdict(order.limits),
        "seconds": round(time.perf_counter() - started, 2),
    }


def _name_weights(earlier: Version | None) -> str:
    """Return the version of the weights where nothing was read; an earlier build of the same configuration knows it."""
    if earlier is not None:
        return str(earlier.manifest["weights"])
    from kg.extract import shipped_weights

    weights = shipped_weights()
    return weights.version if weights else ""


def _nothing(rejected: list[dict[str, str]]) -> str:
    if not rejected:
        return (
            "no documents found; give files or folders of text, Markdown, HTML, Word or PDF files"
        )
    first = rejected[0]
    return f"nothing could be read: {first['file']}: {first['reason']}; {first['advice']}"
