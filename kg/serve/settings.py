"""What a server may be told: its limits, all of them safe where nothing is said."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from kg.errors import KGError

Network = IPv4Network | IPv6Network

LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Limits and habits of a server; times in seconds, sizes in bytes unless told otherwise.

    A query runs in one of ``quick`` workers.  What takes longer than ``patience`` moves to one of
    ``slow`` places, so that long queries never keep short ones waiting, and is stopped at
    ``time_limit`` or when its worker holds more than ``memory_limit``.  ``queue`` is how many
    queries may wait.  A client outside ``exempt`` has ``budget`` seconds of query time, which
    fill up again within ``budget_window``; 0 means no budget.  Results are kept up to ``kept_limit``
    in all, to be sent again.  A request must arrive within
    ``transfer_limit``, and a client that fetches nothing of a response for so long is cut off.
    """

    time_limit: float = 20.0
    memory_limit: int = 1 << 30
    quick: int = max(2, min(8, os.cpu_count() or 2))
    slow: int = 2
    patience: float = 0.2
    queue: int = 1000
    body_limit: int = 2 << 20
    transfer_limit: float = 30.0
    query_limit: int = 512 << 10  # code points
    result_limit: int = 64 << 20
    kept_limit: int = 32 << 20
    depth_limit: int = 100
    operator_limit: int = 2000
    token_limit: int = 100_000
    budget: float = 60.0
    budget_window: float = 120.0
    exempt: tuple[Network, ...] = LOOPBACK
    refresh: float = 1.0  # how often a new version is looked for
    log_queries: bool = False
    ontologies: tuple[str, ...] = ()  # folders layered over the vocabulary, for reports
    root_path: str = ""  # what a proxy in front takes off
    public_url: str = ""  # where the server is reached from outside, without a final slash


def read_networks(names: Sequence[str]) -> tuple[Network, ...]:
    """Read addresses and networks such as ``10.0.0.0/8``.

    Raises KGError for what is neither.

    >>> read_networks(["192.168.1.7"])
    (IPv4Network('192.168.1.7/32'),)
    """
    networks = []
    for name in names:
        try:
            networks.append(ip_network(name, strict=False))
        except ValueError as error:
            raise KGError(f"{name!r} is no address or network such as 10.0.0.0/8") from error
    return tuple(networks)
