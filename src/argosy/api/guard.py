"""The door: who may come in, on whose behalf a request acts, and what every answer carries."""

from __future__ import annotations

import hmac

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from argosy.api.answer import Refused, failure
from argosy.resources.names import EventActor
from argosy.store.actor import actor

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
    """An ASGI application around another: asks for the token, names the actor, adds headers, explains failures."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

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
        if scope["path"] not in OPEN:
            if not self._knows(Headers(scope=scope).get("authorization", "")):
                raise Refused(
                    401,
                    "Unauthorized",
                    advice="Send the server's bearer token; its kubeconfig file has it.",
                    headers={"WWW-Authenticate": "Bearer"},
                )
            actor.set(EventActor.ADMIN.value)
        await self._app(scope, receive, send)

    def _knows(self, authorization: str) -> bool:
        scheme, _, given = authorization.partition(" ")
        is_token = hmac.compare_digest(given.strip().encode("utf-8", "replace"), self._token)
        return is_token and scheme.lower() == "bearer" and bool(self._token)
