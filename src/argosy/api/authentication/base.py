"""What every kind of bearer token has in common: who it belongs to, or that it lets nobody in."""

from __future__ import annotations

from typing import Protocol

from argosy.api.answer import Refused
from argosy.store.principal import Principal

ADVICE = "Log in again, or send a token that is still good."


class Way(Protocol):
    """One kind of bearer token."""

    async def principal(self, token: str) -> Principal | None:
        """Whose token this is; None when it is of another kind.

        Raises Refused (401) for one of this kind that is not good; Temporary, Permanent or Unavailable when nobody can
        tell now, which must never look like a token that was refused.
        """
        ...


def unauthorized(message: str, advice: str = ADVICE) -> Refused:
    """The one answer to whoever is not let in. It never says which check a token failed."""
    return Refused(401, message, advice=advice, headers={"WWW-Authenticate": "Bearer"})
