"""Runs an application until it is told to stop."""

from __future__ import annotations

import logging
import socket
import sys
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from kg.errors import KGError
from kg.serve.settings import Settings

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
    _start_logs()
    listening = _listen(address)
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    logging.getLogger("kg.serve").info("serving on http://%s:%d%s/", shown, port, address.root_path)
    config = uvicorn.Config(
        app,
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
    server = uvicorn.Server(config)
    try:
        server.run(sockets=[listening])
    except SystemExit as error:  # how uvicorn tells that the application did not start
        raise KGError("the server did not start; the lines above tell why") from error


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address.host, address.port))
    except OSError as error:
        listening.close()
        where = f"{address.host}:{address.port}"
        raise KGError(f"cannot listen on {where}: {error.strerror}; choose --port") from error
    return listening


def _start_logs() -> None:
    """Write the access log as it is, one JSON object a line, and other messages with their level."""
    for name, pattern in (("kg.access", "%(message)s"), ("", "%(levelname)s %(name)s %(message)s")):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter(pattern))
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.setLevel(logging.INFO)
        logger.propagate = False
