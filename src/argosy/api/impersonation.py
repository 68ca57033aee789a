"""Refuses requests that want to be made as somebody else: nobody may, and to ignore the wish would be worse.

Whoever acts as a weaker user, to see what that may do, would act with all rights otherwise.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from argosy.api.answer import Refused

PREFIX = b"impersonate-"


class Impersonation:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises Refused (403), which the guard around it tells."""
        if any(name.lower().startswith(PREFIX) for name, _ in scope.get("headers", ())):
            raise Refused(
                403,
                "nobody may act as somebody else here",
                advice="Leave out --as, and log in as the one that is to act; `kubectl auth whoami` tells who you are.",
            )
        await self._app(scope, receive, send)
