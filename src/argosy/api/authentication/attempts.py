"""How often passwords may be tried: by one address, and by all together."""

from __future__ import annotations

import ipaddress
import logging
import math
from collections import OrderedDict
from dataclasses import dataclass

from argosy.api.answer import Refused
from argosy.clock import Clock

log = logging.getLogger(__name__)

REMEMBERED = 4096
"""Addresses that are told apart at most; whoever has more of them meets the limit of all together."""


@dataclass
class _Bucket:
    """So many attempts at once, and one more after each interval."""

    most: int
    interval: float
    left: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until there may be an attempt; 0 when there may be one now."""
        self.left = min(self.most, self.left + (now - self.at) / self.interval)
        self.at = now
        return 0.0 if self.left >= 1 else (1 - self.left) * self.interval


class Attempts:
    """Counts attempts that nobody has shown to be right.

    Args:
        most: that one address may make at once; one more after `interval` seconds each.
        most_in_all: the same for everybody together, `interval_in_all` seconds each.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        most: int = 5,
        interval: float = 12.0,
        most_in_all: int = 60,
        interval_in_all: float = 1.0,
    ) -> None:
        self._clock = clock
        self._most, self._interval = most, interval
        self._all = _Bucket(most_in_all, interval_in_all, most_in_all, clock.monotonic())
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def take(self, address: str) -> None:
        """Count an attempt from `address`. Raises Refused (429) when there were too many."""
        now, own = self._clock.monotonic(), self._bucket(address)
        wait = max(own.wait(now), self._all.wait(now))
        if wait > 0:
            log.warning("too many logins were tried from %s", address)
            after = math.ceil(wait)
            raise Refused(
                429,
                "too many logins were tried",
                advice=f"Try again in {after} s.",
                headers={"Retry-After": str(after)},
            )
        own.left -= 1
        self._all.left -= 1

    def give_back(self, address: str) -> None:
        """Forget the last attempt from `address`: it was right."""
        own = self._bucket(address)
        own.left = min(own.most, own.left + 1)
        self._all.left = min(self._all.most, self._all.left + 1)

    def _bucket(self, address: str) -> _Bucket:
        key = _network(address)
        found = self._buckets.pop(key, None) or _Bucket(self._most, self._interval, self._most, self._clock.monotonic())
        self._buckets[key] = found
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return found


def _network(address: str) -> str:
    """Who has one address of IPv6 has all that begin with the same 64 bits."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
