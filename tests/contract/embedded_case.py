"""Our own server as one of the stores of the contract: what serves the protocol, and what speaks it, face to face."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from tests.contract.store_case import Backend, forget_in_sqlite, sqlite

from argosy.api.app import create_app
from argosy.api.authentication.bearer import Authentication
from argosy.api.backend import Backend as Served
from argosy.api.server import Server
from argosy.api.tls import ensure_certificates
from argosy.clients.kubernetes_connection import Connection
from argosy.clients.kubernetes_connection import Server as Address
from argosy.engine.log import Logs
from argosy.resources.kinds import KINDS
from argosy.store.base import Page, Store
from argosy.store.kubernetes import KubernetesStore
from argosy.testing.clock import FakeClock

TOKEN = "let-me-in"


@contextlib.asynccontextmanager
async def on_embedded(folder: Path, clock: FakeClock) -> AsyncIterator[Backend]:
    """A server over a bare database, and stores that are its clients."""
    kept = sqlite(folder, clock)
    certificates = ensure_certificates(folder / "tls", (), clock)
    listener = socket.create_server(("127.0.0.1", 0))
    app = create_app(
        Served(kept, Logs(folder / "logs", clock)),
        KINDS,
        authentication=Authentication(TOKEN),
        clock=clock,
        version="0.1.0",
    )
    server = Server(app, listener, certificates.context())
    await server.start()
    address = Address(
        f"https://127.0.0.1:{listener.getsockname()[1]}", ca=certificates.ca.decode(), token=TOKEN, verify=False
    )

    async def forget(store: Store, page: Page) -> tuple[str, int]:
        return await forget_in_sqlite(kept, page)

    def open_client(_: Path, clock: FakeClock) -> Store:
        return KubernetesStore(Connection(address), KINDS, clock=clock, source="test")

    try:
        yield Backend(open_client, True, forget)
    finally:
        await server.stop()
        await kept.close()
