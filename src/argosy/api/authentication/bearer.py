"""Tries the kinds of bearer tokens in order, until one knows whose a token is."""

from __future__ import annotations

from argosy.api.authentication.base import Way, unauthorized
from argosy.api.authentication.server_token import ServerToken
from argosy.store.principal import Principal

LONGEST = 16 * 1024
"""Characters of a token beyond which it is not looked at; those that list hundreds of groups stay below."""


class Authentication:
    """Who holds a bearer token.

    Args:
        server_token: lets its holder do everything; an empty one nobody.
        ways: further kinds of tokens, asked in this order.
    """

    def __init__(self, server_token: str, ways: tuple[Way, ...] = ()) -> None:
        self._ways: tuple[Way, ...] = (ServerToken(server_token), *ways)

    async def principal(self, token: str) -> Principal:
        """Whose token this is. Raises Refused (401) when it lets nobody in, and what `Way.principal` raises."""
        if token and len(token) <= LONGEST:
            for way in self._ways:
                found = await way.principal(token)
                if found is not None:
                    return found
        raise unauthorized("invalid token")
