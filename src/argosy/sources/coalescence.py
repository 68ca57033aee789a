"""Coalescence: many who ask for the same thing at the same time cause one piece of work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Coalescence(Generic[K, V]):
    """Runs `work` once for all who asked before it began.

    Who asks while it runs waits for the next run: an answer never is older than the question, so a refresh after a
    push always sees what was pushed. One run per key goes on at a time.
    """

    def __init__(self, work: Callable[[K], Awaitable[V]]) -> None:
        self._work = work
        self._next: dict[K, asyncio.Task[V]] = {}
        self._running: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K) -> V:
        """The result of a run that begins after this call. Raises what the work raised.

        Cancelling the caller does not cancel the run, which others may wait for.
        """
        task = self._next.get(key)
        if task is None:
            task = asyncio.create_task(self._run(key))
            task.add_done_callback(_seen)
            self._next[key] = task
        return await asyncio.shield(task)

    async def _run(self, key: K) -> V:
        if key in self._running:
            await asyncio.wait([self._running[key]])
        task = self._next.pop(key)
        self._running[key] = task
        try:
            return await self._work(key)
        finally:
            if self._running.get(key) is task:
                del self._running[key]


def _seen(task: asyncio.Task[V]) -> None:
    """Take note of the error when everybody who asked has gone."""
    if not task.cancelled():
        task.exception()
