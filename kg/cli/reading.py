"""The reading of a build: which files there are, and what becomes of each, in worker processes."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from kg.cli.ledger import Row
from kg.corpus import (
    LIMITS,
    Entry,
    Found,
    Limits,
    deadline,
    embedded_folder,
    find_sources,
    read_catalogue,
    read_document,
    read_source,
)
from kg.errors import CorpusError, GraphError, KGError
from kg.graph import check_graph, load_rules, write_quads
from kg.graph.durable import hash_file
from kg.ontology import Vocabulary, load_vocabulary
from kg.review import Decision, Whereabouts, apply_decisions, digest_decisions

if TYPE_CHECKING:
    from kg.extract import Extractor

BATCH = 8


_COMPANIONS = (
    "catalogue.toml",
    "corrections.jsonl",
    ".gold.jsonl",
    "gold/sentences.jsonl",
    "gold/sentences-later.jsonl",
    "gold/invented.tsv",
)


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read, of ``size`` bytes; ``entry`` marks a digest.

    ``decisions`` is the digest of the decisions that concern it, as far as is known unread.
    """

    path: Path
    name: str
    entry: Entry | None
    sha256: str
    size: int
    decisions: str = ""

    def describe(self) -> Row:
        """Return what is known of the file before it is read."""
        return {
            "source": self.name,
            "sha256": self.sha256,
            "size": self.size,
            "digest_of": self.digest_of,
            "decisions": self.decisions,
        }

    @property
    def digest_of(self) -> str:
        """The SHA-256 of the original that a digest retells."""
        return self.entry.original_sha256 if self.entry else ""

    def digest(self, decisions: Sequence[Decision], document: str) -> str:
        """Return the digest of the decisions that concern it as the document of an id."""
        where = Whereabouts(document, self.sha256, self.name, self.digest_of)
        return digest_decisions(decisions, where)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one file: its N-Quads and text, or why it was rejected.

    ``weights`` is the version of those that judged it.
    """

    name: str
    document: str = ""
    form: str = ""
    sha256: str = ""
    size: int = 0
    raw: str = ""
    quads: bytes = b""
    measures: int = 0
    weights: str = ""
    reason: str = ""
    advice: str = ""


def find_jobs(
    paths: Sequence[Path], originals: Path | None, *, out: Path, follow_links: bool = False
) -> tuple[list[Job], list[Row]]:
    """Return the files in the order of precedence, originals before digests, then by path.

    With them come the rows of files that are skipped.  What lies in ``out`` is no source.
    """
    folders = paths or (embedded_folder(),)
    catalogue: dict[str, Entry] = {}
    for folder in folders:
        if folder.is_dir():
            catalogue.update(read_catalogue(folder))
    files, left = (
        _outside(out, found) for found in find_sources(folders, follow_links=follow_links)
    )
    replaced = _originals(originals)
    jobs = []
    for path, name, _ in files:
        entry = catalogue.get(name)
        original = replaced.get(entry.original_sha256) if entry else None
        job_path, job_name = (original, original.name) if original else (path, name)
        sha256, size = _fingerprint(job_path)
        jobs.append(Job(job_path, job_name, None if original else entry, sha256, size))
    jobs.sort(key=lambda job: (job.entry is not None, job.name))
    skipped = [
        {"source": name, "outcome": "skipped", "reason": reason}
        for _, name, reason in left
        if not name.endswith(_COMPANIONS)
    ]
    return jobs, skipped


def _outside(folder: Path, files: list[Found]) -> list[Found]:
    """Leave out what lies in ``folder``; links that lead nowhere are no error here."""
    inner = Path(os.path.realpath(folder))
    return [found for found in files if inner not in Path(os.path.realpath(found.path)).parents]


def _fingerprint(path: Path) -> tuple[str, int]:
    """Return SHA-256 and size of a file, empty and 0 where it cannot be read."""
    try:
        return hash_file(path), path.stat().st_size
    except OSError:
        return "", 0


def _originals(folder: Path | None) -> dict[str, Path]:
    """Return SHA-256 → file of the originals in ``folder``."""
    if folder is None:
        return {}
    files, _ = find_sources([folder])
    return {_fingerprint(path)[0]: path for path, _, _ in files}


class Settings(NamedTuple):
    """How to read: with the vocabulary of a version in some folders, to graphs under a base.

    ``decisions`` of persons overrule what the machine codes; ``limits`` hold for each document.
    """

    ontologies: tuple[Path, ...]
    version: str
    base: str
    decisions: tuple[Decision, ...] = ()
    limits: Limits = LIMITS


def read_all(jobs: list[Job], settings: Settings, *, workers: int = 1) -> Generator[Result]:
    """Yield the results in the order of the jobs, whatever the number of workers.

    Raises GraphError where a worker process dies.
    """
    batches = make_batches(jobs, settings, workers)
    if workers <= 1 or len(jobs) <= 1:
        yield from chain.from_iterable(map(read_batch, batches))
        return
    context = get_context("spawn")
    stop, stopper = context.Pipe(duplex=False)
    pool = ProcessPoolExecutor(
        workers, mp_context=context, initializer=_follow_build, initargs=(stop,)
    )
    try:
        yield from chain.from_iterable(pool.map(read_batch, batches))
    except BrokenProcessPool as error:
        message = "a worker process has died, perhaps for want of memory; use fewer --workers"
        raise GraphError(message) from error
    finally:
        stopper.close()  # an interrupted build does not wait for what is being read
        pool.shutdown(cancel_futures=True)
        stop.close()


def read_batch(batch: tuple[Sequence[Job], Settings]) -> list[Result]:
    """Read, extract and write the quads of each file; a bad file is a result too."""
    jobs, settings = batch
    return [_read_one(job, settings) for job in jobs]


def make_batches(
    jobs: Sequence[Job], settings: Settings, workers: int
) -> list[tuple[tuple[Job, ...], Settings]]:
    """Cut the jobs into batches: large ones cost least, small ones leave no worker idle."""
    size = max(1, min(BATCH, -(-len(jobs) // (workers * 2))))
    left = iter(jobs)
    return [(batch, settings) for batch in iter(lambda: tuple(islice(left, size)), ())]


def _follow_build(stop: Connection) -> None:
    """Make a worker end with the build, however that ends; the build alone heeds Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    ends = [stop] if parent is None else [stop, parent.sentinel]
    Thread(target=_end_with, args=(ends,), daemon=True).start()


