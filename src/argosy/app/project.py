"""What looks after Projects and what is shared between them."""

from __future__ import annotations

from argosy.clock import Clock
from argosy.errors import Invalid
from argosy.reconcilers.project import ProjectReconciler
from argosy.reconcilers.replication import ReplicationReconciler, values
from argosy.reconcilers.retention import Retention, RetentionLimits
from argosy.rules import replication
from argosy.rules.event import controller
from argosy.rules.project_role import ProjectRoles
from argosy.rules.retention import Limit
from argosy.runtime.controller import Controller
from argosy.settings import Settings
from argosy.store.actor import actor
from argosy.store.base import Store
from argosy.store.kubernetes import KUBERNETES


def project_controllers(settings: Settings, store: Store, clock: Clock) -> tuple[Controller, ...]:
    """The controllers of Projects, and of what is shared between them. Raises Invalid for an account that is none."""
    namespace, _, name = settings.controller_account.partition("/")
    if settings.controller_account and not (namespace and name):
        raise Invalid(
            f"{settings.controller_account!r} names no ServiceAccount",
            advice="Write NAMESPACE/NAME after --controller-account.",
        )
    roles = ProjectRoles(settings.project_roles, settings.controller_account, settings.system_namespace)
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


def retention_limits(settings: Settings) -> RetentionLimits:
    """What the settings say about how much is kept."""
    # API servers delete Events themselves, after an hour where nobody says otherwise.
    events = settings.event_ttl if settings.event_ttl and not settings.store_url.startswith(KUBERNETES) else None
    return RetentionLimits(
        promotions=Limit(settings.max_retained_promotions, settings.min_promotion_deletion_age),
        freight=Limit(settings.max_retained_freight, settings.min_freight_deletion_age),
        event_ttl=events,
        every=settings.retention_interval,
    )


async def keep_retention(settings: Settings, store: Store, clock: Clock) -> None:
    """Delete what is old, round after round, until cancelled; returns at once where that is not wanted."""
    if settings.retention_interval:
        actor.set(controller("retention"))
        await Retention(store, clock, retention_limits(settings)).run()
