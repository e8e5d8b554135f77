"""Reading on many machines: Dask distributes the batches, every document is read as it is here.

Dask is an extra (``policykg[cluster]``) and is imported where it is used.
"""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from kg.cli.apart import call_apart
from kg.cli.configuration import hash_configuration
from kg.cli.reading import Job, Result, Settings, load_tools, make_batches, read_batch
from kg.errors import GraphError
from kg.graph.durable import hash_file

if TYPE_CHECKING:
    from distributed import Client, Future

RETRIES = 3
_AHEAD = 4  # batches a thread that are sent before the first of them is needed
_SECONDS_TO_CONNECT = 30


class Cluster(NamedTuple):
    """Where to read: at a scheduler's address, or in so many processes of this machine.

    ``configuration`` is what a worker must have in common with this program.
    """

    configuration: str
    scheduler: str = ""
    workers: int = 1


def require_dask() -> None:
    """Raise GraphError where Dask is not installed."""
    if find_spec("distributed") is None:
        raise GraphError("--engine dask needs an extra: pip install 'policykg[cluster]'")


def read_on_cluster(jobs: Sequence[Job], settings: Settings, cluster: Cluster) -> Generator[Result]:
    """Yield the results in the order of the jobs; a lost worker's batches are read by others.

    Raises GraphError for a scheduler that cannot be reached, workers that have another program,
    vocabulary or view of the files, and batches that have failed too often.
    """
    if not jobs:
        return
    with _connect(cluster) as client:
        threads = sum(client.nthreads().values())
        batches = make_batches(jobs, settings, threads)
        for future in _submit(client, batches, cluster.configuration):
            yield from _gather(future, cluster)


def read_remotely(batch: tuple[Sequence[Job], Settings], configuration: str) -> list[Result]:
    """Read a batch on a worker, in a process apart."""
    results: list[Result] = call_apart(read_alike, batch, configuration)
    return results


def read_alike(batch: tuple[Sequence[Job], Settings], configuration: str) -> list[Result]:
    """Read a batch as the machine would that asks for it.

    Raises GraphError where program, vocabulary or files are not the same here.
    """
    jobs, settings = batch
    vocabulary, _ = load_tools(settings.ontologies, settings.version)
    found = hash_configuration(
        vocabulary=vocabulary.version, base=settings.base, limits=repr(settings.limits)
    )
    if found != configuration:
        raise GraphError(
            "a worker has another program, other packages or another vocabulary than this "
            "machine; install the same on both"
        )
    for job in jobs:
        if job.sha256 and _hash(job) != job.sha256:
            raise GraphError(
                f"a worker does not see {job.path} as this machine does; put the documents where "
                "all machines have them under the same path"
            )
    return read_batch(batch)


def _hash(job: Job) -> str:
    try:
        return hash_file(job.path)
    except OSError:
        return ""


def _submit(
    client: Client, batches: Iterable[tuple[Sequence[Job], Settings]], configuration: str
) -> Iterator[Future]:
    """Yield what becomes of the batches in their order; only some are under way at a time."""
    left, under_way = iter(batches), deque[Any]()
    while True:
        room = _AHEAD * max(1, sum(client.nthreads().values())) - len(under_way)
        for batch in islice(left, max(0, room)):
            under_way.append(
                client.submit(read_remotely, batch, configuration, pure=False, retries=RETRIES)
            )
        if not under_way:
            return
        yield under_way.popleft()


def _gather(future: Future, cluster: Cluster) -> list[Result]:
    from distributed import CancelledError
    from distributed.comm import CommClosedError
    from distributed.scheduler import KilledWorker

    try:
        results: list[Result] = future.result()
    except KilledWorker as error:
        message = "workers have died of the same documents, perhaps for want of memory"
        raise GraphError(f"{message}; give them more, or use fewer") from error
    except (CancelledError, CommClosedError, TimeoutError, OSError) as error:
        raise GraphError(f"{cluster.scheduler or 'the cluster'}: the scheduler is gone") from error
    return results


@contextmanager
def _connect(cluster: Cluster) -> Iterator[Client]:
    """Join a cluster, or make one of processes that answer this machine alone."""
    import dask
    from distributed import Client, LocalCluster

    with ExitStack() as stack:
        stack.enter_context(
            dask.config.set({"distributed.admin.system-monitor.gil.enabled": False})
        )
        address: Any = cluster.scheduler
        if not address:
            folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
            address = stack.enter_context(
                LocalCluster(
                    n_workers=cluster.workers,
                    threads_per_worker=1,
                    host="127.0.0.1",
                    dashboard_address=None,
                    memory_limit=0,  # a worker holds some batches; its processes keep the limits
                    local_directory=folder,
                )
            )
        try:
            client = stack.enter_context(Client(address, timeout=_SECONDS_TO_CONNECT))
            client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
        except (OSError, ValueError, TimeoutError) as error:
            where = cluster.scheduler or "a cluster on this machine"
            raise GraphError(f"{where}: no scheduler with workers answers: {error}") from error
        yield client
