"""How rooms above read a Store: typed, and with None for what is not there."""

from __future__ import annotations

from typing import TypeVar

from argosy.errors import NotFound
from argosy.resources.meta import Document, Key, Resource
from argosy.store.base import Store

R = TypeVar("R", bound=Resource)


async def find(store: Store, key: Key) -> Document | None:
    try:
        return await store.get(key)
    except NotFound:
        return None


async def find_as(store: Store, key: Key, model: type[R]) -> R | None:
    document = await find(store, key)
    return document.parse(model) if document is not None else None
