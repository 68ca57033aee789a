"""A real Kubernetes API server as one of the stores of the contract, empty before each test."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from tests.cluster.content_case import accepted, empty, install, open_on
from tests.contract.store_case import Backend, namespace

from argosy.clock import SystemClock
from argosy.resources.crd import crd
from argosy.resources.kind import Kind
from argosy.resources.meta import Key
from argosy.store.base import Page, Store
from argosy.testing.cluster import Cluster, running_cluster


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


@contextlib.contextmanager
def prepared_cluster(folder: Path) -> Iterator[Cluster]:
    """A cluster with loose definitions, in which owners and namespaces take along what is theirs."""
    with running_cluster(folder) as cluster:
        asyncio.run(install(cluster, loose))
        cluster.start_controllers()
        yield cluster


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
    store = open_on(cluster, SystemClock())
    await store.create(namespace("p"))
    await accepted(store, "p")
    await store.close()
    return Backend(lambda _, clock: open_on(cluster, clock), False, forget)
