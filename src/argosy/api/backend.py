"""What stands behind the API: where requests are answered from."""

from __future__ import annotations

from dataclasses import dataclass

from argosy.api.log import Logs
from argosy.api.plan import Plans
from argosy.store.base import Store


@dataclass(frozen=True, slots=True)
class Backend:
    """What the API is served from.

    Attributes:
        store: where every read and write goes, admission included.
        logs: the logs of promotions.
        plans: makes plans of promotions; None where promotions are not run.
    """

    store: Store
    logs: Logs
    plans: Plans | None = None
