"""Tells at once when promotions end: one watch, as `kubectl get -w` has it, instead of asking again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from argosy.app.system import System
from argosy.store.base import Query
from argosy.testing.pipeline import Pipeline

ENDS = frozenset({"Succeeded", "Failed", "Errored", "Aborted"})


class Following:
    """The promotions of a system. Made by `following`."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._ends: dict[str, asyncio.Future[None]] = {}

    async def promote(self, stage: str, freight: str, *, project: str) -> None:
        """Promote, and return once that has succeeded. Raises AssertionError when it has not."""
        name = await Pipeline(self._system, project).promote(stage, freight)
        await self._end_of(name)

    def _end_of(self, name: str) -> asyncio.Future[None]:
        return self._ends.setdefault(name, asyncio.get_running_loop().create_future())

    async def run(self, since: int) -> None:
        """Follow until cancelled."""
        async for event in self._system.store.watch(Query("Promotion"), since=since):
            if event.document is None:
                continue
            status = event.document.data.get("status") or {}
            end = self._end_of(event.document.key.name)
            if status.get("phase") not in ENDS or end.done():
                continue
            if status["phase"] == "Succeeded":
                end.set_result(None)
            else:
                end.set_exception(AssertionError(f"{event.document.key} {status['phase']}: {status.get('message')}"))


@contextlib.asynccontextmanager
async def following(system: System) -> AsyncIterator[Following]:
    """Follow the promotions of a system while the block runs."""
    follower = Following(system)
    task = asyncio.create_task(follower.run(await system.store.version()))
    try:
        yield follower
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def settled(system: System) -> None:
    """Return once nothing is left to do."""
    quiet = 0
    while quiet < 5:
        await asyncio.sleep(0.01)
        quiet = quiet + 1 if system.idle else 0
