"""Worker processes for queries: two lanes, a time and a memory limit, replacement of the dead.

Short queries run in the quick lane.  What has run for ``patience`` seconds gives its place there
to a new worker and goes on in the slow lane, at low priority; where that is full and no worker
is free for the next query, it is stopped and starts anew when there is room.  So no number of long queries keeps a
short one waiting for long.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from kg.errors import GraphError
from kg.serve.engine import Job, RejectedError, Result, Source, StoppedError, Worker
from kg.serve.settings import Settings

TICK = 0.05

Charge = Callable[[float], None]


class _RequeuedError(Exception):
    """A query was stopped to make room and starts anew in the slow lane."""


@dataclass(slots=True)
class Gauges:
    """What a pool counts for its operators."""

    killed: dict[str, int] = field(default_factory=dict)
    started: int = 0

    def count_kill(self, reason: str) -> None:
        """Count a worker that was ended before its time."""
        self.killed[reason] = self.killed.get(reason, 0) + 1


class Pool:
    """The workers over one store; made by ``Pool.start``, ended by ``close``."""

    def __init__(self, source: Source, settings: Settings, gauges: Gauges) -> None:
        self._source, self._settings, self.gauges = source, settings, gauges
        self._idle: list[Worker] = []
        self._waiting: deque[asyncio.Future[Worker]] = deque()
        self._workers: set[Worker] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._ending: set[asyncio.Task[None]] = set()
        self._guards: set[asyncio.Task[None]] = set()
        self._slow = asyncio.Semaphore(settings.slow)
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()
        self._closed = False
        self.sealed = False

    @classmethod
    async def start(cls, source: Source, settings: Settings, gauges: Gauges) -> Pool:
        """Start the workers of the quick lane; raises GraphError where none can be started."""
        pool = cls(source, settings, gauges)
        first = await Worker.start(source)
        gauges.started += 1
        pool._admit(first)
        pool._idle.append(first)
        pool.sealed = first.sealed
        for _ in range(settings.quick - 1):
            pool._replace()
        return pool

    @property
    def ready(self) -> bool:
        """Tell whether a worker lives."""
        return not self._closed and any(worker.alive for worker in self._workers)

    @property
    def has_idle(self) -> bool:
        """Tell whether a worker of the quick lane is free for the next query."""
        return bool(self._idle)

    @property
    def waiting(self) -> int:
        """Return how many queries wait for a worker."""
        return sum(not future.done() for future in self._waiting)

    @property
    def running(self) -> int:
        """Return how many queries are taken up and not answered."""
        return self._users

    async def run(self, job: Job, charge: Charge | None = None) -> Result:
        """Run a query to its end or to a limit.

        ``charge`` is told, now and then and at the end, how many more seconds the query has
        run, and may raise StoppedError.  Raises that, or RejectedError.
        """
        if self.waiting >= self._settings.queue:
            raise StoppedError("too many queries are waiting", reason="busy", retry_after=1)
        frame = job.frame(self._settings.result_limit)
        self._users += 1
        self._unused.clear()
        try:
            try:
                return await self._run_quick(frame, charge)
            except _RequeuedError:
                return await self._run_slow(frame, charge)
        finally:
            self._users -= 1
            if not self._users:
                self._unused.set()

    async def _run_quick(self, frame: bytes, charge: Charge | None) -> Result:
        worker = await self._take()
        watch = _Watch(self, worker, charge, slow=False)
        try:
            return await watch.follow(frame)
        finally:
            self._settle(worker, watch)

    async def _run_slow(self, frame: bytes, charge: Charge | None) -> Result:
        """Run a query that is known to be long, as soon as there is room in the slow lane."""
        try:
            await asyncio.wait_for(self._slow.acquire(), self._settings.time_limit)
        except TimeoutError:
            message = "other long queries run; try again later"
            raise StoppedError(message, reason="busy", retry_after=5) from None
        try:
            worker = await self._make_worker()
        except BaseException:
            self._slow.release()
            raise
        worker.lower_priority()
        watch = _Watch(self, worker, charge, slow=True)
        try:
            return await watch.follow(frame)
        finally:
            self._settle(worker, watch)

    async def _take(self) -> Worker:
        """Wait for a worker of the quick lane."""
        while self._idle:
            worker = self._idle.pop()  # what it used last is still in the processor's caches
            if worker.alive:
                return worker
            self._renew(worker)
        future: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            return await asyncio.wait_for(future, self._settings.time_limit)
        except TimeoutError:
            raise StoppedError(
                "too many queries are running", reason="busy", retry_after=2
            ) from None
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._give(future.result())
            raise

    def _give(self, worker: Worker) -> None:
        """Hand a worker that is free to the query that has waited longest."""
        if not worker.alive:
            self._renew(worker)
            return
        while self._waiting:
            future = self._waiting.popleft()
            if not future.done():
                future.set_result(worker)
                return
        self._idle.append(worker)

    def _settle(self, worker: Worker, watch: _Watch) -> None:
        """Put a worker back after a query, or end it and start another."""
        if watch.slow:
            self._slow.release()
        if watch.finished and not watch.slow and not watch.swollen and not self._closed:
            self._give(worker)
            return
        self._workers.discard(worker)
        if not watch.slow:
            self._replace()
        ending = asyncio.ensure_future(worker.kill())  # freeing much memory takes its time
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)

    async def demote(self, worker: Worker) -> bool:
        """Move a running query to the slow lane if that has room; a new worker takes its place."""
        if self._slow.locked():
            return False
        await self._slow.acquire()  # never waits here: it is not locked
        worker.lower_priority()
        self._replace()
        return True

    def _renew(self, worker: Worker) -> None:
        """Start another worker in the place of one that has died."""
        self._workers.discard(worker)
        self._replace()

    def _replace(self) -> None:
        if self._closed:
            return
        task = asyncio.ensure_future(self._add_worker())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)

    async def _add_worker(self) -> None:
        for pause in (0.0, 0.2, 1.0, 5.0):
            await asyncio.sleep(pause)
            with suppress(GraphError, OSError):
                self._give(await self._make_worker())
                return

    async def _make_worker(self) -> Worker:
        worker = await Worker.start(self._source)
        self.gauges.started += 1
        if self._closed:
            await worker.kill()
            raise StoppedError("the server stops", reason="closing")
        self._admit(worker)
        return worker

    def _admit(self, worker: Worker) -> None:
        self._workers.add(worker)
        guard = asyncio.ensure_future(self._outlive(worker))
        self._guards.add(guard)
        guard.add_done_callback(self._guards.discard)

    async def _outlive(self, worker: Worker) -> None:
        """Replace a worker that dies while it is free: without any, no query comes to notice it."""
        await worker.ended()
        if worker in self._idle:
            self._idle.remove(worker)
            self._renew(worker)

    async def close(self, *, patience: float) -> None:
        """Let queries end for ``patience`` seconds, then end the workers."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._unused.wait(), patience)
        self._closed = True
        for task in tuple(self._starting):
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        for future in self._waiting:
            if not future.done():
                future.set_exception(StoppedError("the server stops", reason="closing"))
        await asyncio.gather(*self._ending, *(worker.kill() for worker in self._workers))
        self._workers.clear()
        self._idle.clear()

    @property
    def settings(self) -> Settings:
        """The limits of this pool."""
        return self._settings


