"""Refresh: one look at a server for all who come before it begins, and for those whom its outcome is young enough."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from argosy.clock import Clock


@dataclass
class _Flight:
    """One refresh that several callers wait for. `began` is monotonic seconds; None until it asks the server."""

    began: float | None = None
    task: asyncio.Task[None] | None = None


@dataclass
class _Landed:
    began: float
    error: Exception | None = None


class Refresh:
    """Does `work`, which brings something up to date, holding `lock`."""

    def __init__(self, work: Callable[[], Awaitable[None]], clock: Clock, lock: asyncio.Lock) -> None:
        self._work = work
        self._clock = clock
        self._lock = lock
        self._flight: _Flight | None = None
        self._landed: _Landed | None = None

    async def get(self, *, max_age: float = 0.0) -> None:
        """Wait until the work was done at most `max_age` seconds before this call, or after it.

        Callers who may share an outcome do: those who come before the work began, and those whose `max_age` the last
        one still satisfies. A failure is shared in the same way. Cancelling a caller does not cancel the work.

        Raises what the work raises.
        """
        oldest = self._clock.monotonic() - max_age
        if self._landed is not None and max_age > 0 and self._landed.began >= oldest:
            if self._landed.error is not None:
                raise self._landed.error
            return
        flight = self._flight
        if flight is None or (flight.began is not None and flight.began < oldest):
            flight = self._flight = _Flight()
            flight.task = asyncio.create_task(self._fly(flight))
            flight.task.add_done_callback(_retrieve)
        assert flight.task is not None  # noqa: S101 - set before anybody can see the flight
        await asyncio.shield(flight.task)

    async def close(self) -> None:
        """Give up the work that is under way."""
        if self._flight is not None and self._flight.task is not None:
            self._flight.task.cancel()
            await asyncio.gather(self._flight.task, return_exceptions=True)

    async def _fly(self, flight: _Flight) -> None:
        async with self._lock:
            flight.began = self._clock.monotonic()
            try:
                await self._work()
                self._landed = _Landed(flight.began)
            except Exception as error:
                self._landed = _Landed(flight.began, error)
                raise
            finally:
                if self._flight is flight:
                    self._flight = None


def _retrieve(task: asyncio.Task[None]) -> None:
    """Every waiter may have been cancelled: then nobody else would look at the error."""
    if not task.cancelled():
        task.exception()
