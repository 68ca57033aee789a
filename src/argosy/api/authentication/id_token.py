"""ID tokens of the OpenID Connect provider: people, and the ServiceAccounts that their claims match.

As Kargo's (`pkg/server/auth_middleware.go`, `pkg/api/event.go`).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from argosy.api.authentication.admin import issuer_of
from argosy.api.authentication.base import unauthorized
from argosy.clients.oidc import Claims, Provider
from argosy.errors import Denied
from argosy.resources.meta import Json
from argosy.resources.names import EventActor
from argosy.rules.claims import believed
from argosy.store.principal import Principal

log = logging.getLogger(__name__)

Accounts = Callable[[Mapping[str, Json]], Awaitable[frozenset[tuple[str, str]]]]
"""The ServiceAccounts, as namespace and name, that claims match."""


class IdTokens:
    """Knows what a provider signed.

    Args:
        audiences: the clients that the tokens may be for.
        username_claim: names people in what tells who did something.
        accounts: whose rights people have.
    """

    def __init__(
        self, provider: Provider, audiences: tuple[str, ...], accounts: Accounts, *, username_claim: str = "email"
    ) -> None:
        self._provider = provider
        self._audiences = audiences
        self._accounts = accounts
        self._username_claim = username_claim

    async def principal(self, token: str) -> Principal | None:
        if issuer_of(token) != self._provider.issuer:
            return None
        try:
            claims = believed(await self._provider.verified(token, self._audiences))
        except Denied as error:
            log.info("%s", error.message)
            raise unauthorized("invalid token") from None
        return Principal(actor_of(claims, self._username_claim), accounts=await self._accounts(claims), claims=claims)


def actor_of(claims: Claims, username_claim: str) -> str:
    """Who it is, as Kargo writes it; where the claim that names people is not there or no text, by the usual ones."""
    for claim, prefix in (
        (username_claim, f"{username_claim}:"),
        ("email", EventActor.EMAIL),
        ("sub", EventActor.SUBJECT),
    ):
        value = claims.get(claim)
        if isinstance(value, str) and value:
            return f"{prefix}{value}"
    return EventActor.UNKNOWN.value
