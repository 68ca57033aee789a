"""What tests put into a real API server, and how it is empty again for the next one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson

from argosy.clients.kubeconfig import read_kubeconfig
from argosy.clients.kubernetes_connection import Connection
from argosy.clients.kubernetes_login import connect
from argosy.clock import Clock, SystemClock
from argosy.errors import Conflict, Denied, NotFound
from argosy.resources.crd import crd
from argosy.resources.kind import Kind
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.store.base import Query, Store, Unserved
from argosy.store.kubernetes import KubernetesStore
from argosy.testing.cluster import Cluster

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def _connection(cluster: Cluster, clock: Clock) -> Connection:
    return connect(read_kubeconfig([cluster.kubeconfig()]), clock)


def open_on(cluster: Cluster, clock: Clock) -> KubernetesStore:
    """The store that the cluster keeps."""
    return KubernetesStore(_connection(cluster, clock), KINDS, clock=clock, source="test")


@contextlib.asynccontextmanager
async def _connected(cluster: Cluster) -> AsyncIterator[Connection]:
    connection = _connection(cluster, SystemClock())
    try:
        yield connection
    finally:
        await connection.close()


async def install(cluster: Cluster, definition: Callable[[Kind], dict[str, Any]] = crd) -> None:
    """Install definitions of every kind, and wait until they are served."""
    kinds = [kind for kind in KINDS.values() if kind.is_custom]
    async with _connected(cluster) as connection:
        for kind in kinds:
            await connection.send("POST", DEFINITIONS, content=orjson.dumps(definition(kind)))
        for kind in kinds:
            while not await _is_established(connection, kind):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def _is_established(connection: Connection, kind: Kind) -> bool:
    found = await connection.send("GET", f"{DEFINITIONS}/{kind.plural}.{kind.group}")
    conditions = found.get("status", {}).get("conditions") or ()
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)


@contextlib.asynccontextmanager
async def without(cluster: Cluster, kind: Kind) -> AsyncIterator[None]:
    """The cluster does not know a kind until the block ends."""
    store, path = open_on(cluster, SystemClock()), f"{DEFINITIONS}/{kind.plural}.{kind.group}"
    async with _connected(cluster) as connection:
        await connection.send("DELETE", path)
        with contextlib.suppress(Unserved):
            while await store.list(Query(kind.name)):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        try:
            yield
        finally:
            await store.close()
            await connection.send("POST", DEFINITIONS, content=orjson.dumps(crd(kind)))
            while not await _is_established(connection, kind):  # noqa: ASYNC110
                await asyncio.sleep(0.02)


async def empty(cluster: Cluster) -> None:
    """Delete what earlier tests left, whatever holds it, and every namespace that is not the cluster's own."""
    store = open_on(cluster, SystemClock())
    try:
        for name in KINDS.keys() - {"Namespace", "Event", "ClusterRole", "ClusterRoleBinding"}:
            for document in (await store.list(Query(name))).documents:
                await _remove(store, document.key)
        async with _connected(cluster) as connection:
            for document in (await store.list(Query("Namespace"))).documents:
                await _finalize(store, connection, document.key)
    finally:
        await store.close()


async def accepted(store: Store, namespace: str) -> None:
    """Wait until the server has taken note that a namespace is a new one, and no longer the one that went."""
    wanted = {"kind": "ConfigMap", "metadata": {"name": "wanted", "namespace": namespace}}
    while True:
        with contextlib.suppress(Denied, NotFound):
            await store.create(wanted, dry_run=True)
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
