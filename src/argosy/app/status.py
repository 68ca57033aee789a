"""Probes and metrics on a port of their own, over plain HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from argosy.api import listening
from argosy.api.health import Health
from argosy.api.server import Server
from argosy.app.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Served:
    """What all that is served by one process tells of itself."""

    health: Health
    metrics: Metrics


@contextlib.asynccontextmanager
async def serve_status(address: str, served: Served) -> AsyncIterator[None]:
    """Serve `/metrics` and the probes at `host:port` until the block ends; nothing at all when it is empty.

    Raises Invalid for what is no address, Unavailable for one in use.
    """
    if not address:
        yield
        return

    async def metrics(request: Request) -> Response:
        return Response(served.metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    app = Starlette(routes=[*served.health.routes, Route("/metrics", metrics)])
    app.state.closing = asyncio.Event()
    with contextlib.closing(listening.listen(address)) as listener:
        server = Server(app, listener, None)
        await server.start()
        try:
            yield
        finally:
            await server.stop()
