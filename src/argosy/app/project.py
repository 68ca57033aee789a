"""What looks after Projects and what is shared between them."""

from __future__ import annotations

from argosy.clock import Clock
from argosy.reconcilers.project import ProjectReconciler
from argosy.reconcilers.replication import ReplicationReconciler, values
from argosy.rules import replication
from argosy.rules.project_role import ProjectRoles
from argosy.runtime.controller import Controller
from argosy.settings import Settings
from argosy.store.base import Store


def project_controllers(settings: Settings, store: Store, clock: Clock) -> tuple[Controller, ...]:
    """The controllers of Projects, and of what is shared between them."""
    roles = ProjectRoles(people=settings.project_roles, account=settings.controller_account)
    project = ProjectReconciler(store, clock, roles)
    kinds = replication.KINDS if settings.shared_namespace else ()
    return (
        Controller("Project", store, clock, project.reconcile, project.watches),
        *(_replication(kind, settings.shared_namespace, store, clock) for kind in kinds),
    )


def _replication(kind: str, namespace: str, store: Store, clock: Clock) -> Controller:
    reconciler = ReplicationReconciler(store, clock, kind, namespace)
    return Controller(
        kind, store, clock, reconciler.reconcile, reconciler.watches, workers=1, namespace=namespace, matters=values
    )
