"""Applications on a real Kubernetes API server: the definition of their kind, and a shelf for the played Argo CD."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from argosy.clients.argocd import APPLICATION, KubernetesApplications
from argosy.clients.kubernetes import MERGE
from argosy.clients.kubernetes_connection import Connection
from argosy.clients.selection import Change, Selection
from argosy.errors import AlreadyExists, ArgosyError
from argosy.testing.argocd_shelf import Data

_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_RBAC = "rbac.authorization.k8s.io/v1"
_ANY: Data = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_COLUMNS = (("Sync Status", ".status.sync.status"), ("Health Status", ".status.health.status"))

DEFINITION: Data = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "applications.argoproj.io"},
    "spec": {
        "group": "argoproj.io",
        "scope": "Namespaced",
        "names": {
            "kind": "Application",
            "listKind": "ApplicationList",
            "plural": "applications",
            "singular": "application",
            "shortNames": ["app", "apps"],
        },
        "versions": [
            {
                "name": "v1alpha1",
                "served": True,
                "storage": True,
                "additionalPrinterColumns": [
                    {"name": name, "type": "string", "jsonPath": path} for name, path in _COLUMNS
                ],
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "required": ["metadata", "spec"],
                        "properties": {
                            "apiVersion": {"type": "string"},
                            "kind": {"type": "string"},
                            "metadata": {"type": "object"},
                            "spec": {**_ANY, "required": ["destination", "project"]},
                            "status": _ANY,
                            "operation": _ANY,
                        },
                    }
                },
            }
        ],
    },
}
"""As Argo CD's own in what matters: there is no status subresource, so one write may change everything."""


@dataclass(frozen=True, slots=True)
class ClusterShelf:
    """Applications of an API server (`testing.argocd_shelf.Shelf`).

    What was asked for is finished also when nobody waits for it any longer: a connection whose making is cancelled is
    never closed. So close the shelf, not its connection.
    """

    connection: Connection
    _asked: set[asyncio.Future[Data]] = field(default_factory=set, repr=False)

    async def close(self) -> None:
        """Wait for what was asked for, and close every connection."""
        await asyncio.gather(*self._asked, return_exceptions=True)
        await self.connection.close()

    async def _send(self, method: str, path: str, **more: Any) -> Data:
        asked = asyncio.ensure_future(self.connection.send(method, path, **more))
        self._asked.add(asked)
        asked.add_done_callback(self._asked.discard)
        return await asyncio.shield(asked)

    async def define(self) -> None:
        """Make the kind known, and wait until it is served."""
        content = orjson.dumps(DEFINITION)
        with contextlib.suppress(AlreadyExists):
            await self._send("POST", _DEFINITIONS, content=content)
        for _ in range(200):
            try:
                await self.all()
                return
            except ArgosyError:
                await asyncio.sleep(0.05)
        raise RuntimeError("the API server does not serve Applications")

    async def put(self, app: Mapping[str, Any]) -> Data:
        """Create an Application, and its namespace if need be."""
        namespace = app["metadata"]["namespace"]
        wanted = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        with contextlib.suppress(AlreadyExists):
            await self._send("POST", "/api/v1/namespaces", content=orjson.dumps(wanted))
        path = Selection(APPLICATION, namespace).path
        return await self._send("POST", path, content=orjson.dumps(dict(app)))

    async def clear(self, namespace: str) -> None:
        """Delete all Applications of a namespace."""
        await self._send("DELETE", Selection(APPLICATION, namespace).path)

    async def grant(self, namespace: str, user: str) -> None:
        """Let a user do with the Applications of a namespace what Argosy does."""
        meta, verbs = {"name": "argosy", "namespace": namespace}, ["get", "list", "watch", "patch"]
        rule = {"apiGroups": ["argoproj.io"], "resources": ["applications"], "verbs": verbs}
        role: Data = {"apiVersion": _RBAC, "kind": "Role", "metadata": meta, "rules": [rule]}
        who = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}
        what = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "argosy"}
        binding: Data = {
            "apiVersion": _RBAC,
            "kind": "RoleBinding",
            "metadata": meta,
            "roleRef": what,
            "subjects": [who],
        }
        for plural, document in (("roles", role), ("rolebindings", binding)):
            path = f"/apis/{_RBAC}/namespaces/{namespace}/{plural}"
            await self._send("POST", path, content=orjson.dumps(document))

    async def get(self, namespace: str, name: str) -> Data:
        return await self._send("GET", Selection(APPLICATION, namespace, name).path)

    async def all(self) -> list[Data]:
        found = await self._send("GET", Selection(APPLICATION).path)
        return list(found.get("items") or ())

    async def patch(self, namespace: str, name: str, patch: Mapping[str, Any]) -> Data:
        path, headers = Selection(APPLICATION, namespace, name).path, {"content-type": MERGE}
        return await self._send("PATCH", path, content=orjson.dumps(dict(patch)), headers=headers)

    async def watch(self) -> AsyncGenerator[Change]:
        async with contextlib.aclosing(KubernetesApplications(self.connection).watch()) as changes:
            async for change in changes:
                if change.type != "BOOKMARK":
                    yield change
