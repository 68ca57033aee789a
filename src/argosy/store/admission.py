"""Admission: a decorator of a Store through which every writer goes, people and controllers alike.

It validates, fills in defaults, overwrites what only the system may say, and refuses what the rules forbid, as
`store.admittance` tells.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from random import Random

from argosy.clock import Clock
from argosy.errors import Conflict
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Json, Key
from argosy.rules import admission as rules
from argosy.rules.document import stays
from argosy.rules.patch import apply
from argosy.store.actor import actor
from argosy.store.admittance import TRIES, Admittance
from argosy.store.base import Admit, Applying, PatchType, Propagation, Store
from argosy.store.decorator import Decorator


class Admission(Decorator):
    """A Store whose every write is admitted first."""

    def __init__(self, inner: Store, clock: Clock, random: Random) -> None:
        super().__init__(inner)
        self._admit = Admittance(inner, clock, random)

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        data = await self._admit.complete(None, document)
        await self._admit.prepare(data, dry_run=dry_run)
        created = await self._inner.create(data, dry_run=dry_run)
        if not dry_run:
            await self._admit.tell(None, created)
        return created

    async def update(self, document: Mapping[str, Json], *, status: bool = False, dry_run: bool = False) -> Document:
        if status:
            return await self._write_status(
                lambda: self._inner.update(document, status=True, dry_run=dry_run), Key.of(document), dry_run
            )
        old = await self._inner.get(Key.of(document))
        return await self._inner.update(await self._admit.complete(old, document), dry_run=dry_run)

    async def patch(
        self, key: Key, patch: Json, type: PatchType = PatchType.MERGE, *, status: bool = False, dry_run: bool = False
    ) -> Document:
        if status:
            return await self._write_status(
                lambda: self._inner.patch(key, patch, type, status=True, dry_run=dry_run), key, dry_run
            )
        for attempt in range(TRIES):
            old = await self._inner.get(key)
            patched = apply(old.data, patch, type.value, KINDS[key.kind])
            moved = (patched.get("metadata") or {}).get("resourceVersion") != old.meta.get("resourceVersion")
            data = await self._admit.complete(old, patched)
            try:
                return await self._inner.update(data, dry_run=dry_run)
            except Conflict:
                if moved or attempt == TRIES - 1:
                    raise
        raise Conflict(f"{key} changes too fast", advice="Try again.")

    async def apply(self, document: Mapping[str, Json], how: Applying, *, admit: Admit | None = None) -> Document:
        if how.status:
            return await self._write_status(
                lambda: self._inner.apply(document, how, admit=admit), Key.of(document), how.dry_run
            )
        before: list[Document | None] = []

        async def admitted(old: Document | None, data: dict[str, Json]) -> dict[str, Json]:
            before.append(old)
            data = await self._admit.complete(old, data)
            stays(Key.of(document), data)
            if old is None:
                await self._admit.prepare(data, dry_run=how.dry_run)
            return data if admit is None else await admit(old, data)

        new = await self._inner.apply(document, how, admit=admitted)
        if not how.dry_run:
            await self._admit.tell(before[-1], new)
        return new

    async def delete(
        self,
        key: Key,
        *,
        uid: str = "",
        version: int = 0,
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> Document:
        await self._admit.release(key)
        return await self._inner.delete(key, uid=uid, version=version, propagation=propagation, dry_run=dry_run)

    async def _write_status(self, write: Callable[[], Awaitable[Document]], key: Key, dry_run: bool) -> Document:
        """Write a status; new approvals of Freight by people are told as events."""
        if key.kind != "Freight" or dry_run or rules.is_controller(actor.get()):
            return await write()
        old = await self._inner.get(key)
        new = await write()
        await self._admit.tell(old, new)
        return new
