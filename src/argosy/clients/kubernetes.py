"""The Kubernetes protocol, as a client: Argosy's own server and any Kubernetes API server speak it.

A small client: it names resources by `Kind`, passes documents as parsed JSON and turns `Status` answers into errors.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import quote

import httpx2
import orjson

from argosy.clients.kargo import Kargo
from argosy.clients.kubernetes_connection import JSON, Connection, Data, Server
from argosy.clients.selection import Change, Selection
from argosy.clock import Clock
from argosy.errors import Gone, NotFound, Temporary
from argosy.resources.meta import Json

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
MERGE = "application/merge-patch+json"
PAGE = 500
"""How many resources are asked for at once."""

_PAUSE = 0.2
"""Seconds before a watch that has ended is asked for again."""


class Kubernetes:
    """A connection to one server. Close it, or use it in `async with`.

    Args:
        server: whom to speak to, or a connection that is there already.
        clock: for pauses between attempts.
        transport: instead of the network, for tests.
        patience: seconds for which `states` and `watch` try to reach a server that has gone away.

    All methods raise, besides what they name: Denied (not logged in, or not allowed), Temporary (the server cannot
    be reached or asks to come back), Permanent (it answers what no Kubernetes API would).
    """

    def __init__(
        self,
        server: Server | Connection,
        clock: Clock,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        patience: float = 60.0,
    ) -> None:
        self._clock = clock
        self._patience = patience
        self._connection = server if isinstance(server, Connection) else Connection(server, transport=transport)
        self.server = self._connection.server

    @property
    def kargo(self) -> Kargo:
        """The same server by its other API."""
        return Kargo(self._connection)

    async def __aenter__(self) -> Kubernetes:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._connection.close()

    async def get(self, selection: Selection, *, accept: str = JSON) -> Data:
        """One resource, or a Table of it when `accept` is TABLE. Raises NotFound."""
        return await self._connection.send("GET", selection.path, headers={"accept": accept})

    async def list(self, selection: Selection, *, accept: str = JSON) -> Data:
        """All that match, as one `...List` or Table, whatever number of pages the server makes of it."""
        path, parameters = selection.collection.path, {**selection.parameters, "limit": str(PAGE)}
        whole = await self._connection.send("GET", path, parameters=parameters, headers={"accept": accept})
        rows = "rows" if whole.get("kind") == "Table" else "items"
        page = whole
        while more := (page.get("metadata") or {}).get("continue"):
            page = await self._connection.send(
                "GET", path, parameters={**parameters, "continue": more}, headers={"accept": accept}
            )
            whole[rows] = [*(whole.get(rows) or []), *(page.get(rows) or [])]
        whole["metadata"] = {"resourceVersion": (whole.get("metadata") or {}).get("resourceVersion", "")}
        return whole

    async def create(self, selection: Selection, document: Mapping[str, Json], *, dry_run: bool = False) -> Data:
        """Create; returns what the server made of it. Raises AlreadyExists, Invalid, NotFound (the namespace)."""
        content = orjson.dumps(document)
        return await self._connection.send("POST", selection.collection.path, parameters=_dry(dry_run), content=content)

    async def patch(
        self, selection: Selection, patch: Mapping[str, Json], *, status: bool = False, dry_run: bool = False
    ) -> Data:
        """Merge `patch` (RFC 7386) into the resource, or into its status. Raises NotFound, Conflict, Invalid."""
        path = f"{selection.path}/status" if status else selection.path
        headers = {"content-type": MERGE}
        return await self._connection.send(
            "PATCH", path, parameters=_dry(dry_run), content=orjson.dumps(patch), headers=headers
        )

    async def delete(self, selection: Selection, *, dry_run: bool = False) -> Data:
        """Delete one resource. Returns its last state, or a Status. Raises NotFound, Conflict, Denied."""
        return await self._connection.send("DELETE", selection.path, parameters=_dry(dry_run))

    async def plan(self, stage: Selection, wish: Mapping[str, Json]) -> Data:
        """What promoting to a Stage would do; `wish` is `{"freight": name}` or `{"origin": ...}`. Raises as creating
        the Promotion would."""
        return await self._connection.send("POST", f"{stage.path}/plan", content=orjson.dumps(wish))

    async def version(self) -> Data:
        """The server's version, as it tells under `/version`."""
        return await self._connection.send("GET", "/version")

    async def watch(self, selection: Selection, since: str, *, accept: str = JSON) -> AsyncGenerator[Change]:
        """What changes after the version `since`, without end; bookmarks are not passed on.

        A lost connection is made again where it ended, until the server has been away for longer than patience.

        Raises Gone when `since` is too old: list again.
        """
        async with contextlib.aclosing(self._lasting(selection, since, accept)) as changes:
            async for change in changes:
                if change.type != "BOOKMARK":
                    yield change

    async def _lasting(self, selection: Selection, since: str, accept: str) -> AsyncGenerator[Change]:
        lost: float | None = None
        while True:
            changes = self._watch(selection, since, accept)
            try:
                async for change in changes:
                    lost = None
                    since = _version(change.object) or since
                    yield change
                await self._clock.sleep(_PAUSE)
            except Temporary as error:
                lost = await self._bear(error, lost)
            finally:
                await changes.aclose()

    async def states(self, selection: Selection) -> AsyncGenerator[Data]:
        """One resource as it is, and again after each change. Raises NotFound, also when it is deleted."""
        lost: float | None = None
        while True:
            found = self._states(selection)
            try:
                async for document in found:
                    lost = None
                    yield document
            except Gone:
                await self._clock.sleep(_PAUSE)
            except Temporary as error:
                lost = await self._bear(error, lost)
            finally:
                await found.aclose()

    async def _states(self, selection: Selection) -> AsyncGenerator[Data]:
        """One resource, and what becomes of it for as long as the server remembers. Raises NotFound when it is gone."""
        document = await self.get(selection)
        yield document
        async with contextlib.aclosing(self.watch(selection, _version(document))) as changes:
            async for change in changes:
                if change.type == "DELETED":
                    raise NotFound(f"{selection.kind.name} {selection.name!r} was deleted")
                yield change.object

    async def log(self, namespace: str, promotion: str, *, follow: bool = False) -> AsyncGenerator[str]:
        """The log of a Promotion in pieces of text; with `follow`, until the Promotion has ended. Raises NotFound."""
        base = "/apis/kargo.akuity.io/v1alpha1/namespaces"
        path = f"{base}/{quote(namespace, safe='')}/promotions/{quote(promotion, safe='')}/log"
        parameters = {"follow": "true"} if follow else {}
        async with self._connection.stream(path, parameters, accept="text/plain") as answer:
            async for text in answer.aiter_text():
                yield text

    async def _bear(self, error: Temporary, lost: float | None) -> float:
        """Wait a moment for a server that went away at `lost`. Raises the error when it is away for too long."""
        now = self._clock.monotonic()
        since = now if lost is None else lost
        if now - since >= self._patience:
            raise error
        await self._clock.sleep(min(5.0, 0.2 + (now - since) / 4))
        return since

    async def _watch(self, selection: Selection, since: str, accept: str) -> AsyncGenerator[Change]:
        parameters = {**selection.parameters, "resourceVersion": since}
        events = self._connection.watch(selection.collection.path, parameters, accept=accept)
        async with contextlib.aclosing(events):
            async for event in events:
                yield Change(str(event.get("type", "")), event.get("object") or {})


def _version(data: Mapping[str, Json]) -> str:
    return str((data.get("metadata") or {}).get("resourceVersion") or "")


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}
