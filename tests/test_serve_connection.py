"""Connections whose requests never arrive, and those whose responses nobody fetches."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.endpoint.data import EX, write_data
from tests.serving import Server, run_server

PATIENCE = 0.5
LONG = f"SELECT ?s ('{'x' * 1000}' AS ?x) {{ ?s <{EX}near> ?o }}"  # 22 MB


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path: Path = tmp_path_factory.mktemp("connection") / "data.nq"
    write_data(path)
    with run_server("--data", str(path), "--transfer-limit", str(PATIENCE)) as server:
        yield server


@contextmanager
def connect(server: Server) -> Iterator[socket.socket]:
    host, port = server.url.removeprefix("http://").split(":")
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(30)
        connection.connect((host, int(port)))
        yield connection


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", b"HTTP/1.1 408 "),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nX-a: ", b"HTTP/1.1 408 "),
        (b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
         b"Content-Length: 99\r\n\r\nASK", b""),
    ],
    ids=["nothing", "half a head", "half a body"],
)  # fmt: skip
def test_request_that_does_not_arrive_is_given_up(server: Server, sent: bytes, said: bytes) -> None:
    with connect(server) as connection:
        connection.sendall(sent)
        found = connection.recv(1000)
        assert found.startswith(said)
        assert bool(found) == bool(said)


def test_kept_connection_is_not_given_up(server: Server) -> None:
    with connect(server) as connection:
        for _ in range(2):
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            said = b""
            while not said.endswith(b"}"):
                said += connection.recv(4000)
            assert said.startswith(b"HTTP/1.1 200 ")
            time.sleep(2 * PATIENCE)


@pytest.mark.parametrize("slow", [False, True], ids=["nothing", "little by little"])
def test_client_that_fetches_nothing_is_cut_off(server: Server, slow: bool) -> None:
    query = urlencode({"query": LONG, "format": "csv"})
    with connect(server) as connection:
        connection.sendall(
            f"GET /sparql?{query} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
        )
        head = connection.recv(2000)
        assert head.startswith(b"HTTP/1.1 200 ")
        length = int(head.partition(b"content-length: ")[2].split()[0])
        size = len(head.partition(b"\r\n\r\n")[2])
        time.sleep(0 if slow else 6 * PATIENCE)
        for _ in range(30 if slow else 0):
            time.sleep(PATIENCE / 10)
            size += len(connection.recv(1 << 15))
        while part := connection.recv(1 << 20):
            size += len(part)
    assert (size == length) == slow
