"""Serves the API on a socket from within a running event loop, and ends it gently."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Iterator
from functools import partial
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

GRACE = 5
"""Seconds that requests may take to end after the server was told to."""

HEAD_BYTES = 64 * 1024
"""The most bytes that the request line and headers of a request may have."""

REQUEST_SECONDS = 60.0

KEEP_ALIVE = 75
CONNECTIONS = 2000


class _Protocol(HttpToolsProtocol):
    """HTTP/1.1 with bounds on how large the head of a request is, and how long a request may take to arrive."""

    def __init__(self, *args: Any, seconds: float, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seconds = seconds

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else 40 ms an answer
        self._head = 0
        self._timer = self.loop.call_later(self._seconds, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        self._timer.cancel()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._head = 0
        self._timer.cancel()
        self._timer = self.loop.call_later(self._seconds, self.transport.close)
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        self._measure(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._measure(len(name) + len(value))
        super().on_header(name, value)

    def on_message_complete(self) -> None:
        self._timer.cancel()
        super().on_message_complete()

    def _measure(self, size: int) -> None:
        self._head += size
        if self._head > HEAD_BYTES:
            raise ValueError("the head of the request is too large")


class _Uvicorn(uvicorn.Server):
    """Leaves signals to the program that it is a part of, and tells when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.serving = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.serving.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class Server:
    """The API on a listening socket. `start` returns once it serves; `stop` once it has ended.

    Args:
        app: what `create_app` made.
        listener: a bound socket; closed by `stop`.
        context: TLS; None serves plain HTTP.
        request_seconds: within which a whole request must have arrived, beginning with its connection.
    """

    def __init__(
        self,
        app: Starlette,
        listener: socket.socket,
        context: ssl.SSLContext | None,
        *,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        self._closing: asyncio.Event = app.state.closing
        self._listener = listener
        factory: Any = (lambda *_: context) if context else None
        protocol: Any = partial(_Protocol, seconds=request_seconds)
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GRACE,
            ssl_context_factory=factory,
        )
        self._server = _Uvicorn(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to serve. Raises OSError when the socket cannot be used."""
        self._task = asyncio.create_task(self._server.serve(sockets=[self._listener]), name="argosy-api")
        serving = asyncio.create_task(self._server.serving.wait())
        await asyncio.wait({self._task, serving}, return_when=asyncio.FIRST_COMPLETED)
        serving.cancel()
        if self._task.done():
            self._task.result()

    def end_watches(self) -> None:
        """End what would last; requests are still answered."""
        self._closing.set()

    async def stop(self) -> None:
        """Take no more requests, end watches, let other requests finish for a while."""
        self.end_watches()
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._listener.close()
