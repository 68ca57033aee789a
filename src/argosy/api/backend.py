"""What stands behind the API: where requests are answered from."""

from __future__ import annotations

from dataclasses import dataclass, field

from argosy.api.log import Logs
from argosy.api.plan import Plans
from argosy.settings import Settings
from argosy.store.base import Store


@dataclass(frozen=True, slots=True)
class Backend:
    """What the API is served from.

    Attributes:
        store: where every read and write of a caller goes, with the caller's rights, admission included.
        logs: the logs of promotions.
        plans: makes plans of promotions; None where promotions are not run.
        unasked: the same store without rights being asked for; None where `store` asks for none either.
        settings: of the server.
    """

    store: Store
    logs: Logs
    plans: Plans | None = None
    unasked: Store | None = None
    settings: Settings = field(default_factory=Settings)

    @property
    def own(self) -> Store:
        """Where Argosy reads and writes of itself, for callers who may ask for what it does."""
        return self.unasked or self.store
