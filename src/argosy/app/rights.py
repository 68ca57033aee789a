"""Who knows the roles: the embedded server itself, or the cluster that keeps the resources."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from argosy.clients.access import ClusterAccess
from argosy.clients.kubeconfig import find_access
from argosy.clients.kubernetes_login import connect
from argosy.clock import Clock
from argosy.meter import UNMETERED, Meter
from argosy.settings import Settings
from argosy.store.accounts import Accounts
from argosy.store.base import Store
from argosy.store.kubernetes import KUBERNETES
from argosy.store.rights import Authorizer, Rights
from argosy.store.rights_cluster import ClusterRights
from argosy.store.rights_kept import KeptRights


@contextlib.asynccontextmanager
async def open_rights(
    settings: Settings, store: Store, clock: Clock, meter: Meter = UNMETERED
) -> AsyncIterator[Rights]:
    """Rights that keep up to date until the block ends.

    Args:
        store: bare of permissions.

    Raises NotFound and Invalid when the cluster that the settings name cannot be used.
    """
    async with contextlib.AsyncExitStack() as stack:
        authorizer: Authorizer = KeptRights(store, clock)
        if settings.store_url.startswith(KUBERNETES):
            connection = connect(find_access(settings.store_url.removeprefix(KUBERNETES)), clock, meter=meter)
            stack.push_async_callback(connection.close)
            authorizer = ClusterRights(ClusterAccess(connection), clock)
        rights = Rights(authorizer, Accounts(store, clock, everywhere(settings)))
        keeping = asyncio.create_task(rights.run(), name="rights")
        stack.push_async_callback(_end, keeping)
        yield rights


def everywhere(settings: Settings) -> frozenset[str]:
    """The namespaces whose ServiceAccounts count in every other."""
    named = settings.global_account_namespaces.split(",")
    return frozenset({settings.system_namespace, *(each.strip() for each in named)}) - {""}


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
