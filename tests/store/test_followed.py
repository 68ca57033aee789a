"""What is made of resources is made anew soon after a watch was lost, however often that has happened."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import cast

from argosy.errors import Unavailable
from argosy.store.base import Event, EventType, Query, Store
from argosy.store.followed import Followed
from argosy.testing.clock import FakeClock, settle


@dataclass
class Breaking:
    """Of a store its watches: they break when a test wants it, and are not to be had while it is away."""

    is_away: bool = False
    begun: int = 0
    cut: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self, query: Query) -> AsyncGenerator[Event, None]:
        if self.is_away:
            raise Unavailable("away")
        self.begun += 1
        yield Event(EventType.BOOKMARK, 1, None)
        await self.cut.wait()
        raise Unavailable("cut")


async def test_a_watch_that_told_everything_comes_back_soon_however_often_it_breaks() -> None:
    store, clock = Breaking(), FakeClock()
    followed = Followed(cast(Store, store), ["Namespace"], clock, lambda document: None, lambda key: None)
    running = asyncio.create_task(followed.run())
    await settle()
    for number in range(1, 10):
        assert store.begun == number
        store.cut.set()
        await settle()
        store.cut.clear()
        await clock.advance(1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_store_that_stays_away_is_asked_ever_more_rarely() -> None:
    store, clock = Breaking(is_away=True), FakeClock()
    followed = Followed(cast(Store, store), ["Namespace"], clock, lambda document: None, lambda key: None)
    running = asyncio.create_task(followed.run())
    await settle()
    await clock.advance(100)
    store.is_away = False
    await clock.advance(10)
    assert store.begun == 0
    await clock.advance(20)
    assert store.begun == 1
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
