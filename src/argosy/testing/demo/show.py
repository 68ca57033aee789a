"""Runs the demo: the surroundings, Argosy itself, the pipeline, and someone who tells what happens."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass, field

from argosy.api.kubeconfig import write_kubeconfig
from argosy.app.serve import Ready, serve
from argosy.app.system import System
from argosy.clock import Clock
from argosy.errors import AlreadyExists
from argosy.resources.manifest import read_manifests
from argosy.settings import Settings
from argosy.store.actor import actor
from argosy.store.base import Event, EventType, Query, Store
from argosy.testing.demo.content import pipeline
from argosy.testing.demo.folder import Folder, remember
from argosy.testing.demo.narrative import KINDS, Line, Narrator
from argosy.testing.demo.surroundings import Surroundings, surroundings

PROJECT = "demo"
SERVER_PORT = 7443


@dataclass(frozen=True, slots=True)
class Opening:
    """What there is to see once the demo runs; `places` is empty on its first day, `password` that of its admin."""

    ready: Ready
    password: str = field(repr=False)
    folder: Folder
    around: Surroundings
    places: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told: of the opening, which gives back what tells the story, and then of each thing that happens."""

    narrator: Callable[[Ready], Narrator]
    opening: Callable[[Opening], None]
    line: Callable[[Line], None]


async def show(folder: Folder, clock: Clock, audience: Audience, stop: asyncio.Event, *, listen: str = "") -> None:
    """Run the demo until `stop` is set.

    Args:
        listen: where to serve, as host:port; empty takes the port of last time, or one that is free.

    Raises Unavailable and Invalid when something cannot be opened or listened on.
    """
    with folder.taken():
        async with surroundings(folder, clock) as around:
            show = _Show(folder, around, audience, stop)
            try:
                await serve(_settings(folder, listen), clock, show.begin, stop)
            finally:
                await show.end()


@dataclass
class _Show:
    """What goes on between the server's start and its end."""

    folder: Folder
    around: Surroundings
    audience: Audience
    stop: asyncio.Event
    telling: asyncio.Task[None] | None = None

    async def begin(self, ready: Ready, system: System) -> None:
        self.folder.keep_ports(self.folder.ports.model_copy(update={"server": int(ready.url.rpartition(":")[2])}))
        write_kubeconfig(self.folder.kubeconfig, ready.url, ready.ca, ready.token)
        remember(self.folder)
        narrator = self.audience.narrator(ready)
        since = await _learn(system.store, narrator)
        await _apply(system.store, self.folder, self.around)
        self.audience.opening(
            Opening(ready, self.folder.password(), self.folder, self.around, tuple(narrator.places()))
        )
        self.telling = asyncio.create_task(_tell(system.store, narrator, since, self.audience.line))
        self.telling.add_done_callback(lambda _: self.stop.set())

    async def end(self) -> None:
        """End the telling; raises what ended it before."""
        if self.telling is not None:
            self.telling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.telling


def _settings(folder: Folder, listen: str) -> Settings:
    if not listen:
        port = folder.ports.server or SERVER_PORT
        listen = f"127.0.0.1:{port if _is_free(port) else 0}"
    folder.password()
    return Settings(
        data=folder.server,
        key_file=folder.key_file,
        admin_password_hash_file=str(folder.password_hash),
        listen=listen,
        least_interval=1.0,
        config=Settings.of().config,
    )


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


async def _apply(store: Store, folder: Folder, around: Surroundings) -> None:
    """Create what the pipeline lacks; what is there stays as its user may have changed it."""
    if not folder.pipeline.exists():
        folder.pipeline.write_text(pipeline(around.image, around.config), "utf-8")
    token = actor.set("admin")
    try:
        for manifest in read_manifests(folder.pipeline.read_bytes(), str(folder.pipeline)):
            with contextlib.suppress(AlreadyExists):
                await store.create(manifest.document)
    finally:
        actor.reset(token)


async def _learn(store: Store, narrator: Narrator) -> int:
    """Let the narrator know what there is; returns the version up to which it knows everything."""
    since = await store.version()
    for kind in KINDS:
        for document in (await store.list(Query(kind, PROJECT))).documents:
            narrator.know(document)
    return since


async def _tell(store: Store, narrator: Narrator, since: int, line: Callable[[Line], None]) -> None:
    """Tell of every change, until cancelled."""
    async with asyncio.TaskGroup() as tasks:
        for kind in KINDS:
            tasks.create_task(_follow(store, Query(kind, PROJECT), narrator, since, line))


async def _follow(store: Store, query: Query, narrator: Narrator, since: int, line: Callable[[Line], None]) -> None:
    async with contextlib.aclosing(store.watch(query, since=since)) as events:
        async for event in events:
            for told in _lines(narrator, event):
                line(told)


def _lines(narrator: Narrator, event: Event) -> list[Line]:
    if event.document is None:
        return []
    if event.type is EventType.DELETED:
        return narrator.forget(event.document.key)
    return narrator.note(event.document)
