"""The version that is served: opened with its workers, and replaced at one stroke by a newer one."""

from __future__ import annotations

import asyncio
import gc
import hashlib
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from kg.errors import GraphError, KGError
from kg.graph import Version, open_version, require_whole, switch_version
from kg.graph.durable import hash_file
from kg.graph.manifest import write_manifest
from kg.graph.query import make_prefixes
from kg.graph.version import FORMAT
from kg.ontology import BASE
from kg.serve.engine import Source
from kg.serve.kept import Results
from kg.serve.pool import Gauges, Pool
from kg.serve.settings import Settings

if TYPE_CHECKING:
    from kg.ontology import Vocabulary

GRACE = 5.0

log = logging.getLogger("kg.serve")

_SYNTAXES = {
    ".nq": ox.RdfFormat.N_QUADS,
    ".trig": ox.RdfFormat.TRIG,
    ".ttl": ox.RdfFormat.TURTLE,
    ".nt": ox.RdfFormat.N_TRIPLES,
}


@dataclass(frozen=True)
class Published:
    """A version open for reading: in this process by ``store``, for others' queries by ``pool``.

    ``vocabulary`` is the one that pages use for labels and questions; ``graphs`` are the IRIs of
    the named graphs.  ``results`` are those of queries, kept; ``notes`` is for what is computed
    once from a version, by name.
    """

    version: Version
    store: ox.Store
    pool: Pool
    graphs: frozenset[str]
    vocabulary: Vocabulary
    results: Results
    notes: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def name(self) -> str:
        """The version's name."""
        return self.version.name

    @cached_property
    def base(self) -> str:
        """The IRI under which the version's own resources stand."""
        return _read_base(self.version)

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """The prefixes that queries may use without declaring them."""
        return make_prefixes(self.base)


def _read_base(version: Version) -> str:
    return str(version.manifest.get("base", BASE))


class Publication:
    """What is served now; ``current`` changes when a new version is taken up.

    A request takes ``current`` once and keeps to it.  A version that is replaced lives until
    the requests that took it up are answered.
    """

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        vocabulary: Vocabulary,
        *,
        prepare: Callable[[Published], Awaitable[object]] | None = None,
    ) -> None:
        self._prepare = prepare
        self._folder, self._settings, self._vocabulary = folder, settings, vocabulary
        self._current: Published | None = None
        self._beside: set[asyncio.Task[None]] = set()
        self._failed = ""
        self.gauges = Gauges()

    @property
    def current(self) -> Published:
        """The version to answer from; raises GraphError before the first is open."""
        if self._current is None:
            raise GraphError(f"{self._folder}: no version is open yet")
        return self._current

    @property
    def ready(self) -> bool:
        """Tell whether queries can be answered."""
        return self._current is not None and self._current.pool.ready

    async def take_up(self) -> bool:
        """Serve the folder's current version if it is another one; return whether it was.

        Raises GraphError, and goes on with the version before, where it cannot be opened.
        """
        version = await asyncio.to_thread(open_version, self._folder)
        if self._current is not None and self._current.version.folder == version.folder:
            return False
        await asyncio.to_thread(require_whole, version)
        store = version.store()
        graphs = frozenset(str(name.value) for name in store.named_graphs())
        source = Source(version.folder / "store", make_prefixes(_read_base(version)))
        pool = await Pool.start(source, self._settings, self.gauges)
        results = Results(self._settings.kept_limit)
        found = Published(version, store, pool, graphs, self._vocabulary, results)
        warming = self._run_beside(self._warm(found))
        if self._current is not None:  # it answers until the pages of the new one are prepared
            await asyncio.wait({warming})
        before, self._current = self._current, found
        if before is not None:
            log.info("version %s replaces %s", version.name, before.name)
            self._retire(before)
        return True

    async def watch(self) -> None:
        """Take up new versions until cancelled."""
        while True:
            await asyncio.sleep(self._settings.refresh)
            try:
                await self.take_up()
                self._failed = ""
            except KGError as error:
                if str(error) != self._failed:  # say it once, not every second
                    self._failed = str(error)
                    log.error("a new version cannot be taken up: %s", error)

    def _retire(self, published: Published) -> None:
        self._run_beside(self._close_later(published))

    def _run_beside(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)
        return task

    async def _warm(self, published: Published) -> None:
        """Prepare what pages need beside the requests; a visitor who comes earlier waits for it."""
        try:
            if self._prepare is not None:
                await self._prepare(published)
                log.info("the pages of version %s are prepared", published.name)
        except (KGError, KeyError, ValueError) as error:
            log.warning("the pages of version %s are not prepared: %s", published.name, error)

    async def _close_later(self, published: Published) -> None:
        """Close its pool when the requests that have just taken it up have reached it, too.

        The version is held as long as its workers read it, and no longer.
        """
        try:
            await asyncio.sleep(GRACE)
        finally:
            await published.pool.close(patience=2 * self._settings.time_limit)
        del published
        gc.collect()  # templates leave circles behind, and a server that idles never comes to them

    async def close(self) -> None:
        """Let queries end, then end all workers."""
        tasks = tuple(self._beside)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._current is not None:
            await self._current.pool.close(patience=self._settings.time_limit)


def publish_file(path: Path, folder: Path) -> None:
    """Make of one RDF file a graph folder with one version, to be served as it is.

    Raises GraphError where the file cannot be read.
    """
    syntax = _SYNTAXES.get(path.suffix.lower())
    if syntax is None:
        raise GraphError(f"{path}: unknown ending; one of {', '.join(_SYNTAXES)} is read")
    try:
        name = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        version = folder / "versions" / name
        version.mkdir(parents=True)
        store = ox.Store(str(version / "store"))
        store.bulk_load(path=str(path), format=syntax)
    except (OSError, SyntaxError) as error:
        raise GraphError(f"{path}: cannot be read: {error}") from error
    store.dump(str(version / "graph.nq"), format=ox.RdfFormat.N_QUADS)
    triples = len(store)
    store.flush()
    del store  # closes it
    (version / "graphs.json").write_text("{}", encoding="utf-8")
    files = [path for path in version.rglob("*") if path.is_file()]
    outputs = {path.relative_to(version).as_posix(): hash_file(path) for path in files}
    about = {"format": FORMAT, "version": name, "hash": name, "triples": triples}
    write_manifest(version, {**about, "outputs": outputs})
    switch_version(folder, name)
