"""What is done alike with resources of every kind: many are listed or watched, one is read, watched or deleted."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from argosy.api import answer
from argosy.api.stream import Stream
from argosy.api.v1beta1.given import Given
from argosy.api.v1beta1.listing import Listing, listed, page
from argosy.api.v1beta1.watch import Watching, stream
from argosy.api.v1beta1.wire import wire
from argosy.resources.meta import Document, Key
from argosy.store import base
from argosy.store.base import Page

NOTHING = 204
"""The answer to a deletion that is done."""


async def many(
    here: Given,
    query: base.Query,
    asked: Listing,
    watched: Watching,
    keeps: Callable[[Document], bool] | None = None,
) -> Response | Stream:
    """The resources that `query` selects and `keeps` keeps, or a stream of their changes."""
    if watched.wanted:
        return await stream(here, query, watched, keeps)
    found = await page(here, query, asked)
    if keeps is not None:
        found = Page([document for document in found.documents if keeps(document)], found.version, found.more)
    return listed(query.kind, found)


async def one(here: Given, key: Key, watched: Watching | None = None) -> Response | Stream:
    """A resource, or a stream of its changes. Raises NotFound."""
    found = await here.backend.store.get(key)
    if watched is not None and watched.wanted:
        query = base.Query(key.kind, key.namespace or None, fields={"metadata.name": key.name})
        return await stream(here, query, watched)
    return answer.json(wire(found))


async def delete(here: Given, key: Key) -> Response:
    """Delete a resource. Raises NotFound, Conflict, Denied."""
    await here.backend.store.delete(key)
    return Response(status_code=NOTHING)


def done() -> Response:
    """The answer to what was asked for and done, of which there is nothing to tell."""
    return Response(status_code=200)
