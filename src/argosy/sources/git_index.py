"""The index of one work tree: what is staged in it, and no Git repository of somebody else among that."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from argosy.errors import Permanent
from argosy.sources.commit_object import Run

_GITLINK = b"160000"
_CHECKSUM = 20
_PLAIN = "info/plain-index"


@dataclass(frozen=True, slots=True)
class GitIndex:
    """Of one checkout: `run` runs git in it, `tree` is its work tree, `git_dir` its own Git directory."""

    run: Run
    tree: Path
    git_dir: Path

    async def add(self) -> bool:
        """Stage everything that changed; returns whether anything staged differs from HEAD.

        Raises Permanent when a new folder is a Git repository of its own.
        """
        await self.run("add", "--all")
        staged = await self.staged()
        self._refuse(_new_links(staged))
        return bool(staged)

    async def staged(self, *paths: str) -> bytes:
        """How what is staged differs from HEAD, as `git diff-index --raw -z` tells it."""
        arguments = ("--cached", "--raw", "-z", "--no-renames", "--ignore-submodules=none", "HEAD", "--", *paths)
        return (await self.run("diff-index", *arguments)).stdout

    async def refuse_nested(self) -> None:
        """Raises Permanent when a submodule's folder holds a repository.

        Git would look into it for changes, by a configuration that lies in the tree.
        """
        self._refuse(path for path in await self.links() if (self.tree / path / ".git").exists())

    async def links(self) -> list[str]:
        """Paths of the submodules that are tracked.

        That there are none is noted with the checksum that an index ends with (gitformat-index): reading a large index
        again takes as long as a small commit.
        """
        checksum = self._checksum()
        note = self.git_dir / _PLAIN
        if checksum and note.exists() and note.read_bytes() == checksum:
            return []
        found = _tracked_links((await self.run("ls-files", "--stage", "-z")).stdout)
        if checksum and not found:
            note.parent.mkdir(exist_ok=True)
            note.write_bytes(checksum)
        return found

    def _checksum(self) -> bytes:
        """What the index ends with; empty when there is none."""
        try:
            with (self.git_dir / "index").open("rb") as file:
                file.seek(-_CHECKSUM, 2)
                return file.read()
        except OSError:
            return b""

    def _refuse(self, nested: Iterable[str]) -> None:
        found = list(nested)
        if found:
            raise Permanent(
                f"{', '.join(found[:3])} in the work tree is a Git repository of its own",
                advice="Delete its .git before committing",
            )


def _tracked_links(listing: bytes) -> list[str]:
    """Paths of the submodules in `ls-files --stage -z`."""
    if _GITLINK not in listing:
        return []
    entries = (entry.split(b"\t", 1) for entry in listing.split(b"\0") if entry.startswith(_GITLINK))
    return [path.decode(errors="replace") for _, path in entries]


def _new_links(listing: bytes) -> list[str]:
    """Paths of the submodules that are new or changed in `diff-index --raw -z`."""
    if _GITLINK not in listing:
        return []
    pieces = listing.split(b"\0")
    pairs = zip(pieces[::2], pieces[1::2], strict=False)
    return [path.decode(errors="replace") for raw, path in pairs if raw.split(b" ")[1] == _GITLINK]
