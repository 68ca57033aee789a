"""Promotions over smart HTTP: clone, change one value, commit, push; against the same work by a fresh `git clone`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from argosy.testing.git_repository import Change, GitRepository
from argosy.testing.pipeline import Pipeline, running, settings_in
from bench import git_program
from bench.following import Following, following, settled
from bench.hosting import hosting
from bench.machine import resident, resident_with_children
from bench.table import Row, compared, percentile

PROJECT = "bench"
AT_ONCE = 50

HEAD = """
apiVersion: kargo.akuity.io/v1alpha1
kind: Project
metadata: {name: bench}
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Warehouse
metadata: {name: app, namespace: bench}
spec:
  interval: 24h
  subscriptions:
  - git: {repoURL: SERVER/app.git, branch: main}
"""

STAGE = """
---
apiVersion: kargo.akuity.io/v1alpha1
kind: Stage
metadata: {name: STAGE, namespace: bench}
spec:
  requestedFreight:
  - origin: {kind: Warehouse, name: app}
    sources: {direct: true}
  promotionTemplate:
    spec:
      steps:
      - uses: git-clone
        config:
          repoURL: SERVER/REPOSITORY.git
          checkout: [{branch: BRANCH, path: ./tree}]
      - uses: yaml-update
        config:
          path: ./tree/FILE
          updates: [{key: image.tag, value: "${{ ctx.promotion }}"}]
      - uses: git-commit
        config: {path: ./tree, message: "${{ ctx.promotion }}"}
      - uses: git-push
        config: {path: ./tree}
"""

FILE = "apps/app-000/file-000.yaml"


@dataclass(frozen=True, slots=True)
class Around:
    """What every measurement needs: a folder, the server's URL, and a system that turns."""

    folder: Path
    server: str
    pipeline: Pipeline
    promotions: Following
    freight: str

    async def stage(self, name: str, repository: str, branch: str) -> None:
        """Declare a Stage that changes one value on a branch."""
        given = {"SERVER": self.server, "STAGE": name, "REPOSITORY": repository, "BRANCH": branch, "FILE": FILE}
        text = STAGE
        for word, value in given.items():
            text = text.replace(word, value)
        await self.pipeline.apply(text)
        await settled(self.pipeline.system)

    async def promote(self, stage: str) -> float:
        """Promote once; the seconds from asking for it until it has succeeded."""
        start = time.perf_counter()
        await self.promotions.promote(stage, self.freight, project=PROJECT)
        return time.perf_counter() - start


async def measure(*, quick: bool = False) -> list[Row]:
    """Repositories of two sizes, and fifty branches at once."""
    sizes = (500, 2_000) if quick else (5_000, 50_000)
    rounds = 3 if quick else 20
    with tempfile.TemporaryDirectory(prefix="argosy-bench-") as text:
        folder = Path(text)
        for size in sizes:
            make_repository(folder / "git" / f"files-{size}.git", size)
        GitRepository.create(folder / "git" / "app.git").commit({"version": "1"})
        async with hosting(folder / "git") as server:
            return await _figures(folder, server, sizes, rounds)


async def _figures(folder: Path, server: str, sizes: tuple[int, ...], rounds: int) -> list[Row]:
    rows: list[Row] = []
    for size in sizes:
        async with _around(folder / f"data-{size}", server) as around:
            rows += await _one_after_another(around, size, rounds)
    async with _around(folder / "data-branches", server) as around:
        rows += await _at_once(around, sizes[0], folder / "git")
    return rows


def make_repository(path: Path, files: int) -> GitRepository:
    """A repository of `files` small YAML files, a hundred to a folder."""
    repository = GitRepository.create(path)
    content = {f"apps/app-{n // 100:03}/file-{n % 100:03}.yaml": _content(n) for n in range(files)}
    repository.add([Change(content)])
    return repository


def _content(number: int) -> str:
    labels = "".join(f"    label-{n}: value-{number}-{n}\n" for n in range(8))
    return f"# values of file {number}\nimage:\n  name: app\n  tag: 0.0.0\nreplicas: 2\nlabels:\n{labels}"


@contextlib.asynccontextmanager
async def _around(folder: Path, server: str) -> AsyncIterator[Around]:
    """A system with nothing cached yet, and Freight to promote."""
    folder.mkdir()
    async with running(settings_in(folder), PROJECT) as pipeline, following(pipeline.system) as promotions:
        await pipeline.apply(HEAD.replace("SERVER", server))
        found = await pipeline.until("Warehouse", "app", _has_freight)
        yield Around(folder, server, pipeline, promotions, found["status"]["lastFreightID"])


