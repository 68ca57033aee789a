"""Projects in the real store: counts at a glance, and a Namespace that comes and goes with its Project."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from tests.reconcilers.conftest import Project
from tests.rules.pipeline_case import Raw, resource, stage, warehouse

from argosy.reconcilers.project import PAUSE, ProjectReconciler, well
from argosy.resources.meta import Document, Key
from argosy.resources.project import Project as ProjectResource
from argosy.rules.project_role import ProjectRoles, wanted
from argosy.runtime.change import Outcome, Patch, write
from argosy.store.base import Query

KEY, NAMESPACE = Key("Project", "", "p"), Key("Namespace", "", "p")
FINALIZER, KEEP = "kargo.akuity.io/finalizer", "kargo.akuity.io/keep-namespace"
HEALTHY = {"conditions": [{"type": "Healthy", "status": "True", "reason": "x", "message": ""}]}
SICK = {"conditions": [{"type": "Healthy", "status": "False", "reason": "x", "message": ""}]}


@pytest.fixture
def projects(project: Project) -> ProjectReconciler:
    return ProjectReconciler(project.store, project.clock)


async def test_a_project_becomes_ready_and_comes_to_rest(project: Project, projects: ProjectReconciler) -> None:
    await project.settle(projects.reconcile, KEY)
    await project.clock.advance(PAUSE)
    assert await project.turn(projects.reconcile, KEY) == Outcome()
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
    await project.clock.advance(PAUSE)
    await project.settle(projects.reconcile, KEY)
    assert (await project.status("Project", "p"))["stats"]["stages"] == {"count": 2}


async def test_it_counts_now_and_then_however_much_changes(project: Project, projects: ProjectReconciler) -> None:
    await project.settle(projects.reconcile, KEY)
    await project.clock.advance(PAUSE)
    await project.turn(projects.reconcile, KEY)
    await project.store.create(warehouse())
    await project.clock.advance(PAUSE / 2)
    outcome = await project.turn(projects.reconcile, KEY)
    assert outcome == Outcome(again_after=PAUSE / 2)
    await project.clock.advance(PAUSE / 2)
    await project.turn(projects.reconcile, KEY)
    assert (await project.status("Project", "p"))["stats"]["warehouses"] == {"count": 1}


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


async def test_a_deleted_project_waits_for_its_namespace(project: Project, projects: ProjectReconciler) -> None:
    await project.settle(projects.reconcile, KEY)
    held = {"name": "held", "namespace": "p", "finalizers": ["example.com/hold"]}
    await project.store.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": held})
    await project.store.delete(KEY)
    await project.settle(projects.reconcile, KEY)
    assert "finalizers" not in (await project.get("Namespace", "p"))["metadata"]
    assert (await project.get("Project", "p"))["metadata"]["finalizers"] == [FINALIZER]
    await project.store.patch(Key("ConfigMap", "p", "held"), {"metadata": {"finalizers": None}})
    await gone(project, projects, "Project")
    assert not await project.exists("Namespace", "p")


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
    meta = (await project.get("Namespace", "p"))["metadata"]
    assert ("deletionTimestamp" in meta, "finalizers" in meta) == (False, False)


async def test_a_namespace_that_was_taken_away_can_be_deleted_and_is_made_anew(
    project: Project, projects: ProjectReconciler
) -> None:
    """It waited for ever for its Project, which took no notice of what was not its own any more."""
    await project.settle(projects.reconcile, KEY)
    uid = (await project.get("Namespace", "p"))["metadata"]["uid"]
    await project.store.patch(NAMESPACE, {"metadata": {"labels": {"kargo.akuity.io/project": None}}})
    await project.store.delete(NAMESPACE)
    await gone(project, projects, "Namespace")
    await project.settle(projects.reconcile, KEY)
    assert (await project.get("Namespace", "p"))["metadata"]["uid"] != uid
    assert await project.condition("Project", "p", "Ready") == ("True", "Synced")


async def kept(project: Project) -> dict[Key, Mapping[str, Any]]:
    """Every account, role and binding there is."""
    found: dict[Key, Mapping[str, Any]] = {}
    for kind in ("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"):
        found |= {item.key: item.data for item in (await project.store.list(Query(kind))).documents}
    return found


async def test_it_comes_with_its_roles(project: Project) -> None:
    roles = ProjectRoles(account="argosy/argosy")
    await project.settle(ProjectReconciler(project.store, project.clock, roles).reconcile, KEY)
    found = await kept(project)
    parsed = (await project.store.get(KEY)).parse(ProjectResource)
    assert set(found) == {Key.of(document) for document in wanted(parsed, roles)}
    assert len(found) == 12


async def test_roles_can_be_left_out(project: Project) -> None:
    projects = ProjectReconciler(project.store, project.clock, ProjectRoles(people=False))
    assert not [watch for watch in projects.watches if watch.query.kind not in ("Stage", "Warehouse", "Namespace")]
    await project.settle(projects.reconcile, KEY)
    assert await kept(project) == {}
    assert await project.condition("Project", "p", "Ready") == ("True", "Synced")


async def test_it_says_that_it_is_not_ready_before_it_makes_anything(
    project: Project, projects: ProjectReconciler
) -> None:
    await project.turn(projects.reconcile, KEY)  # the finalizer
    outcome = await projects.reconcile(KEY)
    first, *others = outcome.changes
    assert isinstance(first, Patch)
    assert first.status
    await write(project.store, first)
    assert await project.condition("Project", "p", "Ready") == ("False", "Syncing")
    assert await project.condition("Project", "p", "Reconciling") == ("True", "Syncing")
    assert len((await projects.reconcile(KEY)).changes) == len(others), "told once only"
    await project.settle(projects.reconcile, KEY)
    assert await project.condition("Project", "p", "Reconciling") is None


async def test_roles_that_were_changed_or_deleted_come_back_and_it_stays_ready(
    project: Project, projects: ProjectReconciler
) -> None:
    await project.settle(projects.reconcile, KEY)
    before = await kept(project)
    admin, viewer = Key("Role", "p", "kargo-admin"), Key("RoleBinding", "p", "kargo-viewer")
    account = Key("ServiceAccount", "p", "kargo-promoter")
    claims = {"rbac.kargo.akuity.io/claims": '{"groups":["ops"]}'}
    await project.store.patch(admin, {"rules": []})
    await project.store.patch(account, {"metadata": {"annotations": claims}})
    await project.store.delete(viewer)
    await project.clock.advance(PAUSE)
    await project.turn(projects.reconcile, KEY)
    assert await project.condition("Project", "p", "Ready") == ("True", "Synced")
    after = await kept(project)
    assert after[admin]["rules"] == before[admin]["rules"]
    assert after[viewer]["subjects"] == before[viewer]["subjects"]
    assert after[account]["metadata"]["annotations"].items() > claims.items()


async def test_a_binding_that_leads_to_another_role_is_made_anew(project: Project, projects: ProjectReconciler) -> None:
    """Else who may only look could do everything, by a binding of a name that everybody trusts."""
    await project.settle(projects.reconcile, KEY)
    viewer = Key("RoleBinding", "p", "kargo-viewer")
    before = dict((await project.store.get(viewer)).data)
    await project.store.delete(viewer)
    other = {**before, "roleRef": {**before["roleRef"], "name": "kargo-admin"}}
    other["metadata"] = {"name": viewer.name, "namespace": "p", "finalizers": ["example.com/hold"]}
    await project.store.create(other)
    await project.clock.advance(PAUSE)
    await project.turn(projects.reconcile, KEY)
    assert (await project.store.get(viewer)).meta["deletionTimestamp"]
    assert (await project.turn(projects.reconcile, KEY)).again_after != 0, (
        "what is held does not make it turn in circles"
    )
    await project.store.patch(viewer, {"metadata": {"finalizers": None}})
    await project.clock.advance(PAUSE)
    await project.turn(projects.reconcile, KEY)
    assert (await project.store.get(viewer)).data["roleRef"] == before["roleRef"]


async def test_what_is_outside_of_the_namespace_goes_with_the_project(
    project: Project, projects: ProjectReconciler
) -> None:
    await project.settle(projects.reconcile, KEY)
    await project.store.create(
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "other"}}
    )
    await project.store.delete(KEY)
    await gone(project, projects, "Project")
    assert list(await kept(project)) == [Key("ClusterRole", "", "other")]


async def test_a_namespace_that_is_missing_is_made(project: Project, projects: ProjectReconciler) -> None:
    await project.settle(projects.reconcile, KEY)
    await project.store.patch(NAMESPACE, {"metadata": {"finalizers": None}})
    await project.store.delete(NAMESPACE)
    for _ in range(500):
        if not await project.exists("Namespace", "p"):
            break
        await asyncio.sleep(0.002)
    await project.settle(projects.reconcile, KEY)
    made = (await project.get("Namespace", "p"))["metadata"]
    assert (made["labels"], made["finalizers"]) == ({"kargo.akuity.io/project": "true"}, [FINALIZER])
    assert Key("Role", "p", "kargo-admin") in await kept(project)


async def test_a_namespace_of_somebody_else_stalls_it_until_it_is_given_away(
    project: Project, projects: ProjectReconciler
) -> None:
    await project.store.patch(NAMESPACE, {"metadata": {"labels": None, "finalizers": None}})
    await project.settle(projects.reconcile, KEY)
    assert await project.condition("Project", "p", "Stalled") == ("True", "ExistingNamespaceMissingLabel")
    assert await project.condition("Project", "p", "Ready") == ("False", "EnsuringNamespaceFailed")
    assert await kept(project) == {}
    await project.store.patch(NAMESPACE, {"metadata": {"labels": {"kargo.akuity.io/project": "true"}}})
    await project.settle(projects.reconcile, KEY)
    assert await project.condition("Project", "p", "Stalled") is None
    assert await project.condition("Project", "p", "Ready") == ("True", "Synced")
    assert (await project.get("Namespace", "p"))["metadata"]["finalizers"] == [FINALIZER]


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
    for namespace_, name, found in (("q", "kargo-admin", [Key("Project", "", "q")]), ("q", "somebody", [])):
        meta = {"name": name, "namespace": namespace_}
        assert await projects.of_role(Document.of({"kind": "Role", "metadata": meta, "rules": []})) == found
