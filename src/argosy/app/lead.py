"""Who may turn the controllers: whoever holds the Lease of the cluster that keeps the resources."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from argosy.api.health import Check
from argosy.clients.kubeconfig import find_access
from argosy.clients.kubernetes_login import connect
from argosy.clients.lease import Leases
from argosy.clock import Clock
from argosy.errors import Invalid
from argosy.meter import UNMETERED, Meter
from argosy.rules.lease import Timing
from argosy.runtime.leader import Election
from argosy.settings import Settings
from argosy.store.kubernetes import KUBERNETES


@contextlib.asynccontextmanager
async def open_election(
    settings: Settings, name: str, clock: Clock, meter: Meter = UNMETERED
) -> AsyncIterator[Election | None]:
    """The election among replicas; None where there cannot be others, as the lock of a database keeps them out.

    Args:
        name: of this replica.

    Raises Invalid when the settings name no Lease.
    """
    if not settings.store_url.startswith(KUBERNETES):
        yield None
        return
    namespace, _, lease = settings.lease.partition("/")
    if not namespace or not lease:
        raise Invalid(f"{settings.lease!r} names no Lease", advice="Write NAMESPACE/NAME.")
    connection = connect(find_access(settings.store_url.removeprefix(KUBERNETES)), clock, meter=meter)
    try:
        yield Election(Leases(connection, namespace, lease), name, clock, timing=Timing.of(settings.lease_seconds))
    finally:
        await connection.close()


def lead_check(election: Election) -> Check:
    """Tells who leads. Whoever waits is as ready as the one that leads."""

    async def check() -> str:
        return "this replica leads" if election.leading.is_set() else f"{election.holder or 'nobody'} leads"

    return check
