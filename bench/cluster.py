"""The same installation kept by a real Kubernetes API server, and by the database: restarts, memory, an idle hour."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from tests.cluster.content_case import install, open_on

from argosy.clock import SystemClock
from argosy.errors import Unavailable
from argosy.resources.kinds import KINDS
from argosy.settings import Settings
from argosy.store.base import Query, Store
from argosy.testing.clock import FakeClock
from argosy.testing.cluster import Cluster, running_cluster
from argosy.testing.cluster_metrics import requests, writes
from argosy.testing.pipeline import settings_in
from bench.machine import resident
from bench.population import Size, everything, populate
from bench.scale import Ticks, turning
from bench.table import Row, compared, size_of, spell

AT_ONCE = 24
"""Requests at once while the installation is made."""

HOUR, STEP = 3600.0, 60.0


@dataclass(frozen=True, slots=True)
class _Started:
    """What a restart took (seconds), what it held (bytes), and how late others were (seconds)."""

    idle: float
    memory: int
    stall: float


async def measure(*, quick: bool = False) -> list[Row]:
    """5,000 Stages and 20,000 Freight, in a database and in a cluster."""
    size = Size(10, 50, 500) if quick else Size(100, 1_000, 20_000)
    what = f"{size.stages:,} Stages, {size.freight:,} Freight"
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as text:
        folder = Path(text)
        before = resident()
        embedded = settings_in(folder / "embedded", least_interval=5.0)
        embedded.data.mkdir(parents=True)
        await populate(embedded, size, SystemClock())
        database = await _restart(embedded)
        kept = await _idle_hour(embedded, None)
        with running_cluster(folder / "cluster") as cluster, _kubeconfig(cluster):
            await install(cluster)
            made = await _fill(cluster, size)
            settings = settings_in(folder / "clustered", store="kubernetes://", least_interval=5.0)
            clustered = await _restart(settings)
            asked = await _idle_hour(settings, cluster)
            server = sum(resident(pid) for pid in cluster.pids)
    return [
        compared(f"cluster, {what}: restart to idle", clustered.idle, ("the same in SQLite", database.idle)),
        Row("- longest stall of the event loop until idle", spell(clustered.stall), f"SQLite: {spell(database.stall)}"),
        Row(
            "- memory once idle",
            size_of(clustered.memory),
            f"SQLite: {size_of(database.memory)}; before both: {size_of(before)}",
        ),
        Row("- memory of API server and etcd", size_of(server)),
        Row("- writes in an idle hour", str(sum(writes(asked).values())), f"SQLite: {kept}", aim="none"),
        Row("- reads in an idle hour", str(sum(asked.values()) - sum(writes(asked).values()))),
        Row("- namespaces created by a client, for comparison", f"{made:.0f}/s"),
    ]


@contextlib.contextmanager
def _kubeconfig(cluster: Cluster) -> Iterator[None]:
    before = os.environ.get("KUBECONFIG")
    os.environ["KUBECONFIG"] = str(cluster.kubeconfig())
    try:
        yield
    finally:
        os.environ.pop("KUBECONFIG")
        if before is not None:
            os.environ["KUBECONFIG"] = before


async def _restart(settings: Settings) -> _Started:
    """Start twice: at first conditions, roles and counts are written; only later starts are restarts."""
    async with turning(settings, Ticks()):
        pass
    ticks = Ticks()
    async with turning(settings, ticks) as (_, idle_after):
        return _Started(idle_after, resident(), ticks.longest())


async def _idle_hour(settings: Settings, cluster: Cluster | None) -> Any:
    """What an hour of which nothing happens asks of the cluster; without one, how often the database was written."""
    clock = FakeClock(datetime.now(UTC).replace(microsecond=0))
    async with turning(settings, Ticks(), clock) as (system, _):
        version = await system.store.version()
        before = requests(cluster) if cluster else Counter()
        for _ in range(int(HOUR / STEP)):
            await clock.advance(STEP)
            while not system.idle:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return requests(cluster) - before if cluster else await system.store.version() - version


async def _fill(cluster: Cluster, size: Size) -> float:
    """Make the installation, all but the namespaces beneath the API; returns how many a client makes in a second."""
    documents = list(everything(size, datetime.now(UTC)))
    start = time.perf_counter()
    store = open_on(cluster, SystemClock())
    room = asyncio.Semaphore(AT_ONCE)

    async def create(data: dict[str, Any]) -> None:
        async with room:
            meta = {name: data["metadata"][name] for name in ("name", "labels")}
            await store.create({**data, "metadata": meta, "status": {}})

    spaces = [data for data in documents if data["kind"] == "Namespace"]
    await asyncio.gather(*map(create, spaces))
    made = len(spaces) / (time.perf_counter() - start)
    kept = [data for data in documents if data["kind"] != "Namespace"]
    await asyncio.to_thread(cluster.keep, ((_place(data), orjson.dumps(data)) for data in kept))
    for kind, count in Counter(data["kind"] for data in kept).items():
        while await _count(store, kind) < count:  # noqa: ASYNC110
            await asyncio.sleep(1)
    await store.close()
    return made


async def _count(store: Store, kind: str) -> int:
    """How many the server serves; none while its caches take in what came all at once."""
    try:
        return len((await store.list(Query(kind))).documents)
    except Unavailable:
        return 0


def _place(data: dict[str, Any]) -> str:
    kind, meta = KINDS[data["kind"]], data["metadata"]
    return "/".join(filter(None, (f"{kind.plural}.{kind.group}", meta.get("namespace", ""), meta["name"])))
