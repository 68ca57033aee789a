"""Following a collection of a Kubernetes API server: all that is there, page by page, and then each change."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping

from argosy.clients.kubernetes_connection import Connection, Data
from argosy.clients.selection import PRESENT, Change
from argosy.errors import Gone
from argosy.resources.meta import Json

log = logging.getLogger(__name__)

_PAGE = 250
_SILENCE = 90.0
"""Seconds: an API server sends a bookmark every minute where nothing happens."""


async def pages(connection: Connection, path: str, asked: Mapping[str, str]) -> AsyncGenerator[Data]:
    """A list, a page at a time, all of one version. Raises as the connection does, Gone when it takes too long."""
    more = ""
    while True:
        parameters = {**asked, "limit": str(_PAGE), **({"continue": more} if more else {})}
        page = await connection.send("GET", path, parameters=parameters)
        yield page
        more = str((page.get("metadata") or {}).get("continue") or "")
        if not more:
            return


async def follow(connection: Connection, path: str, stamp: Mapping[str, Json]) -> AsyncGenerator[Change]:
    """Everything that is there as ADDED, a BOOKMARK, and then each change, until the connection is lost or the server
    has forgotten where that was: then begin anew. `stamp` is what items of lists do not say of themselves, such as
    their kind."""
    since = ""
    async with contextlib.aclosing(pages(connection, path, {})) as found:
        async for page in found:
            since = str((page.get("metadata") or {}).get("resourceVersion", ""))
            for item in page.get("items") or ():
                yield Change("ADDED", {**stamp, **item})
    yield PRESENT
    events = connection.watch(path, {"resourceVersion": since}, silence=_SILENCE)
    async with _ended_by_gone(events):
        async for event in events:
            if event.get("type") != "BOOKMARK":
                yield Change(str(event.get("type", "")), event.get("object") or {})


@contextlib.asynccontextmanager
async def _ended_by_gone(events: AsyncGenerator[Data]) -> AsyncIterator[None]:
    """Close a watch at the end of the block, which a version that is too old ends as well."""
    try:
        with contextlib.suppress(Gone):
            yield
    finally:
        await events.aclose()
