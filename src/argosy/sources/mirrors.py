"""All mirrors of the process: which folder is whose, and the one mirror that each repository and login has."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakValueDictionary

from argosy.clients.git import Git, Remote
from argosy.clock import Clock
from argosy.errors import ArgosyError, Permanent
from argosy.rules import git_url
from argosy.sources.bare import NAME
from argosy.sources.mirror import BLOBLESS, BranchLocks, Mirror


@dataclass
class Mirrors:
    """All mirrors below `root`, keyed by repository and login.

    Args:
        root: a folder of ours alone.
        hmac_key: keeps the logins in folder names unreadable; the same over restarts.
    """

    root: Path
    git: Git
    clock: Clock
    hmac_key: bytes = field(repr=False)
    _open: dict[str, Mirror] = field(default_factory=dict, init=False, repr=False)
    _locks: BranchLocks = field(default_factory=WeakValueDictionary, init=False, repr=False)

    async def open(self, remote: Remote, *, blobless: bool = False) -> Mirror:
        """The mirror of `remote`, made when missing; asks no server. Raises Permanent for what is no Git URL.

        One that is `blobless` fetches the contents of files when they are needed. Where there is a whole one already,
        it is taken instead: it has them.
        """
        key = self._key(remote)
        if blobless and not self._is_filled(key):
            key += BLOBLESS
        mirror = self._open.get(key)
        if mirror is None:
            folder = self.root / key
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.mkdir(exist_ok=True, mode=0o700)
            mirror = self._open[key] = Mirror(folder, remote, self.git, self.clock, self._locks)
        # Tokens of one account rotate: the newest is the one to use.
        mirror.remote = remote
        return mirror

    def at(self, key: str, remote: Remote) -> Mirror:
        """The mirror in the folder `key`, for what was checked out from it; `remote` may log in otherwise by now."""
        mirror = self._open.get(key)
        if mirror is not None and mirror.remote == remote:
            return mirror
        return Mirror(self.root / key, remote, self.git, self.clock, self._locks)

    def git_dir(self, key: str) -> Path:
        """Where the repository of the mirror `key` is."""
        return self.root / key / NAME

    @property
    def lfs_root(self) -> Path:
        """Where contents of LFS files are kept, beside the mirrors."""
        return self.root.parent / "lfs"

    async def close(self) -> None:
        """Give up every refresh that is under way."""
        await asyncio.gather(*(mirror.close() for mirror in self._open.values()))

    async def maintain(self) -> None:
        """Repack the mirrors in use whose packs have piled up; what cannot be repacked now is left for later."""
        for mirror in list(self._open.values()):
            with contextlib.suppress(ArgosyError):
                await mirror.maintain()

    def folders(self) -> list[Path]:
        """The repositories on disk, opened in this run or not."""
        return sorted(self.root.glob(f"*/{NAME}")) if self.root.exists() else []

    def _is_filled(self, key: str) -> bool:
        """Whether something was fetched into this mirror."""
        git_dir = self.git_dir(key)
        return (git_dir / "packed-refs").exists() or (git_dir / "refs" / "remotes").exists()

    def _key(self, remote: Remote) -> str:
        address = git_url.parse(remote.url)
        if not address.scheme:
            raise Permanent(f"{remote.url} is no URL of a Git repository", advice="Use an https:// URL")
        login = remote.login.digest(self.hmac_key) if remote.login else "anonymous"
        parts = (address.identity, login, "checked" if remote.verify_tls else "unchecked")
        digest = hmac.new(self.hmac_key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:24]
        return f"{_slug(address.identity)}-{digest}"


def _slug(text: str) -> str:
    """A readable piece of a folder's name."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text.rpartition("://")[2])[-60:].strip("-.")
