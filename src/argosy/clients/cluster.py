"""The objects of the cluster that workloads run in, of whatever kind, as steps and checks see them.

What was looked at once is followed from then on: `wanted` tells which collections that is, and `watch` follows one.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson

from argosy.clients.kubernetes import MERGE
from argosy.clients.kubernetes_connection import Connection, Data
from argosy.clients.kubernetes_follow import follow, pages
from argosy.clients.selection import Change
from argosy.errors import Invalid, NotFound, suggestion

_VERSION = re.compile(r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?/)?v[0-9][a-z0-9]*", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Collection:
    """All objects of a kind in a namespace, which is empty for kinds without."""

    api_version: str
    kind: str
    namespace: str = ""


def subject(collection: Collection, name: str = "*") -> str:
    """What those who wait for an object, or for any of a collection, are told about."""
    return f"cluster/{collection.api_version}/{collection.kind}/{collection.namespace}/{name}"


@dataclass
class Cluster:
    """One cluster, through its API server.

    All methods raise, besides what they name: Denied, Temporary, Permanent; Invalid for a kind that the server does not
    serve.
    """

    connection: Connection
    _kinds: dict[str, dict[str, tuple[str, bool]]] = field(default_factory=dict)
    _seen: dict[Collection, None] = field(default_factory=dict)
    _new: asyncio.Event = field(default_factory=asyncio.Event)

    async def get(self, collection: Collection, name: str) -> Data:
        """One object. Raises NotFound."""
        path = await self._path(collection)
        try:
            return await self.connection.send("GET", f"{path}/{quote(name, safe='')}")
        except NotFound:
            place = f" in namespace {collection.namespace!r}" if collection.namespace else ""
            raise NotFound(f"there is no {collection.kind} {name!r}{place} of {self.connection.server.place}") from None

    async def select(self, collection: Collection, labels: str) -> Sequence[Data]:
        """Those that match a label selector as kubectl writes it, by name."""
        asked = {"labelSelector": labels} if labels else {}
        listed = pages(self.connection, await self._path(collection), asked)
        found = [{**_stamp(collection), **item} async for page in listed for item in page.get("items") or ()]
        return sorted(found, key=lambda item: str(item["metadata"]["name"]))

    async def annotate(self, collection: Collection, name: str, annotations: Mapping[str, str]) -> Data:
        """Set annotations of one object. Raises NotFound."""
        path = f"{await self._path(collection)}/{quote(name, safe='')}"
        content = orjson.dumps({"metadata": {"annotations": dict(annotations)}})
        return await self.connection.send("PATCH", path, content=content, headers={"content-type": MERGE})

    async def wanted(self) -> AsyncIterator[Collection]:
        """Each collection that somebody looked at, once to whoever asks; without end.

        Who follows may be cancelled and begin anew, as a replica does that leads again: nothing may be left out then.
        """
        told = 0
        while True:
            for collection in [*self._seen][told:]:
                yield collection
                told += 1
            self._new.clear()
            if told == len(self._seen):
                await self._new.wait()

    async def watch(self, collection: Collection) -> AsyncGenerator[Change]:
        """All objects there are, a BOOKMARK without one, and then each that changes, until the connection is lost."""
        changes = follow(self.connection, await self._path(collection), _stamp(collection))
        async with contextlib.aclosing(changes):
            async for change in changes:
                yield change

    async def close(self) -> None:
        """Close every connection."""
        await self.connection.close()

    async def _path(self, collection: Collection) -> str:
        """Where the server keeps a collection, which is followed from now on. Raises Invalid."""
        plural, namespaced = await self._kind(collection.api_version, collection.kind)
        if namespaced and not collection.namespace:
            raise Invalid(f"{collection.kind} is a kind with namespaces", advice="Name the object's namespace.")
        if collection not in self._seen:
            self._seen[collection] = None
            self._new.set()
        place = f"/namespaces/{quote(collection.namespace, safe='')}" if namespaced else ""
        return f"{_root(collection.api_version)}{place}/{plural}"

    async def _kind(self, api_version: str, kind: str) -> tuple[str, bool]:
        """The plural of a kind, and whether it has namespaces; as the server tells. Raises Invalid."""
        if not _VERSION.fullmatch(api_version):  # it becomes a part of paths, and people write it
            raise Invalid(f"{api_version!r} is no API version", advice="Write one such as apps/v1.")
        known = self._kinds.get(api_version, {})
        if kind not in known:
            try:
                told: Any = await self.connection.send("GET", _root(api_version))
            except NotFound:
                told = {}
            resources = [each for each in told.get("resources") or () if "/" not in each["name"]]
            known = {each["kind"]: (each["name"], bool(each["namespaced"])) for each in resources}
            self._kinds[api_version] = known
        if kind not in known:
            raise Invalid(
                f"{self.connection.server.place} serves no kind {kind!r} of {api_version!r}",
                advice=suggestion(kind, known) or "Check apiVersion and kind, and whether its definition is installed.",
            )
        return known[kind]


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _stamp(collection: Collection) -> Data:
    """What items of lists do not say of themselves."""
    return {"apiVersion": collection.api_version, "kind": collection.kind}
