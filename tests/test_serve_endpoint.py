"""The endpoint from outside: the whole black-box suite against a server of ours."""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx2 as httpx
import pytest

from tests.endpoint import checks, http_checks, query_checks  # noqa: F401 (declare the checks)
from tests.endpoint.data import write_data
from tests.endpoint.suite import CHECKS, Check, Endpoint
from tests.serving import Server, run_server

TIME_LIMIT = 2.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = tmp_path_factory.mktemp("endpoint") / "data.nq"
    write_data(path)
    with run_server("--data", str(path), "--time-limit", str(TIME_LIMIT)) as server:
        yield server


@pytest.fixture(scope="module")
def endpoint(server: Server) -> Iterator[Endpoint]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
    with httpx.Client(timeout=30, limits=limits) as client:
        yield Endpoint(f"{server.url}/sparql", client, TIME_LIMIT)


@pytest.mark.parametrize("item", CHECKS, ids=lambda item: f"{item.level} {item.name}")
def test_endpoint(item: Check, endpoint: Endpoint) -> None:
    if "at once" in item.name and "KG_QUIET_MACHINE" not in os.environ:
        pytest.skip("several runaway queries at once need an idle machine: set KG_QUIET_MACHINE")
    item.run(endpoint)


def test_endpoint_with_a_final_slash(endpoint: Endpoint) -> None:
    assert endpoint.client.get(f"{endpoint.url}/", params={"query": "ASK {}"}).status_code == 200
