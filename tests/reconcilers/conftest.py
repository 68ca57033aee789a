"""A project in the real store behind admission, a clock that stands still, and outcomes that are written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.rules.pipeline_case import IMAGE, KARGO, freight, resource

from argosy.errors import NotFound
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.runtime.change import Change, Outcome, write
from argosy.store.actor import actor
from argosy.store.admission import Admission
from argosy.store.base import Query, Store
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock

Reconcile = Callable[[Key], Awaitable[Outcome]]


@dataclass
class Project:
    """The project `p`, driven by hand."""

    store: Store
    clock: FakeClock

    def key(self, kind: str, name: str) -> Key:
        return Key(kind, "" if kind in ("Project", "Namespace") else "p", name)

    async def get(self, kind: str, name: str) -> Mapping[str, Any]:
        return (await self.store.get(self.key(kind, name))).data

    async def status(self, kind: str, name: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = (await self.get(kind, name)).get("status") or {}
        return found

    async def condition(self, kind: str, name: str, type: str) -> tuple[str, str] | None:
        """Status and reason of a condition."""
        for item in (await self.status(kind, name)).get("conditions") or []:
            if item["type"] == type:
                return item["status"], item["reason"]
        return None

    async def set_status(self, kind: str, name: str, **status: Any) -> None:
        await self.store.patch(self.key(kind, name), {"status": status}, status=True)

    async def exists(self, kind: str, name: str) -> bool:
        try:
            await self.get(kind, name)
        except NotFound:
            return False
        return True

    async def names(self, kind: str) -> list[str]:
        return [item.key.name for item in (await self.store.list(Query(kind, "p"))).documents]

    async def events(self, *reasons: str) -> list[str]:
        """Reasons of the events there are, or the messages of those with the given reasons."""
        found = [item.data for item in (await self.store.list(Query("Event", "p"))).documents]
        found.sort(key=lambda item: int(item["metadata"]["resourceVersion"]))
        if reasons:
            return [item["message"] for item in found if item["reason"] in reasons]
        return [item["reason"] for item in found]

    async def freight(self, tag: str, **fields: Any) -> str:
        """Create Freight of an image; returns its name."""
        raw = freight("x", images=[{"repoURL": IMAGE, "tag": tag, "digest": "sha256:1"}], **fields)
        raw["metadata"] = {"namespace": "p", "generateName": "freight-"}
        del raw["discoveredAt"]
        return (await self.store.create(raw)).key.name

    async def promote(self, freight: str, to: str = "dev", **meta: Any) -> str:
        """Create a Promotion as a person would; returns its name."""
        raw = resource("Promotion", "x", spec={"stage": to, "freight": freight})
        raw["metadata"] = {"namespace": "p", "generateName": "promo-", **meta}
        return (await self.store.create(raw)).key.name

    async def turn(self, reconcile: Reconcile, key: Key) -> Outcome:
        """One reconcile, its changes written as a controller writes them."""
        token = actor.set("controller:test-controller")
        try:
            outcome = await reconcile(key)
            for change in outcome.changes:
                await write(self.store, change)
        finally:
            actor.reset(token)
        return outcome

    async def settle(self, reconcile: Reconcile, key: Key) -> Outcome:
        """Reconcile until a turn, a second later, changes nothing; returns that outcome. Fails when that never is."""
        changes: tuple[Change, ...] = ()
        for _ in range(12):
            await self.clock.advance(1)
            outcome = await self.turn(reconcile, key)
            changes = outcome.changes
            if not changes and outcome.again_after != 0:
                return outcome
        raise AssertionError(f"{key} never comes to rest; it wants {changes}")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def project(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Project]:
    (tmp_path / "data").mkdir()
    url = f"sqlite:///{tmp_path / 'data' / 'argosy.db'}"
    store = Admission(open_store(url, KINDS, clock=clock, key_file=tmp_path / "keys" / "keys"), clock, Random(1))
    token = actor.set("admin")
    await store.create({"apiVersion": KARGO, "kind": "Project", "metadata": {"name": "p"}})
    yield Project(store, clock)
    actor.reset(token)
    await store.close()
