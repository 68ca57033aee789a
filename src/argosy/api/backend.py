"""What stands behind the API: where requests are answered from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from argosy.api.authentication.sign_in import SignIn
from argosy.api.log import Logs
from argosy.api.plan import PermittedPlans, Plans
from argosy.settings import Settings
from argosy.store.base import Store
from argosy.store.permission import Permitted
from argosy.store.rights import NoRoles, Rights


@dataclass(frozen=True, slots=True)
class Backend:
    """What the API is served from.

    Attributes:
        own: where Argosy reads and writes of itself, admission included, for callers who may ask for what it does.
        logs: the logs of promotions.
        planning: makes plans of promotions; None where promotions are not run.
        rights: what callers may do; where there are no roles, only those may anything who may everything.
        settings: of the server.
        sign_in: how people can sign in.
        turning: whether controllers turn, here or in the replica that leads.
        store: where every read and write of a caller goes, with the caller's rights.
        plans: makes plans of promotions with the caller's rights.
    """

    own: Store
    logs: Logs
    planning: Plans | None = None
    rights: Rights = field(default_factory=lambda: Rights(NoRoles()))
    settings: Settings = field(default_factory=Settings)
    sign_in: SignIn = field(default_factory=SignIn)
    turning: Callable[[], bool] = lambda: True
    store: Store = field(init=False)
    plans: PermittedPlans | None = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "store", Permitted(self.own, self.rights))
        plans = None if self.planning is None else PermittedPlans(self.planning, self.rights)
        object.__setattr__(self, "plans", plans)
