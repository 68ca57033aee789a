"""A Project with a short pipeline, for each test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from argosy.resources.meta import Document, Key
from argosy.store.base import Store
from argosy.testing.clock import FakeClock

KARGO = "kargo.akuity.io/v1alpha1"
STEPS = [{"uses": "fail", "as": "no", "config": {"message": "no"}}]
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Warehouse `app`, two pieces of Freight of it, and the Stages `dev` and `prod`, where `prod` is after `dev`."""

    store: Store
    client: httpx2.AsyncClient
    old: str
    new: str

    async def get(self, path: str, code: int = 200, **query: Any) -> Any:
        """What `path` below the Project answers, whose status must be `code`."""
        answer = await self.client.get(f"/v1beta1/projects/demo{path}", params=query)
        assert answer.status_code == code, answer.text
        return answer.json()

    async def post(self, path: str, body: Any = None, code: int = 200, **query: Any) -> Any:
        """As `get`, of a POST."""
        answer = await self.client.post(f"/v1beta1/projects/demo{path}", json=body, params=query)
        assert answer.status_code == code, answer.text
        return answer.json() if answer.content else None

    async def kept(self, kind: str, name: str) -> Document:
        return await self.store.get(Key(kind, "demo", name))

    async def status(self, kind: str, name: str, **status: Any) -> None:
        """Write parts of a status, as controllers do."""
        await self.store.patch(Key(kind, "demo", name), {"status": status}, status=True)

    async def verified(self, freight: str, stage: str) -> None:
        await self.status("Freight", freight, verifiedIn={stage: {"verifiedAt": "2026-01-01T00:00:00Z"}})


def of(kind: str, name: str, **rest: Any) -> Data:
    return {"apiVersion": KARGO, "kind": kind, "metadata": {"name": name, "namespace": "demo"}, **rest}


def stage(name: str, *upstream: str) -> Data:
    sources = {"stages": list(upstream)} if upstream else {"direct": True}
    requested = [{"origin": {"kind": "Warehouse", "name": "app"}, "sources": sources}]
    return of("Stage", name, spec={"requestedFreight": requested, "promotionTemplate": {"spec": {"steps": STEPS}}})


def freight(tag: str, alias: str, found: str) -> Data:
    image = {"repoURL": "registry.example.com/app", "tag": tag, "digest": f"sha256:{tag}"}
    return of(
        "Freight", "made", origin={"kind": "Warehouse", "name": "app"}, images=[image], alias=alias, discoveredAt=found
    )


@pytest.fixture
async def pipeline(store: Store, client: httpx2.AsyncClient, clock: FakeClock) -> Pipeline:
    await store.create({"apiVersion": KARGO, "kind": "Project", "metadata": {"name": "demo"}})
    subscription = {"image": {"repoURL": "registry.example.com/app", "imageSelectionStrategy": "SemVer"}}
    await store.create(of("Warehouse", "app", spec={"subscriptions": [subscription]}))
    old = await store.create(freight("1.9.0", "old-one", "2026-01-01T00:00:00Z"))
    new = await store.create(freight("1.10.0", "new-one", "2026-01-02T00:00:00Z"))
    for each in (stage("dev"), stage("prod", "dev"), stage("qa", "dev")):
        await store.create(each)
    return Pipeline(store, client, old.key.name, new.key.name)
