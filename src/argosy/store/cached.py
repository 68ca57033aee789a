"""A Store whose controllers read from memory: thousands of looks after a restart need not ask an API server each.

What the memory says is used only when it is at least as new as every write that went through here, so nobody decides
by what they themselves have changed since. Else, and for whatever is not followed, the inner store is read.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from argosy.clock import Clock
from argosy.errors import Unavailable
from argosy.resources.kind import Kind
from argosy.resources.meta import Document, Json, Key
from argosy.store.age import by_age
from argosy.store.base import Admit, Applying, Event, Order, Page, PatchType, Propagation, Query, Store
from argosy.store.decorator import Decorator
from argosy.store.draft import not_found
from argosy.store.informer import LOG, RETRY_EVERY, Informer
from argosy.store.outage import Outages
from argosy.store.selection import check_fields

FOLLOWED: Mapping[str, Sequence[str]] = {
    "Project": (),
    "ProjectConfig": (),
    "Warehouse": (),
    "Freight": ("origin.name",),
    "Stage": (),
    "Promotion": ("spec.stage",),
    "PromotionTask": (),
    "ClusterPromotionTask": (),
}
"""The kinds that are kept in memory, each with the fields that controllers list by. Secrets never are."""


@dataclass(slots=True)
class _Writes:
    """What was written of one kind and may not have come back yet.

    Attributes:
        floor: the version that memory must have reached before it is read again.
        doubts: writes of which nobody knows what became of them, or which showed that memory is behind.
        pending: the version that a key must have reached, and the uid that must be gone from there.
    """

    floor: int = 0
    doubts: int = 0
    pending: dict[Key, tuple[int, str]] = field(default_factory=dict)


class Cached(Decorator):
    """Reads what `FOLLOWED` names from memory while `run` runs; at any other time it is the inner store.

    Reads wait for the first list of their kind. A watch may tell again of changes before its `since`, never too little.

    Args:
        kinds: every kind there is.
        outages: where trouble is told.
        log_length: how many changes of a kind are kept for watchers.
    """

    def __init__(
        self, inner: Store, kinds: Mapping[str, Kind], clock: Clock, outages: Outages, *, log_length: int = LOG
    ) -> None:
        super().__init__(inner)
        self._kinds = kinds
        self._clock = clock
        self._outages = outages
        self._log_length = log_length
        self._informers: dict[str, Informer] = {}
        self._writes: dict[str, _Writes] = {}
        self._begun = 0

    async def run(self) -> None:
        """Follow until cancelled. Begin it once nobody else leads: what others wrote before is seen then."""
        self._begun, self._writes = 0, {name: _Writes() for name in FOLLOWED}
        self._informers = {name: self._informer(name) for name in FOLLOWED}
        try:
            begun = await self._begin()
            async with asyncio.TaskGroup() as tasks:
                for name, informer in self._informers.items():
                    tasks.create_task(informer.run(begun), name=f"{name} informer")
        finally:
            left, self._informers = self._informers, {}
            for informer in left.values():
                informer.asked.set()

    def _informer(self, name: str) -> Informer:
        indexed, length = FOLLOWED[name], self._log_length
        kind = self._kinds[name]
        return Informer(self._inner, kind, self._clock, self._outages, indexed=indexed, log_length=length)

    async def _begin(self) -> int:
        while True:
            try:
                newest = await self.version()
                return self._begun or newest
            except Unavailable as error:
                self._outages.tell("reading the version", error)
                for informer in self._informers.values():
                    informer.fail(error)
                await self._clock.sleep(RETRY_EVERY)

    async def version(self) -> int:
        newest = await self._inner.version()
        # Who asked first may watch from there on, so nothing may be missed since.
        self._begun = self._begun or newest
        return newest

    async def get(self, key: Key) -> Document:
        informer = await self._current(key.kind)
        if informer is None or self._is_behind(informer, key):
            return await self._inner.get(key)
        found = informer.find(key)
        if found is None:
            raise not_found(self._kinds[key.kind], key)
        return found

    async def list(self, query: Query, *, limit: int = 0, more: str = "") -> Page:
        by_name = query.order is Order.NAME
        informer = None if more and by_name else await self._current(query.kind)
        if informer is not None and not self._is_anything_behind(informer, query.kind):
            check_fields(query, self._kinds[query.kind])
            page = informer.select(query)
            if not by_name:
                return await by_age(page, self._kinds[query.kind], query.order, limit=limit, more=more)
            if not limit or len(page.documents) <= limit:
                return page
        return await self._inner.list(query, limit=limit, more=more)

    async def watch(self, query: Query, *, since: int | None = None) -> AsyncGenerator[Event, None]:
        informer = self._informers.get(query.kind)
        if informer is not None:
            check_fields(query, self._kinds[query.kind])
            await informer.asked.wait()
            while since is None and informer.is_current and self._is_anything_behind(informer, query.kind):
                await informer.moved()  # what is present includes what was written here
        told = self._inner.watch(query, since=since) if informer is None else informer.watch(query, since)
        async with contextlib.aclosing(told) as events:
            async for event in events:
                yield event

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        return await self._noted(document, dry_run, self._inner.create(document, dry_run=dry_run))

    async def update(self, document: Mapping[str, Json], *, status: bool = False, dry_run: bool = False) -> Document:
        return await self._noted(document, dry_run, self._inner.update(document, status=status, dry_run=dry_run))

    async def patch(
        self, key: Key, patch: Json, type: PatchType = PatchType.MERGE, *, status: bool = False, dry_run: bool = False
    ) -> Document:
        return await self._noted(key, dry_run, self._inner.patch(key, patch, type, status=status, dry_run=dry_run))

    async def apply(self, document: Mapping[str, Json], how: Applying, *, admit: Admit | None = None) -> Document:
        return await self._noted(document, how.dry_run, self._inner.apply(document, how, admit=admit))

    async def delete(
        self,
        key: Key,
        *,
        uid: str = "",
        version: int = 0,
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> Document:
        work = self._inner.delete(key, uid=uid, version=version, propagation=propagation, dry_run=dry_run)
        return await self._noted(key, dry_run, work, deleted=True)

    async def _noted(
        self, what: Key | Mapping[str, Json], dry_run: bool, work: Awaitable[Document], *, deleted: bool = False
    ) -> Document:
        """The result of a write, which memory must know from now on."""
        kind = what.kind if isinstance(what, Key) else str(what.get("kind") or "")
        with self._doubting(None if dry_run else self._writes.get(kind)) as writes:
            written = await work
        informer = self._informers.get(kind)
        if writes is not None and informer is not None:
            meta = written.meta
            # Deleted without a word of when: what it was before, that is, and it is there no more.
            is_gone = not meta.get("finalizers") if meta.get("deletionTimestamp") else deleted
            if is_gone or written.version > informer.reached:
                writes.pending[written.key] = (written.version, written.uid if is_gone else "")
        return written

    @staticmethod
    @contextlib.contextmanager
    def _doubting(writes: _Writes | None) -> Iterator[_Writes | None]:
        """A write that ends in an error may have been done nevertheless, or was made by what is no longer so."""
        try:
            yield writes
        except BaseException:
            if writes is not None:
                writes.doubts += 1
            raise

    async def _current(self, kind: str) -> Informer | None:
        """The informer of a kind, when what it holds is as new as all that is known; it is waited for at the start."""
        informer = self._informers.get(kind)
        if informer is None:
            return None
        await informer.asked.wait()
        writes = self._writes[kind]
        if doubts := writes.doubts:
            writes.floor = max(writes.floor, await self._inner.version())
            if writes.doubts == doubts:
                writes.doubts = 0
        return informer if informer.is_current and informer.reached >= writes.floor else None

    def _is_behind(self, informer: Informer, key: Key) -> bool:
        """Whether what was written to a key has not come back yet."""
        pending = self._writes[key.kind].pending
        if key not in pending:
            return False
        version, uid = pending[key]
        if informer.reached < version or (uid and _holds(informer, key, uid)):
            return True
        del pending[key]
        return False

    def _is_anything_behind(self, informer: Informer, kind: str) -> bool:
        behind = [key for key in [*self._writes[kind].pending] if self._is_behind(informer, key)]
        return bool(behind)


def _holds(informer: Informer, key: Key, uid: str) -> bool:
    found = informer.find(key)
    return found is not None and found.uid == uid
