"""A real Kubernetes API server as one of the stores of the contract, empty before each test."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import orjson
from tests.contract.store_case import Backend, config, namespace

from argosy.clients.kubeconfig import read_kubeconfig
from argosy.clients.kubernetes_connection import Connection
from argosy.clients.kubernetes_login import connect
from argosy.clock import Clock, SystemClock
from argosy.errors import Conflict, Denied, NotFound
from argosy.resources.crd import crd
from argosy.resources.kind import Kind
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.store.base import Page, Query, Store
from argosy.store.kubernetes import KubernetesStore
from argosy.testing.cluster import Cluster, running_cluster

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def loose(kind: Kind) -> dict[str, Any]:
    """A definition of the kind that allows everything: the contract says nothing of what resources must look like."""
    definition: dict[str, Any] = crd(kind)
    schema: dict[str, Any] = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    for path in kind.indexes.values():
        node = schema
        for step in path[:-1]:
            inner = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
            node = node.setdefault("properties", {}).setdefault(step, inner)
        node.setdefault("properties", {})[path[-1]] = {"type": "string"}
    definition["spec"]["versions"][0]["schema"]["openAPIV3Schema"] = schema
    return definition


async def install(connection: Connection) -> None:
    """Install loose definitions of every kind, and wait until they are served."""
    kinds = [kind for kind in KINDS.values() if kind.group]
    for kind in kinds:
        await connection.send("POST", DEFINITIONS, content=orjson.dumps(loose(kind)))
    for kind in kinds:
        while True:
            found = await connection.send("GET", f"{DEFINITIONS}/{kind.plural}.{kind.group}")
            conditions = found.get("status", {}).get("conditions", ())
            if any(each["type"] == "Established" and each["status"] == "True" for each in conditions):
                break
            await asyncio.sleep(0.02)


def _connection(cluster: Cluster, clock: Clock) -> Connection:
    return connect(read_kubeconfig([cluster.kubeconfig()]), clock)


def open_on(cluster: Cluster, clock: Clock) -> KubernetesStore:
    return KubernetesStore(_connection(cluster, clock), KINDS, clock=clock, source="test")


@contextlib.contextmanager
def prepared_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster with loose definitions, in which owners and namespaces take along what is theirs."""

    async def prepare(cluster: Cluster) -> None:
        async with _connected(cluster) as connection:
            await install(connection)

    with running_cluster(folder) as cluster:
        asyncio.run(prepare(cluster))
        cluster.start_controllers()
        yield cluster


@contextlib.asynccontextmanager
async def _connected(cluster: Cluster) -> AsyncIterator[Connection]:
    connection = _connection(cluster, SystemClock())
    try:
        yield connection
    finally:
        await connection.close()


async def on_cluster(cluster: Cluster) -> Backend:
    """The cluster as a backend, emptied, with an empty namespace `p`."""

    async def forget(store: Store, page: Page) -> tuple[str, int]:
        version = await store.version()
        for number in range(3):
            await store.patch(Key("Namespace", "", "p"), {"metadata": {"annotations": {"n": str(number)}}})
        cluster.compact(version)
        token = json.loads(base64.urlsafe_b64decode(page.more + "=" * (-len(page.more) % 4)))
        old = orjson.dumps({**token, "rv": 1})
        return base64.urlsafe_b64encode(old).decode().rstrip("="), 1

    await empty(cluster)
    return Backend(lambda _, clock: open_on(cluster, clock), False, forget)


async def empty(cluster: Cluster) -> None:
    """Delete what earlier tests left, whatever holds it, and make namespace `p`."""
    store = open_on(cluster, SystemClock())
    try:
        for kind in ("Stage", "ConfigMap", "Project"):
            for document in (await store.list(Query(kind))).documents:
                await _remove(store, document.key)
        async with _connected(cluster) as connection:
            for document in (await store.list(Query("Namespace"))).documents:
                await _finalize(store, connection, document.key)
        await store.create(namespace("p"))
        await _accepted(store)
    finally:
        await store.close()


async def _accepted(store: Store) -> None:
    """Wait until the server has taken note that the namespace is a new one."""
    while True:
        with contextlib.suppress(Denied, NotFound):
            await store.create(config(), dry_run=True)
            return
        await asyncio.sleep(0.01)


def _is_system(name: str) -> bool:
    return name == "default" or name.startswith("kube-")


async def _remove(store: Store, key: Key) -> None:
    if _is_system(key.namespace):
        return
    with contextlib.suppress(NotFound):
        await store.patch(key, {"metadata": {"finalizers": None, "ownerReferences": None}})
        await store.delete(key)


async def _finalize(store: Store, connection: Connection, key: Key) -> None:
    """Let a namespace go at once; what was in it is gone already."""
    while not _is_system(key.name):
        with contextlib.suppress(Conflict):
            try:
                await store.patch(key, {"metadata": {"finalizers": None}})
                last = await store.delete(key)
                content = orjson.dumps({**last.data, "spec": {"finalizers": []}})
                await connection.send("PUT", f"/api/v1/namespaces/{key.name}/finalize", content=content)
            except NotFound:
                return
