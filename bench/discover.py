"""57 Warehouses on one repository of 15,000 commits: from a push to the last of their Freight."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from argosy.app.system import System
from argosy.resources.meta import Key
from argosy.store.base import Query
from argosy.testing.git_repository import Change, GitRepository
from argosy.testing.pipeline import running, settings_in
from bench.following import settled
from bench.git_program import git
from bench.hosting import hosting
from bench.table import Row, compared

PROJECT = "bench"
WAREHOUSES = 57
COMMITS = 15_000
AT_ONCE = 16
"""Clones at once in the baselines, as a Kargo controller may be told to have."""

HEAD = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: bench}
"""

WAREHOUSE = """
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: NAME, namespace: bench}
spec:
  interval: 24h
  subscriptions:
  - git:
      repoURL: SERVER/all.git
      branch: main
      includePaths: [services/NAME]
      excludePaths: ["glob:services/*/README.md"]
"""


def names() -> list[str]:
    return [f"service-{number:02}" for number in range(WAREHOUSES)]


async def measure(*, quick: bool = False) -> list[Row]:
    """The first discovery, then pushes that concern every Warehouse; and two ways to do that with the git program."""
    commits, pushes = (1_500, 2) if quick else (COMMITS, 5)
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as text:
        folder = Path(text)
        repository = _make_repository(folder / "git" / "all.git", commits)
        async with hosting(folder / "git") as server:
            url = f"{server}/all.git"
            cold, warm = await _by_us(folder, server, repository, pushes)
            work = folder / "by-git"
            work.mkdir()
            apart = await _timed(lambda name: _clone_and_log(url, work, name))
            for name in names():
                await git("clone", "--quiet", "--bare", url, f"{name}.git", cwd=work)
            _push(repository, 100)
            kept = await _timed(lambda name: _fetch_and_log(work, name))
    what = f"discover, {WAREHOUSES} Warehouses, {commits:,} commits"
    clones = (f"{WAREHOUSES} blobless clones and logs, {AT_ONCE} at once", apart)
    return [
        compared(f"{what}: first, to the last Freight", cold, clones),
        compared(f"{what}: push to last Freight, median of {pushes}", median(warm), clones, aim="under 2 s"),
        compared(f"{what}: push to last Freight, slowest", max(warm), clones, aim="under 2 s"),
        compared(
            f"{what}: push to last Freight, median of {pushes}",
            median(warm),
            (f"{WAREHOUSES} kept clones, each fetching and reading its log, {AT_ONCE} at once", kept),
        ),
    ]


def _make_repository(path: Path, commits: int) -> GitRepository:
    """Each commit changes one service; some only its README, which concerns nobody."""
    repository = GitRepository.create(path)
    services = [*names(), *(f"other-{number:02}" for number in range(43))]

    def changes() -> Iterator[Change]:
        yield Change({f"services/{name}/{file}": "0\n" for name in services for file in ("deploy.yaml", "README.md")})
        for number in range(1, commits):
            file = "README.md" if number % 5 == 0 else "deploy.yaml"
            name = services[number * 7 % len(services)]
            yield Change({f"services/{name}/{file}": f"{number}\n"}, f"Change {number}", 1_700_000_000 + number)

    repository.add(changes())
    return repository


def _push(repository: GitRepository, number: int) -> str:
    """A commit that concerns every Warehouse."""
    return repository.commit(
        {f"services/{name}/deploy.yaml": f"pushed {number}\n" for name in names()}, f"Push {number}"
    )


async def _by_us(folder: Path, server: str, repository: GitRepository, pushes: int) -> tuple[float, list[float]]:
    """Seconds to the first Freight of all Warehouses, and from each push to the last Freight made of it."""
    async with running(settings_in(folder), PROJECT) as pipeline:
        store = pipeline.system.store
        made = _Made(pipeline.system)
        watching = asyncio.create_task(made.run(await store.version()))
        start = time.perf_counter()
        await pipeline.apply(
            HEAD + "".join(WAREHOUSE.replace("NAME", name).replace("SERVER", server) for name in names())
        )
        await made.everywhere()
        cold, warm = time.perf_counter() - start, []
        for number in range(pushes):
            await settled(pipeline.system)
            made.seen.clear()
            commit = await asyncio.to_thread(_push, repository, number)
            start = time.perf_counter()
            # What a webhook does: every Warehouse on the repository is asked to look.
            refresh = {"metadata": {"annotations": {"kargo.akuity.io/refresh": commit}}}
            await asyncio.gather(*(store.patch(Key("Warehouse", PROJECT, name), refresh) for name in names()))
            await made.everywhere()
            warm.append(time.perf_counter() - start)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    return cold, warm


@dataclass
class _Made:
    """Which Warehouses have made Freight since `seen` was cleared."""

    system: System

    def __post_init__(self) -> None:
        self.seen: set[str] = set()
        self._more = asyncio.Event()

    async def run(self, since: int) -> None:
        async for event in self.system.store.watch(Query("Freight"), since=since):
            if event.document is not None and event.type == "ADDED":
                self.seen.add(event.document.data["origin"]["name"])
                self._more.set()

    async def everywhere(self) -> None:
        async with asyncio.timeout(300):
            while len(self.seen) < WAREHOUSES:
                self._more.clear()
                await self._more.wait()


async def _timed(look: Callable[[str], Awaitable[None]]) -> float:
    """Seconds until every Warehouse has been looked for, a few at once."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> None:
        async with places:
            await look(name)

    start = time.perf_counter()
    await asyncio.gather(*(one(name) for name in names()))
    return time.perf_counter() - start


async def _clone_and_log(url: str, work: Path, name: str) -> None:
    """A clone for one look, as Kargo makes it for each Warehouse when told to save downloads."""
    options = ("--no-tags", "--single-branch", "--branch", "main", "--filter", "blob:none", "--no-checkout")
    await git("clone", "--quiet", *options, url, name, cwd=work)
    await _log(work / name, name, "HEAD")


async def _fetch_and_log(work: Path, name: str) -> None:
    place = work / f"{name}.git"
    await git("fetch", "--quiet", "origin", "+refs/heads/main:refs/heads/main", cwd=place)
    await _log(place, name, "main")


async def _log(place: Path, name: str, tip: str) -> None:
    """The newest twenty commits that concern a Warehouse, the number that it keeps."""
    paths = (f"services/{name}", f":(exclude)services/{name}/README.md")
    found = await git("log", "--first-parent", "--max-count=20", "--format=%H", tip, "--", *paths, cwd=place)
    assert found
