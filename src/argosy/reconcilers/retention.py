"""Retention: what is old and used by nobody is deleted, now and then, so that a store does not grow for ever."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass

from argosy.clock import Clock
from argosy.errors import ArgosyError
from argosy.reconcilers.project import NAMESPACES
from argosy.resources.meta import Document
from argosy.rules.retention import (
    Item,
    Limit,
    current_freight,
    due,
    freight_item,
    is_expired,
    last_promotion,
    promoted_freight,
    promotion_item,
    stage_of,
    warehouse_of,
)
from argosy.runtime.change import Delete, write
from argosy.store.base import Query, Store

log = logging.getLogger(__name__)

FIRST_AFTER = 60.0
"""Seconds after the start until the first round: there is more urgent work before."""

PAGE = 100
"""How many resources are read at once; of each only a few fields are kept."""

AT_ONCE = 10
"""How many resources are deleted at the same time."""


@dataclass(frozen=True, slots=True)
class RetentionLimits:
    """How much is kept, of what.

    Attributes:
        promotions: to each Stage.
        freight: of each Warehouse.
        event_ttl: seconds that Events are kept; None where the store deletes them by itself.
        every: seconds between two rounds.
    """

    promotions: Limit
    freight: Limit
    event_ttl: float | None
    every: float


class Retention:
    """Deletes old Promotions, Freight and Events. What cannot be deleted or read now is left for the next round."""

    def __init__(self, store: Store, clock: Clock, limits: RetentionLimits) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits

    async def run(self) -> None:
        """Round after round, until cancelled."""
        pause = min(FIRST_AFTER, self._limits.every)
        while True:
            await self._clock.sleep(pause)
            pause = self._limits.every
            try:
                await self.collect()
            except ArgosyError as error:
                log.warning("nothing old was deleted: %s", error)

    async def collect(self) -> int:
        """One round. Returns how many resources were deleted. Raises what listing Namespaces and Events raises."""
        deleted = 0
        async for namespace in self._pages(NAMESPACES):
            try:
                deleted += await self._collect_in(namespace.key.name)
            except ArgosyError as error:
                log.warning("Project %s: nothing old was deleted: %s", namespace.key.name, error)
        if self._limits.event_ttl is not None:
            deleted += await self._delete(await self._expired(self._limits.event_ttl))
        return deleted

    async def _collect_in(self, project: str) -> int:
        """First Promotions, then Freight that is in no Stage and that no Promotion is bringing."""
        promotions: dict[str, list[Item]] = defaultdict(list)
        used: set[str] = set()
        last: set[str] = set()
        async for document in self._pages(Query("Promotion", project)):
            item = promotion_item(document)
            promotions[stage_of(document)].append(item)
            if item.used:
                used.add(promoted_freight(document))
        async for document in self._pages(Query("Stage", project)):
            used |= current_freight(document)
            last.add(last_promotion(document))
        freight: dict[str, list[Item]] = defaultdict(list)
        async for document in self._pages(Query("Freight", project)):
            freight[warehouse_of(document)].append(freight_item(document, frozenset(used)))
        deleted, now = 0, self._clock.now()
        for items in promotions.values():
            old = due(items, self._limits.promotions, now=now)
            deleted += await self._delete([item for item in old if item.key.name not in last])
        for items in freight.values():
            deleted += await self._delete(due(items, self._limits.freight, now=now))
        return deleted

    async def _expired(self, ttl: float) -> list[Item]:
        now = self._clock.now()
        return [
            Item(event.key, event.uid, now)
            async for event in self._pages(Query("Event"))
            if is_expired(event, ttl, now=now)
        ]

    async def _delete(self, items: list[Item]) -> int:
        """Admission looks again whether Freight is in use: a Stage may have begun to meanwhile."""
        deleted = 0
        for first in range(0, len(items), AT_ONCE):
            deleted += sum(await asyncio.gather(*(self._delete_one(item) for item in items[first : first + AT_ONCE])))
        return deleted

    async def _delete_one(self, item: Item) -> bool:
        try:
            await write(self._store, Delete(item.key, item.uid))
        except ArgosyError as error:
            log.info("%s is old and stays: %s", item.key, error)
            return False
        return True

    async def _pages(self, query: Query) -> AsyncIterator[Document]:
        more = ""
        while True:
            page = await self._store.list(query, limit=PAGE, more=more)
            for document in page.documents:
                yield document
            more = page.more
            if not more:
                return
