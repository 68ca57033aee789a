"""Checkouts: work trees of mirrors, taken for a promotion and put back warm for the next one.

A record in each work tree's Git directory says whose it is. On disk alone the state is whole: a restart finds every
checkout again, and what a crash left half done is swept away.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from argosy.clients.git import Remote
from argosy.clients.git_keys import sweep
from argosy.clients.login import Login
from argosy.clock import Clock
from argosy.errors import ArgosyError, NotFound, Permanent
from argosy.sources.checkout_record import AUTHOR, LOCAL_TAGS, Record, measure, remove, sparse_file, survey
from argosy.sources.mirror import Mirror
from argosy.sources.mirrors import Mirrors
from argosy.sources.refs import is_whole_commit
from argosy.sources.worktree import Checkout

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Revision:
    """What to check out: a branch, a tag or a commit ID; nothing means the default branch.

    With a commit, `branch` only says which branch the checkout stands for.
    """

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
        """Find the checkouts of earlier runs and sweep away what was half done, keys above all. Call once, at first."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        records, rubbish = await asyncio.to_thread(survey, self.root, self.mirrors.folders())
        self._records = {record.id: record for record in records}
        await asyncio.to_thread(remove, rubbish)
        await asyncio.to_thread(sweep)

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
        """The checkout is not needed any more: keep its tree warm, or delete it if it is not plain or tampered with."""
        record = self._records.get(checkout.git_dir.name)
        if record is None:
            return
        for name in (AUTHOR, LOCAL_TAGS):
            (checkout.git_dir / name).unlink(missing_ok=True)
        size = -1 if record.sparse or record.single else await asyncio.to_thread(measure, checkout.path)
        resting = replace(record, path=str(self.root / record.id), ready=False, size=size)
        try:
            if size < 0:
                raise OSError("not fit for the pool")
            checkout.path.rename(resting.path)
            self._write(resting)
            moved = self._checkout(resting, checkout.mirror)
            head = await moved.head()
            # Reset now, when nobody waits, and out of the promotion's reach.
            filled = moved.lfs.wanted
            await moved.reset(head)
            if filled:  # and now holds pointers
                resting = replace(resting, size=await asyncio.to_thread(measure, moved.path))
        except (OSError, ArgosyError) as error:
            _log.info("The checkout at %s is deleted, not kept warm: %s", checkout.path, error)
            await self._drop(record)
            await self._drop(resting)
            return
        self._write(replace(resting, ready=True, pooled=True, used=self.clock.now().timestamp(), pristine=head))
        await self._evict()

    def use_once(self, checkout: Checkout) -> None:
        """Do not keep this checkout warm when it is put back."""
        self._write(replace(self._records[checkout.git_dir.name], single=True))

    async def discard(self, checkout: Checkout) -> None:
        """Delete the checkout and its files."""
        record = self._records.get(checkout.git_dir.name)
        if record is not None:
            await self._drop(record)

    async def _resolve(self, mirror: Mirror, what: Revision) -> tuple[str, str]:
        """The commit ID, and the branch if it is one."""
        full = is_whole_commit(what.commit)
        if full and await mirror.has(what.commit):
            return what.commit, what.branch
        refs = await mirror.refresh()
        try:
            commit = await mirror.resolve(branch=what.branch, tag=what.tag, commit=what.commit)
        except NotFound:
            if not full:
                raise
            await mirror.fetch_commit(what.commit)
            return what.commit, what.branch
        return commit, what.branch if what.tag or what.commit else what.branch or refs.default_branch

    async def _take_warm(self, mirror: Mirror, into: Path, branch: str, commit: str) -> Checkout | None:
        pooled = [
            one for one in self._records.values() if one.pooled and (one.mirror, one.branch) == (mirror.key, branch)
        ]
        if not pooled:
            return None
        last = max(pooled, key=lambda record: record.used)
        taken = replace(last, path=str(into), pooled=False, ready=False, pristine="")
        try:
            # In this order a crash in between leaves a tree in the pool whose record says so or can be mended.
            self._write(taken)
            _move(last.path, into)
            checkout = self._checkout(taken, mirror)
            if last.pristine != commit:
                await checkout.reset(commit)
        except (OSError, ArgosyError) as error:
            _log.info("The warm checkout %s is replaced by a fresh one: %s", last.id, error)
            await self._drop(last)
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
            (git_dir / "info" / "sparse-checkout").write_text(sparse_file(folders))
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
        await asyncio.to_thread(remove, [self._git_dir(record), Path(record.path)])

    def _write(self, record: Record) -> None:
        record.save(self._git_dir(record))
        self._records[record.id] = record

    def _git_dir(self, record: Record) -> Path:
        return self.mirrors.git_dir(record.mirror) / "worktrees" / record.id

    def _checkout(self, record: Record, mirror: Mirror) -> Checkout:
        git_dir = mirror.place.git_dir / "worktrees" / record.id
        return Checkout(mirror, Path(record.path), git_dir, record.branch, record.sparse)


def _is_free(place: Path) -> bool:
    return not place.is_symlink() and (not place.exists() or (place.is_dir() and not any(place.iterdir())))


def _move(source: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    os.rename(source, target)
