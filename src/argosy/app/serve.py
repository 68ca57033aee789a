"""The system on the network: certificates, the token, the API, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy import __version__
from argosy.api import listening
from argosy.api.app import create_app
from argosy.api.backend import Backend
from argosy.api.kubeconfig import write_kubeconfig
from argosy.api.plan import Plans
from argosy.api.server import Server
from argosy.api.tls import ensure_certificates, keep_renewed
from argosy.api.token import ensure_token
from argosy.app.system import System, open_system
from argosy.app.webhooks import serve_webhooks
from argosy.clock import Clock
from argosy.resources.kinds import KINDS
from argosy.settings import Settings


@dataclass(frozen=True, slots=True)
class Ready:
    """How to reach a server: its URL, the certificate to trust as PEM, the token, and the kubeconfig that holds all."""

    url: str
    ca: bytes
    token: str = field(repr=False)
    kubeconfig: Path


async def serve(
    settings: Settings, clock: Clock, on_ready: Callable[[Ready, System], Awaitable[None] | None], stop: asyncio.Event
) -> None:
    """Open the system, serve it over HTTPS and let it turn, until `stop` is set.

    Args:
        on_ready: called once requests are answered.
        stop: set it to end; what was accepted is finished.

    Raises Unavailable and Invalid when something cannot be opened, listened on or written.
    """
    async with contextlib.AsyncExitStack() as stack:
        listener = stack.enter_context(contextlib.closing(listening.listen(settings.listen)))
        system = await stack.enter_async_context(open_system(settings, clock))
        host, port = listener.getsockname()[:2]
        tls, names = settings.data / "tls", listening.names(host)
        certificates = ensure_certificates(tls, names, clock)
        context = certificates.context()
        token = ensure_token(settings.data / "token")
        backend = Backend(system.store, system.logs, Plans(system.store, system.planner))
        app = create_app(backend, KINDS, token=token, clock=clock, version=__version__)
        server = Server(app, listener, context)
        await server.start()
        stack.push_async_callback(server.stop)
        await stack.enter_async_context(serve_webhooks(settings, system.store, clock))
        await stack.enter_async_context(_background(keep_renewed(context, tls, names, clock), "certificates"))
        turning = await stack.enter_async_context(_background(system.run(), "controllers"))
        stopping = await stack.enter_async_context(_background(stop.wait(), "stop"))
        url = f"https://{listening.printed(host)}:{port}"
        kubeconfig = settings.data / "kubeconfig"
        write_kubeconfig(kubeconfig, url, certificates.ca, token)
        answer = on_ready(Ready(url, certificates.ca, token, kubeconfig), system)
        if answer is not None:
            await answer
        await asyncio.wait({turning, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if turning.done():
            turning.result()


@contextlib.asynccontextmanager
async def _background(work: Coroutine[Any, Any, object], name: str) -> AsyncIterator[asyncio.Task[object]]:
    """A task that is cancelled at the end of the block."""
    task = asyncio.create_task(work, name=name)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
