"""Runs an application until it is told to stop."""

from __future__ import annotations

import logging
import queue
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from logging.handlers import QueueHandler, QueueListener

import uvicorn
from starlette.applications import Starlette

from kg.errors import KGError
from kg.serve.connection import BoundedProtocol
from kg.serve.settings import Settings

ACCESS = "kg.access"
LOG_QUEUE = 10_000  # lines
LOG_REST = 0.1  # seconds
SPARE = 5  # seconds beyond the longest query that a stop may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where to listen, and how proxies in front are to be believed."""

    host: str = "127.0.0.1"
    port: int = 8000
    root_path: str = ""
    trusted_proxies: str = "127.0.0.1"


def run_server(app: Starlette, address: Address, settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; requests that run then are answered.

    Raises KGError where the address cannot be taken.
    """
    with _write_logs():
        listening = _listen(address)
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        where = f"http://{shown}:{port}{address.root_path}/"
        logging.getLogger("kg.serve").info("serving on %s", where)
        _run(app, address, settings, listening)


def _run(app: Starlette, address: Address, settings: Settings, listening: socket.socket) -> None:
    config = uvicorn.Config(
        app,
        http=partial(BoundedProtocol, patience=settings.transfer_limit),  # type: ignore[arg-type]
        root_path=address.root_path,
        forwarded_allow_ips=address.trusted_proxies,
        access_log=False,
        server_header=False,
        log_config=None,
        lifespan="on",
        timeout_graceful_shutdown=int(settings.time_limit) + SPARE,
        timeout_keep_alive=30,
        backlog=2048,
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except SystemExit as error:  # how uvicorn tells that the application did not start
        raise KGError("the server did not start; the lines above tell why") from error


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    # Else a body that follows its head waits for the client's delayed acknowledgement, 40 ms
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
    except OSError as error:
        listening.close()
        where = f"{address.host}:{address.port}"
        raise KGError(f"cannot listen on {where}: {error.strerror}; choose --port") from error
    return listening


@contextmanager
def _write_logs() -> Iterator[None]:
    """Write the access log as it is, other messages with their level, in a thread of its own.

    Whoever reads the log slowly does not slow the server down: what does not fit is left out.
    """
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(LOG_QUEUE)
    output = logging.StreamHandler(sys.stderr)
    listener = _Listener(waiting, output)
    for name, pattern in ((ACCESS, "%(message)s"), ("", "%(levelname)s %(name)s %(message)s")):
        handler = _DroppingHandler(waiting)
        handler.setFormatter(logging.Formatter(pattern))
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False
    listener.start()
    try:
        yield
    finally:
        listener.stop()


class _Listener(QueueListener):
    """Writes what has come meanwhile, then rests: woken by every line it would slow requests down."""

    def dequeue(self, block: bool) -> logging.LogRecord:
        """Return the next record; where there is none, not before a rest."""
        try:
            return super().dequeue(False)
        except queue.Empty:
            time.sleep(LOG_REST)
        return super().dequeue(block)


class _DroppingHandler(QueueHandler):
    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """Return a record for the thread that writes it; that of the access log is made already."""
        return record if record.name == ACCESS else super().prepare(record)

    def enqueue(self, record: logging.LogRecord) -> None:
        with suppress(queue.Full):
            self.queue.put_nowait(record)
