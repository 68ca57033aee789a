"""Hosts: how many requests at once one server gets. Grows by one, falls by half; first come, first served."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncGenerator

from argosy.clock import Clock
from argosy.errors import Temporary

_COOLDOWN = 1.0


class Host:
    """The turns to talk to one server.

    The limit starts at `most`, is halved when the server throttles (at most once a second: the requests already on
    their way are answered alike) and grows back by about one with each round of successes.

    Args:
        name: host and port, for messages.
        most: the greatest limit.
        patience: a pause asked for by the server that is longer than this many seconds makes turns fail with
            Temporary instead of waiting it out.
    """

    def __init__(self, name: str, clock: Clock, most: int, patience: float) -> None:
        self._name = name
        self._clock = clock
        self._most = most
        self._patience = patience
        self._limit = float(most)
        self._busy = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._quiet_until = float("-inf")
        self._lowered_at = float("-inf")

    @property
    def limit(self) -> int:
        """How many requests may be on their way at once, now."""
        return max(1, int(self._limit))

    @property
    def pause(self) -> float | None:
        """For how many seconds the server still wants to be left alone; None when it does not."""
        left = self._quiet_until - self._clock.monotonic()
        return left if left > 0 else None

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Hold one of the host's turns. Raises Temporary while the server wants to be left alone for long."""
        await self._enter()
        try:
            await self._respect_pause()
            yield
        finally:
            self._busy -= 1
            self._admit()

    def succeeded(self) -> None:
        """The server answered well."""
        self._limit = min(float(self._most), self._limit + 1 / self._limit)
        self._admit()

    def throttled(self, after: float | None) -> None:
        """The server asked for fewer requests and, if `after` is given, for none in so many seconds."""
        now = self._clock.monotonic()
        self._quiet_until = max(self._quiet_until, now + (after or 0.0))
        if now - self._lowered_at >= _COOLDOWN:
            self._lowered_at = now
            self._limit = max(1.0, self._limit / 2)

    async def _respect_pause(self) -> None:
        left = self.pause
        if left is None:
            return
        if left > self._patience:
            raise Temporary(f"{self._name} asked to be left alone for a while", after=left)
        await self._clock.sleep(left)

    async def _enter(self) -> None:
        if self._busy < self.limit and not self._waiting:
            self._busy += 1
            return
        ticket = asyncio.get_running_loop().create_future()
        self._waiting.append(ticket)
        try:
            await ticket
        except asyncio.CancelledError:
            self._withdraw(ticket)
            raise

    def _withdraw(self, ticket: asyncio.Future[None]) -> None:
        """Give back a place in the queue, or the turn itself when it was granted in the same moment."""
        if ticket in self._waiting:
            self._waiting.remove(ticket)
        elif ticket.done() and not ticket.cancelled():
            self._busy -= 1
        self._admit()

    def _admit(self) -> None:
        while self._waiting and self._busy < self.limit:
            ticket = self._waiting.popleft()
            if not ticket.done():
                self._busy += 1
                ticket.set_result(None)
