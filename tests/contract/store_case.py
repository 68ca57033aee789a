"""What the contract tests of stores share: resources to write and ways to look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

from argosy.errors import NotFound
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Key
from argosy.store.base import Event, Operator, Query, Requirement, Store
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock

Factory = Callable[[Path, FakeClock], Store]


def sqlite(folder: Path, clock: FakeClock) -> Store:
    url = f"sqlite:///{folder}/data/argosy.db"
    return open_store(url, KINDS, clock=clock, key_file=folder / "keys" / "ring", log_length=100)


def namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def stage(name: str = "test", space: str = "p", **meta: Any) -> dict[str, Any]:
    spec = {"shard": "east", "vars": []}
    return {"kind": "Stage", "metadata": {"name": name, "namespace": space, **meta}, "spec": spec}


def config(name: str = "c", **more: Any) -> dict[str, Any]:
    return {"kind": "ConfigMap", "metadata": {"name": name, "namespace": "p", **more.pop("meta", {})}, **more}


def owner(document: Document, **more: Any) -> dict[str, Any]:
    data = document.data
    return {
        "apiVersion": data["apiVersion"],
        "kind": data["kind"],
        "name": document.key.name,
        "uid": document.uid,
    } | more


def changed(document: Document, **fields: Any) -> dict[str, Any]:
    return {**document.data, **fields}


def with_meta(document: Document, **meta: Any) -> dict[str, Any]:
    return {**document.data, "metadata": {**document.meta, **meta}}


async def exists(store: Store, key: Key) -> bool:
    try:
        await store.get(key)
    except NotFound:
        return False
    return True


async def eventually_gone(store: Store, key: Key) -> None:
    async with asyncio.timeout(10):
        while await exists(store, key):  # noqa: ASYNC110 - the store says nothing when a cascade ends
            await asyncio.sleep(0.005)


STAGE = Key("Stage", "p", "test")


async def names(store: Store, query: Query) -> list[str]:
    return [document.key.name for document in (await store.list(query)).documents]


def label(name: str, operator: Operator, *values: str) -> tuple[Requirement, ...]:
    return (Requirement(name, operator, values),)


async def take(events: AsyncGenerator[Event, None], many: int) -> list[tuple[str, str]]:
    async with asyncio.timeout(10):
        return [
            (event.type.value, event.document.key.name if event.document else "")
            for event in [await anext(events) for _ in range(many)]
        ]
