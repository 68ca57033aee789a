"""News of what is outside of the store: what changes is told of, and after a lost watch all that was known."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import Any, cast

import httpx2
import pytest

from argosy.app import argocd, cluster
from argosy.clients.argocd import Applications, subject
from argosy.clients.cluster import Cluster, Collection
from argosy.clients.cluster import subject as subject_of
from argosy.clients.kubernetes_connection import Connection, Server
from argosy.clients.selection import PRESENT, Change
from argosy.errors import Temporary
from argosy.resources.meta import Key
from argosy.runtime.signal import Signals
from argosy.testing.clock import FakeClock, settle

PODS = Collection("v1", "Pod", "argocd")


@dataclass
class Outside:
    """A server whose watch begins with all names there are; `lose` cuts it. Serves Applications and Pods alike."""

    names: set[str] = field(default_factory=lambda: {"web", "api"})
    away: bool = False
    cut: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self, collection: Collection | None = None) -> AsyncGenerator[Change]:
        self.cut.clear()
        if self.away:
            raise Temporary("away")
        for name in sorted(self.names):
            yield Change("ADDED", {"metadata": {"name": name, "namespace": "argocd"}})
        yield PRESENT
        await self.cut.wait()
        if self.away:
            raise Temporary("away")

    async def wanted(self) -> AsyncIterator[Collection]:
        yield PODS
        await asyncio.Event().wait()


@dataclass
class Listener:
    """Somebody who is about `web`."""

    signals: Signals = field(default_factory=Signals)
    woken: list[Key] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.signals.attach("Stage", self.woken.append)

    def about(self, name: str) -> None:
        self.signals.listen(Key("Stage", "p", "dev"), [name], self.signals.mark)


@contextlib.asynccontextmanager
async def turning(follow: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(follow)
    try:
        await settle()
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("left", [{"api"}, set()], ids=["another is left", "nothing is left"])
@pytest.mark.parametrize("away", [True, False])
@pytest.mark.parametrize("where", ["argocd", "cluster"])
async def test_after_a_lost_watch_all_that_was_known_is_told_of_once(where: str, away: bool, left: set[str]) -> None:
    """Also what is not there any longer, and nobody could tell of."""
    outside, listener, clock = Outside(), Listener(), FakeClock()
    if where == "argocd":
        name = subject("argocd", "web")
        follow = argocd.follow(cast(Applications, outside), listener.signals, clock)
    else:
        name = subject_of(PODS, "web")
        follow = cluster.follow(cast(Cluster, outside), listener.signals, clock)
    async with turning(follow):
        listener.about(name)
        assert listener.woken == []
        outside.names = left
        outside.away = away
        outside.cut.set()
        await settle()
        assert listener.woken == [], "nobody could look yet"
        outside.away = False
        await clock.advance(10)
        assert len(listener.woken) == 1
        await clock.advance(100)
        assert len(listener.woken) == 1


def answer(request: httpx2.Request) -> httpx2.Response:
    """Of a cluster that serves Pods, of which there is one, `web`."""
    if request.url.path == "/api/v1":
        return httpx2.Response(200, json={"resources": [{"name": "pods", "kind": "Pod", "namespaced": True}]})
    if "watch" in request.url.params:
        return httpx2.Response(503)
    pod = {"metadata": {"name": "web", "namespace": "argocd"}}
    return httpx2.Response(200, json={"metadata": {"resourceVersion": "1"}, "items": [pod]})


async def test_who_follows_again_follows_what_was_looked_at_before() -> None:
    """As a replica does that has lost the lead and leads again."""
    connection = Connection(Server("http://127.0.0.1"), transport=httpx2.MockTransport(answer))
    outside, listener, clock = Cluster(connection), Listener(), FakeClock()
    await outside.select(PODS, "")
    listener.about(subject_of(PODS, "web"))
    for _ in range(2):
        async with turning(cluster.follow(outside, listener.signals, clock)):
            assert listener.woken, "it is told of what is there"
        listener.woken.clear()
    await outside.close()
