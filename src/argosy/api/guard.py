"""The door: who may come in, on whose behalf a request acts, and what every answer carries."""

from __future__ import annotations

from functools import partial

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from argosy.api.answer import Refused, failure
from argosy.api.authentication.base import unauthorized
from argosy.api.authentication.bearer import Authentication
from argosy.api.authentication.sign_in import SignIn
from argosy.api.cookie import read_cookie
from argosy.api.cross_site import SAFE, check_csrf, check_origin
from argosy.api.session import SCOPE
from argosy.api.stream import ADMITTED
from argosy.api.v1beta1 import error as v1beta1
from argosy.api.v1beta1.page import PATHS
from argosy.api.web import is_page
from argosy.errors import ArgosyError
from argosy.store.actor import actor
from argosy.store.principal import Principal, principal

OPEN = frozenset(
    {
        "/healthz",
        "/readyz",
        "/livez",
        "/version",
        "/openapi.json",
        "/auth/login",
        "/auth/callback",
        "/auth/session",
        "/auth/logout",
        "/v1beta1/login",
        "/v1beta1/system/public-server-config",
        *PATHS,
    }
)
"""Paths that anybody may use, besides the pages of the web UI; what else there is wants to know who asks."""

_HEADERS = {
    "Cache-Control": "no-cache, private",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_STRICT = "max-age=31536000"


class Guard:
    """An ASGI application around another: asks who calls, names the actor, adds headers, explains failures.

    Args:
        app: what is guarded.
        authentication: tells whose a bearer token is.
        sign_in: has the sessions of browsers.
    """

    def __init__(self, app: ASGIApp, authentication: Authentication, sign_in: SignIn) -> None:
        self._app = app
        self._authentication = authentication
        self._sign_in = sign_in

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                _add_headers(MutableHeaders(scope=message), scope)
            await send(message)

        try:
            await self._admit(scope, receive, with_headers)
        except Exception as error:
            if begun:
                raise
            await told(error, scope["path"])(scope, receive, with_headers)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        caller = None if path in OPEN or is_page(path) else await self._caller(scope)
        principal.set(caller)
        actor.set(caller.actor if caller else "")
        if caller is not None:
            scope[ADMITTED] = partial(self._is_admitted, scope, caller)
        await self._app(scope, receive, send)

    async def _is_admitted(self, scope: Scope, before: Principal) -> bool:
        """Whether who asked would be let in now, too, as the same; also while nobody can tell."""
        try:
            return (await self._caller(scope)).has_all_of(before)
        except Refused:
            return False
        except ArgosyError:
            return True

    async def _caller(self, scope: Scope) -> Principal:
        """Who calls. Raises Refused (401) when nobody knows, (403) for what another site makes a browser send."""
        headers = Headers(scope=scope)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if token.strip() and scheme.lower() == "bearer":
            return await self._authentication.principal(token.strip())
        cookie = read_cookie(HTTPConnection(scope))
        if cookie and self._sign_in.sessions is not None and "authorization" not in headers:
            session = await self._sign_in.sessions.find(cookie)
            if session is None:
                raise unauthorized("the session has ended", "Sign in again.")
            if scope["method"] not in SAFE:
                check_origin(headers, self._sign_in.address)
                check_csrf(headers, session.csrf)
            scope[SCOPE] = session
            return await self._authentication.principal(session.token)
        raise unauthorized("no token provided", "Send a bearer token.")


def _add_headers(headers: MutableHeaders, scope: Scope) -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    if headers.get("content-type", "").startswith("text/html"):
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    host = Headers(scope=scope).get("host", "").lower().partition(":")[0]
    if scope.get("scheme") == "https" and host != "localhost":  # else every server of this machine had to have TLS
        headers.setdefault("Strict-Transport-Security", _STRICT)


def told(error: Exception, path: str) -> Response:
    """A failure in the form that the clients of a path read."""
    return v1beta1.failure(error) if path.startswith(("/v1beta1/", "/auth/")) else failure(error)
