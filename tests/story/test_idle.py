"""When nothing changes in the world, nothing is written: not to a database, and not to a cluster's API server."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.rules.pipeline_case import request as wish
from tests.rules.pipeline_case import stage, warehouse
from tests.story.world import World, auto, world

from argosy.testing.clock import FakeClock
from argosy.testing.cluster import Cluster
from argosy.testing.cluster_metrics import requests, writes

HOUR = 3600.0
LOOK = 60.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime.now(UTC).replace(microsecond=0))


@pytest.fixture
async def around(tmp_path: Path, kept: str, clock: FakeClock) -> AsyncIterator[World]:
    async with world(tmp_path, clock=clock, store=kept) as made:
        yield made


@contextlib.asynccontextmanager
async def passing(clock: FakeClock) -> AsyncIterator[None]:
    """Time passes, ten times as fast as outside."""

    async def pass_by() -> None:
        while True:
            await clock.advance(0.5)
            await asyncio.sleep(0.05)

    task = asyncio.create_task(pass_by())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def settled(around: World) -> None:
    """Wait until nothing is to be done now, and what was written has come back."""
    await asyncio.sleep(0.03)
    async with asyncio.timeout(60):
        while not around.pipeline.system.idle:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def deliver(around: World) -> None:
    """A pipeline of two Stages has brought a commit to both."""
    repository = around.git.create("config")
    repository.commit({"dev.yaml": "a: 1\n", "prod.yaml": "a: 1\n"})
    url = around.git.url_of("config")
    checkout = [{"branch": "stage/${{ ctx.stage }}", "create": True, "path": "./out"}]
    steps = [
        {"uses": "git-clone", "config": {"repoURL": url, "checkout": checkout}},
        {"uses": "file-write", "config": {"path": "./out/a.txt", "contents": "${{ ctx.targetFreight.name }}"}},
        {"uses": "git-commit", "config": {"path": "./out", "message": "${{ ctx.stage }}"}},
        {"uses": "git-push", "config": {"path": "./out"}},
    ]
    await around.create(
        auto("dev", "prod"),
        warehouse("w", {"git": {"repoURL": url, "branch": "main"}}, interval="1m"),
        stage("dev", wish(), steps=steps),
        stage("prod", wish(stages=["dev"]), steps=steps),
    )
    freight = await around.freight("w", repository.head())
    for name in ("dev", "prod"):
        await around.arrived(name, freight)


async def test_an_idle_hour_writes_nothing(
    around: World, clock: FakeClock, kept: str, request: pytest.FixtureRequest
) -> None:
    async with passing(clock):
        await deliver(around)
    cluster: Cluster | None = request.getfixturevalue("story_cluster") if kept else None
    store = around.pipeline.system.store
    for _ in range(4):  # the look after the one that made the Freight notes that it exists
        await clock.advance(LOOK)
        await settled(around)
    before, version = requests(cluster) if cluster else None, await store.version()
    looks = around.git.count("info/refs")
    for _ in range(int(HOUR / LOOK)):
        await clock.advance(LOOK)
        await settled(around)
    if cluster and before is not None:
        passed = requests(cluster) - before
        assert writes(passed) == {}
        read = {resource for _, resource in passed}
        assert not read & {"warehouses", "stages", "freights", "promotions"}, "what is looked at is in memory"
    else:
        assert await store.version() == version
    assert around.git.count("info/refs") - looks >= 55, "time did not pass"
