"""The store for principals where a real cluster keeps the resources, and judges by its own roles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from tests.cluster.content_case import install
from tests.store.permission_case import acting, binding, member, of_kind, role, rule, stage, user, warehouse

from argosy.app.rights import open_rights
from argosy.clock import SystemClock
from argosy.errors import Denied
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Document, Key
from argosy.resources.project import Project
from argosy.rules.project_role import ProjectRoles, wanted
from argosy.settings import Settings
from argosy.store.admission import Admission
from argosy.store.base import Query
from argosy.store.kubernetes import open_kubernetes
from argosy.store.permission import Permitted
from argosy.store.principal import Principal
from argosy.store.rights import Rights
from argosy.testing.cluster import running_cluster

PROJECT = "permitted"
ADMIN, VIEWER = member("admin", PROJECT), member("viewer", PROJECT)
CLAIMS = {"metadata": {"annotations": {"rbac.kargo.akuity.io/claims": '{"groups": ["devs"]}'}}}
DEV = Key("Stage", PROJECT, "dev")


@dataclass(frozen=True)
class World:
    """A Project in a cluster, with the roles that it comes with."""

    bare: Admission
    rights: Rights
    store: Permitted


@pytest.fixture
async def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    with running_cluster(tmp_path / "cluster") as cluster:
        await install(cluster)
        monkeypatch.setenv("KUBECONFIG", str(cluster.kubeconfig()))
        clock = SystemClock()
        bare = Admission(open_kubernetes("kubernetes://", KINDS, clock=clock), clock, Random(1))
        project = await bare.create(of_kind("Project", PROJECT))
        for document in wanted(project.parse(Project), ProjectRoles()):
            await bare.create(document)
        await bare.create(warehouse(PROJECT))
        await bare.create(stage("dev", PROJECT))
        async with open_rights(Settings(data=tmp_path, store="kubernetes://"), bare, clock) as rights:
            yield World(bare, rights, Permitted(bare, rights))
        await bare.close()


async def allowed(deed: Callable[[], Awaitable[Document]]) -> Document:
    """An API server knows of a role in a moment, and a refusal holds for some seconds."""
    async with asyncio.timeout(30):
        while True:
            try:
                return await deed()
            except Denied:
                await asyncio.sleep(0.2)


async def test_a_cluster_judges_whoever_uses_the_store(here: World) -> None:
    with acting(VIEWER):
        await allowed(lambda: here.store.get(DEV))
        assert [each.key for each in (await here.store.list(Query("Stage", PROJECT))).documents] == [DEV]
        for deed in (
            lambda: here.store.patch(DEV, {"metadata": {"labels": {"a": "b"}}}),
            lambda: here.store.list(Query("Stage")),
            lambda: here.store.list(Query("Secret", PROJECT)),
            lambda: here.rights.require("promote", "stages", PROJECT, "dev"),
        ):
            with pytest.raises(Denied, match="is forbidden"):
                await deed()
    with acting(ADMIN):
        await allowed(lambda: here.store.patch(DEV, {"metadata": {"labels": {"a": "b"}}}))
        await here.rights.require("promote", "stages", PROJECT, "dev")
        made = await here.store.create(role("mine", [rule("stages", "get list promote")], PROJECT))
        for rules in ([rule("stages/status", "patch")], [rule("*", "*", "*")]):
            with pytest.raises(Denied, match="nobody may grant"):
                await here.store.patch(made.key, {"rules": rules})
        with pytest.raises(Denied, match="nobody may grant"):
            await here.store.create(binding("b", "ClusterRole", "cluster-admin", user("jane"), PROJECT))
        await here.store.create(binding("jane", "Role", "mine", user("jane"), PROJECT))
        await here.store.patch(Key("ServiceAccount", PROJECT, "kargo-viewer"), CLAIMS)
    assert await here.rights.accounts({"groups": ["devs"]}) == {(PROJECT, "kargo-viewer")}
    with acting(Principal("kubernetes:jane", user="jane")):
        await allowed(lambda: here.store.get(DEV))
    with acting(None), pytest.raises(Denied):
        await here.store.get(DEV)
