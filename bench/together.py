"""Fifty promotions at once, to a branch each and all to one; what they take of memory and disk."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from argosy.testing.git_repository import GitRepository
from bench import git_program
from bench.following import settled
from bench.machine import resident, resident_with_children, used
from bench.surroundings import Around
from bench.table import Row, compared, size_of

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where one of the promotions goes, and the file that it changes."""

    stage: str
    branch: str
    file: str


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked for at once, and how many clones and pushes by git may go on at a time beside it."""

    name: str
    places: Sequence[Place]
    otherwise: str
    scripts: int


async def many_branches(around: Around, files: int, root: Path) -> list[Row]:
    """Fifty Stages that push to a branch each."""
    repository = GitRepository(root / f"files-{files}.git")
    places = [Place(f"env-{n:02}", f"env-{n:02}", "apps/app-000/file-000.yaml") for n in range(AT_ONCE)]
    for place in places:
        repository.git("update-ref", f"refs/heads/{place.branch}", "main")
    what = f"{AT_ONCE} promotions to {AT_ONCE} branches of {files:,} files at once"
    return await _measure(around, repository, Load(what, places, "git clones and pushes at once", AT_ONCE))


async def one_branch(around: Around, files: int, root: Path) -> list[Row]:
    """Fifty Stages that all push to `main`, a file each. Scripts must take turns: of two pushes one is refused."""
    repository = GitRepository(root / f"files-{files}.git")
    places = [Place(f"file-{n:02}", "main", f"apps/app-000/file-{n:03}.yaml") for n in range(AT_ONCE)]
    what = f"{AT_ONCE} promotions to one branch of {files:,} files at once"
    return await _measure(around, repository, Load(what, places, "git clones and pushes in turn", 1))


async def _measure(around: Around, repository: GitRepository, load: Load) -> list[Row]:
    for place in load.places:
        await around.stage(place.stage, repository.path.stem, place.branch, place.file)
    before = resident()
    await asyncio.to_thread(os.sync)
    cold, warm = [await _together(around, load.places) for _ in range(2)]
    disk = {name: used(around.folder / "data" / name) for name in ("mirrors", "pool")}
    by_git = around.folder / "by-git"
    by_git.mkdir()
    baseline = await _by_git(f"{around.server}/{repository.path.name}", load, by_git)
    rows = []
    for name, run in (("first", cold), ("warm", warm)):
        against = (f"{AT_ONCE} {load.otherwise}", baseline)
        rows.append(compared(f"{load.name}: {name}", run.seconds, against, more=f", {AT_ONCE / run.seconds:.1f}/s"))
        memory = f"{size_of(run.own)}, with the programs it started {size_of(run.most)}"
        rows.append(Row(f"- most memory, {name}", memory, f"before: {size_of(before)}"))
    kept = f"{size_of(disk['mirrors'])} of mirror, {size_of(disk['pool'])} of checkouts"
    clones = used(by_git)
    rows.append(Row("- disk", kept, f"{AT_ONCE} clones: {size_of(clones)}", clones / max(1, sum(disk.values()))))
    return rows


@dataclass(frozen=True, slots=True)
class _Run:
    """Seconds until all have succeeded; the most bytes of memory, with the programs that were started and without."""

    seconds: float
    most: int
    own: int


async def _together(around: Around, places: Sequence[Place]) -> _Run:
    most, own = [0], [0]

    async def watch_memory() -> None:
        while True:
            own[0] = max(own[0], resident())
            most[0] = max(most[0], await asyncio.to_thread(resident_with_children))
            await asyncio.sleep(0.2)

    watching = asyncio.create_task(watch_memory())
    start = time.perf_counter()
    await asyncio.gather(*(around.promote(place.stage) for place in places))
    seconds = time.perf_counter() - start
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await settled(around.pipeline.system)
    return _Run(seconds, most[0], own[0])


async def _by_git(url: str, load: Load, folder: Path) -> float:
    turns = asyncio.Semaphore(load.scripts)

    async def script(place: Place) -> None:
        async with turns:
            await git_program.promote(url, place.branch, place.file, "1", into=folder / place.stage)

    await asyncio.to_thread(os.sync)
    start = time.perf_counter()
    await asyncio.gather(*map(script, load.places))
    return time.perf_counter() - start
