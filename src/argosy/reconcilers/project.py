"""Projects: their counts at a glance, and the Namespace that goes with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from argosy.clock import Clock
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import FINALIZER, TRUE, Annotation, ConditionType, Label
from argosy.resources.project import HealthStats, KindStats, Project, ProjectStats
from argosy.rules.condition import Conditions
from argosy.runtime.change import Changes, Outcome
from argosy.runtime.controller import Watch, wish
from argosy.store.base import Query, Store
from argosy.store.typed import find


class ProjectReconciler:
    """Reconciles Projects. Their Namespace is made at admission, so here it is only looked after."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    @property
    def watches(self) -> tuple[Watch, ...]:
        """What concerns Projects besides themselves."""
        return (
            Watch(Query("Stage"), self.of_namespaced, well),
            Watch(Query("Warehouse"), self.of_namespaced, well),
            Watch(Query("Namespace"), self.of_namespace, wish),
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
            return self._leave(project, namespace, changes)
        if namespace is not None and _is_ours(namespace) and namespace.meta.get("deletionTimestamp"):
            changes.delete(key, uid=document.uid)
            return changes.outcome()
        if FINALIZER not in project.metadata.finalizers:
            finalizers = [*project.metadata.finalizers, FINALIZER]
            changes.patch(key, {"metadata": {"finalizers": finalizers}}, version=document.version)
            return changes.outcome(0)
        conditions = Conditions(
            project.status.conditions, generation=project.metadata.generation, now=self._clock.now()
        )
        conditions.set(ConditionType.READY, True, "Synced", "Project is synced and ready for use")
        stats = ProjectStats(
            warehouses=await self._count("Warehouse", key.name), stages=await self._count("Stage", key.name)
        )
        status = project.status.model_copy(update={"conditions": conditions.result, "stats": stats})
        changes.status(key, project.status, status)
        return changes.outcome()

    async def _count(self, kind: str, namespace: str) -> KindStats:
        """How many there are; Stages that only pass Freight on do not count."""
        states = [well(item) for item in (await self._store.list(Query(kind, namespace))).documents]
        counted = [state for state in states if state is not None]
        return KindStats(count=len(counted), health=HealthStats(healthy=sum(counted)))

    def _leave(self, project: Project, namespace: Document | None, changes: Changes) -> Outcome:
        """Delete the Namespace with everything in it, unless it is to be kept; go when it has gone."""
        if FINALIZER not in project.metadata.finalizers:
            return changes.outcome()
        if namespace is not None and _is_ours(namespace):
            kept = TRUE in (project.metadata.annotations.get(Annotation.KEEP_NAMESPACE), _kept(namespace))
            if not namespace.meta.get("deletionTimestamp") and not kept:
                changes.delete(namespace.key, uid=namespace.uid)
            self._release(namespace, changes)
            if not kept:
                return changes.outcome(1)
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


def well(document: Document) -> bool | None:
    """Whether a Stage or a Warehouse is healthy; None for a Stage that only passes Freight on."""
    if document.key.kind == "Stage" and not _steps(document.data.get("spec") or {}):
        return None
    conditions = (document.data.get("status") or {}).get("conditions") or []
    return any(item.get("type") == ConditionType.HEALTHY and item.get("status") == "True" for item in conditions)


def _steps(spec: Mapping[str, Json]) -> Json:
    return ((spec.get("promotionTemplate") or {}).get("spec") or {}).get("steps")


def _is_ours(namespace: Document) -> bool:
    return bool((namespace.meta.get("labels") or {}).get(Label.PROJECT) == TRUE)


def _kept(namespace: Document) -> Json:
    return (namespace.meta.get("annotations") or {}).get(Annotation.KEEP_NAMESPACE)
