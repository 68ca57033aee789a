"""Shared Secrets and ConfigMaps in the real store: into every Project, kept up, and gone with their source."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from tests.reconcilers.conftest import Project
from tests.rules.pipeline_case import KARGO

from argosy.errors import NotFound
from argosy.reconcilers.replication import ReplicationReconciler, is_ready
from argosy.resources.meta import Document, Key
from argosy.runtime.change import Outcome, Patch

SHARED = "kargo-shared-resources"
KEY, CONFIG = Key("Secret", SHARED, "x"), Key("ConfigMap", SHARED, "x")
FROM = "kargo.akuity.io/replicated-from"
READY = {"conditions": [{"type": "Ready", "status": "True", "reason": "Synced", "message": ""}]}


def secret(namespace: str = SHARED, **meta: Any) -> dict[str, Any]:
    labels = {"kargo.akuity.io/cred-type": "generic"}
    annotations = {"kargo.akuity.io/replicate-to": "*"} if namespace == SHARED else {}
    whole = {"name": "x", "namespace": namespace, "labels": labels, "annotations": annotations, **meta}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": whole, "stringData": {"token": "one"}}


async def add_project(project: Project, name: str) -> None:
    await project.store.create({"apiVersion": KARGO, "kind": "Project", "metadata": {"name": name}})
    await become_ready(project, name)


async def become_ready(project: Project, name: str) -> None:
    await project.store.patch(Key("Project", "", name), {"status": READY}, status=True)


async def token(project: Project, namespace: str) -> str | None:
    """What a Project's Secret holds; None when there is none."""
    try:
        found = await project.store.get(Key("Secret", namespace, "x"))
    except NotFound:
        return None
    return base64.b64decode(found.data["data"]["token"]).decode()


@pytest.fixture
async def secrets(project: Project) -> ReplicationReconciler:
    await project.store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHARED}})
    await project.store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "elsewhere"}})
    await become_ready(project, "p")
    await add_project(project, "q")
    return ReplicationReconciler(project.store, project.clock, "Secret", SHARED)


async def test_it_goes_into_every_project_and_nowhere_else(project: Project, secrets: ReplicationReconciler) -> None:
    await project.store.create(secret())
    await project.settle(secrets.reconcile, KEY)
    assert [await token(project, name) for name in ("p", "q", "elsewhere")] == ["one", "one", None]
    assert (await project.store.get(KEY)).meta["finalizers"] == ["kargo.akuity.io/finalizer"]


async def test_a_change_of_the_source_arrives(project: Project, secrets: ReplicationReconciler) -> None:
    await project.store.create(secret())
    await project.settle(secrets.reconcile, KEY)
    await project.store.patch(KEY, {"stringData": {"token": "two"}})
    await project.settle(secrets.reconcile, KEY)
    assert [await token(project, name) for name in ("p", "q")] == ["two", "two"]


async def test_what_was_changed_in_a_project_is_put_right(project: Project, secrets: ReplicationReconciler) -> None:
    await project.store.create(secret())
    await project.settle(secrets.reconcile, KEY)
    await project.store.patch(Key("Secret", "p", "x"), {"stringData": {"token": "mine"}})
    await project.store.delete(Key("Secret", "q", "x"))
    await project.settle(secrets.reconcile, KEY)
    assert [await token(project, name) for name in ("p", "q")] == ["one", "one"]


async def test_a_secret_of_the_project_is_never_touched(project: Project, secrets: ReplicationReconciler) -> None:
    await project.store.create({**secret("p"), "stringData": {"token": "mine"}})
    await project.store.create(secret())
    await project.settle(secrets.reconcile, KEY)
    assert [await token(project, name) for name in ("p", "q")] == ["mine", "one"]
    await project.store.delete(KEY)
    await project.settle(secrets.reconcile, KEY)
    assert [await token(project, name) for name in ("p", "q")] == ["mine", None]


