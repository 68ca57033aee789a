"""How a watcher goes over from the log to what happens while it reads it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from argosy.resources.meta import Document, Key
from argosy.store.base import Page, Query
from argosy.store.change import Change
from argosy.store.watching import Hub, watch
from argosy.testing.clock import FakeClock


def change(version: int) -> Change:
    return Change(version, Document(Key("Ship", "p", "a"), version, b"{}"), frozenset(), frozenset())


async def test_what_is_committed_while_the_log_is_read_comes_once() -> None:
    hub = Hub(FakeClock(), 5)

    async def read_log(kind: str, since: int) -> tuple[Sequence[Change], int, bool]:
        assert (kind, since) == ("Ship", 3)
        hub.publish([change(6)])
        hub.publish([change(7)])
        return [change(4), change(6)], 6, True

    async def read_page() -> Page:
        raise AssertionError

    events = watch(hub, Query("Ship"), 3, read_page=read_page, read_log=read_log)
    assert [(await anext(events)).version for _ in range(3)] == [4, 6, 7]
    later = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    hub.publish([change(8)])
    assert (await later).version == 8
    await events.aclose()
    hub.close()


async def test_a_long_log_is_read_in_parts() -> None:
    hub = Hub(FakeClock(), 9)

    async def read_log(kind: str, since: int) -> tuple[Sequence[Change], int, bool]:
        return [change(since + 1), change(since + 2)], since + 2, since + 2 >= 9

    async def read_page() -> Page:
        raise AssertionError

    events = watch(hub, Query("Ship"), 3, read_page=read_page, read_log=read_log)
    async with asyncio.timeout(10):
        assert [(await anext(events)).version for _ in range(6)] == [4, 5, 6, 7, 8, 9]
    await events.aclose()
    hub.close()
