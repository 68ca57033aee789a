"""Which store keeps the resources: the one that the settings name, bare of admission."""

from __future__ import annotations

from argosy.clock import Clock
from argosy.errors import NotFound
from argosy.meter import UNMETERED, Meter
from argosy.resources.kinds import KARGO, KINDS
from argosy.settings import Settings
from argosy.store.base import Store
from argosy.store.kubernetes import KUBERNETES, KubernetesStore, open_kubernetes
from argosy.store.sql import database_of, open_store


def open_backend(settings: Settings, clock: Clock, *, make: bool = True, meter: Meter = UNMETERED) -> Store:
    """The store of `settings.store_url`; one on SQLite is made when it is missing and `make` is set.

    Raises NotFound when it is missing otherwise; Invalid and Unavailable when it cannot be used.
    """
    if settings.store_url.startswith(KUBERNETES):
        return open_kubernetes(settings.store_url, KINDS, clock=clock, meter=meter)
    if not make and not database_of(settings.store_url).exists():
        raise NotFound(
            f"there is no store {settings.store_url}", advice="Name it with --store, or its folder with --data."
        )
    return open_store(settings.store_url, KINDS, clock=clock, key_file=settings.key_file)


async def check_backend(store: Store) -> None:
    """See that a store can keep what Argosy needs. Raises Unavailable, with advice."""
    if isinstance(store, KubernetesStore):
        await store.check(KARGO)
