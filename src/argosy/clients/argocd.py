"""Argo CD: what is asked of it, and the way through a Kubernetes API, where its Applications are custom resources.

The other way, through Argo CD's own HTTP API, is in `argocd_http`; both are `Applications`.
"""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote

import orjson

from argosy.clients.kubernetes import MERGE
from argosy.clients.kubernetes_connection import Connection, Data
from argosy.clients.kubernetes_follow import follow, pages
from argosy.clients.selection import Change, Selection
from argosy.clock import Clock, SystemClock
from argosy.errors import ArgosyError, Denied, NotFound
from argosy.resources.kind import Kind
from argosy.resources.meta import Resource
from argosy.rules.argocd import REFRESH, Application
from argosy.rules.argocd_change import Sync, started

log = logging.getLogger(__name__)


APPLICATION = Kind("Application", "argoproj.io", "v1alpha1", "applications", Resource, status=False)
"""The custom resource of Argo CD, whose documents are never parsed into a model."""


class Applications(Protocol):
    """The Applications of one Argo CD.

    All methods raise, besides what they name: Denied (not logged in, or not allowed), Temporary (Argo CD cannot be
    reached, or not now), Permanent (what answers is no Argo CD).
    """

    @property
    def namespace(self) -> str:
        """Where Applications are that are named without a namespace."""
        ...

    async def get(self, namespace: str, name: str) -> Data:
        """One Application as it is now. Raises NotFound."""
        ...

    async def select(self, namespace: str, labels: str) -> Sequence[Data]:
        """Those of a namespace that match a label selector as kubectl writes it, by name."""
        ...

    async def sync(self, app: Application, sync: Sync) -> None:
        """Ask for a sync, as long as the Application is as it was seen. Raises Conflict when it is not, or when Argo CD
        does not take the request now; NotFound."""
        ...

    async def refresh(self, app: Application, *, hard: bool) -> None:
        """Ask Argo CD to look again, without its caches if `hard`; returns before it has. Raises NotFound."""
        ...

    def watch(self) -> AsyncGenerator[Change]:
        """All Applications there are, and then each that changes, until the connection is lost: then ask again.

        A BOOKMARK, which has no object, says that the connection is there, even where there is no Application.
        """
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


def subject(namespace: str, name: str = "*") -> str:
    """What those who wait for an Application, or for any of a namespace, are told about."""
    return f"argocd/{namespace}/{name}"


@dataclass(frozen=True, slots=True)
class KubernetesApplications:
    """Applications as custom resources of a Kubernetes API server.

    A sync is one patch, as Kargo makes it: the sources, the request to refresh, the operation, and the state of the
    operation before removed, all of it or, when the Application was changed meanwhile, nothing.
    """

    connection: Connection
    namespace: str = "argocd"
    clock: Clock = field(default_factory=SystemClock)

    async def get(self, namespace: str, name: str) -> Data:
        try:
            return await self.connection.send("GET", Selection(APPLICATION, namespace, name).path)
        except NotFound:
            place = self.connection.server.place
            raise NotFound(f"there is no Argo CD Application {name!r} in namespace {namespace!r} of {place}") from None

    async def select(self, namespace: str, labels: str) -> Sequence[Data]:
        chosen = Selection(APPLICATION, namespace, labels=labels)
        found = [
            item
            async for page in pages(self.connection, chosen.path, chosen.parameters)
            for item in page.get("items") or ()
        ]
        return sorted(found, key=lambda item: str(item["metadata"]["name"]))

    async def sync(self, app: Application, sync: Sync) -> None:
        patch: Data = {
            "metadata": {"annotations": {REFRESH: "hard"}, "resourceVersion": app.meta.get("resourceVersion")},
            "operation": dict(sync.operation),
        }
        if sync.spec:
            patch["spec"] = dict(sync.spec)
        if app.status:
            # Argo CD's controller takes the old state for that of the new operation, unless it is gone.
            patch["status"] = {"operationState": None}
        await self._patch(app, patch)
        await self._tell(started(app, sync, uuid.uuid4().hex[:16], self.clock.now()))

    async def refresh(self, app: Application, *, hard: bool) -> None:
        await self._patch(app, {"metadata": {"annotations": {REFRESH: "hard" if hard else "normal"}}})

    async def watch(self) -> AsyncGenerator[Change]:
        chosen = Selection(APPLICATION)
        try:
            await self.connection.send("GET", chosen.path, parameters={"limit": "1"})
        except Denied as error:
            log.info("watching only the namespace %s: %s", self.namespace, error)
            chosen = Selection(APPLICATION, self.namespace)
        async with contextlib.aclosing(follow(self.connection, chosen.path, {})) as changes:
            async for change in changes:
                yield change

    async def close(self) -> None:
        await self.connection.close()

    async def _tell(self, event: Mapping[str, Any]) -> None:
        """Make an Event, as Argo CD's own server does for each sync. That it may not be made is no trouble."""
        path = f"/api/v1/namespaces/{quote(event['metadata']['namespace'], safe='')}/events"
        try:
            await self.connection.send("POST", path, content=orjson.dumps(dict(event)))
        except ArgosyError as error:
            log.debug("an Event of a sync was not made: %s", error)

    async def _patch(self, app: Application, patch: Mapping[str, Any]) -> None:
        path, headers = Selection(APPLICATION, app.namespace, app.name).path, {"content-type": MERGE}
        await self.connection.send("PATCH", path, content=orjson.dumps(patch), headers=headers)
