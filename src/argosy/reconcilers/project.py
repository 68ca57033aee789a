"""Projects: their Namespace, the roles in it, and their counts at a glance."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace

from argosy.clock import Clock
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import FINALIZER, TRUE, ConditionType, Label
from argosy.resources.project import HealthStats, KindStats, Project, ProjectStats, ProjectStatus
from argosy.rules.condition import Conditions
from argosy.rules.project import adoption, is_kept, is_ours, namespace_of
from argosy.rules.project_role import (
    PROJECT_ADMIN,
    ProjectRoles,
    cluster_wide,
    correction,
    must_be_replaced,
    project_of,
    wanted,
)
from argosy.runtime.change import Changes, Outcome
from argosy.runtime.controller import Watch, wish
from argosy.store.base import Operator, Query, Requirement, Store
from argosy.store.typed import find

LOOK_AGAIN = 10.0
"""Seconds after which a Project looks again whether its Namespace has gone; it is told, too."""

PAUSE = 2.0
"""Seconds between two counts of what is in a Project: when many Stages become healthy, not each is counted anew."""

NAMESPACES = Query("Namespace", labels=(Requirement(Label.PROJECT, Operator.IN, (TRUE,)),))
"""The Namespaces of Projects, also those that were kept when their Project went."""


class ProjectReconciler:
    """Reconciles Projects.

    Admission makes the Namespace together with the Project; here it is made where nobody did, adopted where somebody
    else did, and taken along when the Project goes.
    """

    def __init__(self, store: Store, clock: Clock, roles: ProjectRoles | None = None) -> None:
        self._store = store
        self._clock = clock
        self._roles = ProjectRoles() if roles is None else roles
        self._looked: dict[str, tuple[int, float]] = {}

    @property
    def watches(self) -> tuple[Watch, ...]:
        """What concerns Projects besides themselves."""
        return (
            Watch(Query("Stage"), self.of_namespaced, well),
            Watch(Query("Warehouse"), self.of_namespaced, well),
            Watch(Query("Namespace"), self.of_namespace, wish),
            *(Watch(Query(kind), self.of_role, content) for kind in self._roles.kinds),
        )

    async def reconcile(self, key: Key) -> Outcome:
        document = await find(self._store, key)
        namespace = await find(self._store, Key("Namespace", "", key.name))
        changes = Changes()
        if document is None:
            self._let_go(namespace, changes)
            return changes.outcome()
        project = document.parse(Project)
        if project.metadata.deletion_timestamp is not None:
            return await self._leave(project, namespace, changes)
        if namespace is not None and is_ours(namespace) and namespace.meta.get("deletionTimestamp"):
            changes.delete(key, uid=document.uid)
            return changes.outcome()
        if FINALIZER not in project.metadata.finalizers:
            finalizers = [*project.metadata.finalizers, FINALIZER]
            changes.patch(key, {"metadata": {"finalizers": finalizers}}, version=document.version)
            return changes.outcome(0)
        if namespace is not None and not is_ours(namespace):
            # Whoever took the label away has taken the Namespace: it waits for us no longer.
            self._release(namespace, changes)
            return self._stall(project, changes)
        return await self._sync(project, namespace, changes)

    async def _sync(self, project: Project, namespace: Document | None, changes: Changes) -> Outcome:
        """Make what is missing, in turns of their own; with everything there, count."""
        conditions = self._conditions(project)
        if namespace is None:
            changes.create(namespace_of(project.name), unless_exists=True)
        elif patch := adoption(namespace):
            changes.patch(namespace.key, patch, version=namespace.version)
        elif (pause := self._pause(project)) > 0:
            return changes.outcome(pause)
        else:
            await self._add_roles(project, changes)
        if changes.items:
            return self._announce(project, conditions, changes)
        conditions.remove(ConditionType.STALLED)
        conditions.remove(ConditionType.RECONCILING)
        conditions.set(ConditionType.READY, True, "Synced", "Project is synced and ready for use")
        stats = ProjectStats(
            warehouses=await self._count("Warehouse", project.name), stages=await self._count("Stage", project.name)
        )
        self._status(project, conditions, changes, stats=stats)
        self._looked[project.metadata.uid] = project.metadata.generation, self._clock.monotonic()
        return changes.outcome()

    def _pause(self, project: Project) -> float:
        """Seconds until roles and counts are looked at again."""
        generation, moment = self._looked.get(project.metadata.uid, (0, 0.0))
        return moment + PAUSE - self._clock.monotonic() if generation == project.metadata.generation else 0.0

    async def _add_roles(self, project: Project, changes: Changes) -> None:
        documents = wanted(project, await self._present_roles())
        keys = [Key.of(document) for document in documents]
        found = await asyncio.gather(*(find(self._store, key) for key in keys))
        for key, document, present in zip(keys, documents, found, strict=True):
            if present is None:
                changes.create(document, unless_exists=True)
            elif present.meta.get("deletionTimestamp"):
                continue  # it comes anew when it has gone
            elif must_be_replaced(document, present):
                changes.delete(key, uid=present.uid)
            elif patch := correction(document, present):
                changes.patch(key, patch, version=present.version)

    async def _present_roles(self) -> ProjectRoles:
        """Without the binding of a ClusterRole that is not there: a cluster would refuse it."""
        roles = self._roles
        if not roles.system or await find(self._store, Key("ClusterRole", "", PROJECT_ADMIN)):
            return roles
        return replace(roles, system="")

    def _announce(self, project: Project, conditions: Conditions, changes: Changes) -> Outcome:
        """Say first that it is not ready yet: what hinders the changes leaves that as it is, and is logged."""
        ready = conditions.get(ConditionType.READY)
        if ready is None or ready.status != "True":
            message = "Ensuring project namespace and permissions"
            conditions.remove(ConditionType.STALLED)
            conditions.set(ConditionType.RECONCILING, True, "Syncing", message)
            conditions.set(ConditionType.READY, False, "Syncing", message)
            told = Changes()
            self._status(project, conditions, told)
            changes.items[:0] = told.items
        return changes.outcome(0)

    def _stall(self, project: Project, changes: Changes) -> Outcome:
        """Somebody else has the Namespace; whoever labels it gives it away, and wakes us."""
        conditions = self._conditions(project)
        label = Label.PROJECT.value
        problem = f"Namespace {project.name!r} already exists but is not labeled as a Project namespace"
        conditions.set(
            ConditionType.STALLED, True, "ExistingNamespaceMissingLabel", f"{problem}: label it {label}=true"
        )
        conditions.set(ConditionType.READY, False, "EnsuringNamespaceFailed", problem)
        self._status(project, conditions, changes)
        return changes.outcome()

    def _conditions(self, project: Project) -> Conditions:
        meta = project.metadata
        return Conditions(project.status.conditions, generation=meta.generation, now=self._clock.now())

    @staticmethod
    def _status(
        project: Project, conditions: Conditions, changes: Changes, *, stats: ProjectStats | None = None
    ) -> None:
        new: dict[str, object] = {"conditions": conditions.result}
        if stats is not None:
            new["stats"] = stats
        status: ProjectStatus = project.status.model_copy(update=new)
        changes.status(Key("Project", "", project.name), project.status, status)

    async def _count(self, kind: str, namespace: str) -> KindStats:
        """How many there are; Stages that only pass Freight on do not count."""
        states = [well(item) for item in (await self._store.list(Query(kind, namespace))).documents]
        counted = [state for state in states if state is not None]
        return KindStats(count=len(counted), health=HealthStats(healthy=sum(counted)))

    async def _leave(self, project: Project, namespace: Document | None, changes: Changes) -> Outcome:
        """Delete the Namespace with everything in it, unless it is to be kept; go when it has gone."""
        if FINALIZER not in project.metadata.finalizers:
            return changes.outcome()
        self._looked.pop(project.metadata.uid, None)
        if self._roles.people:
            for key in cluster_wide(project.name):
                if (found := await find(self._store, key)) is not None:
                    changes.delete(key, uid=found.uid)
        if namespace is not None and not is_ours(namespace):
            self._release(namespace, changes)
        elif namespace is not None:
            kept = is_kept(project, namespace)
            if not namespace.meta.get("deletionTimestamp") and not kept:
                changes.delete(namespace.key, uid=namespace.uid)
            self._release(namespace, changes)
            if not kept:
                return changes.outcome(LOOK_AGAIN)
        left = [name for name in project.metadata.finalizers if name != FINALIZER]
        changes.patch(Key("Project", "", project.name), {"metadata": {"finalizers": left or None}})
        return changes.outcome()

    def _let_go(self, namespace: Document | None, changes: Changes) -> None:
        """A Namespace that is being deleted does not wait for a Project that is not there."""
        if namespace is not None and namespace.meta.get("deletionTimestamp"):
            self._release(namespace, changes)

    def _release(self, namespace: Document, changes: Changes) -> None:
        present = namespace.meta.get("finalizers") or []
        if FINALIZER in present:
            left = [name for name in present if name != FINALIZER]
            changes.patch(namespace.key, {"metadata": {"finalizers": left or None}})

    async def of_namespaced(self, document: Document) -> Iterable[Key]:
        """The Project of a resource in its Namespace."""
        return [Key("Project", "", document.key.namespace)]

    async def of_namespace(self, document: Document) -> Iterable[Key]:
        return [Key("Project", "", document.key.name)]

    async def of_role(self, document: Document) -> Iterable[Key]:
        """The Project that came with an account, a role or a binding; whose are others is nobody's concern."""
        name = project_of(document.key)
        return [Key("Project", "", name)] if name else []


def content(document: Document) -> Json:
    """What an account, a role or a binding says, as against what is said about it."""
    return {name: value for name, value in document.data.items() if name not in ("metadata", "status")}


def well(document: Document) -> bool | None:
    """Whether a Stage or a Warehouse is healthy; None for a Stage that only passes Freight on."""
    if document.key.kind == "Stage" and not _steps(document.data.get("spec") or {}):
        return None
    conditions = (document.data.get("status") or {}).get("conditions") or []
    return any(item.get("type") == ConditionType.HEALTHY and item.get("status") == "True" for item in conditions)


def _steps(spec: Mapping[str, Json]) -> Json:
    return ((spec.get("promotionTemplate") or {}).get("spec") or {}).get("steps")
