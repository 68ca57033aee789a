"""Brings committed changes to watchers: from memory while they keep up, from the change log when they do not."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

from argosy.clock import Clock
from argosy.resources.meta import Document
from argosy.store.base import Event, EventType, Page, Query
from argosy.store.change import Change

QUEUE = 1024
"""Changes that wait in memory for one watcher; one that falls further behind reads the log."""

BOOKMARK = 30.0
"""Seconds between bookmarks."""

ReadLog = Callable[[str, int], Awaitable[tuple[Sequence[Change], int, bool]]]
"""Reads the log: kind and version to the next changes, the version they reach, and whether that is all."""


class Subscription:
    """What waits for one watcher."""

    def __init__(self) -> None:
        self.waiting: deque[Change] = deque()
        self.lagging = False
        self.bookmark_due = False
        self.woken = asyncio.Event()

    def offer(self, change: Change) -> None:
        if len(self.waiting) >= QUEUE:
            self.waiting.clear()
            self.lagging = True
        if not self.lagging:
            self.waiting.append(change)
        self.woken.set()


class Hub:
    """Knows the watchers of each kind. Lives in the event loop."""

    def __init__(self, clock: Clock, version: int) -> None:
        self.version = version
        self.closed = False
        self._clock = clock
        self._watchers: dict[str, set[Subscription]] = {}
        self._ticker: asyncio.Task[None] | None = None

    def publish(self, changes: Sequence[Change]) -> None:
        """Offer committed changes, in order of versions."""
        for change in changes:
            for subscription in self._watchers.get(change.document.key.kind, ()):
                subscription.offer(change)
        self.version = changes[-1].version

    def catch_up(self) -> None:
        """Have every watcher read the log, whatever it was told."""
        for subscription in self._all():
            subscription.lagging = True
            subscription.woken.set()

    def subscribe(self, kind: str) -> Subscription:
        subscription = Subscription()
        self._watchers.setdefault(kind, set()).add(subscription)
        if self._ticker is None and not self.closed:
            self._ticker = asyncio.create_task(self._tick(), name="argosy-store-bookmarks")
        return subscription

    def unsubscribe(self, kind: str, subscription: Subscription) -> None:
        self._watchers[kind].discard(subscription)

    def close(self) -> None:
        """End every watch."""
        self.closed = True
        if self._ticker is not None:
            self._ticker.cancel()
        for subscription in self._all():
            subscription.woken.set()

    def _all(self) -> list[Subscription]:
        return [subscription for watchers in self._watchers.values() for subscription in watchers]

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(BOOKMARK)
            for subscription in self._all():
                subscription.bookmark_due = True
                subscription.woken.set()


async def watch(
    hub: Hub, query: Query, since: int | None, *, read_page: Callable[[], Awaitable[Page]], read_log: ReadLog
) -> AsyncGenerator[Event, None]:
    """The events of a watch; see the Store contract."""
    subscription = hub.subscribe(query.kind)
    try:
        watcher = _Watcher(hub, query, subscription, read_log)
        if since is None:
            page = await read_page()
            version, present = page.version, deque(page.documents)
            del page  # whoever is told parses: what was delivered is let go, or thousands of parsed documents pile up
            while present:
                yield _added(present.popleft())
            yield Event(EventType.BOOKMARK, version, None)
            watcher.position = version
        else:
            watcher.position = since
            subscription.lagging = True
        while not hub.closed:
            for event in await watcher.next():
                yield event
    finally:
        hub.unsubscribe(query.kind, subscription)


def _added(document: Document) -> Event:
    return Event(EventType.ADDED, document.version, document)


class _Watcher:
    """Where one watch stands: everything up to `position` was delivered."""

    def __init__(self, hub: Hub, query: Query, subscription: Subscription, read_log: ReadLog) -> None:
        self.position = 0
        self._hub = hub
        self._query = query
        self._subscription = subscription
        self._read_log = read_log

    async def next(self) -> list[Event]:
        """What to deliver next; waits once when there is nothing, and may then return nothing."""
        subscription = self._subscription
        if subscription.lagging:
            return await self._catch_up()
        if subscription.waiting:
            changes = [change for change in subscription.waiting if change.version > self.position]
            subscription.waiting.clear()
            return self._deliver(changes)
        self.position = max(self.position, self._hub.version)
        if subscription.bookmark_due:
            subscription.bookmark_due = False
            return [Event(EventType.BOOKMARK, self.position, None)]
        subscription.woken.clear()
        await subscription.woken.wait()
        return []

    async def _catch_up(self) -> list[Event]:
        """The next part of the log; what is committed while it is read waits in memory."""
        self._subscription.waiting.clear()
        self._subscription.lagging = False
        changes, reached, complete = await self._read_log(self._query.kind, self.position)
        events = self._deliver(changes)
        self.position = reached
        if not complete:
            self._subscription.lagging = True
        return events

    def _deliver(self, changes: Sequence[Change]) -> list[Event]:
        if changes:
            self.position = changes[-1].version
        events = [change.event(self._query) for change in changes]
        return [event for event in events if event is not None]
