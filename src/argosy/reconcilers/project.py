"""Projects: their counts at a glance, and the Namespace that goes with them."""

from __future__ import annotations

from collections.abc import Iterable

from argosy.clock import Clock
from argosy.reconcilers.reading import find
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import FINALIZER, TRUE, Annotation, ConditionType, Label
from argosy.resources.project import HealthStats, KindStats, Project, ProjectStats
from argosy.rules.condition import Conditions
from argosy.runtime.change import Changes, Outcome
from argosy.store.base import Query, Store


class ProjectReconciler:
    """Reconciles Projects. Their Namespace is made at admission, so here it is only looked after."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def reconcile(self, key: Key) -> Outcome:
        document = await find(self._store, key)
        if document is None:
            return Outcome()
        project = document.parse(Project)
        changes = Changes()
        if project.metadata.deletion_timestamp is not None:
            return await self._leave(project, changes)
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
        documents = (await self._store.list(Query(kind, namespace))).documents
        healthy = sum(1 for document in documents if _is_healthy(document.data.get("status") or {}))
        return KindStats(count=len(documents), health=HealthStats(healthy=healthy))

    async def _leave(self, project: Project, changes: Changes) -> Outcome:
        """Delete the Namespace with everything in it, unless it is to be kept; go when it has gone."""
        if FINALIZER not in project.metadata.finalizers:
            return changes.outcome()
        namespace = await find(self._store, Key("Namespace", "", project.name))
        kept = project.metadata.annotations.get(Annotation.KEEP_NAMESPACE) == TRUE
        ours = namespace is not None and (namespace.meta.get("labels") or {}).get(Label.PROJECT) == TRUE
        if namespace is not None and ours and not kept:
            finalizers = [name for name in namespace.meta.get("finalizers") or [] if name != FINALIZER]
            if FINALIZER in (namespace.meta.get("finalizers") or []):
                changes.patch(namespace.key, {"metadata": {"finalizers": finalizers or None}})
            if not namespace.meta.get("deletionTimestamp"):
                changes.delete(namespace.key, uid=namespace.uid)
            return changes.outcome(1)
        left = [name for name in project.metadata.finalizers if name != FINALIZER]
        changes.patch(Key("Project", "", project.name), {"metadata": {"finalizers": left or None}})
        return changes.outcome()

    async def of_namespaced(self, document: Document) -> Iterable[Key]:
        """The Project of a resource in its Namespace."""
        return [Key("Project", "", document.key.namespace)]

    async def of_namespace(self, document: Document) -> Iterable[Key]:
        return [Key("Project", "", document.key.name)]


def _is_healthy(status: dict[str, Json]) -> bool:
    """A Stage by its health, a Warehouse by its condition."""
    if "health" in status:
        return (status["health"] or {}).get("status") == "Healthy"
    return any(
        item.get("type") == "Healthy" and item.get("status") == "True" for item in status.get("conditions") or []
    )
