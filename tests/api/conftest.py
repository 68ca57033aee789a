"""A server and kubectl shared by the tests of a module, and the application alone for each test."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest

from argosy.api.app import create_app
from argosy.api.authentication.bearer import Authentication
from argosy.api.backend import Backend
from argosy.engine.log import Logs
from argosy.resources.kinds import KINDS
from argosy.store.admission import Admission
from argosy.store.base import Store
from argosy.store.sql import open_store
from argosy.testing.api_server import ApiServer, api_server
from argosy.testing.clock import FakeClock
from argosy.testing.kubectl import Kubectl

TOKEN = "a-token-for-tests"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def kubectl(server: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    return Kubectl(server.kubeconfig, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def http(server: ApiServer) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, headers=server.headers, verify=server.trust) as client:
        yield client


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    url = f"sqlite:///{tmp_path}/data/store.db"
    kept = Admission(open_store(url, KINDS, clock=clock, key_file=tmp_path / "keys"), clock, random.Random(1))
    yield kept
    await kept.close()


@pytest.fixture
async def client(store: Store, clock: FakeClock, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Calls the application without a network; let in."""
    app = create_app(
        Backend(store, Logs(tmp_path / "logs", clock)),
        KINDS,
        authentication=Authentication(TOKEN),
        clock=clock,
        version="0.1.0",
    )
    transport = httpx2.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://argosy", headers=headers) as caller:
        yield caller
