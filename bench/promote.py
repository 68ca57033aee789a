"""Promotions over smart HTTP: clone, change one value, commit, push; against the same work by a fresh `git clone`."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from argosy.testing.git_repository import Change, GitRepository
from bench import git_program, together
from bench.following import settled
from bench.hosting import hosting
from bench.surroundings import FILE, Around, open_around
from bench.table import Row, compared, percentile


async def measure(*, quick: bool = False) -> list[Row]:
    """Repositories of two sizes, and fifty promotions at once."""
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
        async with open_around(folder / f"data-{size}", server) as around:
            rows += await _one_after_another(around, size, rounds)
    for measured in (together.many_branches, together.one_branch):
        async with open_around(folder / f"data-{measured.__name__}", server) as around:
            rows += await measured(around, sizes[0], folder / "git")
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