def _has_freight(warehouse: Mapping[str, Any]) -> bool:
    return bool((warehouse.get("status") or {}).get("lastFreightID"))


async def _one_after_another(around: Around, size: int, rounds: int) -> list[Row]:
    repository = f"files-{size}"
    url = f"{around.server}/{repository}.git"
    await around.stage("one", repository, "main")
    taken = []
    await _quiet_disk()
    for _ in range(rounds + 1):
        taken.append(await around.promote("one"))
        await settled(around.pipeline.system)
    full = await _by_git(url, around.folder, max(3, rounds // 4), ())
    shallow = await _by_git(url, around.folder, max(3, rounds // 4), ("--depth", "1"))
    return list(_rows(f"{size:,} files", taken, (full, shallow)))


def _rows(size: str, taken: list[float], baselines: tuple[list[float], list[float]]) -> Iterator[Row]:
    first, warm = taken[0], taken[1:]
    full, shallow = baselines
    clone = ("git clone and push, median", median(full))
    yield compared(f"promote, {size}: first, nothing cached", first, clone)
    yield compared(f"promote, {size}: second", warm[0], clone, aim="under 0.5 s" if size.startswith("50") else "")
    yield compared(f"promote, {size}: warm, median of {len(warm)}", median(warm), clone)
    worst = (f"git clone and push, p95 of {len(full)}", percentile(full, 0.95))
    yield compared(f"promote, {size}: warm, p95", percentile(warm, 0.95), worst)
    depth = ("git clone --depth 1 and push, median", median(shallow))
    yield compared(f"promote, {size}: warm, median of {len(warm)}", median(warm), depth)


async def _by_git(url: str, folder: Path, rounds: int, options: tuple[str, ...]) -> list[float]:
    taken = []
    for number in range(rounds):
        value = f"by-git{''.join(options)}-{number}"
        await _quiet_disk()
        taken.append(await git_program.promote(url, "main", FILE, value, into=folder / value, options=options))
    return taken


async def _quiet_disk() -> None:
    """Wait until what was written is on disk. Nothing is deleted before the end either: that slows what follows."""
    await asyncio.to_thread(os.sync)


async def _at_once(around: Around, size: int, root: Path) -> list[Row]:
    repository = f"files-{size}"
    url = f"{around.server}/{repository}.git"
    tip = GitRepository(root / f"{repository}.git")
    branches = [f"env-{number:02}" for number in range(AT_ONCE)]
    for branch in branches:
        tip.git("update-ref", f"refs/heads/{branch}", "main")
        await around.stage(branch, repository, branch)
    before = resident()
    await _quiet_disk()
    cold, warm = [await _together(around, branches) for _ in range(2)]
    by_git = around.folder / "by-git"
    by_git.mkdir()
    await _quiet_disk()
    start = time.perf_counter()
    await asyncio.gather(*(git_program.promote(url, name, FILE, "1", into=by_git / name) for name in branches))
    baseline = time.perf_counter() - start
    what = f"{AT_ONCE} promotions to {AT_ONCE} branches of {size:,} files at once"
    rows = []
    for name, (seconds, most, own) in (("first", cold), ("warm", warm)):
        memory = f"{_mib(own)}, with the programs it started {_mib(most)}"
        against = (f"{AT_ONCE} git clones and pushes at once", baseline)
        rows.append(compared(f"{what}: {name}", seconds, against, more=f", {AT_ONCE / seconds:.1f}/s"))
        rows.append(Row(f"- most memory, {name}", memory, f"before: {_mib(before)}"))
    return rows


async def _together(around: Around, stages: list[str]) -> tuple[float, int, int]:
    """Seconds until all have succeeded, and the most memory with programs and without."""
    most, own = [0], [0]

    async def watch_memory() -> None:
        while True:
            own[0] = max(own[0], resident())
            most[0] = max(most[0], await asyncio.to_thread(resident_with_children))
            await asyncio.sleep(0.2)

    watching = asyncio.create_task(watch_memory())
    start = time.perf_counter()
    await asyncio.gather(*(around.promote(stage) for stage in stages))
    seconds = time.perf_counter() - start
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await settled(around.pipeline.system)
    return seconds, most[0], own[0]


def _mib(count: int) -> str:
    return f"{count / 2**20:.0f} MiB"
