"""Projects on a real API server, which Argosy looks after with few rights: Namespaces, roles, and what is shared."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cluster.content_case import install
from tests.cluster.project_case import ACCOUNT, SHARED, Asked, account_kubeconfig, condition, ready, rights
from tests.rules.pipeline_case import KARGO, freight, warehouse

from argosy.app.system import System
from argosy.clock import SystemClock
from argosy.reconcilers.retention import Retention, RetentionLimits
from argosy.rules.retention import Limit
from argosy.store.base import Query
from argosy.testing.cluster import running_cluster
from argosy.testing.kubectl import Kubectl
from argosy.testing.pipeline import running, settings_in

pytestmark = pytest.mark.xdist_group("project-cluster")

FINALIZER, LABEL = "kargo.akuity.io/finalizer", "kargo.akuity.io/project"
KEEP = "kargo.akuity.io/keep-namespace"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """A cluster of its own, that empties deleted namespaces, with an account for Argosy."""
    folder = tmp_path_factory.mktemp("projects")
    with running_cluster(folder) as cluster:
        asyncio.run(install(cluster))
        cluster.start_controllers()
        kubectl = Kubectl(cluster.kubeconfig(), folder)
        done = kubectl("apply", "-f", "-", stdin=rights())
        assert done.code == 0, done.err
        account_kubeconfig(cluster, kubectl, folder)
        yield Asked(cluster, kubectl)


@pytest.fixture
async def system(asked: Asked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[System]:
    """Argosy, turning as its ServiceAccount."""
    monkeypatch.setenv("KUBECONFIG", str(asked.cluster.folder / "account"))
    settings = settings_in(tmp_path, store="kubernetes://", controller_account="argosy/argosy")
    async with running(settings, "") as pipeline:
        yield pipeline.system


def project(name: str, **meta: Any) -> dict[str, Any]:
    return {"apiVersion": KARGO, "kind": "Project", "metadata": {"name": name, **meta}}


async def made(asked: Asked, name: str, **meta: Any) -> None:
    """Create a Project as a user does, where no webhook makes its Namespace; wait until it is ready."""
    await asked.apply(project(name, **meta))
    await asked.until(ready, "project", name)


WHO_MAY = [
    ("kargo-admin", ("promote", "stages.kargo.akuity.io"), True),
    ("kargo-admin", ("get", "secrets"), True),
    ("kargo-admin", ("create", "rolebindings"), True),
    ("kargo-admin", ("update", "promotions.kargo.akuity.io"), False),
    ("kargo-promoter", ("promote", "stages.kargo.akuity.io/dev"), True),
    ("kargo-promoter", ("create", "promotions.kargo.akuity.io"), True),
    ("kargo-promoter", ("patch", "freights.kargo.akuity.io", "--subresource=status"), True),
    ("kargo-promoter", ("get", "secrets"), False),
    ("kargo-promoter", ("delete", "stages.kargo.akuity.io"), False),
    ("kargo-viewer", ("watch", "stages.kargo.akuity.io"), True),
    ("kargo-viewer", ("promote", "stages.kargo.akuity.io"), False),
    ("kargo-viewer", ("get", "secrets"), False),
]


async def test_roles_grant_what_they_say_in_their_project_and_nowhere_else(asked: Asked, system: System) -> None:
    await made(asked, "roles")
    await made(asked, "others")
    accounts = "system:serviceaccount:roles:"
    answers = await asyncio.gather(*(asked.may(accounts + who, *what, "-n", "roles") for who, what, _ in WHO_MAY))
    assert [(who, what, answer) for (who, what, _), answer in zip(WHO_MAY, answers, strict=True)] == WHO_MAY
    for what in (("promote", "stages.kargo.akuity.io", "-n", "others"), ("delete", "projects.kargo.akuity.io/others")):
        assert not await asked.may(accounts + "kargo-admin", *what)
    assert await asked.may(accounts + "kargo-admin", "delete", "projects.kargo.akuity.io/roles")
    assert not await asked.may(accounts + "kargo-promoter", "delete", "projects.kargo.akuity.io/roles")


async def test_argosy_reads_secrets_in_projects_and_nowhere_else(asked: Asked, system: System) -> None:
    await made(asked, "own")
    assert await asked.may(ACCOUNT, "list", "secrets", "-n", "own")
    assert await asked.may(ACCOUNT, "list", "secrets", "-n", SHARED)
    for place in ("default", "kube-system", "argosy"):
        assert not await asked.may(ACCOUNT, "get", "secrets", "-n", place)


async def test_a_role_that_was_changed_is_put_right(asked: Asked, system: System) -> None:
    await made(asked, "mended")
    before = await asked.get("role", "kargo-viewer", "-n", "mended")
    await asked("patch", "role", "kargo-viewer", "-n", "mended", "--type=merge", "-p", '{"rules": []}')
    await asked("delete", "serviceaccount", "kargo-admin", "-n", "mended")
    await asked.until(lambda role: role["rules"] == before["rules"], "role", "kargo-viewer", "-n", "mended")
    await asked.until(lambda account: account is not None, "serviceaccount", "kargo-admin", "-n", "mended")


async def test_a_deleted_project_waits_until_its_namespace_is_empty(asked: Asked, system: System) -> None:
    await made(asked, "ordered")
    held = {"name": "held", "namespace": "ordered", "finalizers": ["example.com/hold"]}
    await asked.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": held})
    await asked("delete", "project", "ordered", "--wait=false")
    namespace = await asked.until(
        lambda found: found["metadata"].get("deletionTimestamp") and "finalizers" not in found["metadata"],
        *("namespace", "ordered"),
    )
    assert namespace["status"]["phase"] == "Terminating"
    left = (await asked.get("project", "ordered"))["metadata"]
    assert (bool(left.get("deletionTimestamp")), left["finalizers"]) == (True, [FINALIZER])
    await asked("patch", "configmap", "held", "-n", "ordered", "--type=merge", "-p", '{"metadata":{"finalizers":null}}')
    await asked.until(lambda found: found is None, "project", "ordered")
    assert await asked.get("namespace", "ordered") is None
    for kind in ("clusterrole", "clusterrolebinding"):
        assert await asked.get(kind, "kargo-project-admin-ordered") is None


async def test_a_namespace_that_is_to_be_kept_stays_and_is_taken_over_again(asked: Asked, system: System) -> None:
    await made(asked, "kept", annotations={KEEP: "true"})
    uid = (await asked.get("namespace", "kept"))["metadata"]["uid"]
    await asked("delete", "project", "kept", "--wait=false")
    await asked.until(lambda found: found is None, "project", "kept")
    meta = (await asked.get("namespace", "kept"))["metadata"]
    assert (meta["uid"], "deletionTimestamp" in meta, "finalizers" in meta) == (uid, False, False)
    await made(asked, "kept")
    meta = (await asked.get("namespace", "kept"))["metadata"]
    assert (meta["uid"], meta["finalizers"]) == (uid, [FINALIZER])


async def test_a_deleted_namespace_takes_its_project_along(asked: Asked, system: System) -> None:
    await made(asked, "below")
    await asked("delete", "namespace", "below", "--wait=false")
    await asked.until(lambda found: found is None, "project", "below")
    await asked.until(lambda found: found is None, "namespace", "below")


async def test_a_namespace_is_adopted_when_it_is_labelled(asked: Asked, system: System) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "before"}}
    await asked.apply(namespace, project("before"))
    await asked.until(lambda found: condition(found, "Stalled") == "True", "project", "before")
    assert await asked.get("role", "kargo-admin", "-n", "before") is None
    await asked("label", "namespace", "before", f"{LABEL}=true")
    found = await asked.until(ready, "project", "before")
    assert condition(found, "Stalled") == ""
    assert (await asked.get("namespace", "before"))["metadata"]["finalizers"] == [FINALIZER]


async def test_what_is_shared_follows_its_source_into_every_project(asked: Asked, system: System) -> None:
    await made(asked, "first")
    meta = {
        "name": "login",
        "namespace": SHARED,
        "labels": {"kargo.akuity.io/cred-type": "generic"},
        "annotations": {"kargo.akuity.io/replicate-to": "*"},
    }
    source = {"apiVersion": "v1", "kind": "Secret", "metadata": meta}

    def holds(token: str) -> Any:
        return lambda found: found and base64.b64decode(found["data"]["token"]).decode() == token

    await asked.apply({**source, "stringData": {"token": "one"}})
    before = await asked.until(holds("one"), "secret", "login", "-n", "first")
    await made(asked, "second")
    await asked.until(holds("one"), "secret", "login", "-n", "second")
    assert await asked.get("secret", "login", "-n", "first") == before, "what is right is not written again"
    # A patch of the values alone: Kubernetes counts no generations of Secrets.
    await asked("patch", "secret", "login", "-n", SHARED, "--type=merge", "-p", '{"data":{"token":"dHdv"}}')
    for name in ("first", "second"):
        await asked.until(holds("two"), "secret", "login", "-n", name)
    await asked("delete", "secret", "login", "-n", SHARED, "--wait=false")
    await asked.until(lambda found: found is None, "secret", "login", "-n", SHARED)
    for name in ("first", "second"):
        assert await asked.get("secret", "login", "-n", name) is None


async def test_old_freight_is_deleted_and_the_newest_is_not(asked: Asked, system: System) -> None:
    await made(asked, "tidy")
    store = system.store
    image = "127.0.0.1:1/acme/web"  # nobody is there
    subscribed = warehouse("w", {"image": {"repoURL": image}})
    await store.create({**subscribed, "metadata": {"name": "w", "namespace": "tidy"}})
    names = []
    for day in range(1, 5):
        images = [{"repoURL": image, "tag": f"1.0.{day}", "digest": "sha256:1"}]
        raw = freight("x", images=images, discoveredAt=f"2026-01-0{day}T00:00:00Z")
        raw["metadata"] = {"namespace": "tidy", "generateName": "f-"}
        names.append((await store.create(raw)).key.name)
    limits = RetentionLimits(Limit(1, 3600), Limit(1, 3600), event_ttl=None, every=3600)
    assert await Retention(store, SystemClock(), limits).collect() == 3
    assert [found.key.name for found in (await store.list(Query("Freight", "tidy"))).documents] == names[3:]
