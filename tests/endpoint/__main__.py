"""Runs the suite from the command line."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import httpx2 as httpx

from tests.endpoint import checks, http_checks, query_checks  # noqa: F401 (declare the checks)
from tests.endpoint.data import write_data
from tests.endpoint.suite import CHECKS, MUST, Endpoint, run_checks


def main() -> None:
    """Write the data, or run the checks and exit with 1 where one that must pass fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.endpoint", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("write").add_argument("file", type=Path)
    run = commands.add_parser("run")
    run.add_argument("url")
    run.add_argument("--time-limit", type=float, default=20.0, help="that of the server")
    run.add_argument("--quick", action="store_true", help="leave out what waits for the limit")
    arguments = parser.parse_args()
    if arguments.command == "write":
        write_data(arguments.file)
        return
    chosen = [item for item in CHECKS if not (arguments.quick and item.slow)]
    failed = {"must": 0, "should": 0}
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=200)
    with httpx.Client(timeout=30, limits=limits) as client:
        endpoint = Endpoint(arguments.url, client, arguments.time_limit)
        for outcome in run_checks(endpoint, chosen):
            if outcome.problem:
                failed[outcome.check.level] += 1
                print(f"{outcome.check.level} {outcome.check.name}: {outcome.problem}", flush=True)
    musts = sum(item.level == MUST for item in chosen)
    print(f"must: {failed['must']} of {musts} failed")
    print(f"should: {failed['should']} of {len(chosen) - musts} failed")
    sys.exit(1 if failed["must"] else 0)


main()
