"""Checkouts: work trees of mirrors, taken for a promotion and put back warm for the next one.

A record in each work tree's Git directory says whose it is. On disk alone the state is whole: a restart finds every
checkout again, and what a crash left half done is swept away.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import orjson

from argosy.clients.git import Remote
from argosy.clients.login import Login
from argosy.clock import Clock
from argosy.errors import ArgosyError, NotFound, Permanent
from argosy.sources.mirror import Mirror, Mirrors
from argosy.sources.worktree import Checkout

_RECORD = "checkout.json"


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one work tree.

    Attributes:
        id: name of its Git directory.
        mirror: key of its mirror.
        path: where its files are.
        ready: whether the checkout was finished; an unfinished one is worth nothing.
        pooled: whether it waits to be taken.
        size: bytes of its files, known once it was put back.
        used: when it was put back, in seconds since 1970.
    """

    id: str
    mirror: str
    url: str
    path: str
    branch: str
    verify_tls: bool = True
    sparse: bool = False
    ready: bool = False
    pooled: bool = False
    size: int = 0
    used: float = 0.0


@dataclass(frozen=True, slots=True)
class Revision:
    """What to check out: a branch, a tag or a commit ID; nothing means the default branch."""

    branch: str = ""
    tag: str = ""
    commit: str = ""


