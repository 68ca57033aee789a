"""A controller: watch resources, queue their keys, reconcile each, write what it returns, come back later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from argosy.clock import Clock
from argosy.errors import ArgosyError, Conflict, Gone, Temporary, Unavailable
from argosy.resources.meta import Document, Key
from argosy.runtime.change import Outcome, write
from argosy.runtime.queue import Queue
from argosy.store.base import Event, EventType, Query, Store

log = logging.getLogger(__name__)

Reconcile = Callable[[Key], Awaitable[Outcome]]
Related = Callable[[Document], Awaitable[Iterable[Key]]]


@dataclass(frozen=True, slots=True)
class Watch:
    """Another kind whose changes concern this controller; `related` names the keys to look at."""

    query: Query
    related: Related


@dataclass(slots=True)
class Controller:
    """Runs `reconcile` for every resource of `kind`, whenever it or something related changes.

    At the start every resource of the kind is looked at once; related kinds are followed from that moment on, for
    what they were is read by the reconciles themselves.
    """

    kind: str
    store: Store
    clock: Clock
    reconcile: Reconcile
    watches: Sequence[Watch] = ()
    workers: int = 4
    queue: Queue = field(init=False)
    started: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.queue = Queue(self.clock)

    async def run(self) -> None:
        """Run until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.queue.keep_appointments(), name=f"{self.kind} appointments")
            tasks.create_task(self._follow(Query(self.kind), self._own), name=f"{self.kind} watch")
            for watch in self.watches:
                tasks.create_task(self._follow_related(watch), name=f"{self.kind} watch {watch.query.kind}")
            for number in range(self.workers):
                tasks.create_task(self._work(), name=f"{self.kind} worker {number}")

    @staticmethod
    async def _own(document: Document) -> Iterable[Key]:
        return (document.key,)

    async def _follow(self, query: Query, related: Related) -> None:
        """Queue every present document, then every change; begin again when the store says Gone."""
        since: int | None = None
        while True:
            try:
                async for event in self._events(query, since):
                    since = event.version
                    await self._enqueue(event, related)
            except Gone:
                since = None

    async def _follow_related(self, watch: Watch) -> None:
        since: int | None = await self.store.version()
        while True:
            try:
                async for event in self._events(watch.query, since):
                    since = event.version
                    await self._enqueue(event, watch.related)
            except Gone:
                # What was missed may concern anything: look at everything once, then follow from now.
                since = await self.store.version()
                for document in (await self.store.list(Query(self.kind))).documents:
                    self.queue.add(document.key)

    async def _events(self, query: Query, since: int | None) -> AsyncIterator[Event]:
        """Events of a watch, resumed after passing trouble of the store."""
        while True:
            events = self.store.watch(query, since=since)
            try:
                async for event in events:
                    since = event.version
                    yield event
            except Unavailable as error:
                log.warning("watching %s: %s", query.kind, error)
                await self.clock.sleep(1)
            finally:
                await events.aclose()

    async def _enqueue(self, event: Event, related: Related) -> None:
        if event.type is EventType.BOOKMARK or event.document is None:
            self.started.set()
            return
        try:
            for key in await related(event.document):
                self.queue.add(key)
        except Exception:
            log.exception("finding what %s concerns", event.document.key)

    async def _work(self) -> None:
        while True:
            key = await self.queue.get()
            try:
                await self._turn(key)
            finally:
                self.queue.done(key)

    async def _turn(self, key: Key) -> None:
        """One reconcile of one key, its changes written; errors come back later, none ends the worker."""
        try:
            outcome = await self.reconcile(key)
            for change in outcome.changes:
                await write(self.store, change)
        except Conflict:
            self.queue.add(key)  # somebody else wrote first: look again at what is there now
        except Temporary as error:
            delay = self.queue.add_failed(key, error.after)
            log.info("%s: %s; again in %.0f s", key, error.message, delay)
        except ArgosyError as error:
            delay = self.queue.add_failed(key)
            log.warning("%s: %s; again in %.0f s", key, error, delay)
        except Exception:
            delay = self.queue.add_failed(key)
            log.exception("%s: reconcile failed; again in %.0f s", key, delay)
        else:
            self.queue.succeeded(key)
            if outcome.again_after is not None:
                self.queue.add_after(key, outcome.again_after)
