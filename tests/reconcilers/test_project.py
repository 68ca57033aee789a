"""Projects in the real store: counts at a glance, and a Namespace that comes and goes with its Project."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.reconcilers.conftest import Project
from tests.rules.pipeline_case import Raw, resource, stage, warehouse

from argosy.reconcilers.project import ProjectReconciler, well
from argosy.resources.meta import Document, Key
from argosy.runtime.change import Outcome

KEY, NAMESPACE = Key("Project", "", "p"), Key("Namespace", "", "p")
FINALIZER, KEEP = "kargo.akuity.io/finalizer", "kargo.akuity.io/keep-namespace"
HEALTHY = {"conditions": [{"type": "Healthy", "status": "True", "reason": "x", "message": ""}]}
SICK = {"conditions": [{"type": "Healthy", "status": "False", "reason": "x", "message": ""}]}


@pytest.fixture
def projects(project: Project) -> ProjectReconciler:
    return ProjectReconciler(project.store, project.clock)


async def test_a_project_becomes_ready_and_comes_to_rest(project: Project, projects: ProjectReconciler) -> None:
    outcome = await project.settle(projects.reconcile, KEY)
    assert outcome.again_after is None
    assert (await project.get("Project", "p"))["metadata"]["finalizers"] == [FINALIZER]
    assert await project.condition("Project", "p", "Ready") == ("True", "Synced")
    assert "finalizers" in (await project.get("Namespace", "p"))["metadata"]


async def test_it_counts_what_is_in_it_and_what_is_well(project: Project, projects: ProjectReconciler) -> None:
    for name, status in (("a", HEALTHY), ("b", SICK), ("c", {})):
        await project.store.create(stage(name))
        await project.store.create(warehouse(name))
        await project.set_status("Stage", name, **status)
        await project.set_status("Warehouse", name, **status)
    await project.store.create(stage("gate", steps=()))
    await project.settle(projects.reconcile, KEY)
    counted = {"count": 3, "health": {"healthy": 1}}
    assert (await project.status("Project", "p"))["stats"] == {"warehouses": counted, "stages": counted}
    await project.store.delete(Key("Stage", "p", "a"))
    await project.settle(projects.reconcile, KEY)
    assert (await project.status("Project", "p"))["stats"]["stages"] == {"count": 2}


async def gone(project: Project, projects: ProjectReconciler, kind: str) -> None:
    """Reconcile until a resource has gone; the store empties a Namespace in steps of its own."""
    for _ in range(500):
        await project.turn(projects.reconcile, KEY)
        if not await project.exists(kind, "p"):
            return
        await asyncio.sleep(0.002)
    raise AssertionError(f"the {kind} stays")


async def test_a_deleted_project_takes_its_namespace_with_everything_along(
    project: Project, projects: ProjectReconciler
) -> None:
    await project.settle(projects.reconcile, KEY)
    await project.store.create(warehouse())
    await project.store.delete(KEY)
    assert await project.exists("Project", "p"), "it goes after its Namespace"
    await gone(project, projects, "Project")
    assert not await project.exists("Namespace", "p")
    assert await project.names("Warehouse") == []
    assert await project.turn(projects.reconcile, KEY) == Outcome()


@pytest.mark.parametrize("where", [KEY, NAMESPACE], ids=["said on the Project", "said on the Namespace"])
async def test_a_namespace_that_is_to_be_kept_stays_and_can_be_deleted_later(
    project: Project, projects: ProjectReconciler, where: Key
) -> None:
    await project.settle(projects.reconcile, KEY)
    await project.store.patch(where, {"metadata": {"annotations": {KEEP: "true"}}})
    await project.store.delete(KEY)
    await gone(project, projects, "Project")
    assert "finalizers" not in (await project.get("Namespace", "p"))["metadata"]
    await project.store.delete(NAMESPACE)
    assert not await project.exists("Namespace", "p")


async def test_a_deleted_namespace_takes_its_project_along(project: Project, projects: ProjectReconciler) -> None:
    await project.settle(projects.reconcile, KEY)
    await project.store.create(warehouse())
    await project.store.delete(NAMESPACE)
    await gone(project, projects, "Project")
    await gone(project, projects, "Namespace")


async def test_a_namespace_whose_project_is_gone_waits_for_nobody(
    project: Project, projects: ProjectReconciler
) -> None:
    await project.store.delete(KEY)
    assert not await project.exists("Project", "p")
    assert await project.turn(projects.reconcile, KEY) == Outcome(), "a Namespace nobody deletes is left alone"
    await project.store.delete(NAMESPACE)
    await gone(project, projects, "Namespace")


async def test_a_namespace_that_is_not_the_projects_is_left_alone(
    project: Project, projects: ProjectReconciler
) -> None:
    await project.settle(projects.reconcile, KEY)
    await project.store.patch(NAMESPACE, {"metadata": {"labels": {"kargo.akuity.io/project": None}}})
    await project.store.delete(KEY)
    await gone(project, projects, "Project")
    assert "deletionTimestamp" not in (await project.get("Namespace", "p"))["metadata"]


def document(raw: Raw, **status: Any) -> Document:
    return Document.of({**raw, "status": status})


def test_what_is_well() -> None:
    assert well(document(stage(), **HEALTHY)) is True
    assert well(document(stage(), **SICK)) is False
    assert well(document(stage())) is False
    assert well(document(stage(steps=()), **HEALTHY)) is None
    assert well(document(warehouse(), **HEALTHY)) is True
    assert well(document(warehouse(), **SICK)) is False


async def test_events_find_their_project(projects: ProjectReconciler) -> None:
    assert await projects.of_namespaced(document(stage())) == [KEY]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "p"}}
    assert await projects.of_namespace(Document.of(namespace)) == [KEY]
    assert await projects.of_namespaced(Document.of(resource("Stage", "x", namespace="q"))) == [Key("Project", "", "q")]
