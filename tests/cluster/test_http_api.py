"""The operations that read more than one resource, where a real API server keeps them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.cluster.content_case import install, open_on

from argosy.api.app import create_app
from argosy.api.authentication.bearer import Authentication
from argosy.api.backend import Backend
from argosy.clock import SystemClock
from argosy.engine.log import Logs
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.store.admission import Admission
from argosy.store.base import Store
from argosy.testing.cluster import Cluster, running_cluster

pytestmark = pytest.mark.xdist_group("http-api-cluster")

TOKEN, PROJECT = "the-server's-own", "explained"
LABELS = {"kargo.akuity.io/project": "true"}
KARGO = "kargo.akuity.io/v1alpha1"
IMAGE = "registry.example.com/app"


def of(kind: str, name: str, **rest: Any) -> dict[str, Any]:
    return {"apiVersion": KARGO, "kind": kind, "metadata": {"name": name, "namespace": PROJECT}, **rest}


def stage(name: str, *upstream: str) -> dict[str, Any]:
    sources = {"stages": list(upstream)} if upstream else {"direct": True}
    requested = [{"origin": {"kind": "Warehouse", "name": "app"}, "sources": sources}]
    steps = [{"uses": "fail", "config": {"message": "no"}}]
    return of("Stage", name, spec={"requestedFreight": requested, "promotionTemplate": {"spec": {"steps": steps}}})


def freight(tag: str, found: str) -> dict[str, Any]:
    image = {"repoURL": IMAGE, "tag": tag, "digest": f"sha256:{tag}"}
    origin = {"kind": "Warehouse", "name": "app"}
    return of("Freight", "made", origin=origin, images=[image], alias=f"v{tag}", discoveredAt=found)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster of its own, in which everything is installed."""
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        asyncio.run(install(running))
        yield running


@pytest.fixture
async def store(cluster: Cluster) -> AsyncIterator[Store]:
    clock = SystemClock()
    kept = Admission(open_on(cluster, clock), clock, random.Random(1))
    await kept.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": PROJECT, "labels": LABELS}})
    await kept.create({"apiVersion": KARGO, "kind": "Project", "metadata": {"name": PROJECT}})
    await kept.create(of("Warehouse", "app", spec={"subscriptions": [{"image": {"repoURL": IMAGE}}]}))
    yield kept
    await kept.close()


@pytest.fixture
async def caller(store: Store, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    clock = SystemClock()
    backend = Backend(store, Logs(tmp_path, clock))
    app = create_app(backend, KINDS, authentication=Authentication(TOKEN), clock=clock, version="0.1.0")
    headers = {"Authorization": f"Bearer {TOKEN}"}
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="https://argosy", headers=headers) as made:
        yield made


async def test_what_runs_why_not_and_the_way_back(store: Store, caller: httpx2.AsyncClient) -> None:
    old = (await store.create(freight("1.0.0", "2026-01-01T00:00:00Z"))).key.name
    new = (await store.create(freight("1.1.0", "2026-01-02T00:00:00Z"))).key.name
    for each in (stage("dev"), stage("prod", "dev")):
        await store.create(each)
    references = {name: {"name": name, "origin": {"kind": "Warehouse", "name": "app"}} for name in (old, new)}
    images = {old: "1.0.0", new: "1.1.0"}
    collections = [
        {"id": name, "items": {"Warehouse/app": {**reference, "images": [{"repoURL": IMAGE, "tag": images[name]}]}}}
        for name, reference in ((new, references[new]), (old, references[old]))
    ]
    await store.patch(Key("Stage", PROJECT, "dev"), {"status": {"freightHistory": collections}}, status=True)

    async def get(path: str, **query: Any) -> Any:
        answer = await caller.get(f"/v1beta1/projects/{PROJECT}{path}", params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    explained = await get("/stages/prod/explain")
    assert [each["alias"] for each in explained["candidates"]] == ["v1.1.0", "v1.0.0"]
    assert all(not each["available"] and each["reasons"] for each in explained["candidates"])
    places = {each["stage"]: each["state"] for each in (await get(f"/freight/{old}/explain"))["stages"]}
    assert (places["dev"], places["prod"] != "here") == ("was", True)
    assert [each["id"] for each in (await get("/stages/dev/history"))["items"]] == [new, old]
    pipeline = await get("/pipeline", freight=1)
    assert [each["alias"] for each in pipeline["freight"]] == ["v1.1.0"]
    first = await get("/freight", limit=1, reverse="true")
    rest = await get("/freight", limit=1, reverse="true", **{"continue": first["metadata"]["continue"]})
    assert [told["groups"][""]["items"][0]["alias"] for told in (first, rest)] == ["v1.1.0", "v1.0.0"]
    for told in (await get("/matrix"), (await caller.get("/v1beta1/matrix")).json()):
        columns = [each["stage"] for each in told["stages"]]
        (row,) = told["rows"]
        assert row["cells"][columns.index("dev")]["version"] == "1.1.0"
    back = await caller.post(f"/v1beta1/projects/{PROJECT}/stages/dev/rollback", json={})
    assert back.status_code == 201, back.text
    (made,) = (await get("/promotions", stage="dev", reverse="true"))["items"]
    assert made["spec"]["freight"] == old
