"""Projects and what is shared between them, in the whole system."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from argosy.resources.meta import Key
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


async def test_a_role_that_is_deleted_comes_back_by_itself(tmp_path: Path) -> None:
    async with running(settings_in(tmp_path), "demo") as pipeline:
        await pipeline.apply(PROJECT)
        before = await pipeline.until("Role", "kargo-admin", lambda _: True)
        await pipeline.system.store.delete(Key("Role", "demo", "kargo-admin"))
        uid = before["metadata"]["uid"]
        await pipeline.until("Role", "kargo-admin", lambda role: role["metadata"]["uid"] != uid)
