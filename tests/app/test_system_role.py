"""The embedded server has the roles of an installation, as its settings say, however often it starts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from argosy.app.rights import everywhere, open_rights
from argosy.app.system_role import ensure_system_roles
from argosy.resources.kinds import KINDS
from argosy.resources.meta import Key
from argosy.resources.project import Project
from argosy.rules.authorization import Action
from argosy.rules.project_role import ProjectRoles, wanted
from argosy.settings import Settings
from argosy.store.admission import Admission
from argosy.store.base import Query, Store
from argosy.store.principal import Principal
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock

SYSTEM = "kargo-system-resources"
ADMIN = Key("ServiceAccount", SYSTEM, "kargo-admin")
CLAIMS = "rbac.kargo.akuity.io/claims"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    (tmp_path / "data").mkdir()
    url, clock = f"sqlite:///{tmp_path}/data/argosy.db", FakeClock()
    made = Admission(open_store(url, KINDS, clock=clock, key_file=tmp_path / "keys"), clock, Random(1))
    for name in (SYSTEM, "kargo-shared-resources"):
        await made.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield made
    await made.close()


async def test_they_are_made_once_and_put_right_when_they_are_otherwise(store: Store, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, oidc_admins='{"groups": ["platform"]}')
    await ensure_system_roles(store, settings)
    before = await store.version()
    await ensure_system_roles(store, settings)
    assert await store.version() == before
    viewer, binding = Key("ClusterRole", "", "kargo-viewer"), Key("ClusterRoleBinding", "", "kargo-user")
    kept = (await store.get(viewer)).data["rules"]
    await store.patch(viewer, {"rules": []})
    await store.patch(binding, {"subjects": []})
    await store.delete(ADMIN)
    await ensure_system_roles(store, settings)
    assert (await store.get(viewer)).data["rules"] == kept
    assert len((await store.get(binding)).data["subjects"]) == 1
    assert (await store.get(ADMIN)).meta["annotations"] == {CLAIMS: settings.oidc_admins}


async def test_without_a_system_namespace_there_are_none(store: Store, tmp_path: Path) -> None:
    await ensure_system_roles(store, Settings(data=tmp_path, system_namespace=""))
    assert (await store.list(Query("ClusterRole"))).documents == []


async def test_people_are_admins_by_their_claims_in_every_project_and_nowhere_else(
    store: Store, tmp_path: Path
) -> None:
    settings = Settings(data=tmp_path, oidc_admins='{"groups": ["platform"]}', oidc_users='{"email": ["jane"]}')
    await ensure_system_roles(store, settings)
    project = await store.create({"apiVersion": KARGO, "kind": "Project", "metadata": {"name": "demo"}})
    for document in wanted(project.parse(Project), ProjectRoles(system=SYSTEM)):
        await store.create(document)
    async with open_rights(settings, store, FakeClock()) as rights:
        platform = Principal("jo", accounts=await rights.accounts({"sub": "1", "groups": ["platform"]}))
        user = Principal("jane", accounts=await rights.accounts({"sub": "2", "email": "jane"}))
        assert platform.accounts == {(SYSTEM, "kargo-admin")}
        assert user.accounts == {(SYSTEM, "kargo-user")}
        for action, who in (
            (Action("promote", "stages", "demo", "prod", "kargo.akuity.io"), [platform]),
            (Action("get", "secrets", "demo", "s"), [platform]),
            (Action("get", "secrets", SYSTEM, "s"), [platform]),
            (Action("get", "secrets", "default", "s"), []),
            (Action("list", "projects", group="kargo.akuity.io"), [platform, user]),
            (Action("delete", "projects", "", "demo", "kargo.akuity.io"), [platform]),
        ):
            assert [each for each in (platform, user) if await rights.allows(action, each)] == who, action


KARGO = "kargo.akuity.io/v1alpha1"


def test_further_namespaces_count_everywhere_where_the_settings_say_so(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, global_account_namespaces="kargo, people,")
    assert everywhere(settings) == {SYSTEM, "kargo", "people"}
    assert everywhere(Settings(data=tmp_path, system_namespace="")) == frozenset()
