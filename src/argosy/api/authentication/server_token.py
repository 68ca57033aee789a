"""The server's own token: who can read its file may do everything."""

from __future__ import annotations

import hmac

from argosy.resources.names import EventActor
from argosy.store.principal import Principal

ADMIN = Principal(EventActor.ADMIN.value, may_all=True)
"""Who holds the server's token, or knows the password of the built-in admin."""


class ServerToken:
    """The token of the server; an empty one lets nobody in."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    async def principal(self, token: str) -> Principal | None:
        same = hmac.compare_digest(token.encode("utf-8", "replace"), self._token)
        return ADMIN if same and self._token else None
