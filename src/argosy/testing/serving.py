"""Serve an ASGI application on a free loopback port, inside the running event loop and without touching signals."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import uvicorn


@contextlib.asynccontextmanager
async def serving(app: Any, *, port: int = 0) -> AsyncIterator[str]:
    """Serve `app` until the block ends; yields its URL, `http://127.0.0.1:PORT` with no last slash."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="off", interface="asgi3", timeout_graceful_shutdown=1
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listener = socket.create_server(("127.0.0.1", port))
    # asyncio sets this only on sockets that name their protocol; without it each answer waits 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # Started and stopped by hand: `serve` would handle signals and notice the end only at its next tick.
    await server.startup(sockets=[listener])
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        await server.shutdown(sockets=[listener])
