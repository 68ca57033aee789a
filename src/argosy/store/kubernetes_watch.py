"""Watches a Kubernetes API server for the store: taken up again where the server ends them, as it does now and then."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

from argosy.clients.kubernetes_connection import Silent
from argosy.clients.selection import Selection
from argosy.clock import Clock
from argosy.errors import ArgosyError, Denied, Permanent, Temporary
from argosy.resources.kind import Kind
from argosy.store.base import Event, EventType
from argosy.store.kubernetes_call import Caller, document

SILENCE = 150.0
"""Seconds without a word after which a connection is taken to be lost; the server sends bookmarks every minute."""

PAUSE = 1.0
"""Seconds before a watch is asked for again that ended at once."""

WAITING = 1000
"""Events that wait in memory for a slow reader; then the server waits."""

_Item = Event | ArgosyError | None


class Watches:
    """The watches of one store, all of which end when it closes."""

    def __init__(self, caller: Caller, clock: Clock) -> None:
        self._caller = caller
        self._clock = clock
        self._pumps: set[asyncio.Task[None]] = set()
        self.closed = False

    async def follow(self, kind: Kind, chosen: Selection, since: int) -> AsyncGenerator[Event]:
        """What changes after a version, until closed. Raises Gone, Unavailable, Invalid."""
        queue: asyncio.Queue[_Item] = asyncio.Queue(WAITING)
        pump = asyncio.create_task(self._pump(queue, kind, chosen, since), name=f"watch of {kind.plural}")
        self._pumps.add(pump)
        try:
            while not self.closed and (item := await queue.get()) is not None:
                if isinstance(item, ArgosyError):
                    raise item
                yield item
        finally:
            self._pumps.discard(pump)
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)

    async def close(self) -> None:
        """End every watch."""
        self.closed = True
        pumps = list(self._pumps)
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(self, queue: asyncio.Queue[_Item], kind: Kind, chosen: Selection, since: int) -> None:
        try:
            async with contextlib.aclosing(self._events(kind, chosen, since)) as events:
                async for event in events:
                    await queue.put(event)
        except ArgosyError as error:
            await queue.put(error)
        except asyncio.CancelledError:
            # The store closes: what waits is of no use any more, and the reader must learn that nothing comes.
            while queue.full():
                queue.get_nowait()
            queue.put_nowait(None)
            raise

    async def _events(self, kind: Kind, chosen: Selection, since: int) -> AsyncGenerator[Event]:
        """The events of one connection after the other."""
        while True:
            began, told = self._clock.monotonic(), False
            async with contextlib.aclosing(self._once(kind, chosen, since)) as events:
                async for event in events:
                    since, told = event.version, True
                    yield event
            if not told and self._clock.monotonic() - began < PAUSE:
                await self._clock.sleep(PAUSE)

    async def _once(self, kind: Kind, chosen: Selection, since: int) -> AsyncGenerator[Event]:
        """The events of one connection, until it ends or breaks. One that breaks without a word is Unavailable."""
        told = False
        parameters = {**chosen.parameters, "resourceVersion": str(since)}
        items = self._caller.connection.watch(chosen.collection.path, parameters, silence=SILENCE)
        try:
            async with contextlib.aclosing(items):
                async for item in items:
                    told = True
                    yield _event(kind, item)
        except Silent:
            return  # lost, or of a kind for which the server sends no bookmarks
        except Temporary as error:
            if not told:
                raise self._caller.told(error, kind, reads=True) from None
        except (Permanent, Denied) as error:
            raise self._caller.told(error, kind, reads=True) from None


def _event(kind: Kind, item: dict[str, Any]) -> Event:
    """Raises Permanent for what is no event."""
    told = item.get("object") or {}
    try:
        type = EventType(item["type"])
        version = int(told["metadata"]["resourceVersion"])
    except (KeyError, TypeError, ValueError):
        raise Permanent("a watch told of something that is no event") from None
    return Event(type, version, None if type is EventType.BOOKMARK else document(kind, told))
