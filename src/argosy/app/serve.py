"""The system on the network: certificates, the token, the API, probes, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argosy import __version__
from argosy.api import listening
from argosy.api.app import create_app
from argosy.api.authentication.bearer import Authentication
from argosy.api.backend import Backend
from argosy.api.health import Health, store_check
from argosy.api.metered import Metered
from argosy.api.plan import Plans
from argosy.api.server import Server
from argosy.api.tls import ensure_certificates, given_certificates, keep_renewed, keep_reread
from argosy.api.token import ensure_token, read_token
from argosy.app.lead import lead_check, open_election
from argosy.app.metrics import Metrics
from argosy.app.replica import replica
from argosy.app.rights import open_rights
from argosy.app.sign_in import open_sign_in
from argosy.app.status import Served, serve_status
from argosy.app.system import System, open_system
from argosy.app.webhooks import serve_webhooks
from argosy.clock import Clock
from argosy.resources.kinds import KINDS
from argosy.runtime.leader import Election, LeadLost
from argosy.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """How to reach a server: its URL, the certificate to trust as PEM (empty for one that others made), the token."""

    url: str
    ca: bytes
    token: str = field(repr=False)


async def serve(
    settings: Settings,
    clock: Clock,
    on_ready: Callable[[Ready, System], Awaitable[None] | None],
    stop: asyncio.Event,
) -> None:
    """Open the system, serve it over HTTPS and let it turn while it may, until `stop` is set.

    Where the resources are kept in a cluster, only one replica turns at a time; the others serve and wait.

    Args:
        on_ready: called once requests are answered.
        stop: set it to end: watches end, and steps under way are given the settings' time.

    Raises Unavailable and Invalid when something cannot be opened, listened on or written.
    """
    async with contextlib.AsyncExitStack() as stack:
        name = stack.enter_context(replica(settings.data))
        listener = stack.enter_context(contextlib.closing(listening.listen(settings.listen)))
        metrics = Metrics()
        election = await stack.enter_async_context(open_election(settings, name, clock, metrics))
        holds = None if election is None else lambda: election.holds
        system = await stack.enter_async_context(open_system(settings, clock, meter=metrics, leads=holds))
        health = Health({"store": store_check(system.store)})
        served = Served(health, metrics)
        turns = (lambda: True) if election is None else (lambda: election.holds or bool(election.holder))
        backend = await stack.enter_async_context(_backend(settings, clock, system, metrics, turns))
        server, ready = await stack.enter_async_context(_api(settings, clock, backend, listener, served))
        await stack.enter_async_context(serve_webhooks(settings, system.store, clock, served))
        if election is not None:
            health.checks["leader"] = lead_check(election)
        metrics.watch(system.controllers, lambda: election is None or election.leading.is_set())
        await stack.enter_async_context(serve_status(settings.metrics_listen, served))
        turning = await stack.enter_async_context(_background(_turn(system, election), "controllers"))
        stopping = await stack.enter_async_context(_background(stop.wait(), "stop"))
        answer = on_ready(ready, system)
        if answer is not None:
            await answer
        log.info("version %s serves at %s", __version__, ready.url)
        await asyncio.wait({turning, stopping}, return_when=asyncio.FIRST_COMPLETED)
        log.info("the server is ending")
        health.ending = True
        server.end_watches()
        if not turning.done():
            draining = await stack.enter_async_context(_background(system.drain(settings.grace), "drain"))
            await asyncio.wait({turning, draining}, return_when=asyncio.FIRST_COMPLETED)
        if turning.done():
            turning.result()


async def _turn(system: System, election: Election | None) -> None:
    """Turn whenever this replica leads. Without the lead it goes on serving: a cluster that is back needs webhooks."""
    if election is None:
        await system.run()
        return
    while True:
        try:
            await election.lead(system.run())
        except LeadLost as error:
            log.warning("%s; it waits for its turn again", error.message)


@contextlib.asynccontextmanager
async def _backend(
    settings: Settings, clock: Clock, system: System, metrics: Metrics, turns: Callable[[], bool]
) -> AsyncIterator[Backend]:
    """What the API is served from, until the block ends; `turns` tells whether controllers turn anywhere."""
    async with (
        open_rights(settings, system.store, clock, metrics) as rights,
        open_sign_in(settings, system.store, rights, clock, metrics) as sign_in,
    ):
        plans = Plans(system.store, system.planner)
        yield Backend(system.store, system.logs, plans, rights, settings, sign_in, turns)


@contextlib.asynccontextmanager
async def _api(
    settings: Settings, clock: Clock, backend: Backend, listener: socket.socket, served: Served
) -> AsyncIterator[tuple[Server, Ready]]:
    """Serve the API until the block ends."""
    host, port = listener.getsockname()[:2]
    token = read_token(Path(settings.token_file)) if settings.token_file else ensure_token(settings.data / "token")
    known = Authentication(token, backend.sign_in.ways)
    app = create_app(backend, KINDS, authentication=known, clock=clock, version=__version__, health=served.health)
    app.add_middleware(Metered, meter=served.metrics, server="api")
    async with _trust(settings, host, clock) as (context, ca):
        server = Server(app, listener, context)
        await server.start()
        try:
            yield server, Ready(f"https://{listening.printed(host)}:{port}", ca, token)
        finally:
            await server.stop()


@contextlib.asynccontextmanager
async def _trust(settings: Settings, host: str, clock: Clock) -> AsyncIterator[tuple[ssl.SSLContext, bytes]]:
    """What the API shows, renewed until the block ends, and the authority to trust for it."""
    if settings.certificate_file:
        found = given_certificates(settings.certificate_file, settings.certificate_key_file)
        context = found.context()
        keeping = keep_reread(context, found, clock)
    else:
        folder, names = settings.data / "tls", listening.names(host)
        found = ensure_certificates(folder, names, clock)
        context = found.context()
        keeping = keep_renewed(context, folder, names, clock)
    async with _background(keeping, "certificates"):
        yield context, found.ca


@contextlib.asynccontextmanager
async def _background(work: Coroutine[Any, Any, object], name: str) -> AsyncIterator[asyncio.Task[object]]:
    """A task that is cancelled at the end of the block."""
    task = asyncio.create_task(work, name=name)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