class _Watch:
    """Follows one query in one worker and ends it at a limit."""

    def __init__(
        self,
        pool: Pool,
        worker: Worker,
        charge: Charge | None,
        *,
        slow: bool,
    ) -> None:
        self._pool, self._worker, self._charge = pool, worker, charge
        self._charged = 0.0
        self._start = time.monotonic()
        self.slow = slow
        self.finished = False

    @property
    def swollen(self) -> bool:
        """Tell whether the worker kept so much memory that the next query would suffer."""
        if time.monotonic() - self._start < TICK:
            return False
        return self._worker.memory() > self._pool.settings.memory_limit // 4

    async def follow(self, frame: bytes) -> Result:
        """Run the query; raises StoppedError, RejectedError, or _RequeuedError to make room."""
        answer = self._worker.ask(frame)
        try:
            while not (await asyncio.wait({answer}, timeout=TICK))[0]:
                await self._check()
            notes, body = answer.result()
            self.finished = True
        except (RejectedError, StoppedError) as error:
            self.finished = answer.done() and answer.exception() is error
            raise
        except ConnectionResetError:
            self._pool.gauges.count_kill("crash")
            message = "the engine broke down on this query; make it simpler"
            raise StoppedError(message, reason="crash") from None
        finally:
            answer.cancel()  # of no effect where it has come
            with suppress(StoppedError):  # the work is done
                self._bill()
        return Result(notes["kind"], body, time.monotonic() - self._start)

    async def _check(self) -> None:
        """Raise where the query has reached a limit; move it to the slow lane in time."""
        limits = self._pool.settings
        seconds = time.monotonic() - self._start
        if seconds > limits.time_limit:
            self._stop("time", f"the query ran longer than {limits.time_limit:g} seconds")
        if self._worker.memory() > limits.memory_limit:
            size = limits.memory_limit >> 20
            self._stop("memory", f"the query needed more than {size} MB of memory")
        self._bill()
        if not self.slow and seconds > limits.patience:
            self.slow = await self._pool.demote(self._worker)
            if not self.slow and not self._pool.has_idle:
                raise _RequeuedError

    def _bill(self) -> None:
        seconds = time.monotonic() - self._start
        if self._charge is not None:
            charged, self._charged = self._charged, seconds
            self._charge(seconds - charged)

    def _stop(self, reason: str, message: str) -> None:
        self._pool.gauges.count_kill(reason)
        raise StoppedError(f"{message} and was stopped; ask for less", reason=reason)
