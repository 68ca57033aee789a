"""Projects and what is shared between them, in the whole system."""

from __future__ import annotations

import asyncio
import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from argosy.app.project import retention_limits
from argosy.clock import rfc3339
from argosy.errors import Invalid
from argosy.resources.meta import Key
from argosy.rules.retention import Limit
from argosy.testing.clock import FakeClock
from argosy.testing.pipeline import Pipeline, running, settings_in

SHARED = "kargo-shared-resources"
PROJECT = "apiVersion: kargo.akuity.io/v1alpha1\nkind: Project\nmetadata: {name: demo}\n"


def config(**data: str) -> dict[str, Any]:
    meta = {"name": "x", "namespace": SHARED, "annotations": {"kargo.akuity.io/replicate-to": "*"}}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def secret(token: str) -> dict[str, Any]:
    meta = {**config()["metadata"], "labels": {"kargo.akuity.io/cred-type": "generic"}}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": {"token": token}}


async def replicated(pipeline: Pipeline, kind: str, **data: str) -> None:
    """Wait until the Project holds a replica with this content."""
    await pipeline.until(kind, "x", lambda found: found["data"] == data)


async def test_what_is_shared_comes_into_a_project_whichever_is_first_and_is_kept_up(tmp_path: Path) -> None:
    async with running(settings_in(tmp_path), "demo") as pipeline:
        store = pipeline.system.store
        await store.create(secret("one"))
        await pipeline.apply(PROJECT)
        await replicated(pipeline, "Secret", token=base64.b64encode(b"one").decode())
        await store.create(config(region="eu"))
        await replicated(pipeline, "ConfigMap", region="eu")
        await store.patch(Key("ConfigMap", SHARED, "x"), {"data": {"region": "us"}})
        await replicated(pipeline, "ConfigMap", region="us")
        await store.patch(Key("Secret", SHARED, "x"), {"stringData": {"token": "two"}})
        await replicated(pipeline, "Secret", token=base64.b64encode(b"two").decode())


async def test_namespaces_for_what_is_shared_are_there_from_the_start(tmp_path: Path) -> None:
    async with running(settings_in(tmp_path), "demo") as pipeline:
        for name in ("kargo-shared-resources", "kargo-system-resources"):
            assert (await pipeline.system.store.get(Key("Namespace", "", name))).meta.get("labels") is None


async def test_argosys_own_binding_comes_back_by_itself_also_where_people_have_no_roles(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, controller_account="argosy/argosy", project_roles=False)
    async with running(settings, "demo") as pipeline:
        await pipeline.apply(PROJECT)
        before = await pipeline.until("RoleBinding", "argosy-project", lambda _: True)
        await pipeline.until("Project", "demo", lambda found: "stats" in (found.get("status") or {}))
        await pipeline.system.store.delete(Key("RoleBinding", "demo", "argosy-project"))
        uid = before["metadata"]["uid"]
        await pipeline.until("RoleBinding", "argosy-project", lambda found: found["metadata"]["uid"] != uid)


@pytest.mark.parametrize("account", ["argosy", "argosy/", "/argosy"])
async def test_an_account_that_is_none_is_refused(tmp_path: Path, account: str) -> None:
    with pytest.raises(Invalid, match="names no ServiceAccount"):
        async with running(settings_in(tmp_path, controller_account=account), "demo"):
            pass


async def test_a_role_that_is_deleted_comes_back_by_itself(tmp_path: Path) -> None:
    async with running(settings_in(tmp_path), "demo") as pipeline:
        await pipeline.apply(PROJECT)
        before = await pipeline.until("Role", "kargo-admin", lambda _: True)
        await pipeline.system.store.delete(Key("Role", "demo", "kargo-admin"))
        uid = before["metadata"]["uid"]
        await pipeline.until("Role", "kargo-admin", lambda role: role["metadata"]["uid"] != uid)


def event(clock: FakeClock) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": "e", "namespace": "demo"},
        "involvedObject": {"kind": "Stage", "name": "dev"},
        "lastTimestamp": rfc3339(clock.now()),
    }


async def pass_minutes(pipeline: Pipeline, clock: FakeClock, minutes: int) -> None:
    """Let time pass, minute by minute, and all that it wakes come to its end."""
    for _ in range(minutes):
        await clock.advance(60)
        await asyncio.sleep(0.02)
        async with asyncio.timeout(60):
            while not pipeline.system.idle:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


async def test_an_idle_hour_writes_nothing(tmp_path: Path) -> None:
    """With Projects, roles and replicas to look after, and a round of retention that finds nothing due."""
    clock = FakeClock(datetime.now(UTC).replace(microsecond=0))
    async with running(settings_in(tmp_path, retention_interval=600), "demo", clock=clock) as pipeline:
        store = pipeline.system.store
        await pipeline.apply(PROJECT)
        await store.create(secret("one"))
        await store.create(config(region="eu"))
        await store.create(event(clock))
        await replicated(pipeline, "Secret", token=base64.b64encode(b"one").decode())
        await replicated(pipeline, "ConfigMap", region="eu")
        await pass_minutes(pipeline, clock, 2)
        version = await store.version()
        await pass_minutes(pipeline, clock, 60)
        assert await store.version() == version


async def test_events_go_when_their_time_has_come(tmp_path: Path) -> None:
    clock = FakeClock()
    async with running(settings_in(tmp_path, event_ttl=1800), "demo", clock=clock) as pipeline:
        await pipeline.apply(PROJECT)
        await pipeline.system.store.create(event(clock))
        await pass_minutes(pipeline, clock, 60)
        assert [item["metadata"]["name"] for item in await pipeline.list("Event")] == ["e"], "the next round takes it"
        await pass_minutes(pipeline, clock, 2)
        for _ in range(500):
            if not await pipeline.list("Event"):
                break
            await asyncio.sleep(0.01)
        assert await pipeline.list("Event") == []


async def test_nothing_goes_where_nobody_wants_it(tmp_path: Path) -> None:
    clock = FakeClock()
    async with running(settings_in(tmp_path, event_ttl=1, retention_interval=0), "demo", clock=clock) as pipeline:
        await pipeline.apply(PROJECT)
        await pipeline.system.store.create(event(clock))
        await pass_minutes(pipeline, clock, 3)
        assert len(await pipeline.list("Event")) == 1


def test_what_is_kept_is_what_kargo_keeps_and_events_as_the_store_needs(tmp_path: Path) -> None:
    embedded = retention_limits(settings_in(tmp_path))
    fortnight = Limit(20, 1_209_600)
    assert (embedded.promotions, embedded.freight, embedded.every) == (fortnight, fortnight, 3600)
    assert embedded.event_ttl == 604_800
    assert retention_limits(settings_in(tmp_path, event_ttl=0)).event_ttl is None
    assert retention_limits(settings_in(tmp_path, store="kubernetes://")).event_ttl is None
