"""A store with two Projects and the roles that they come with, for whoever is named."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from argosy.resources.kinds import KARGO, KINDS, RBAC
from argosy.resources.meta import Document
from argosy.resources.project import Project
from argosy.rules import system_role
from argosy.rules.project_role import ProjectRoles, wanted
from argosy.store.accounts import Accounts
from argosy.store.admission import Admission
from argosy.store.base import Store
from argosy.store.permission import Permitted
from argosy.store.principal import Principal, principal
from argosy.store.rights import Rights
from argosy.store.rights_kept import KeptRights
from argosy.store.sql import open_store
from argosy.testing.clock import FakeClock

V1 = f"{KARGO}/v1alpha1"
SYSTEM, SHARED = "kargo-system-resources", "kargo-shared-resources"
PROJECTS = ("demo", "other")

ROOT = Principal("admin", may_all=True)
NOBODY = Principal("email:nobody@example.com")


def member(role: str, project: str = "demo") -> Principal:
    """Somebody whose claims match one of the accounts of a Project."""
    return Principal(f"email:{role}@{project}", accounts=frozenset({(project, f"kargo-{role}")}))


def official(role: str) -> Principal:
    """Somebody whose claims match one of the accounts of the whole installation."""
    return Principal(f"email:{role}@{SYSTEM}", accounts=frozenset({(SYSTEM, f"kargo-{role}")}))


SYSTEM_ADMIN, SYSTEM_VIEWER, USER, CREATOR = map(official, ("admin", "viewer", "user", "project-creator"))
ADMIN, PROMOTER, VIEWER = member("admin"), member("promoter"), member("viewer")
STRANGER = member("admin", "other")


@contextlib.contextmanager
def acting(who: Principal | None) -> Iterator[None]:
    """Until the end of the block, the store is asked by somebody."""
    token = principal.set(who)
    try:
        yield
    finally:
        principal.reset(token)


@dataclass(frozen=True)
class World:
    """A store, bare of permissions and with them."""

    bare: Store
    rights: Rights
    store: Permitted

    async def put(self, document: dict[str, Any]) -> Document:
        """Create something of which the rights are known at once, instead of in a moment."""
        made = await self.bare.create(document)
        self.rights.learn(made)
        return made


@contextlib.asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """A world of one's own."""
    template = await asyncio.to_thread(_template)
    for part in ("data", "keys"):
        shutil.copytree(template / part, folder / part, dirs_exist_ok=True)
    clock = FakeClock()
    bare = _opened(folder, clock)
    rights = Rights(KeptRights(bare, clock), Accounts(bare, clock, {SYSTEM}))
    keeping = asyncio.create_task(rights.run())
    try:
        yield World(bare, rights, Permitted(bare, rights))
    finally:
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await bare.close()


@cache
def _template() -> Path:
    """Made once, and copied for every test."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    (folder / "data").mkdir()
    asyncio.run(_fill(folder))
    return folder


def _opened(folder: Path, clock: FakeClock) -> Store:
    url = f"sqlite:///{folder}/data/argosy.db"
    return Admission(open_store(url, KINDS, clock=clock, key_file=folder / "keys" / "keys"), clock, Random(1))


async def _fill(folder: Path) -> None:
    store = _opened(folder, FakeClock())
    await _made(store, [of_kind("Namespace", SYSTEM), of_kind("Namespace", SHARED)])
    await _made(store, [*system_role.wanted(system_role.SystemRoles(SYSTEM, SHARED)), *map(project, PROJECTS)])
    await asyncio.gather(*(_fill_project(store, name) for name in PROJECTS))
    await store.close()


async def _made(store: Store, documents: list[dict[str, Any]]) -> None:
    """All at once, which takes as long as one."""
    await asyncio.gather(*(store.create(document) for document in documents))


async def _fill_project(store: Store, name: str) -> None:
    """The roles of a Project, a Warehouse, Freight and two Stages."""
    roles = wanted(Project.model_validate(project(name)), ProjectRoles(system=SYSTEM))
    await _made(store, [*roles, warehouse(name), stage("dev", name), stage("prod", name, "dev")])
    await store.create(freight(name))


def project(name: str) -> dict[str, Any]:
    return of_kind("Project", name)


def of_kind(kind: str, name: str, namespace: str = "demo", **more: Any) -> dict[str, Any]:
    found = KINDS[kind]
    meta = {"name": name, **({"namespace": namespace} if found.namespaced else {})}
    return {"apiVersion": found.api_version, "kind": kind, "metadata": meta, **more}


def warehouse(namespace: str = "demo") -> dict[str, Any]:
    image = {"repoURL": "example.com/web", "constraint": "^1.0.0"}
    return of_kind("Warehouse", "web", namespace, spec={"subscriptions": [{"image": image}]})


def freight(namespace: str = "demo", tag: str = "1.0.0") -> dict[str, Any]:
    image = {"repoURL": "example.com/web", "tag": tag, "digest": "sha256:" + "a" * 64}
    return of_kind("Freight", "web", namespace, origin={"kind": "Warehouse", "name": "web"}, images=[image])


def stage(name: str, namespace: str = "demo", *upstream: str) -> dict[str, Any]:
    origin = {"kind": "Warehouse", "name": "web"}
    steps = [{"uses": "compose-output", "config": {"a": 1}}]
    spec = {
        "requestedFreight": [{"origin": origin, "sources": {"direct": True, "stages": [*upstream]}}],
        "promotionTemplate": {"spec": {"steps": steps}},
    }
    return of_kind("Stage", name, namespace, spec=spec)


def role(name: str, rules: list[dict[str, Any]], namespace: str = "demo") -> dict[str, Any]:
    return of_kind("Role", name, namespace, rules=rules)


def rule(resources: str, verbs: str, group: str = KARGO) -> dict[str, Any]:
    return {"apiGroups": [group], "resources": resources.split(), "verbs": verbs.split()}


def binding(name: str, kind: str, role_name: str, subject: dict[str, Any], namespace: str = "demo") -> dict[str, Any]:
    found = "RoleBinding" if namespace else "ClusterRoleBinding"
    reference = {"apiGroup": RBAC, "kind": kind, "name": role_name}
    return of_kind(found, name, namespace, roleRef=reference, subjects=[subject])


def user(name: str) -> dict[str, Any]:
    return {"kind": "User", "apiGroup": RBAC, "name": name}
