"""The stores that the contract is tested on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.store_case import Factory, namespace, sqlite

from argosy.store.base import Store
from argosy.testing.clock import FakeClock


@pytest.fixture(params=[sqlite], ids=["sqlite"])
def factory(request: pytest.FixtureRequest) -> Factory:
    return request.param


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(factory: Factory, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    store = factory(tmp_path, clock)
    await store.create(namespace("p"))
    yield store
    await store.close()
