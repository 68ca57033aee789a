"""The edge of the API: no body beyond its bounds comes in, and every failure goes out as an answer."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from argosy.api.answer import JSON
from argosy.api.body import media_type, parse_json, read_body
from argosy.api.v1beta1.error import failure

MOST = 1024 * 1024
"""Bytes of a body, as Kargo has it; manifests may have four times as many."""
MOST_MANIFESTS = 4 * MOST
MANIFESTS = "/v1beta1/resources"


class Boundary:
    """An ASGI application around another, which gets bodies in one piece."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def noting(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            whole = await _read(Request(scope, receive))
            await self._app(_typed(scope), _given(whole, receive), noting)
        except Exception as error:
            if begun:
                raise
            await failure(error)(scope, receive, send)


async def _read(request: Request) -> bytes:
    """The body. Raises Refused (413) when it is too large, (400) when it is JSON that we would not write ourselves."""
    if request.url.path == MANIFESTS:
        return await read_body(request, MOST_MANIFESTS)
    whole = await read_body(request, MOST)
    if whole and media_type(request) == JSON:
        parse_json(whole)
    return whole


def _typed(scope: Scope) -> Scope:
    """A body without a media type is JSON, as Kargo takes it."""
    headers = MutableHeaders(raw=list(scope["headers"]))
    headers.setdefault("content-type", "application/json")
    return {**scope, "headers": headers.raw}


def _given(whole: bytes, receive: Receive) -> Receive:
    """Gives the body in one piece, and then what else is to be received, such as that the caller is gone."""
    is_given = False

    async def given() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": whole, "more_body": False}

    return given
