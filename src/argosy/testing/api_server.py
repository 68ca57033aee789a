"""The whole API over HTTPS on a free loopback port, in a thread of its own, so that real clients can call it."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from argosy.api.app import create_app
from argosy.api.authentication.bearer import Authentication
from argosy.api.backend import Backend
from argosy.api.kubeconfig import write_kubeconfig
from argosy.api.server import REQUEST_SECONDS, Server
from argosy.api.tls import ensure_certificates
from argosy.clock import Clock, SystemClock
from argosy.engine.log import Logs
from argosy.resources.kinds import KINDS
from argosy.store.admission import Admission
from argosy.store.base import Store
from argosy.store.sql import open_store


@dataclass(frozen=True, slots=True)
class ApiServer:
    """A server that runs.

    Attributes:
        url: such as `https://127.0.0.1:43210`.
        token: what it asks for.
        kubeconfig: for kubectl.
        trust: for HTTP clients.
        logs: where it takes the logs of promotions from.
    """

    url: str
    token: str
    kubeconfig: Path
    trust: ssl.SSLContext
    logs: Logs

    @property
    def headers(self) -> dict[str, str]:
        """What lets a caller in."""
        return {"Authorization": f"Bearer {self.token}"}


@contextlib.contextmanager
def api_server(
    directory: Path, clock: Clock | None = None, *, request_seconds: float = REQUEST_SECONDS
) -> Iterator[ApiServer]:
    """Serve a new, empty store under `directory` until the block ends."""
    clock = clock or SystemClock()
    certificates = ensure_certificates(directory / "tls", (), clock)
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"https://127.0.0.1:{listener.getsockname()[1]}"
    token = secrets.token_urlsafe(32)
    write_kubeconfig(directory / "kubeconfig", url, certificates.ca, token)
    logs = Logs(directory / "logs", clock)

    def build() -> tuple[Store, Server]:
        place = f"sqlite:///{directory}/data/store.db"
        kept = open_store(place, KINDS, clock=clock, key_file=directory / "keys")
        store = Admission(kept, clock, random.Random(1))
        app = create_app(
            Backend(store, logs), KINDS, authentication=Authentication(token), clock=clock, version="0.1.0"
        )
        return store, Server(app, listener, certificates.context(), request_seconds=request_seconds)

    trust = ssl.create_default_context(cadata=certificates.ca.decode())
    with _Running(build):
        yield ApiServer(url, token, directory / "kubeconfig", trust, logs)


class _Running:
    """A server in a thread with an event loop of its own, while the block lasts."""

    def __init__(self, build: Callable[[], tuple[Store, Server]]) -> None:
        self._build = build
        self._thread = threading.Thread(target=self._run, name="argosy-api-server")
        self._ready = threading.Event()
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._error: BaseException | None = None

    def __enter__(self) -> None:
        self._thread.start()
        self._ready.wait()
        self._tell()

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._tell()

    def _tell(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:
            self._error = error
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        store, server = self._build()
        try:
            await server.start()
            self._ready.set()
            await self._over.wait()
        finally:
            await server.stop()
            await store.close()
