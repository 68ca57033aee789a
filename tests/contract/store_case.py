"""What the contract tests of stores share: resources to write and ways to look."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from argosy.clock import parse_rfc3339, rfc3339
from argosy.errors import NotFound
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Key
from argosy.store.base import Event, Operator, Page, Query, Requirement, Store
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock

Factory = Callable[[Path, FakeClock], Store]


@dataclass(frozen=True)
class Backend:
    """One of the stores that the contract is tested on.

    Attributes:
        open: opens it, again and again on the same data.
        alone: nobody else writes to it, and times are those of the test's clock.
        forget: makes a page of a list, and a version, too old to go on from.
    """

    open: Factory
    alone: bool
    forget: Callable[[Store, Page], Awaitable[tuple[str, int]]]

    def stamped(self, time: str, clock: FakeClock) -> bool:
        """Whether a time is that of a write just now."""
        if self.alone:
            return time == rfc3339(clock.now())
        return abs((datetime.now(UTC) - parse_rfc3339(time)).total_seconds()) < 60

    async def unmoved(self, store: Store, version: int) -> bool:
        """Whether nothing was written since a version, as far as that can be known."""
        now = await store.version()
        return now == version if self.alone else now >= version


def sqlite(folder: Path, clock: FakeClock) -> Store:
    url = f"sqlite:///{folder}/data/argosy.db"
    return open_store(url, KINDS, clock=clock, key_file=folder / "keys" / "ring", log_length=100)


async def forget_in_sqlite(store: Store, page: Page) -> tuple[str, int]:
    for number in range(250):
        await store.patch(Key("Namespace", "", "p"), {"metadata": {"annotations": {"n": str(number)}}})
    return page.more, 1


def namespace(name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def stage(name: str = "test", space: str = "p", **meta: Any) -> dict[str, Any]:
    spec = {"shard": "east", "vars": []}
    return {"kind": "Stage", "metadata": {"name": name, "namespace": space, **meta}, "spec": spec}


def freight(name: str, found: str, origin: str = "web", space: str = "p") -> dict[str, Any]:
    meta = {"name": name, "namespace": space}
    kind = {"apiVersion": "kargo.akuity.io/v1alpha1", "kind": "Freight"}
    return {**kind, "metadata": meta, "origin": {"kind": "Warehouse", "name": origin}, "discoveredAt": found}


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
    """Wait until a cascade has come to a resource."""

    async def gone() -> bool:
        return not await exists(store, key)

    await eventually(gone)


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for what follows from a deletion: the store says nothing when that is done."""
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def meta(store: Store, key: Key) -> Mapping[str, Any]:
    return (await store.get(key)).meta


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
