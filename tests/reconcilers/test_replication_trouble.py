"""Shared Secrets where one Project is in trouble: the others do not wait for it, and nobody turns in circles."""

from __future__ import annotations

from typing import Any

import pytest
from tests.reconcilers.conftest import Project
from tests.reconcilers.test_replication import KEY, SHARED, add_project, become_ready, secret, token

from argosy.errors import Denied, NotFound, Temporary, Unavailable
from argosy.reconcilers.replication import ReplicationReconciler
from argosy.resources.meta import Document, Key
from argosy.store.base import Store, Unreadable

REPLICA = Key("Secret", "p", "x")


class Barred:
    """A store that refuses what is named to be done with the replica in the Project `p`."""

    def __init__(self, inner: Store, error: Exception, *barred: str) -> None:
        self._inner = inner
        self._error = error
        self._barred = barred

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def get(self, key: Key) -> Document:
        self._check("get", key)
        return await self._inner.get(key)

    async def create(self, document: Any, *, dry_run: bool = False) -> Document:
        self._check("create", Key.of(document))
        return await self._inner.create(document, dry_run=dry_run)

    async def delete(self, key: Key, **how: Any) -> Document:
        self._check("delete", key)
        return await self._inner.delete(key, **how)

    async def version(self) -> int:
        if "version" in self._barred:
            raise self._error
        return await self._inner.version()

    def _check(self, what: str, key: Key) -> None:
        if what in self._barred and key == REPLICA:
            raise self._error


def barred(project: Project, *what: str, error: Exception | None = None) -> ReplicationReconciler:
    store: Any = Barred(project.store, error or Denied("exceeded quota"), *what)
    project.store = store
    return ReplicationReconciler(store, project.clock, "Secret", SHARED)


@pytest.fixture
async def secrets(project: Project) -> ReplicationReconciler:
    await project.store.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHARED}})
    await become_ready(project, "p")
    await add_project(project, "q")
    await project.store.create(secret())
    return ReplicationReconciler(project.store, project.clock, "Secret", SHARED)


@pytest.mark.parametrize("what", ["get", "create"])
@pytest.mark.parametrize("error", [Denied("not here"), Unreadable("not here"), Unavailable("not here")])
async def test_a_project_that_refuses_keeps_no_other_from_what_is_shared(
    project: Project, secrets: ReplicationReconciler, what: str, error: Exception
) -> None:
    await project.turn(secrets.reconcile, KEY)
    with pytest.raises(Temporary, match="1 of 2 Projects are not up to date, such as p: not here"):
        await project.turn(barred(project, what, error=error).reconcile, KEY)
    assert await token(project, "q") == "one"


@pytest.mark.parametrize("what", ["get", "delete"])
async def test_a_project_that_refuses_keeps_no_other_replica_from_going(
    project: Project, secrets: ReplicationReconciler, what: str
) -> None:
    await project.settle(secrets.reconcile, KEY)
    await project.store.delete(KEY)
    with pytest.raises(Temporary, match="1 of 2 Projects"):
        await project.turn(barred(project, what).reconcile, KEY)
    assert await token(project, "q") is None
    assert await token(project, SHARED) == "one", "it waits for the other one"


@pytest.mark.parametrize("error", [Denied("no"), Unreadable("no")])
async def test_a_namespace_without_project_and_without_rights_does_not_hold_the_source(
    project: Project, secrets: ReplicationReconciler, error: Exception
) -> None:
    await project.turn(secrets.reconcile, KEY)
    await project.store.delete(Key("Project", "", "p"))
    await project.store.delete(KEY)
    await project.settle(barred(project, "get", error=error).reconcile, KEY)
    with pytest.raises(NotFound):
        await project.store.get(KEY)


async def test_a_store_that_is_away_is_no_matter_of_one_project(
    project: Project, secrets: ReplicationReconciler
) -> None:
    await project.turn(secrets.reconcile, KEY)
    with pytest.raises(Unavailable):
        await project.turn(barred(project, "get", "version", error=Unavailable("nobody answers")).reconcile, KEY)


async def test_a_replica_that_must_be_replaced_and_is_held_is_asked_to_go_later_and_not_in_circles(
    project: Project, secrets: ReplicationReconciler
) -> None:
    await project.settle(secrets.reconcile, KEY)
    held = {"metadata": {"finalizers": ["example.com/hold"]}, "immutable": True}
    await project.store.patch(REPLICA, held)
    await project.store.patch(KEY, {"stringData": {"token": "two"}})
    with pytest.raises(Temporary, match="does not go"):
        await project.turn(secrets.reconcile, KEY)
    assert await token(project, "q") == "two"
    await project.store.patch(REPLICA, {"metadata": {"finalizers": None}})
    await project.settle(secrets.reconcile, KEY)
    assert await token(project, "p") == "two"
