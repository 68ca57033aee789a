"""The bare repository of a mirror on disk: made whole or not at all, mended, repacked. Talks to no server."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
from collections.abc import Coroutine
from pathlib import Path

from argosy.clients.git import Answer, Extra, Git, Place
from argosy.clients.git_error import CorruptRepository

_PACKS, _PARTIAL_PACKS, _LOOSE = 12, 50, 3000
_NEW, _BROKEN = "repository.new", "repository.broken"
NAME = "repository.git"
PROMISOR, FILTER = "origin", "blob:none"
"""The name of the remote that has what a partial repository lacks, and what that is."""
_PARTIAL = f"""[core]
\trepositoryFormatVersion = 1
[extensions]
\tpartialClone = {PROMISOR}
[remote "{PROMISOR}"]
\tpromisor = true
\tpartialCloneFilter = {FILTER}
"""


class BareRepository:
    """A repository that may not exist yet, may be damaged, and is never needed: everything in it can be fetched again.

    Args:
        folder: a folder of its own, which is there.
        git: the program.
        partial: whether it holds commits and trees alone, and the contents of files as far as they were needed.
    """

    def __init__(self, folder: Path, git: Git, *, partial: bool = False) -> None:
        self.partial = partial
        self.place = Place(folder / NAME)
        self._folder = folder
        self._git = git
        self._ready = False
        self._suspect = False

    async def open(self) -> Place:
        """Make it if it is not there."""
        if not self._ready and not (self.place.git_dir / "HEAD").exists():
            await self._create()
        self._ready = True
        return self.place

    async def run(self, *args: str, extra: Extra | None = None, place: Place | None = None) -> Answer:
        """Run a git command that talks to no server, here or in a work tree; remembers damage it meets."""
        return await self.watch(self._git.local(place or await self.open(), *args, extra=extra))

    async def watch(self, command: Coroutine[None, None, Answer]) -> Answer:
        """Wait for a git command; remembers damage it meets."""
        try:
            return await command
        except CorruptRepository:
            self._suspect = True
            raise

    async def check(self) -> None:
        """After somebody met damage, find out whether it is here. Raises CorruptRepository."""
        place = await self.open()
        if self._suspect:
            objects = ("--objects", f"--filter={FILTER}") if self.partial else ("--objects",)
            await self._git.local(place, "rev-list", *objects, "--quiet", "--glob=refs/remotes/*")
            self._suspect = False

    async def replace(self) -> None:
        """Begin anew, empty. Work trees keep their place; commits in them that were not pushed are lost."""
        broken = self._folder / _BROKEN
        await asyncio.to_thread(shutil.rmtree, broken, ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            self.place.git_dir.rename(broken)
        await self._create()
        with contextlib.suppress(FileNotFoundError):
            (broken / "worktrees").rename(self.place.git_dir / "worktrees")
        self._suspect = False
        await asyncio.to_thread(shutil.rmtree, broken, ignore_errors=True)

    async def needs_repacking(self) -> bool:
        """Whether packs or loose objects have piled up."""
        place = await self.open()
        packs, loose = await asyncio.to_thread(_pile, place.git_dir / "objects")
        return packs > (_PARTIAL_PACKS if self.partial else _PACKS) or loose > _LOOSE

    async def repack(self) -> None:
        """Fewer, larger packs. Never drops an object, so that it may run beside commits, checkouts and pushes.

        Git repacks partial repositories all at once only: what was promised and what was made here stay apart.
        """
        how = ("-a", "--keep-unreachable") if self.partial else ("--geometric=2",)
        await self.run("repack", "-d", *how, "--quiet")
        await self.run("pack-refs", "--all")

    async def _create(self) -> None:
        new = self._folder / _NEW
        await asyncio.to_thread(shutil.rmtree, new, ignore_errors=True)
        new.mkdir(parents=True, mode=0o700)
        await self._git.local(Place(new), "init", "--quiet", "--bare", "--template=", "--initial-branch=none")
        if self.partial:
            with (new / "config").open("a") as config:
                config.write(_PARTIAL)
        await asyncio.to_thread(shutil.rmtree, self.place.git_dir, ignore_errors=True)
        new.rename(self.place.git_dir)


def _pile(objects: Path) -> tuple[int, int]:
    """How many packs there are and about how many loose objects."""
    packs = len(list((objects / "pack").glob("*.pack")))
    sample = [folder for folder in ("17", "5a", "a3", "e8") if (objects / folder).is_dir()]
    return packs, sum(len(os.listdir(objects / folder)) for folder in sample) * 64
