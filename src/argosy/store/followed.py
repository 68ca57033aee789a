"""Keeps in memory what is made of all resources of some kinds, by watching them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

from argosy.clock import Clock
from argosy.errors import ArgosyError, Unavailable
from argosy.resources.meta import Document, Key
from argosy.store.base import EventType, Query, Store

log = logging.getLogger(__name__)

_PAUSE, _MOST_PAUSE = 0.5, 30.0
"""Seconds before a lost watch begins again: the first time, and at most."""

PATIENCE = 15.0
"""Seconds for which somebody waits who comes before everything was read."""


class Followed:
    """Tells of every resource that is there, or changes, and of those that go.

    Args:
        put: called with each new state, older ones may come again; it must not fail.
        drop: called with the key of what has gone.

    """

    def __init__(
        self,
        store: Store,
        kinds: Sequence[str],
        clock: Clock,
        put: Callable[[Document], None],
        drop: Callable[[Key], None],
    ) -> None:
        self._store = store
        self._kinds = kinds
        self._clock = clock
        self._put = put
        self._drop = drop
        self._waiting = set(kinds)
        self._known: dict[str, set[Key]] = {kind: set() for kind in kinds}
        self._pauses = dict.fromkeys(kinds, _PAUSE)
        self._ready = asyncio.Event()

    async def complete(self) -> None:
        """Return once everything was told that was there at first. Raises Unavailable when that takes long."""
        if self._ready.is_set():
            return
        try:
            async with asyncio.timeout(PATIENCE):
                await self._ready.wait()
        except TimeoutError:
            what = ", ".join(sorted(self._waiting))
            raise Unavailable(
                f"nobody knows yet who may do what: {what} were not read", advice="See the log."
            ) from None

    async def run(self) -> None:
        """Follow until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for kind in self._kinds:
                tasks.create_task(self._follow(kind), name=f"follow {kind}")

    def learn(self, document: Document) -> None:
        """What somebody has just written, before the watch tells it."""
        self._known[document.key.kind].add(document.key)
        self._put(document)

    def forget(self, key: Key) -> None:
        """What somebody has just deleted, before the watch tells it."""
        self._known[key.kind].discard(key)
        self._drop(key)

    async def _follow(self, kind: str) -> None:
        while True:
            try:
                await self._watch(kind)
            except ArgosyError as error:
                log.warning("watching %s: %s; again in %.1f s", kind, error, self._pauses[kind])
            except Exception:
                log.exception("watching %s; again in %.1f s", kind, self._pauses[kind])
            await self._clock.sleep(self._pauses[kind])
            self._pauses[kind] = min(_MOST_PAUSE, self._pauses[kind] * 2)

    async def _watch(self, kind: str) -> None:
        """Follow one watch to its end, which mostly is an error."""
        gone = set(self._known[kind])
        async with contextlib.aclosing(self._store.watch(Query(kind))) as events:
            async for event in events:
                if event.document is None:
                    self._complete(kind, gone)
                elif event.type is EventType.DELETED:
                    self.forget(event.document.key)
                else:
                    gone.discard(event.document.key)
                    self.learn(event.document)

    def _complete(self, kind: str, gone: set[Key]) -> None:
        """All that is there was told: what is known besides went while nobody looked."""
        while gone:
            self.forget(gone.pop())
        self._waiting.discard(kind)
        if not self._waiting:
            self._ready.set()
        self._pauses[kind] = _PAUSE
