"""Tells a meter of every answer of an ASGI application."""

from __future__ import annotations

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from argosy.meter import Meter

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metered:
    """An ASGI application around another.

    Args:
        server: which of several this is, as a label.
    """

    def __init__(self, app: ASGIApp, meter: Meter, server: str) -> None:
        self._app = app
        self._meter = meter
        self._server = server

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, code = perf_counter(), "error"
        seconds = 0.0

        async def noting(message: Message) -> None:
            nonlocal code, seconds
            if message["type"] == "http.response.start":
                # What comes after may be a watch, which takes as long as somebody listens.
                code, seconds = str(message["status"]), perf_counter() - begun
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._meter.took("api_request", seconds, server=self._server, method=method, code=code)
