"""The stores that the contract is tested on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.contract.cached_case import cached, forget_in_cached
from tests.contract.cluster_case import on_cluster, prepared_cluster
from tests.contract.embedded_case import on_embedded
from tests.contract.store_case import Backend, Factory, forget_in_sqlite, namespace, sqlite

from argosy.errors import AlreadyExists
from argosy.store.base import Store
from argosy.testing.clock import FakeClock
from argosy.testing.cluster import Cluster


@pytest.fixture(scope="session")
def contract_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with prepared_cluster(tmp_path_factory.mktemp("contract")) as cluster:
        yield cluster


KUBERNETES = pytest.param("kubernetes", marks=pytest.mark.xdist_group("contract-cluster"))


@pytest.fixture(params=["sqlite", "cached", "embedded", KUBERNETES])
def keeper(request: pytest.FixtureRequest) -> str | Cluster:
    """What keeps the documents: a cluster, or one of our own by its name."""
    return request.getfixturevalue("contract_cluster") if request.param == "kubernetes" else request.param


@pytest.fixture
async def backend(keeper: str | Cluster, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Backend]:
    if isinstance(keeper, Cluster):
        yield await on_cluster(keeper)
    elif keeper == "embedded":
        async with on_embedded(tmp_path, clock) as served:
            yield served
    elif keeper == "cached":
        yield Backend(cached, True, forget_in_cached)
    else:
        yield Backend(sqlite, True, forget_in_sqlite)


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
