"""The HTTP API on a large installation: what people wait for at each list, and what a thousand who watch cost."""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from statistics import median

import httpx2

from argosy.clock import SystemClock
from argosy.testing.pipeline import settings_in
from bench.population import Size, populate
from bench.scale import Ticks, turning
from bench.served import Served, serving
from bench.table import Row, compared, percentile, size_of, spell

REQUESTS = 200
"""Of each list."""

PAGE = 100
"""Entries of a page, as the web UI asks for them."""

PROJECT = "/v1beta1/projects/{project}"
LISTS: Mapping[str, str] = {
    "a page of all Projects": f"/v1beta1/projects?pageSize={PAGE}",
    "a Project's Stages": PROJECT + "/stages",
    "a Project's Warehouses": PROJECT + "/warehouses",
    "a page of a Project's Freight": PROJECT + f"/freight?limit={PAGE}",
    "a page of a Project's Promotions": PROJECT + f"/promotions?limit={PAGE}",
    "a page of a Project's Events": PROJECT + f"/events?limit={PAGE}",
    "what runs where in a Project": PROJECT + "/matrix",
    "a page of what runs where in all": "/v1beta1/matrix?limit=20",
    "what the page of a pipeline loads": PROJECT + "/pipeline",
    "the same, of the largest Project": "/v1beta1/projects/large/pipeline",
}


async def measure(*, quick: bool = False) -> list[Row]:
    """1,000 Projects, 5,000 Stages and 100,000 Freight, and one Project of 500 Stages more."""
    size = Size(20, 20, 200, large=10) if quick else Size(1_000, 1_000, 100_000, large=100)
    asked, watchers = (5, 20) if quick else (REQUESTS, 1_000)
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as folder:
        settings = settings_in(Path(folder), least_interval=5.0)
        settings.data.mkdir(parents=True)
        await populate(settings, size, SystemClock())
        async with turning(settings, Ticks()):
            pass  # conditions and counts are written once
        with serving(settings) as served:
            await idle(served)
            return [*(await _lists(served, size, asked)), *(await _watches(served, watchers))]


async def idle(served: Served) -> None:
    """Wait until the server has looked at everything once, as one that has run for a while."""
    before = -1.0
    while (now := _processor_seconds(served.pid)) - before > 0.02:
        before = now
        await asyncio.sleep(1)


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


async def _lists(served: Served, size: Size, asked: int) -> list[Row]:
    rows = []
    async with served.client() as client:
        floor, _ = await _waits(client, "/version", size, asked)
        nothing = ("an answer that reads nothing", percentile(floor, 0.99))
        for name, address in LISTS.items():
            waits, most = await _waits(client, address, size, asked)
            told = f", median {spell(median(waits))}, {most / 1024:.0f} KiB"
            what = f"API, {size.projects:,} Projects: {name}, p99"
            rows.append(compared(what, percentile(waits, 0.99), nothing, more=told))
    return rows


async def _waits(client: httpx2.AsyncClient, address: str, size: Size, count: int) -> tuple[list[float], int]:
    """What each of some requests, one after the other, had to wait; and the bytes of the longest answer."""
    waits, most = [], 0
    for place in _places(size, count):
        start = time.perf_counter()
        answer = await client.get(address.format(project=place))
        waits.append(time.perf_counter() - start)
        answer.raise_for_status()
        most = max(most, len(answer.content))
    return waits, most


def _places(size: Size, count: int) -> Iterator[str]:
    dice = random.Random(7)  # the same Projects at every run
    for _ in range(count):
        yield f"project-{dice.randrange(size.projects):03}"


async def _watches(served: Served, count: int) -> list[Row]:
    """What the watches of one Project cost, and how long one change takes to reach the first and the last of them."""
    idle = served.memory()
    async with served.client() as client, _watching(served, count) as arrivals:
        opened = served.memory()
        firsts, lasts = [], []
        for number in range(10):
            arrivals.clear()
            start = time.perf_counter()
            await _change(client, number)
            while len(arrivals) < count:  # noqa: ASYNC110 - each arrival would else wake the one who measures
                await asyncio.sleep(0.002)
            firsts.append(min(arrivals) - start)
            lasts.append(max(arrivals) - start)
    return [
        Row(f"API, {count:,} watches: memory of each", f"{(opened - idle) / count / 1024:.0f} KiB"),
        Row("- memory of the server with them", size_of(opened), f"without: {size_of(idle)}"),
        Row("- from a change to the first", spell(median(firsts))),
        Row("- from a change to the last", spell(median(lasts)), f"longest: {spell(max(lasts))}"),
    ]


async def _change(client: httpx2.AsyncClient, number: int) -> None:
    address = "/apis/kargo.akuity.io/v1alpha1/namespaces/project-000/stages/app-0000-dev"
    headers = {"Content-Type": "application/merge-patch+json"}
    body = {"metadata": {"annotations": {"bench": str(number)}}}
    answer = await client.patch(address, json=body, headers=headers)
    assert answer.status_code == 200, answer.text


@contextlib.asynccontextmanager
async def _watching(served: Served, count: int) -> AsyncIterator[list[float]]:
    """Open watches until the block ends; each appends the time at which it was told of something."""
    arrivals: list[float] = []
    opened = asyncio.Semaphore(0)
    room = asyncio.Semaphore(50)

    async def watch() -> None:
        async with served.client() as client, contextlib.AsyncExitStack() as stack:
            async with room:
                version = await _version(client)
                address = f"{PROJECT.format(project='project-000')}/stages?watch=true&resourceVersion={version}"
                answer = await stack.enter_async_context(client.stream("GET", address))
            opened.release()
            async for line in answer.aiter_lines():
                if line.startswith("data:"):
                    arrivals.append(time.perf_counter())

    tasks = [asyncio.create_task(watch()) for _ in range(count)]
    for _ in range(count):
        await opened.acquire()
    try:
        yield arrivals
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _version(client: httpx2.AsyncClient) -> str:
    answer = await client.get(PROJECT.format(project="project-000") + "/stages")
    return str(answer.raise_for_status().json()["metadata"]["resourceVersion"])
