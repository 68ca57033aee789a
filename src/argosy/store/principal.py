"""Who a request acts for, and with whose rights; an authorising store asks nothing else.

A request's principal is set once, where the request is authenticated, before any route runs. Controllers have none:
they write through the store that no rights are asked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

from argosy.resources.meta import Json


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who was authenticated.

    Attributes:
        actor: as Kargo records who did something: `admin`, `email:...`, `subject:...`, `kubernetes:...`.
        user: the name that RoleBindings know a `User` by, such as `system:serviceaccount:demo:ci`; may be empty.
        groups: the names that RoleBindings know its `Group`s by.
        accounts: ServiceAccounts, as namespace and name, whose rights it has because their claims match it.
        may_all: whether it may do everything: the built-in admin, and who holds the server's own token.
        claims: what its identity provider says of it; empty for others.
        uid: of a user of a cluster, and
        extra: what else the cluster says of it; some of a cluster's authorisers look at these.
    """

    actor: str
    user: str = ""
    groups: frozenset[str] = frozenset()
    accounts: frozenset[tuple[str, str]] = frozenset()
    may_all: bool = False
    claims: Mapping[str, Json] = field(default_factory=dict, repr=False)
    uid: str = ""
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def has_all_of(self, before: Principal) -> bool:
        """Whether this is the same somebody as before, who has lost nothing since."""
        same = (self.actor, self.user, self.may_all) == (before.actor, before.user, before.may_all)
        return same and before.groups <= self.groups and before.accounts <= self.accounts


principal: ContextVar[Principal | None] = ContextVar("principal", default=None)
"""Of the present request; None where nobody was authenticated, who then may do nothing."""
