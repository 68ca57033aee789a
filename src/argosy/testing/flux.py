"""Flux, played by its documented protocol on a real API server: sources fetch, Kustomizations and HelmReleases deploy.

Both do what the annotation `reconcile.fluxcd.io/requestedAt` asks for, and repeat its value in their status; what
deploys also follows its source.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from argosy.clients.cluster import Cluster, Collection
from argosy.clients.kubernetes import MERGE
from argosy.clock import Clock
from argosy.errors import AlreadyExists, ArgosyError
from argosy.rules.flux import KINDS, REQUEST, SOURCES, source_of

Data = dict[str, Any]

_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_ANY: Data = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_PLURALS = {
    "Kustomization": "kustomizations",
    "HelmRelease": "helmreleases",
    "GitRepository": "gitrepositories",
    "HelmRepository": "helmrepositories",
}
_VERSIONS = {**KINDS, **SOURCES}


def definition(kind: str) -> Data:
    """The definition of a kind of Flux, with as little as its protocol needs."""
    group, _, version = _VERSIONS[kind].partition("/")
    plural = _PLURALS[kind]
    schema = {"type": "object", "properties": {"spec": _ANY, "status": _ANY}}
    served: Data = {"name": version, "served": True, "storage": True, "subresources": {"status": {}}}
    names = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": names,
            "versions": [{**served, "schema": {"openAPIV3Schema": schema}}],
        },
    }


@dataclass
class Flux:
    """The controllers of one namespace.

    Attributes:
        cluster: where the objects are.
        revision: what a source fetches now, as Flux writes it.
        deploys: seconds that a deployment takes, while the object is Reconciling.
        ready: whether deployments end well.
        message: what is said where they do not.
        deployed: name and revision of each deployment, in order.
    """

    cluster: Cluster
    clock: Clock
    namespace: str
    revision: Callable[[Mapping[str, Any]], str]
    deploys: float = 0.0
    ready: bool = True
    message: str = "health check failed"
    deployed: list[tuple[str, str]] = field(default_factory=list)
    _deploying: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def define(self) -> None:
        """Make the kinds known, and wait until they are served."""
        for kind in _PLURALS:
            with contextlib.suppress(AlreadyExists):
                content = orjson.dumps(definition(kind))
                await self.cluster.connection.send("POST", _DEFINITIONS, content=content)
        for kind in _PLURALS:
            await self._served(kind)

    async def _served(self, kind: str) -> None:
        group = _VERSIONS[kind]
        for _ in range(200):
            try:
                await self.cluster.connection.send("GET", f"/apis/{group}/{_PLURALS[kind]}")
                return
            except ArgosyError:
                await asyncio.sleep(0.05)
        raise RuntimeError(f"the API server does not serve {kind}")

    async def put(self, kind: str, name: str, spec: Mapping[str, Any], **meta: Any) -> Data:
        """Create an object."""
        document = {
            "apiVersion": _VERSIONS[kind],
            "kind": kind,
            "metadata": {"name": name, "namespace": self.namespace, **meta},
            "spec": dict(spec),
        }
        return await self.cluster.connection.send("POST", self._path(kind), content=orjson.dumps(document))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[Flux]:
        """Turns until the block ends."""
        async with asyncio.TaskGroup() as tasks:
            turning = [tasks.create_task(self._turn(kind)) for kind in _PLURALS]
            try:
                yield self
            finally:
                for task in turning:
                    task.cancel()

    async def _turn(self, kind: str) -> None:
        changes = self.cluster.watch(self._all(kind))
        async with contextlib.aclosing(changes):
            async for change in changes:
                if change.type in ("ADDED", "MODIFIED") and _is_due(change.object):
                    await self._reconcile({"kind": kind, **change.object})

    async def _reconcile(self, data: Data) -> None:
        if data["kind"] in SOURCES:
            artifact = {"artifact": {"revision": self.revision(data)}}
            await self._say(data, {**artifact, "conditions": [_condition("Ready")]})
            for kind in KINDS:
                for each in await self.cluster.select(self._all(kind), ""):
                    await self._deploy(self._all(kind), each["metadata"]["name"])
        else:
            await self._deploy(self._all(data["kind"]), data["metadata"]["name"])

    async def _deploy(self, where: Collection, name: str) -> None:
        """Deploy what the source has, unless that is there, and nobody asks for it anew."""
        async with self._deploying:
            data = {"kind": where.kind, **await self.cluster.get(where, name)}
            revision = await self._fetched(data)
            attempted = (data.get("status") or {}).get("lastAttemptedRevision")
            if not revision or (attempted == revision and not _is_due(data)):
                return
            if attempted != revision:
                await self._roll_out(data, revision)
            else:
                await self._say(data, {})

    async def _roll_out(self, data: Data, revision: str) -> None:
        if self.deploys:
            conditions = [_condition("Ready", "Unknown"), _condition("Reconciling")]
            await self._say(data, {"conditions": conditions}, done=False)
            await self.clock.sleep(self.deploys)
        self.deployed.append((data["metadata"]["name"], revision))
        status: Data = {"conditions": [_condition("Ready", str(self.ready), "" if self.ready else self.message)]}
        status["lastAttemptedRevision"] = revision
        if self.ready:
            helm = data["kind"] == "HelmRelease"
            status |= {"history": [{"chartVersion": revision}]} if helm else {"lastAppliedRevision": revision}
        await self._say(data, status)

    async def _fetched(self, data: Data) -> str:
        """The revision of an object's source."""
        source = source_of(data)
        if source is None:
            return ""
        found = await self.cluster.get(Collection(SOURCES[source.kind], source.kind, source.namespace), source.name)
        return str(((found.get("status") or {}).get("artifact") or {}).get("revision", ""))

    async def _say(self, data: Data, status: Data, *, done: bool = True) -> None:
        meta = data["metadata"]
        asked = (meta.get("annotations") or {}).get(REQUEST)
        told = {
            "observedGeneration": meta["generation"],
            **({"lastHandledReconcileAt": asked} if done and asked else {}),
        }
        content = orjson.dumps({"status": {**status, **told}})
        path = f"{self._path(data['kind'])}/{meta['name']}/status"
        await self.cluster.connection.send("PATCH", path, content=content, headers={"content-type": MERGE})

    def _all(self, kind: str) -> Collection:
        return Collection(_VERSIONS[kind], kind, self.namespace)

    def _path(self, kind: str) -> str:
        return f"/apis/{_VERSIONS[kind]}/namespaces/{self.namespace}/{_PLURALS[kind]}"


def _is_due(data: Mapping[str, Any]) -> bool:
    """Whether an object was never looked at, was changed since, or is asked to reconcile."""
    meta, status = data["metadata"], data.get("status") or {}
    asked = (meta.get("annotations") or {}).get(REQUEST, "")
    if (data.get("spec") or {}).get("suspend"):
        return False
    return bool(
        status.get("observedGeneration") != meta["generation"] or asked != status.get("lastHandledReconcileAt", "")
    )


def _condition(type: str, status: str = "True", message: str = "") -> Data:
    return {
        "type": type,
        "status": status,
        "reason": "Progressing" if status == "Unknown" else "Done",
        "message": message,
    }
