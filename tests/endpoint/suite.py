"""How checks are declared and run: each is a function that fails by an assertion."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx

MUST, SHOULD = "must", "should"


@dataclass(frozen=True)
class Endpoint:
    """The endpoint under test: its URL, a client, the server's time limit in seconds."""

    url: str
    client: httpx.Client
    time_limit: float

    def ask(self, query: str, *, method: str = "GET", **options: Any) -> httpx.Response:
        """Send a query by GET or as a form."""
        given = {"params": {"query": query}} if method == "GET" else {"data": {"query": query}}
        return self.client.request(method, self.url, **given, **options)

    def rows(self, query: str, **options: Any) -> list[dict[str, str]]:
        """Return the values of a SELECT by variable; fails unless there are some to be had."""
        headers = {"Accept": "application/sparql-results+json"}
        response = self.ask(query, method="POST", headers=headers, **options)
        assert response.status_code == 200, f"{response.status_code} {response.text[:200]}"
        bindings = response.json()["results"]["bindings"]
        return [{name: cell["value"] for name, cell in row.items()} for row in bindings]

    def truth(self, query: str) -> bool:
        """Return what an ASK says."""
        headers = {"Accept": "application/sparql-results+json"}
        response = self.ask(query, method="POST", headers=headers)
        assert response.status_code == 200, f"{response.status_code} {response.text[:200]}"
        return bool(response.json()["boolean"])

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        parts = urlsplit(self.url)
        return str(parts.hostname), parts.port or 80


@dataclass(frozen=True)
class Check:
    """One thing that an endpoint must or should do."""

    name: str
    level: str
    run: Callable[[Endpoint], None]
    slow: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a check: ``problem`` is empty where it passed."""

    check: Check
    problem: str
    seconds: float


CHECKS: list[Check] = []


def check(
    level: str, *, name: str = "", slow: bool = False
) -> Callable[[Callable[[Endpoint], None]], Callable[[Endpoint], None]]:
    """Declare a function as a check."""

    def declare(function: Callable[[Endpoint], None]) -> Callable[[Endpoint], None]:
        CHECKS.append(Check(name or function.__name__, level, function, slow))
        return function

    return declare


def declare_each(
    level: str, name: str, cases: Iterable[tuple[str, Callable[[Endpoint], None]]]
) -> None:
    """Declare one check for each named case."""
    for label, function in cases:
        CHECKS.append(Check(f"{name}: {label}", level, function))


def run_checks(endpoint: Endpoint, checks: Iterable[Check]) -> Iterator[Outcome]:
    """Run checks one after the other."""
    for item in checks:
        start = time.monotonic()
        try:
            item.run(endpoint)
            problem = ""
        except (AssertionError, httpx.HTTPError, ValueError, KeyError, OSError) as error:
            problem = f"{type(error).__name__}: {error}"[:300]
        yield Outcome(item, problem, time.monotonic() - start)
