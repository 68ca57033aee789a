"""The door: who may come in, on whose behalf a request acts, and what every answer carries."""

from __future__ import annotations

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from argosy.api.answer import failure
from argosy.api.authentication.base import unauthorized
from argosy.api.authentication.bearer import Authentication
from argosy.store.actor import actor
from argosy.store.principal import Principal, principal

OPEN = frozenset({"/healthz", "/readyz", "/livez", "/version"})
"""Paths that anybody may read."""

_HEADERS = {
    "Cache-Control": "no-cache, private",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Guard:
    """An ASGI application around another: asks who calls, names the actor, adds headers, explains failures."""

    def __init__(self, app: ASGIApp, authentication: Authentication) -> None:
        self._app = app
        self._authentication = authentication

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._admit(scope, receive, with_headers)
        except Exception as error:
            if begun:
                raise
            await failure(error)(scope, receive, with_headers)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = None if scope["path"] in OPEN else await self._caller(Headers(scope=scope))
        principal.set(caller)
        actor.set(caller.actor if caller else "")
        await self._app(scope, receive, send)

    async def _caller(self, headers: Headers) -> Principal:
        """Who calls. Raises Refused (401)."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise unauthorized("no token provided", "Send a bearer token; `argosy login` gets one.")
        return await self._authentication.principal(token.strip())
