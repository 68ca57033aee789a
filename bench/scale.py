"""A large installation: what a restart takes, and what those who list while promotions run have to wait."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import orjson

from argosy.app.system import System, open_system
from argosy.clock import Clock, SystemClock
from argosy.resources.meta import Key
from argosy.settings import Settings
from argosy.store.actor import actor
from argosy.store.base import Query
from argosy.testing.pipeline import settings_in
from bench.following import Following, following
from bench.machine import resident
from bench.population import LINE, Size, populate
from bench.table import Row, compared, percentile, spell

PROMOTIONS = 10
"""How many run at any time."""

SECONDS = 20.0
"""How long lists are measured, idle and under load."""

PAGE = 500
"""Documents of a list, as kubectl asks for them."""


async def measure(*, quick: bool = False) -> list[Row]:
    """Populate, let it settle once, then restart and measure."""
    size = Size(10, 50, 5_000) if quick else Size()
    seconds = 3.0 if quick else SECONDS
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as folder:
        before = resident()
        settings = settings_in(Path(folder), least_interval=5.0)
        settings.data.mkdir(parents=True)
        await populate(settings, size, SystemClock())
        async with turning(settings, Ticks()):
            pass  # conditions and counts are written once; only later starts are restarts
        gc.collect()
        gc.freeze()  # as `argosy up` does
        floor = _read_all(settings.data / "argosy.db")
        return await _restarted(settings, size, (floor, before, seconds))


async def _restarted(settings: Settings, size: Size, given: tuple[float, int, float]) -> list[Row]:
    floor, before, seconds = given
    ticks = Ticks()
    async with turning(settings, ticks) as (system, idle_after):
        holds = resident()
        stall = ticks.longest()
        what = f"{size.warehouses:,} Warehouses, {size.stages:,} Stages, {size.freight:,} Freight"
        quiet = await _lists(system, size, seconds)
        ticks.clear()
        async with _promoting(system, size) as done:
            busy = await _lists(system, size, seconds)
        read = ("reading and parsing every row once", floor)
        return [
            compared(f"restart with {what}: seconds to idle", idle_after, read),
            Row("- longest stall of the event loop until idle", spell(stall)),
            Row("- memory once idle", _size(holds), f"the process before it was populated: {_size(before)}"),
            *_list_rows(quiet, busy),
            Row("- longest stall of the event loop meanwhile", spell(ticks.longest())),
            Row("- promotions of six steps done meanwhile", f"{len(done) / seconds:.1f}/s"),
            Row("- memory afterwards", _size(resident())),
        ]


def _list_rows(quiet: dict[str, list[float]], busy: dict[str, list[float]]) -> Iterator[Row]:
    for name, waits in busy.items():
        alone = percentile(quiet[name], 0.99)
        value = f"p99 {spell(percentile(waits, 0.99))}, median {spell(median(waits))}"
        baseline = f"nothing running: p99 {spell(alone)}, median {spell(median(quiet[name]))}"
        figure = f"{name} while {PROMOTIONS} promotions run"
        yield Row(figure, value, baseline)


@dataclass
class Ticks:
    """A task that wants to run every few milliseconds, and how late it was."""

    late: list[float] = field(default_factory=list)

    async def run(self) -> None:
        while True:
            due = time.perf_counter() + 0.005
            await asyncio.sleep(0.005)
            self.late.append(time.perf_counter() - due)

    def clear(self) -> None:
        self.late.clear()

    def longest(self) -> float:
        return max(self.late, default=0.0)


@contextlib.asynccontextmanager
async def turning(settings: Settings, ticks: Ticks, clock: Clock | None = None) -> AsyncIterator[tuple[System, float]]:
    """The system, idle; and the seconds from opening the database until it was."""
    start = time.perf_counter()
    ticking = asyncio.create_task(ticks.run())
    async with open_system(settings, clock or SystemClock()) as system:
        running = asyncio.create_task(system.run())
        try:
            yield system, await _idle_since(system, start)
        finally:
            for task in (running, ticking):
                task.cancel()
            await asyncio.gather(running, ticking, return_exceptions=True)


async def _idle_since(system: System, start: float) -> float:
    """Seconds from `start` until the system became idle and stayed so for a second."""
    since: float | None = None
    while since is None or time.perf_counter() - since < 1:
        if not system.idle:
            since = None
        elif since is None:
            since = time.perf_counter()
        await asyncio.sleep(0.01)
    return since - start


async def _lists(system: System, size: Size, seconds: float) -> dict[str, list[float]]:
    """How long lists took, each one kind after the other until the time is over."""
    places = itertools.cycle(f"project-{number:03}" for number in range(size.projects))
    waits: dict[str, list[float]] = {}

    async def timed(name: str, query: Query, limit: int = 0) -> None:
        start = time.perf_counter()
        page = await system.store.list(query, limit=limit)
        assert page.documents
        waits.setdefault(name, []).append(time.perf_counter() - start)

    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        await timed("list of a project's Stages", Query("Stage", next(places)))
        await timed(f"list of {PAGE} Freight of all projects", Query("Freight"), PAGE)
        await asyncio.sleep(0.005)
    return waits


@contextlib.asynccontextmanager
async def _promoting(system: System, size: Size) -> AsyncIterator[list[str]]:
    """Ten promotions at any time, each in another Stage; the Stages of those that ended."""
    done: list[str] = []

    async def again_and_again(number: int, promotions: Following) -> None:
        app = number % size.warehouses
        project, stage = f"project-{app % size.projects:03}", f"app-{app:04}-{LINE[-1]}"
        newest = (await system.store.get(Key("Stage", project, stage))).data["status"]["freightSummary"]
        while True:
            await promotions.promote(stage, newest, project=project)
            done.append(stage)

    token = actor.set("admin")
    async with following(system) as promotions:
        tasks = [asyncio.create_task(again_and_again(number * 7, promotions)) for number in range(PROMOTIONS)]
        try:
            yield done
        finally:
            actor.reset(token)
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
    for end in ends:
        if not isinstance(end, asyncio.CancelledError):
            raise AssertionError("a promotion was not done") from end


def _read_all(path: Path) -> float:
    """The least that anybody needs who looks at everything: read each row and parse its JSON."""
    start = time.perf_counter()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        kinds = "('Warehouse', 'Stage', 'Freight', 'Promotion')"
        for (stored,) in connection.execute(f"SELECT stored FROM resource WHERE kind IN {kinds}"):
            orjson.loads(stored)
    return time.perf_counter() - start


def _size(count: int) -> str:
    return f"{count / 2**20:.0f} MiB"
