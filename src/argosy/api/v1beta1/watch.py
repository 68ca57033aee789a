"""Watches as Kargo serves them: Server-Sent Events, each a change of a resource."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import Depends, Query

from argosy.api.stream import Stream
from argosy.api.v1beta1.given import Given
from argosy.api.v1beta1.wire import wire
from argosy.clock import Clock
from argosy.errors import ArgosyError, Denied, Gone, Unavailable
from argosy.resources.meta import Document, Json
from argosy.store import base
from argosy.store.base import Event, EventType
from argosy.store.permission import selecting

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE = 30.0
"""Seconds of silence after which a stream says that it lives."""
_ALIVE = b": keepalive\n\n"
_HEADERS = {"X-Accel-Buffering": "no"}
_CODES = {Gone: "out_of_range", Denied: "permission_denied", Unavailable: "unavailable"}

STREAM: dict[int | str, dict[str, Json]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}, "description": "What was asked for."}
}
"""That an answer may be a stream, for the documentation of an operation."""


@dataclass(frozen=True, slots=True)
class Watching:
    """Whether a read is to go on, and from where."""

    wanted: bool = False
    since: int | None = None
    bookmarks: bool = False


async def _watching(
    watch: Annotated[bool, Query(description="Whether to be told of changes, as a stream of events.")] = False,
    version: Annotated[
        int | None, Query(alias="resourceVersion", ge=0, lt=1 << 62, description="From where to watch, as a list says.")
    ] = None,
    bookmarks: Annotated[
        bool, Query(alias="allowWatchBookmarks", description="Whether to be told, too, how far the stream has come.")
    ] = False,
) -> Watching:
    return Watching(watch, version or None, bookmarks)


Watched = Annotated[Watching, Depends(_watching)]
"""The parameter by which a route gets whether it is a watch."""


async def stream(
    here: Given,
    query: base.Query,
    asked: Watching,
    keeps: Callable[[Document], bool] | None = None,
) -> Stream:
    """The answer to a watch; what is changed so that `keeps` no longer keeps it is told as deleted. Raises Denied."""
    await here.backend.rights.demand(selecting("watch", query))
    body = _alive(_events(here, query, asked, keeps), here.clock)
    return Stream(body, MEDIA_TYPE, closing=here.closing, clock=here.clock, headers=_HEADERS)


async def streams(here: Given, queries: Sequence[base.Query], asked: Watching) -> Stream:
    """The answer to several watches at once, for clients with few connections. Raises Denied.

    Changes of different kinds come in no order, so that only a new list tells how far all of them have come.
    """
    for query in queries:
        await here.backend.rights.demand(selecting("watch", query))
    body = _alive(_merged([_events(here, query, asked, None) for query in queries]), here.clock)
    return Stream(body, MEDIA_TYPE, closing=here.closing, clock=here.clock, headers=_HEADERS)


async def _merged(sources: Sequence[AsyncGenerator[bytes]]) -> AsyncGenerator[bytes]:
    """The pieces of all sources as they come, until the first of them ends."""
    coming = {_next(source): source for source in sources}
    try:
        while pieces := await _round(coming):
            for piece in pieces:
                yield piece
    finally:
        for task in coming:
            task.cancel()
        await asyncio.gather(*coming, return_exceptions=True)
        for source in sources:
            await source.aclose()


_Coming = dict[asyncio.Task[bytes | None], AsyncGenerator[bytes]]


async def _round(coming: _Coming) -> list[bytes]:
    """The pieces that have come next, whose sources are asked for more; nothing once one has ended."""
    done, _ = await asyncio.wait(coming, return_when=asyncio.FIRST_COMPLETED)
    pieces = [piece for task in done if (piece := task.result()) is not None]
    if len(pieces) < len(done):
        return []
    coming |= {_next(source): source for source in [coming.pop(task) for task in done]}
    return pieces


async def _events(
    here: Given, query: base.Query, asked: Watching, keeps: Callable[[Document], bool] | None
) -> AsyncGenerator[bytes]:
    try:
        async with aclosing(here.backend.store.watch(query, since=asked.since)) as found:
            async for event in found:
                yield _line(event, keeps) if event.document is not None or asked.bookmarks else b""
    except ArgosyError as error:
        code = next((word for type_, word in _CODES.items() if isinstance(error, type_)), "unknown")
        message = f"watch resource version expired: {error.message}" if isinstance(error, Gone) else error.message
        yield b"event: error\ndata: %b\n\n" % orjson.dumps({"code": code, "message": message})


def _line(event: Event, keeps: Callable[[Document], bool] | None) -> bytes:
    type_, document = event.type, event.document
    if document is None:
        body = orjson.dumps({"metadata": {"resourceVersion": str(event.version)}})
    else:
        body = wire(document)
        if keeps is not None and not keeps(document):
            if type_ is not EventType.MODIFIED:
                return b""
            type_ = EventType.DELETED
    return b'data: {"type":%b,"object":%b}\n\n' % (orjson.dumps(type_), body)


async def _alive(pieces: AsyncGenerator[bytes], clock: Clock) -> AsyncGenerator[bytes]:
    """The pieces, and signs of life where they pause for long."""
    coming = _next(pieces)
    try:
        while True:
            if not await _comes(coming, clock):
                yield _ALIVE
                continue
            piece = coming.result()
            if piece is None:
                return
            yield piece
            coming = _next(pieces)
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)
        await pieces.aclose()


async def _comes(coming: asyncio.Task[bytes | None], clock: Clock) -> bool:
    """Whether the next piece comes before the stream has been silent for too long."""
    pause = asyncio.ensure_future(clock.sleep(KEEP_ALIVE))
    try:
        await asyncio.wait({coming, pause}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        pause.cancel()
    return coming.done()


def _next(pieces: AsyncIterator[bytes]) -> asyncio.Task[bytes | None]:
    async def coming() -> bytes | None:
        return await anext(pieces, None)

    return asyncio.create_task(coming())
