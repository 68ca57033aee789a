"""What decorators of a Store have in common: they read as the inner store does."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from argosy.resources.meta import Document, Key
from argosy.store.base import Event, Page, Query, Store


class Decorator:
    """Passes reading and closing on. Writes are not passed on here, so that no decorator can forget one of them."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner

    async def get(self, key: Key) -> Document:
        return await self._inner.get(key)

    async def list(self, query: Query, *, limit: int = 0, more: str = "") -> Page:
        return await self._inner.list(query, limit=limit, more=more)

    def watch(self, query: Query, *, since: int | None = None) -> AsyncGenerator[Event, None]:
        return self._inner.watch(query, since=since)

    async def version(self) -> int:
        return await self._inner.version()

    async def close(self) -> None:
        await self._inner.close()
