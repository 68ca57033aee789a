"""A controller: watch resources, queue their keys, reconcile each, write what it returns, come back later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import orjson
from pydantic import ValidationError

from argosy.clock import Clock
from argosy.errors import ArgosyError, Conflict, Gone, Temporary, Unavailable
from argosy.meter import UNMETERED, Meter
from argosy.resources.meta import Document, Json, Key
from argosy.runtime.change import Outcome, write
from argosy.runtime.queue import Queue
from argosy.runtime.signal import Signals
from argosy.store.base import Event, EventType, Query, Store
from argosy.store.outage import Outages
from argosy.store.typed import faults

log = logging.getLogger(__name__)

RETRY_EVERY = 1.0
"""Seconds between two tries while the store is unavailable."""

T = TypeVar("T")
Reconcile = Callable[[Key], Awaitable[Outcome]]
Related = Callable[[Document], Awaitable[Iterable[Key]]]
Matters = Callable[[Document], Json]
"""What of a document is of concern: a change of anything else is passed over."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Another kind whose changes concern this controller; `related` names the keys to look at.

    With `matters`, a document that changed is passed over as long as that part of it did not. Without, every change
    counts. That a document appears or goes always counts.
    """

    query: Query
    related: Related
    matters: Matters | None = None


def existence(document: Document) -> Json:
    """For a watch to whom only matters that a document appears or goes."""
    return None


def wish(document: Document) -> Json:
    """What people want of a resource, as against what controllers say about it in its status."""
    meta = document.meta
    return [
        meta.get(name)
        for name in ("uid", "generation", "deletionTimestamp", "finalizers", "ownerReferences", "labels", "annotations")
    ]


class _Filter:
    """Remembers, by key, a digest of what mattered last."""

    def __init__(self, matters: Matters | None) -> None:
        self._matters = matters
        self._seen: dict[Key, int] = {}

    def passes(self, event: Event, document: Document) -> bool:
        if self._matters is None:
            return True
        if event.type is EventType.DELETED:
            self._seen.pop(document.key, None)
            return True
        digest = hash(orjson.dumps(self._matters(document), option=orjson.OPT_SORT_KEYS))
        changed = self._seen.get(document.key) != digest
        self._seen[document.key] = digest
        return changed or event.type is EventType.ADDED

    def forget(self) -> None:
        self._seen.clear()


@dataclass(slots=True)
class Controller:
    """Runs `reconcile` for every resource of `kind`, whenever it or something related changes.

    At the start every resource of the kind is looked at once; related kinds are followed from a moment before that, for
    what they were is read by the reconciles themselves. Changes of a resource's own status do not count: the controller
    makes them itself, and a reconcile that wants to be called again says so.

    At most `workers` turns begin without waiting for another. With `patience`, a turn that takes longer (in seconds)
    is taken to wait for somebody else: it goes on, and its worker turns to the next key. So turns that wait for a
    server that does not answer never keep others from beginning.

    Trouble of the store is told through `outages`, which controllers of one store share.

    With `signals`, keys of the kind that listen to subjects outside of the store are queued when these change. With
    `namespace`, only resources in that one count; `matters` tells which of their changes do.
    """

    kind: str
    store: Store
    clock: Clock
    reconcile: Reconcile
    watches: Sequence[Watch] = ()
    workers: int = 4
    patience: float | None = None
    signals: Signals | None = None
    namespace: str | None = None
    matters: Matters = wish
    meter: Meter = UNMETERED
    outages: Outages = field(init=False)
    queue: Queue = field(init=False)
    started: asyncio.Event = field(init=False, default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.queue = Queue(self.clock)
        self.outages = Outages(self.clock)

    async def run(self) -> None:
        """Run until cancelled."""
        if self.signals is not None:
            self.signals.attach(self.kind, self.queue.add)
        since = await self._patiently(self.store.version)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.queue.keep_appointments(), name=f"{self.kind} appointments")
            for watch in self.watches:
                tasks.create_task(self._follow_related(watch, since), name=f"{self.kind} watch {watch.query.kind}")
            tasks.create_task(self._follow(), name=f"{self.kind} watch")
            for number in range(self.workers):
                tasks.create_task(self._work(tasks), name=f"{self.kind} worker {number}")

    async def _follow(self) -> None:
        """Queue every present resource of the kind, then each that changes; begin again when the store says Gone."""
        watch, seen = Watch(Query(self.kind, self.namespace), self._itself), _Filter(self.matters)
        while True:
            try:
                async for event in self._events(watch.query, None):
                    await self._enqueue(event, watch, seen)
                    self._note_start(event)
                    await asyncio.sleep(0)  # thousands are present at the start, and none of them need be waited for
            except Gone:
                seen.forget()

    def _note_start(self, event: Event) -> None:
        """Everything that was present is queued when its bookmark comes."""
        if event.type is EventType.BOOKMARK:
            self.started.set()

    @staticmethod
    async def _itself(document: Document) -> Iterable[Key]:
        return (document.key,)

    async def _follow_related(self, watch: Watch, since: int) -> None:
        seen = _Filter(watch.matters)
        while True:
            try:
                async for event in self._events(watch.query, since):
                    since = event.version
                    await self._enqueue(event, watch, seen)
            except Gone:
                # What was missed may concern anything: look at everything once, then follow from now.
                since = await self._patiently(self.store.version)
                seen.forget()
                await self._patiently(self._add_all)

    async def _add_all(self) -> None:
        for document in (await self.store.list(Query(self.kind, self.namespace))).documents:
            self.queue.add(document.key)

    async def _events(self, query: Query, since: int | None) -> AsyncIterator[Event]:
        """Events of a watch, resumed after passing trouble of the store.

        What is present comes in no order of versions: until the bookmark after it, a watch can only begin anew.
        """
        while True:
            events = self.store.watch(query, since=since)
            present = since is None
            try:
                async for event in events:
                    present = present and event.type is not EventType.BOOKMARK
                    since = None if present else event.version
                    yield event
            except Unavailable as error:
                self.outages.tell(f"watching {query.kind}", error)
            finally:
                await events.aclose()
            await self.clock.sleep(RETRY_EVERY)

    async def _enqueue(self, event: Event, watch: Watch, seen: _Filter) -> None:
        document = event.document
        if document is None or not seen.passes(event, document):
            return
        try:
            for key in await self._patiently(lambda: watch.related(document)):
                self.queue.add(key)
        except Exception:
            log.exception("finding what %s concerns", document.key)

    async def _patiently(self, read: Callable[[], Awaitable[T]]) -> T:
        """The result of `read`, tried again for as long as the store is unavailable."""
        while True:
            try:
                return await read()
            except Unavailable as error:
                self.outages.tell(f"{self.kind} controller", error)
                await self.clock.sleep(RETRY_EVERY)

    async def _work(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            key = await self.queue.get()
            if self.patience is None:
                await self._whole_turn(key)
            else:
                turn = tasks.create_task(self._whole_turn(key), name=f"{self.kind} {key.name}")
                await self._patient(turn, self.patience)
            await asyncio.sleep(0)  # a turn that waits for nothing must not keep others from theirs

    async def _patient(self, turn: asyncio.Task[None], seconds: float) -> None:
        """Wait until the turn ends, but not for longer than some seconds."""
        enough = asyncio.create_task(self.clock.sleep(seconds))
        try:
            await asyncio.wait([turn, enough], return_when=asyncio.FIRST_COMPLETED)
        finally:
            enough.cancel()

    async def _whole_turn(self, key: Key) -> None:
        begun, result = self.clock.monotonic(), "cancelled"
        try:
            result = await self._turn(key)
        finally:
            self.queue.done(key)
            self.meter.took("reconcile", self.clock.monotonic() - begun, controller=self.kind.lower(), result=result)

    async def _turn(self, key: Key) -> str:
        """One reconcile of one key, its changes written; errors come back later, none ends the worker.

        Returns how it went, in the words of Kubernetes' controller-runtime.
        """
        try:
            outcome = await self.reconcile(key)
            for change in outcome.changes:
                await write(self.store, change)
        except Conflict as error:
            # Somebody else wrote first: look again at what is there now, but never in a tight loop.
            delay = self.queue.add_failed(key)
            log.debug("%s: %s; again in %.1f s", key, error.message, delay)
            return "requeue"
        except Temporary as error:
            delay = self.queue.add_failed(key, error.after)
            log.info("%s: %s; again in %.0f s", key, error.message, delay)
        except ArgosyError as error:
            delay = self.queue.add_failed(key)
            log.warning("%s: %s; again in %.0f s", key, error, delay)
        except ValidationError as error:
            delay, told = self.queue.add_failed(key), f"{error.title}: {faults(error)}"
            log.warning("%s: what is kept of it, or for it, is not understood: %s; again in %.0f s", key, told, delay)
        except Exception:
            delay = self.queue.add_failed(key)
            log.exception("%s: reconcile failed; again in %.0f s", key, delay)
        else:
            self.queue.succeeded(key)
            if outcome.again_after is None:
                return "success"
            self.queue.add_after(key, outcome.again_after)
            return "requeue_after"
        return "error"
