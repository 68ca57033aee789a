"""The stores that the contract is tested on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.contract.cluster_case import on_cluster, prepared_cluster
from tests.contract.store_case import Backend, Factory, forget_in_sqlite, namespace, sqlite

from argosy.errors import AlreadyExists
from argosy.store.base import Store
from argosy.testing.clock import FakeClock
from argosy.testing.cluster import Cluster


@pytest.fixture(scope="session")
def contract_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with prepared_cluster(tmp_path_factory.mktemp("contract")) as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", pytest.param("kubernetes", marks=pytest.mark.xdist_group("contract-cluster"))])
def cluster(request: pytest.FixtureRequest) -> Cluster | None:
    """The cluster that keeps the documents, None where a database does."""
    return request.getfixturevalue("contract_cluster") if request.param == "kubernetes" else None


@pytest.fixture
async def backend(cluster: Cluster | None) -> Backend:
    if cluster is None:
        return Backend(sqlite, True, forget_in_sqlite)
    return await on_cluster(cluster)


@pytest.fixture
def factory(backend: Backend) -> Factory:
    return backend.open


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(factory: Factory, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    store = factory(tmp_path, clock)
    with contextlib.suppress(AlreadyExists):
        await store.create(namespace("p"))
    yield store
    await store.close()
