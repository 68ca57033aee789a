"""Contents of LFS files: fetched once for each repository, kept on disk, handed out to whom the server grants them.

The store of a repository is its own: whoever runs a server of his own and knows the digest of somebody's content must
not get it from here. What is kept is verified when it comes and whenever it goes out.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from argosy.clients.git import Remote
from argosy.clients.lfs import Lfs, Source, gather_few
from argosy.errors import NotFound, Permanent, Temporary
from argosy.failpoints import reach
from argosy.rules import git_url
from argosy.rules.lfs_pointer import LfsObject

_AT_ONCE = 4
_CHUNK = 1 << 20
_RECENT = 3600.0  # seconds for which what was used stays, whatever the cap


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes: of one object, of all objects of one checkout, and that all repositories may keep together."""

    object: int = 1 << 30
    checkout: int = 4 << 30
    kept: int = 10 << 30


@dataclass(frozen=True)
class Contents:
    """The contents of one repository's objects.

    Attributes:
        root: folder of the stores of all repositories.
        remote: the repository, with the login that must be granted what is asked for.
        allow_file: whether objects may be read from a repository on this machine.
    """

    root: Path
    remote: Remote
    lfs: Lfs
    key: bytes
    allow_file: bool = False
    limits: Limits = Limits()

    async def fetch(self, wanted: Sequence[LfsObject], ref: str = "") -> None:
        """Have every object of `wanted` in the store, granted to this login just now. `ref` is the full name of a
        branch that holds them, if known.

        Raises Permanent (too large, no way to read them) and what `Lfs.locate` and `Lfs.download` raise.
        """
        self._check_sizes(wanted)
        wanted = list(dict.fromkeys(wanted))
        address = git_url.parse(self.remote.url)
        if address.scheme == "file" and self.allow_file:
            await gather_few([partial(asyncio.to_thread, self._take, address.url, one) for one in wanted], _AT_ONCE)
        elif address.scheme in ("http", "https", "ssh"):
            sources = await self.lfs.locate(self.remote, wanted, ref)
            await gather_few([partial(self._download, source) for source in sources], _AT_ONCE)
        else:
            raise Permanent(
                f"contents of LFS files cannot be read from {address.url}",
                advice="Use the https:// URL of the repository, with a token, or leave out lfs: true",
            )
        await asyncio.to_thread(self._trim)

    def copy(self, what: LfsObject, target: Path, mode: int) -> None:
        """Write a content that was fetched to the new file `target`. Raises Temporary (damaged or gone); OSError."""
        place = self._place(what)
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
            with place.open("rb") as source, os.fdopen(descriptor, "wb") as into:
                digest = _pour(source, into)
        except FileNotFoundError:
            raise Temporary(f"LFS object {what.oid[:12]} of {self.remote.url} is not kept any more") from None
        if digest != what.oid:
            place.unlink(missing_ok=True)
            raise Temporary(f"LFS object {what.oid[:12]} of {self.remote.url} was damaged on disk")

    def _check_sizes(self, wanted: Sequence[LfsObject]) -> None:
        largest = max((one.size for one in wanted), default=0)
        total = sum(one.size for one in wanted)
        advice = "Check out less, with sparse, or leave out lfs: true"
        if largest > self.limits.object:
            raise Permanent(
                f"an LFS file of {self.remote.url} has {largest} bytes, the limit is {self.limits.object}",
                advice=advice,
            )
        if total > self.limits.checkout:
            raise Permanent(
                f"the LFS files of {self.remote.url} have {total} bytes, the limit is {self.limits.checkout}",
                advice=advice,
            )

    @cached_property
    def _store(self) -> Path:
        # A content that came without a look at certificates is nothing for those who want one.
        parts = (git_url.parse(self.remote.url).identity, "checked" if self.remote.verify_tls else "unchecked")
        repository = hmac.new(self.key, "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:32]
        return self.root / repository

    def _place(self, what: LfsObject) -> Path:
        return self._store / what.oid[:2] / what.oid[2:4] / what.oid

    def _kept(self, what: LfsObject) -> bool:
        place = self._place(what)
        try:
            os.utime(place)
            return place.stat().st_size == what.size
        except FileNotFoundError:
            return False

    def _draft(self, what: LfsObject) -> Path:
        place = self._place(what)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.root.chmod(0o700)
        return place.with_name(f"{what.oid}.{secrets.token_hex(8)}")

    async def _download(self, source: Source) -> None:
        if self._kept(source.object):
            return
        draft = self._draft(source.object)
        # What was said of one server's certificate says nothing of another's.
        same = git_url.parse(source.url).origin == git_url.parse(self.remote.url).origin
        await self.lfs.download(source, draft, verify_tls=self.remote.verify_tls or not same)
        self._keep(draft, source.object)

    def _take(self, url: str, what: LfsObject) -> None:
        """Copy from a repository on this machine."""
        folder = Path(unquote(urlsplit(url).path) if "://" in url else url)
        below = Path("lfs", "objects", what.oid[:2], what.oid[2:4], what.oid)
        found = next((place for place in (folder / below, folder / ".git" / below) if place.is_file()), None)
        if found is None:
            raise NotFound(
                f"{url} has no LFS object {what.oid[:12]}",
                advice="Fetch it there: git lfs fetch --all. Or leave out lfs: true",
            )
        draft = self._draft(what)
        try:
            with found.open("rb") as source, draft.open("xb") as into:
                digest = _pour(source, into, what.size + 1)
            if digest != what.oid:
                raise Permanent(f"LFS object {what.oid[:12]} of {url} is damaged", advice="Run git lfs fsck there")
            self._keep(draft, what)
        finally:
            draft.unlink(missing_ok=True)

    def _keep(self, draft: Path, what: LfsObject) -> None:
        reach("lfs.fetched")
        draft.chmod(0o600)
        draft.replace(self._place(what))

    def _trim(self) -> None:
        """Delete what was unused longest while all stores hold too much, and what a crash left half written."""
        now, files = time.time(), []
        for place in self.root.glob("*/*/*/*"):
            try:
                info = place.stat()
            except FileNotFoundError:
                continue
            files.append((info.st_mtime, info.st_size, place))
        total = sum(size for _, size, _ in files)
        for used, size, place in sorted(files):
            if now - used < _RECENT or (total <= self.limits.kept and "." not in place.name):
                continue
            total -= size
            place.unlink(missing_ok=True)


def _pour(source: BinaryIO, into: BinaryIO, most: int | None = None) -> str:
    """Copy bytes, at most `most`; returns their SHA-256 in hex."""
    digest, left = hashlib.sha256(), most
    while chunk := source.read(_CHUNK if left is None else min(_CHUNK, left)):
        digest.update(chunk)
        into.write(chunk)
        left = None if left is None else left - len(chunk)
    return digest.hexdigest()


def digest_of(path: Path) -> str:
    """The SHA-256 of a file in hex. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
