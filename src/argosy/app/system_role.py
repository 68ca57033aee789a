"""Makes the accounts and roles of the whole installation where they are missing, and puts right what is otherwise."""

from __future__ import annotations

import contextlib

from argosy.errors import AlreadyExists
from argosy.resources.meta import Key
from argosy.rules.project_role import must_be_replaced
from argosy.rules.system_role import ADMIN, CREATOR, USER, VIEWER, SystemRoles, correction, wanted
from argosy.settings import Settings
from argosy.store.base import Store
from argosy.store.typed import find


async def ensure_system_roles(store: Store, settings: Settings) -> None:
    """Does nothing where the settings name no system namespace. In a cluster they come with the Helm chart instead."""
    if not settings.system_namespace:
        return
    for document in wanted(system_roles(settings)):
        key = Key.of(document)
        found = await find(store, key)
        if found is not None and must_be_replaced(document, found):
            await store.delete(key, uid=found.uid)
            found = None
        if found is None:
            with contextlib.suppress(AlreadyExists):
                await store.create(document)
        elif patch := correction(document, found):
            await store.patch(key, patch)


def system_roles(settings: Settings) -> SystemRoles:
    """What the settings say of them."""
    claims = {
        ADMIN: settings.oidc_admins,
        VIEWER: settings.oidc_viewers,
        USER: settings.oidc_users,
        CREATOR: settings.oidc_project_creators,
    }
    return SystemRoles(settings.system_namespace, settings.shared_namespace, claims)
