"""Shared Secrets and ConfigMaps: those that say so are replicated into the Namespace of every Project."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence

from argosy.clock import Clock
from argosy.errors import ArgosyError, Conflict, Denied, Temporary, Unavailable
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
from argosy.runtime.change import Changes, Create, Delete, Outcome, Patch, write
from argosy.runtime.controller import Watch, wish
from argosy.store.base import Query, Store, Unreadable
from argosy.store.typed import find

log = logging.getLogger(__name__)

AT_ONCE = 10
"""In how many Namespaces something is done at the same time."""


class ReplicationReconciler:
    """Reconciles the resources of one kind in the shared namespace.

    Replicas are written here, Namespace by Namespace, and not returned as changes: of these the first that fails would
    hold up the others.

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
        projects = (await self._store.list(Query("Project"))).documents
        ready = [project.key.name for project in projects if is_ready(project)]
        await self._in_each(ready, lambda namespace: self._replicate(source, namespace))
        return changes.outcome()

    async def _in_each(self, namespaces: Sequence[str], act: Callable[[str], Awaitable[None]]) -> None:
        """Do something in each Namespace, also where it cannot be done in another: one Project's quota, or what holds
        its replica, is no concern of the others.

        Raises Unavailable where the store cannot serve; after all of them, Temporary when something was not done.
        """
        failed: list[tuple[str, ArgosyError]] = []

        async def attempt(namespace: str) -> None:
            try:
                await act(namespace)
            except ArgosyError as error:
                failed.append((namespace, error))

        for first in range(0, len(namespaces), AT_ONCE):
            await asyncio.gather(*(attempt(name) for name in namespaces[first : first + AT_ONCE]))
            if any(isinstance(error, Unavailable) for _, error in failed):
                await self._store.version()  # raises when not only what is in one Namespace cannot be had
        if failed:
            namespace, error = min(failed, key=lambda item: item[0])
            raise Temporary(
                f"{len(failed)} of {len(namespaces)} Projects are not up to date, such as {namespace}: {error.message}",
                advice=error.advice,
            )

    async def _replicate(self, source: Document, namespace: str) -> None:
        """Bring one Project up to date. Raises Conflict while a replica that must be replaced does not go."""
        key, now = Key(self._kind, namespace, source.key.name), self._clock.now()
        found = await find(self._store, key)
        if found is not None and (not is_replica(found, source.key) or is_current(found, source)):
            return
        if found is not None and not must_be_replaced(found, source):
            await write(self._store, Patch(key, update(found, source, now=now), version=found.version))
            return
        if found is not None:
            await write(self._store, Delete(key, found.uid))
            if await find(self._store, key) is not None:
                raise Conflict(f"{key} must be replaced and does not go: something holds it by a finalizer")
        await write(self._store, Create(replica(source, namespace, now=now), unless_exists=True))

    async def _withdraw(self, source: Document, changes: Changes) -> None:
        """Delete every replica, also where a Namespace was kept when its Project went; then let the source go."""
        namespaces = [found.key.name for found in (await self._store.list(NAMESPACES)).documents]
        projects = {found.key.name for found in (await self._store.list(Query("Project"))).documents}

        async def remove(namespace: str) -> None:
            key = Key(self._kind, namespace, source.key.name)
            try:
                found = await find(self._store, key)
                if found is not None and is_replica(found, source.key):
                    await write(self._store, Delete(key, found.uid))
            except (Denied, Unreadable) as error:
                # A Namespace that is labelled, and that no Project has given us rights in, got no replica either.
                if namespace in projects:
                    raise
                log.info("%s has no Project: it is not looked at for replicas: %s", namespace, error.message)

        await self._in_each(namespaces, remove)
        left = [name for name in source.meta["finalizers"] if name != FINALIZER]
        changes.patch(source.key, {"metadata": {"finalizers": left or None}}, version=source.version)

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