def _end_with(ends: list[Connection | int]) -> None:
    wait(ends)
    os._exit(1)


def _read_one(job: Job, settings: Settings) -> Result:
    vocabulary, extractor = load_tools(settings.ontologies, settings.version)
    base, limits = settings.base, settings.limits
    try:
        source = read_source(job.path, job.name, job.entry, limits=limits)
        with deadline(limits.reading, job.name):
            document = read_document(source, vocabulary)
            extraction = extractor.extract(document)
            limits.check_measures(len(extraction.measures), job.name)
            extraction = apply_decisions(extraction, settings.decisions, vocabulary)
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
        size=source.size,
        raw=source.raw,
        quads="".join(lines).encode(),
        measures=len(extraction.measures),
        weights=extractor.weights,
    )


def _check(name: str, lines: Iterable[str], base: str) -> None:
    violations = check_graph(lines, _rules(base))
    if violations:
        raise GraphError(f"{name}: {violations[0].message} ({violations[0].resource})")


@lru_cache(maxsize=2)
def _rules(base: str) -> Any:
    return load_rules(base=base)


@lru_cache(maxsize=2)
def load_tools(ontologies: tuple[Path, ...], version: str) -> tuple[Vocabulary, Extractor]:
    """Return the tools of a vocabulary, which may change while ``kg build --watch`` runs."""
    from kg.extract import Extractor  # takes seconds, which a build of nothing new does not need

    vocabulary = load_vocabulary(*ontologies)
    extractor = Extractor(vocabulary)
    gc.freeze()  # the tools stay: looking through them for garbage now and again takes its time
    return vocabulary, extractor


@lru_cache(maxsize=2)
def _categories(vocabulary: Vocabulary) -> dict[str, str]:
    return {c.notation: c.id for c in vocabulary.concepts.values() if c.notation}
