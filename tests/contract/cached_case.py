"""The contract on what controllers read where an API server keeps the resources: a cache, here of a database."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from tests.contract.store_case import forget_in_sqlite, sqlite

from argosy.resources.kinds import KINDS
from argosy.store.base import Page, Store
from argosy.store.cached import Cached
from argosy.store.outage import Outages
from argosy.testing.clock import FakeClock


class _Running(Cached):
    """Follows from the start until it is closed."""

    def __init__(self, inner: Store, clock: FakeClock) -> None:
        super().__init__(inner, KINDS, clock, Outages(clock), log_length=100)
        self._task = asyncio.get_running_loop().create_task(self.run())

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        await super().close()


def cached(folder: Path, clock: FakeClock) -> Store:
    return _Running(sqlite(folder, clock), clock)


async def forget_in_cached(store: Store, page: Page) -> tuple[str, int]:
    more, since = await forget_in_sqlite(store, page)
    for number in range(100):
        await store.patch(page.documents[0].key, {"metadata": {"annotations": {"n": str(number)}}})
    return more, since
