"""The work queue: a key is worked on by one worker at a time, and never forgotten while it is.

The semantics are those of client-go's work queue: adding a key that waits is no second entry, adding one that is
being worked on has it worked on again afterwards.
"""

from __future__ import annotations

import asyncio
import heapq

from argosy.clock import Clock
from argosy.resources.meta import Key

BACKOFF_FIRST, BACKOFF_MOST = 0.5, 300.0


class Queue:
    """Keys that want attention, now or later. Belongs to one event loop. `added` counts them since the start."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ready: asyncio.Queue[Key] = asyncio.Queue()
        self._waiting: set[Key] = set()
        self._active: set[Key] = set()
        self._due: dict[Key, float] = {}
        self._heap: list[tuple[float, Key]] = []
        self._failures: dict[Key, int] = {}
        self.added = 0
        self._earlier = asyncio.Event()
        self._closed = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()

    def add(self, key: Key) -> None:
        """Have `key` worked on as soon as a worker is free."""
        if key in self._waiting:
            return
        self._waiting.add(key)
        self.added += 1
        if key not in self._active:
            self._ready.put_nowait(key)

    def add_after(self, key: Key, seconds: float) -> None:
        """Have `key` worked on after `seconds`; an earlier appointment of the same key stands."""
        due = self._clock.monotonic() + max(0.0, seconds)
        if self._due.get(key, float("inf")) <= due:
            return
        self._due[key] = due
        heapq.heappush(self._heap, (due, key))
        self._earlier.set()

    def add_failed(self, key: Key, after: float | None = None) -> float:
        """Have `key` worked on again after a failure; returns the delay, growing with each failure in a row."""
        count = self._failures.get(key, 0)
        self._failures[key] = count + 1
        delay = after if after is not None else min(BACKOFF_MOST, BACKOFF_FIRST * 2 ** min(count, 12))
        self.add_after(key, delay)
        return delay

    def succeeded(self, key: Key) -> None:
        """Forget the failures of `key`."""
        self._failures.pop(key, None)

    async def get(self) -> Key:
        """The next key; its appointments are dropped, for it is looked at now. Call `done` afterwards.

        Once the queue is closed, there is none, and nobody returns.
        """
        key = await self._ready.get()
        if self._closed.is_set():
            await asyncio.Event().wait()
        self._settled.clear()
        self._waiting.discard(key)
        self._active.add(key)
        self._due.pop(key, None)
        return key

    def done(self, key: Key) -> None:
        self._active.discard(key)
        if not self._active:
            self._settled.set()
        if key in self._waiting:
            self._ready.put_nowait(key)

    def close(self) -> None:
        """Hand out no key any more."""
        self._closed.set()

    async def settled(self) -> None:
        """Return when no key is being worked on."""
        await self._settled.wait()

    @property
    def ready(self) -> int:
        """How many keys wait for a worker."""
        return self._ready.qsize()

    @property
    def active(self) -> int:
        """How many keys are being worked on."""
        return len(self._active)

    @property
    def idle(self) -> bool:
        """Nothing is ready and nothing is being worked on (appointments may exist)."""
        return not self._waiting and not self._active

    async def keep_appointments(self) -> None:
        """Move keys whose time has come to the ready line; runs until cancelled."""
        while True:
            self._earlier.clear()
            now = self._clock.monotonic()
            while self._heap and self._heap[0][0] <= now:
                due, key = heapq.heappop(self._heap)
                if self._due.get(key) == due:
                    del self._due[key]
                    self.add(key)
            await self._until(self._heap[0][0] - now if self._heap else None)

    async def _until(self, seconds: float | None) -> None:
        """Wait for `seconds` or an earlier appointment, whichever comes first."""
        if seconds is None:
            await self._earlier.wait()
            return
        waits = [
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(self._earlier.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
