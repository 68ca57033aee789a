"""What looks after Projects and what is shared between them."""

from __future__ import annotations

from argosy.clock import Clock
from argosy.reconcilers.project import ProjectReconciler
from argosy.rules.project_role import ProjectRoles
from argosy.runtime.controller import Controller
from argosy.settings import Settings
from argosy.store.base import Store


def project_controllers(settings: Settings, store: Store, clock: Clock) -> tuple[Controller, ...]:
    """The controllers of Projects."""
    roles = ProjectRoles(people=settings.project_roles, account=settings.controller_account)
    project = ProjectReconciler(store, clock, roles)
    return (Controller("Project", store, clock, project.reconcile, project.watches),)
