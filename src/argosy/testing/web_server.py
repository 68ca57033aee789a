"""A small HTTP server on loopback that answers as a test tells it, and remembers what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from argosy.testing.serving import serving


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer. `chunks` more copies of `body` are sent; with `hang` none is, and with `broken` the connection is
    closed after a byte of it."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    chunks: int = 0
    hang: bool = False
    broken: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked: `path` with its query."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class WebServer:
    """Serves `answers` by path, in order; the last one of a path stays. Read `asked` after."""

    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[WebServer]:
        """Serve until the block ends; `url` is then known."""
        async with serving(self._app) as url:
            self.url = url
            yield self

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.asked.append(Asked(request.method, path, dict(request.headers), await request.body()))
        waiting = self.answers.get(request.url.path) or [Answer(404)]
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if answer.hang:
            await asyncio.sleep(3600)
        if answer.broken:  # the server drops the connection of an answer that it is not given in full
            await send({"type": "http.response.start", "status": answer.status, "headers": [(b"content-length", b"9")]})
            await send({"type": "http.response.body", "body": b"x", "more_body": True})
            return
        headers = dict(answer.headers)
        if answer.chunks:
            response: Response = StreamingResponse(_repeated(answer), answer.status, headers)
        else:
            response = Response(answer.body, answer.status, headers)
        await response(scope, receive, send)


async def _repeated(answer: Answer) -> AsyncIterator[bytes]:
    for _ in range(answer.chunks + 1):
        yield answer.body