@pytest.mark.parametrize(
    "end",
    ["deleted", "no longer annotated", "no longer credentials"],
)
async def test_replicas_go_when_the_source_is_one_no_longer(
    project: Project, secrets: ReplicationReconciler, end: str
) -> None:
    await project.store.create(secret())
    await project.settle(secrets.reconcile, KEY)
    if end == "deleted":
        await project.store.delete(KEY)
        assert await token(project, SHARED) == "one", "it waits for its replicas"
    else:
        annotated = end == "no longer annotated"
        part, name = ("annotations", "replicate-to") if annotated else ("labels", "cred-type")
        await project.store.patch(KEY, {"metadata": {part: {f"kargo.akuity.io/{name}": None}}})
    await project.settle(secrets.reconcile, KEY)
    assert [await token(project, name) for name in ("p", "q")] == [None, None]
    assert await token(project, SHARED) == (None if end == "deleted" else "one")


async def test_replicas_go_before_the_source_does(project: Project, secrets: ReplicationReconciler) -> None:
    await project.store.create(secret())
    await project.settle(secrets.reconcile, KEY)
    await project.store.delete(KEY)
    (change,) = (await secrets.reconcile(KEY)).changes
    assert (type(change), await token(project, "p"), await token(project, SHARED)) == (Patch, None, "one")


async def test_a_replica_in_a_namespace_that_was_kept_goes_too(
    project: Project, secrets: ReplicationReconciler
) -> None:
    await project.store.create(secret())
    await project.settle(secrets.reconcile, KEY)
    await project.store.delete(Key("Project", "", "q"))
    assert await token(project, "q") == "one"
    await project.store.delete(KEY)
    await project.settle(secrets.reconcile, KEY)
    assert await token(project, "q") is None


async def test_a_type_that_changed_is_made_anew(project: Project, secrets: ReplicationReconciler) -> None:
    await project.store.create(secret())
    await project.settle(secrets.reconcile, KEY)
    await project.store.delete(KEY)
    await project.store.patch(KEY, {"metadata": {"finalizers": None}})
    await project.store.create({**secret(), "type": "example.com/other"})
    await project.settle(secrets.reconcile, KEY)
    found = await project.store.get(Key("Secret", "p", "x"))
    assert (found.data["type"], await token(project, "p")) == ("example.com/other", "one")


async def test_config_maps_are_replicated_without_a_label(project: Project, secrets: ReplicationReconciler) -> None:
    meta = {"name": "x", "namespace": SHARED, "annotations": {"kargo.akuity.io/replicate-to": "*"}}
    await project.store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": {"region": "eu"}})
    maps = ReplicationReconciler(project.store, project.clock, "ConfigMap", SHARED)
    await project.settle(maps.reconcile, CONFIG)
    found = await project.store.get(Key("ConfigMap", "q", "x"))
    assert (found.data["data"], found.meta["labels"][FROM]) == ({"region": "eu"}, "x")


async def test_what_is_not_to_be_replicated_stays_as_it_is(project: Project, secrets: ReplicationReconciler) -> None:
    await project.store.create(secret(annotations={}))
    assert await project.turn(secrets.reconcile, KEY) == Outcome()
    assert await project.turn(secrets.reconcile, Key("Secret", SHARED, "gone")) == Outcome()


async def test_a_project_that_becomes_ready_is_given_what_there_is(
    project: Project, secrets: ReplicationReconciler
) -> None:
    await project.store.create(secret())
    await project.store.create(secret(name="y", annotations={}))
    await project.store.create({"apiVersion": KARGO, "kind": "Project", "metadata": {"name": "r"}})
    new = await project.store.get(Key("Project", "", "r"))
    assert await secrets.of_project(new) == []
    await project.settle(secrets.reconcile, KEY)
    assert await token(project, "r") is None
    await become_ready(project, "r")
    assert await secrets.of_project(await project.store.get(new.key)) == [KEY]
    await project.settle(secrets.reconcile, KEY)
    assert await token(project, "r") == "one"


def test_a_project_that_goes_is_not_ready() -> None:
    going = {"kind": "Project", "metadata": {"name": "p", "deletionTimestamp": "2026-01-01T00:00:00Z"}, "status": READY}
    assert not is_ready(Document.of(going))
    assert is_ready(Document.of({"kind": "Project", "metadata": {"name": "p"}, "status": READY}))
