"""Shared Secrets and ConfigMaps: those that say so are replicated into the Namespace of every Project."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from argosy.clock import Clock
from argosy.reconcilers.project import NAMESPACES
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import FINALIZER, ConditionType
from argosy.rules.replication import (
    has_finalizer,
    is_current,
    is_replica,
    is_source,
    must_be_replaced,
    replica,
    update,
)
from argosy.runtime.change import Changes, Outcome
from argosy.runtime.controller import Watch, wish
from argosy.store.base import Query, Store
from argosy.store.typed import find


class ReplicationReconciler:
    """Reconciles the resources of one kind in the shared namespace.

    Replicas are read by name, Namespace for Namespace, so that no permission is needed outside of Projects.
    """

    def __init__(self, store: Store, clock: Clock, kind: str, namespace: str) -> None:
        self._store = store
        self._clock = clock
        self._kind = kind
        self._namespace = namespace

    @property
    def watches(self) -> tuple[Watch, ...]:
        """A Project that has become ready has a Namespace to replicate into, and the permission to."""
        return (Watch(Query("Project"), self.of_project, is_ready),)

    async def reconcile(self, key: Key) -> Outcome:
        source = await find(self._store, key)
        changes = Changes()
        if source is None:
            return changes.outcome()
        if source.meta.get("deletionTimestamp") or not is_source(source):
            if has_finalizer(source):
                await self._withdraw(source, changes)
            return changes.outcome()
        if not has_finalizer(source):
            finalizers = [*(source.meta.get("finalizers") or ()), FINALIZER]
            changes.patch(key, {"metadata": {"finalizers": finalizers}}, version=source.version)
            return changes.outcome(0)
        for project in (await self._store.list(Query("Project"))).documents:
            if is_ready(project):
                await self._replicate(source, project.key.name, changes)
        return changes.outcome(0 if changes.items else None)

    async def _replicate(self, source: Document, namespace: str, changes: Changes) -> None:
        key = Key(self._kind, namespace, source.key.name)
        found = await find(self._store, key)
        if found is None:
            changes.create(replica(source, namespace, now=self._clock.now()), unless_exists=True)
        elif not is_replica(found, source.key) or is_current(found, source):
            return
        elif must_be_replaced(found, source):
            changes.delete(key, uid=found.uid)
        else:
            changes.patch(key, update(found, source, now=self._clock.now()), version=found.version)

    async def _withdraw(self, source: Document, changes: Changes) -> None:
        """Delete every replica, also where a Namespace was kept when its Project went; then let the source go."""
        async for found in self._replicas(source):
            changes.delete(found.key, uid=found.uid)
        left = [name for name in source.meta["finalizers"] if name != FINALIZER]
        changes.patch(source.key, {"metadata": {"finalizers": left or None}}, version=source.version)

    async def _replicas(self, source: Document) -> AsyncIterator[Document]:
        for namespace in (await self._store.list(NAMESPACES)).documents:
            found = await find(self._store, Key(self._kind, namespace.key.name, source.key.name))
            if found is not None and is_replica(found, source.key):
                yield found

    async def of_project(self, document: Document) -> Iterable[Key]:
        """Every source, when a Project has become ready."""
        if not is_ready(document):
            return []
        found = await self._store.list(Query(self._kind, self._namespace))
        return [source.key for source in found.documents if is_source(source)]


def is_ready(project: Document) -> bool:
    """Whether a Project is there to stay, with its Namespace and the roles in it."""
    if project.meta.get("deletionTimestamp"):
        return False
    conditions = (project.data.get("status") or {}).get("conditions") or []
    return any(item.get("type") == ConditionType.READY and item.get("status") == "True" for item in conditions)


def values(document: Document) -> Json:
    """What matters of a source: Kubernetes counts no generations of Secrets and ConfigMaps."""
    return [wish(document), *(document.data.get(name) for name in ("data", "binaryData", "type"))]