@dataclass
class Checkouts:
    """Every checkout of the process.

    Args:
        root: folder of the pool, best on the file system of the places that checkouts are taken to.
        mirrors: where they come from.
        clock: tells which pooled tree was unused longest.
        cap: bytes that pooled trees may hold together.
    """

    root: Path
    mirrors: Mirrors
    clock: Clock
    cap: int = 10 * 1024**3
    _records: dict[str, Record] = field(default_factory=dict, init=False, repr=False)

    async def start(self) -> None:
        """Find the checkouts of earlier runs and sweep away what was half done. Call once, before anything else."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        records, rubbish = await asyncio.to_thread(_survey, self.root, self.mirrors.folders())
        self._records = {record.id: record for record in records}
        await asyncio.to_thread(_remove, rubbish)

    async def take(self, mirror: Mirror, into: Path, what: Revision, *, sparse: Iterable[str] = ()) -> Checkout:
        """Check `what` out at `into`, which must be missing or empty.

        The server is asked first, unless a full commit ID is asked for that is already here. A pooled tree of the same
        branch is reused, reset to pristine.

        Args:
            sparse: folders to check out instead of everything.

        Raises NotFound (no such revision), Permanent (`into` is not empty) or what `Mirror.refresh` raises.
        """
        if not _is_free(into):
            raise Permanent(f"{into.name} already exists and is not empty", advice="Choose another path")
        for stale in [record for record in self._records.values() if record.path == str(into)]:
            await self._drop(stale)
        commit, branch = await self._resolve(mirror, what)
        folders = tuple(sparse)
        warm = None if folders else await self._take_warm(mirror, into, branch, commit)
        return warm or await self._make(mirror, into, branch, (commit, folders))

    def open(self, path: Path, login: Login | None = None) -> Checkout:
        """The checkout at `path`, taken in this run or an earlier one; `login` is needed to talk to the server.

        Raises NotFound.
        """
        for record in self._records.values():
            if record.path == str(path) and record.ready and not record.pooled and path.is_dir():
                remote = Remote.of(record.url, login, verify_tls=record.verify_tls)
                return self._checkout(record, self.mirrors.at(record.mirror, remote))
        raise NotFound(f"{path.name} is no checkout of a Git repository", advice="Check the path, and clone first")

    def find(self, below: Path) -> list[Checkout]:
        """The checkouts at or below a folder, for putting them back when it goes."""
        inside = [record for record in self._records.values() if Path(record.path).is_relative_to(below)]
        return [self.open(Path(record.path)) for record in inside if record.ready and Path(record.path).is_dir()]

    async def put_back(self, checkout: Checkout) -> None:
        """The checkout is not needed any more: keep its tree warm, or delete it when it is sparse or tampered with."""
        record = self._records.get(checkout.git_dir.name)
        if record is None:
            return
        size = -1 if record.sparse else await asyncio.to_thread(_measure, checkout.path)
        place = self.root / record.id
        try:
            if size < 0:
                raise OSError("not fit for the pool")
            checkout.path.rename(place)
        except OSError:
            await self._drop(record)
            return
        pooled = replace(record, path=str(place), pooled=True, size=size, used=self.clock.now().timestamp())
        self._write(pooled)
        await self._evict()

    async def discard(self, checkout: Checkout) -> None:
        """Delete the checkout and its files."""
        record = self._records.get(checkout.git_dir.name)
        if record is not None:
            await self._drop(record)

    async def _resolve(self, mirror: Mirror, what: Revision) -> tuple[str, str]:
        """The commit ID, and the branch if it is one."""
        full = len(what.commit) == 40
        if full and await mirror.has(what.commit):
            return what.commit, ""
        refs = await mirror.refresh()
        try:
            commit = await mirror.resolve(branch=what.branch, tag=what.tag, commit=what.commit)
        except NotFound:
            if not full:
                raise
            await mirror.fetch_commit(what.commit)
            return what.commit, ""
        return commit, "" if what.tag or what.commit else what.branch or refs.default_branch

    async def _take_warm(self, mirror: Mirror, into: Path, branch: str, commit: str) -> Checkout | None:
        pooled = [
            one for one in self._records.values() if one.pooled and (one.mirror, one.branch) == (mirror.key, branch)
        ]
        if not pooled:
            return None
        last = max(pooled, key=lambda record: record.used)
        taken = replace(last, path=str(into), pooled=False, ready=False)
        try:
            # In this order a crash in between leaves a tree in the pool whose record says so or can be mended.
            self._write(taken)
            _move(last.path, into)
            checkout = self._checkout(taken, mirror)
            await checkout.reset(commit)
        except (OSError, ArgosyError):
            await asyncio.to_thread(_remove, [Path(last.path)])
            await self._drop(taken)
            return None
        self._write(replace(taken, ready=True))
        return checkout

    async def _make(self, mirror: Mirror, into: Path, branch: str, what: tuple[str, tuple[str, ...]]) -> Checkout:
        commit, folders = what
        git_dir = mirror.place.git_dir / "worktrees" / secrets.token_hex(8)
        git_dir.mkdir(parents=True)
        record = Record(
            id=git_dir.name,
            mirror=mirror.key,
            url=mirror.remote.url,
            path=str(into),
            branch=branch,
            verify_tls=mirror.remote.verify_tls,
            sparse=bool(folders),
        )
        (git_dir / "commondir").write_text("../..\n")
        (git_dir / "gitdir").write_text(f"{into}/.git\n")
        if folders:
            (git_dir / "info").mkdir()
            (git_dir / "info" / "sparse-checkout").write_text(_cone(folders))
        self._write(record)
        checkout = self._checkout(record, mirror)
        try:
            into.mkdir(parents=True, exist_ok=True)  # noqa: ASYNC240 - one quick call
            await checkout.reset(commit)
        except BaseException:
            await asyncio.shield(self._drop(record))
            raise
        self._write(replace(record, ready=True))
        return checkout

    async def _evict(self) -> None:
        pooled = sorted((one for one in self._records.values() if one.pooled), key=lambda one: one.used)
        total = sum(record.size for record in pooled)
        for record in pooled:
            if total <= self.cap:
                return
            total -= record.size
            await self._drop(record)

    async def _drop(self, record: Record) -> None:
        self._records.pop(record.id, None)
        await asyncio.to_thread(_remove, [self._git_dir(record), Path(record.path)])

    def _write(self, record: Record) -> None:
        target = self._git_dir(record) / _RECORD
        draft = target.with_suffix(".new")
        draft.write_bytes(orjson.dumps(asdict(record)))
        draft.replace(target)
        self._records[record.id] = record

    def _git_dir(self, record: Record) -> Path:
        return self.mirrors.git_dir(record.mirror) / "worktrees" / record.id

    def _checkout(self, record: Record, mirror: Mirror) -> Checkout:
        git_dir = mirror.place.git_dir / "worktrees" / record.id
        return Checkout(mirror, Path(record.path), git_dir, record.branch, record.sparse)


def _survey(pool: Path, repositories: list[Path]) -> tuple[list[Record], list[Path]]:
    """What is on disk: records of whole checkouts, and files that belong to none."""
    records: list[Record] = []
    rubbish: list[Path] = []
    for git_dir in (path for repository in repositories for path in repository.glob("worktrees/*")):
        record = _read(git_dir / _RECORD)
        waiting = pool / git_dir.name
        if record is not None and waiting.is_dir():
            records.append(replace(record, path=str(waiting), pooled=True, ready=True))
        elif record is not None and record.ready and Path(record.path).is_dir():
            _unlock(git_dir)
            records.append(record)
        else:
            rubbish += [git_dir, *([Path(record.path)] if record is not None else [])]
    kept = {record.id for record in records}
    rubbish += [path for path in pool.iterdir() if path.name not in kept]
    return records, rubbish


def _is_free(place: Path) -> bool:
    return not place.is_symlink() and (not place.exists() or (place.is_dir() and not any(place.iterdir())))


def _move(source: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.rename(source, target)


def _read(path: Path) -> Record | None:
    try:
        return Record(**orjson.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _unlock(git_dir: Path) -> None:
    """Nobody holds a lock of an earlier run any more."""
    for lock in git_dir.glob("*.lock"):
        lock.unlink()


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        shutil.rmtree(path, ignore_errors=True)


def _measure(tree: Path) -> int:
    """Bytes of the tree's files; -1 when something in it calls itself `.git`, which `git clean` would leave there."""
    total, waiting = 0, [str(tree)]
    while waiting:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.lower() in (".git", "git~1"):
                    return -1
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    total += entry.stat(follow_symlinks=False).st_size
    return total


def _cone(folders: Iterable[str]) -> str:
    """A sparse-checkout file in cone mode: files at the top and in the parents, everything below the folders."""
    parents: dict[str, None] = {}
    whole: dict[str, None] = {}
    for folder in folders:
        parts = [part for part in folder.strip("/").split("/") if part not in ("", ".")]
        if not parts or ".." in parts or any(char in folder for char in "*?[]\\\n\0!#"):
            raise Permanent(f"{folder!r} is no folder for a sparse checkout", advice="Name folders, such as apps/web")
        for depth in range(1, len(parts)):
            parents[f"/{'/'.join(parts[:depth])}/"] = None
        whole[f"/{'/'.join(parts)}/"] = None
    lines = ["/*", "!/*/"]
    for parent in parents:
        lines += [parent, f"!{parent}*/"]
    return "\n".join([*lines, *whole]) + "\n"
