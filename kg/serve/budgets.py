"""How much query time a client may use: seconds that fill up again, not a number of requests."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address, ip_network

from kg.serve.engine import StoppedError
from kg.serve.settings import Network, Settings

MOST_CLIENTS = 10_000
PREFIX_6 = 64  # what one subscriber holds of IPv6


@dataclass(slots=True)
class Balance:
    """What a client has left at a moment, how many of its queries run, whether it must wait."""

    seconds: float
    at: float
    running: int = 0
    waits: bool = False


class Budgets:
    """The balances of all clients; addresses of one IPv6 network count as one client."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._balances: dict[str, Balance] = {}

    def open_account(self, host: str) -> Account:
        """Return the account of a client by its address."""
        settings = self._settings
        if not settings.budget or self._is_exempt(host):
            return Account(settings, None)
        balance = self._balances.get(_name_client(host))
        if balance is None:
            if len(self._balances) >= MOST_CLIENTS:
                self._forget()
            balance = Balance(settings.budget, time.monotonic())
            self._balances[_name_client(host)] = balance
        balance.running += 1
        return Account(settings, balance)

    def _is_exempt(self, host: str) -> bool:
        return _is_within(host, self._settings.exempt)

    def _forget(self) -> None:
        """Forget clients whose budget is full again, and the oldest where there are none."""
        settings, now = self._settings, time.monotonic()
        unused = [name for name, balance in self._balances.items() if not balance.running]
        full = [n for n in unused if self._balances[n].at + settings.budget_window < now]
        for name in full or unused[: MOST_CLIENTS // 10]:
            del self._balances[name]


class Account:
    """The account of a client during one request."""

    def __init__(self, settings: Settings, balance: Balance | None) -> None:
        self._settings, self._balance = settings, balance

    def check(self) -> None:
        """Raise StoppedError, with the time to wait, where nothing is left."""
        if self._balance is None:
            return
        self._fill(self._balance)
        if self._balance.seconds <= 0 or self._balance.waits:
            raise self._refuse(self._balance)

    def charge(self, seconds: float) -> None:
        """Take what a query has used; raises StoppedError where nothing is left."""
        if self._balance is None:
            return
        self._fill(self._balance)
        self._balance.seconds -= seconds
        if self._balance.seconds <= 0:
            raise self._refuse(self._balance)

    def close(self) -> None:
        """End the request."""
        if self._balance is not None:
            self._balance.running -= 1

    def _fill(self, balance: Balance) -> None:
        now = time.monotonic()
        gained = (now - balance.at) * self._settings.budget / self._settings.budget_window
        balance.seconds = min(self._settings.budget, balance.seconds + gained)
        balance.at = now
        balance.waits = balance.waits and balance.seconds < self._enough

    @property
    def _enough(self) -> float:
        """What a client that has used up its budget waits for."""
        return min(1.0, self._settings.budget / 2)

    def _refuse(self, balance: Balance) -> StoppedError:
        rate = self._settings.budget / self._settings.budget_window
        balance.waits = True
        wait = max(1, math.ceil((self._enough - balance.seconds) / rate))
        message = f"your budget of {self._settings.budget:g} s of query time is used up"
        return StoppedError(f"{message}; try again in {wait} s", reason="budget", retry_after=wait)


@lru_cache(maxsize=MOST_CLIENTS)
def _is_within(host: str, networks: tuple[Network, ...]) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return not host  # a Unix socket, where only a proxy of this machine can be
    mapped = getattr(address, "ipv4_mapped", None) or address
    return any(mapped in network for network in networks)


def _name_client(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ip_network(f"{host.partition('%')[0]}/{PREFIX_6}", strict=False))
