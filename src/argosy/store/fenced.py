"""A Store that writes only for as long as its user may: a replica that has lost the lead, and does not know it yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from argosy.errors import Unavailable
from argosy.resources.meta import Document, Json, Key
from argosy.store.base import Admit, Applying, PatchType, Propagation, Store
from argosy.store.decorator import Decorator


class Fenced(Decorator):
    """Reads, and does dry runs, at any time; writes raise Unavailable while `may_write` says no.

    A process that was frozen goes on in the middle of what it did, before it can notice that somebody else leads now.
    """

    def __init__(self, inner: Store, may_write: Callable[[], bool]) -> None:
        super().__init__(inner)
        self._may_write = may_write

    async def create(self, document: Mapping[str, Json], *, dry_run: bool = False) -> Document:
        self._check(dry_run)
        return await self._inner.create(document, dry_run=dry_run)

    async def update(self, document: Mapping[str, Json], *, status: bool = False, dry_run: bool = False) -> Document:
        self._check(dry_run)
        return await self._inner.update(document, status=status, dry_run=dry_run)

    async def patch(
        self, key: Key, patch: Json, type: PatchType = PatchType.MERGE, *, status: bool = False, dry_run: bool = False
    ) -> Document:
        self._check(dry_run)
        return await self._inner.patch(key, patch, type, status=status, dry_run=dry_run)

    async def apply(self, document: Mapping[str, Json], how: Applying, *, admit: Admit | None = None) -> Document:
        self._check(how.dry_run)
        return await self._inner.apply(document, how, admit=admit)

    async def delete(
        self,
        key: Key,
        *,
        uid: str = "",
        version: int = 0,
        propagation: Propagation = "Background",
        dry_run: bool = False,
    ) -> Document:
        self._check(dry_run)
        return await self._inner.delete(key, uid=uid, version=version, propagation=propagation, dry_run=dry_run)

    def _check(self, dry_run: bool) -> None:
        if not dry_run and not self._may_write():
            raise Unavailable("this replica does not lead any more", advice="Another one goes on with it.")
