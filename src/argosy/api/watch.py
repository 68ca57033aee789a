"""Watches: the store's events as lines of JSON."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator
from contextlib import aclosing

import orjson

from argosy.api.address import Address
from argosy.api.answer import failure
from argosy.api.option import Reading
from argosy.api.view import View
from argosy.errors import ArgosyError
from argosy.store.base import Event, Store

SHORTEST = 1800
"""Seconds after which a watch ends at the earliest when its caller names no time; at the latest after twice that."""


async def since(store: Store, asked: Reading) -> int | None:
    """From which version to watch; None begins with the present resources. Source: Kubernetes API concepts."""
    if asked.initial:
        return None
    if not asked.version:
        return await store.version() if asked.initial is False else None
    return asked.version


def seconds(asked: Reading) -> float:
    """When a watch ends; spread, so that clients do not all come back at once."""
    return asked.timeout if asked.timeout else random.uniform(SHORTEST, 2 * SHORTEST)


async def events(store: Store, address: Address, asked: Reading, view: View) -> AsyncGenerator[bytes, None]:
    """The lines of a watch. Empty ones are not to be sent; an error is the last, as the answer has begun."""
    lines = _Lines(view, asked)
    try:
        async with aclosing(store.watch(asked.query, since=await since(store, asked))) as found:
            async for event in found:
                yield lines.line(event)
    except ArgosyError as error:
        yield _error(error, address)


def _error(error: ArgosyError, address: Address) -> bytes:
    return b'{"type":"ERROR","object":%b}\n' % bytes(failure(error, address.kind, address.name).body)


class _Lines:
    """Turns events into lines. The first bookmark after initial events says that they were all."""

    def __init__(self, view: View, asked: Reading) -> None:
        self._view = view
        self._bookmarks = asked.bookmarks
        self._initial = bool(asked.initial)

    def line(self, event: Event) -> bytes:
        """The line for an event, empty when the caller does not want it."""
        if event.document is not None:
            body = self._view.one(event.document)
        elif self._initial or self._bookmarks:
            body = self._view.bookmark(event.version, initial_end=self._initial)
            self._initial = False
        else:
            return b""
        return b'{"type":%b,"object":%b}\n' % (orjson.dumps(event.type), body)
