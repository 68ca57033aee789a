"""LFS files of one work tree: which pointers it holds, and their contents in their place.

Git is told to take such a file as unchanged, so its index keeps the pointer whatever lies in the tree. Before anything
is staged each file is compared with what was put there. A record in the Git directory says what that was; it is written
before the first content, so that a tree can always be brought back to its pointers.
"""

from __future__ import annotations

import asyncio
import json
import os
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from argosy.clients.git import Extra
from argosy.errors import Failed
from argosy.failpoints import reach
from argosy.rules.lfs_pointer import LONGEST, LfsObject, parse_pointer
from argosy.sources.checkout_record import LFS
from argosy.sources.commit_object import Run
from argosy.sources.lfs import digest_of

_FILES = (b"100644", b"100755")
_AGE = 2_000_000_000  # nanoseconds that a content put in place looks older than it is


@dataclass(frozen=True, slots=True)
class LfsFile:
    """A pointer that is checked out.

    Attributes:
        path: in the work tree; bytes that are not UTF-8 are surrogates.
        mode: `100644` or `100755`.
        blob: ID of the pointer's text.
        modified: when its content was put in place, in nanoseconds since 1970; 0 when it was not.
    """

    path: str
    mode: str
    blob: str
    oid: str
    size: int
    modified: int = 0

    @property
    def object(self) -> LfsObject:
        return LfsObject(self.oid, self.size)


@dataclass(frozen=True, slots=True)
class LfsFiles:
    """Does this for one checkout: `run` runs git in it, `tree` is its work tree, `git_dir` its own Git directory."""

    run: Run
    tree: Path
    git_dir: Path

    @property
    def wanted(self) -> bool:
        """Whether this checkout has contents in place of pointers."""
        return self._record.exists()

    async def pointers(self) -> list[LfsFile]:
        """The files under `filter=lfs` that are pointers, in the index as in the tree."""
        found = _files((await self.run("ls-files", "-z", "--stage", "-t")).stdout)
        under = await self._under_lfs(found)
        texts = await self._texts({found[path][1] for path in under})
        pointed = {path: parse_pointer(texts.get(found[path][1], b"")) for path in under}
        seen = await self._read_pointers([path for path in under if pointed[path] is not None])
        return [
            LfsFile(path, *found[path], there.oid, there.size)
            for path, there in seen.items()
            if there is not None and there == pointed[path]
        ]

    async def fill(self, files: Iterable[LfsFile], copy: Callable[[LfsObject, Path, int], None]) -> None:
        """Put contents in the places of what `pointers` gave: `copy(object, path, mode)` writes each.

        Raises what it raises.
        """
        ready = list(files)
        paths = {file.path for file in ready}
        others = [file for file in self._read() if file.path not in paths]
        self._save([*others, *ready])
        await self._mark("--assume-unchanged", paths)
        filled = []
        for file in ready:
            filled.append(await asyncio.to_thread(self._replace, file, copy))
            reach("lfs.filling")
        self._save([*others, *filled])

    async def settle(self) -> None:
        """Before everything is staged: let Git see what changed, and keep contents out of it.

        A content of an object of the repository is staged as its pointer. Raises Failed for any other content under
        `filter=lfs`, as nobody would have uploaded it.
        """
        if not self.wanted:
            return
        files = await self._compared()
        await self._unmark(flagged=await self._flagged(), kept={file.path for file in files if file.modified})
        listed = await self.run("ls-files", "-z", "--modified", "--others", "--exclude-standard")
        changed = {os.fsdecode(path) for path in listed.stdout.split(b"\0") if path}
        seen = await self._read_pointers(await self._under_lfs(sorted(changed)))
        contents = [path for path, pointed in seen.items() if pointed is None and self._is_file(path)]
        staged = await asyncio.to_thread(self._recognized, contents)
        ours = [file for file in staged.values() if file is not None]
        await self._stage(ours)
        self._save([*(file for file in files if file.path not in staged or not staged[file.path]), *ours])
        strange = [path for path, file in staged.items() if file is None]
        if strange:
            raise Failed(
                f"{_shown(strange[:3])} changed, but is kept in Git LFS, to which Argosy uploads nothing",
                advice="Push such a content with git lfs, and let a promotion write its pointer, or copy it as it is.",
            )

    async def empty(self) -> None:
        """Bring pointers back to where their contents are; what was changed since stays, for Git to see."""
        if not self.wanted:
            return
        files, flagged = await self._compared(), await self._flagged()
        ours = [file for file in files if file.path in flagged and file.modified]
        await self._unmark(flagged, kept=set())
        if ours:
            await self._index(ours)
            paths = b"".join(os.fsencode(file.path) + b"\0" for file in ours)
            await self.run("checkout-index", "--force", "--index", "-z", "--stdin", extra=Extra(stdin=paths))
        self._save([replace(file, modified=0) for file in files])

    async def forget(self) -> None:
        """Make Git see every content for the change that it is, for the reset that takes it away, and forget it."""
        if self.wanted:
            await self._index(self._read())
            self._record.unlink()

    async def _compared(self) -> list[LfsFile]:
        """What the record holds; `modified` is 0 of all that is not as it was put there."""
        return await asyncio.to_thread(
            lambda: [file if self._is_untouched(file) else replace(file, modified=0) for file in self._read()]
        )

    async def _read_pointers(self, paths: Iterable[str]) -> dict[str, LfsObject | None]:
        """What each path of the tree points to, if it is a pointer there."""
        return await asyncio.to_thread(lambda: {path: self._read_pointer(path) for path in paths})

    async def _under_lfs(self, paths: Iterable[str]) -> list[str]:
        """Those of `paths` that have the attribute `filter=lfs`."""
        stdin = b"".join(os.fsencode(path) + b"\0" for path in paths)
        if not stdin:
            return []
        answer = await self.run("check-attr", "-z", "--stdin", "filter", extra=Extra(stdin=stdin))
        pieces = answer.stdout.split(b"\0")
        return [os.fsdecode(path) for path, value in zip(pieces[::3], pieces[2::3], strict=False) if value == b"lfs"]

    async def _texts(self, blobs: Iterable[str]) -> dict[str, bytes]:
        """The texts of those blobs that are small enough for a pointer."""
        stdin = "".join(f"{blob}\n" for blob in blobs).encode()
        if not stdin:
            return {}
        told = (await self.run("cat-file", "--batch-check", extra=Extra(stdin=stdin))).text.splitlines()
        sizes = [(blob, int(size)) for blob, kind, size in (line.split() for line in told) if kind == "blob"]
        small = [(blob, size) for blob, size in sizes if size <= LONGEST]
        stdin = "".join(f"{blob}\n" for blob, _ in small).encode()
        data = (await self.run("cat-file", "--batch", extra=Extra(stdin=stdin))).stdout if small else b""
        texts, place = {}, 0
        for blob, size in small:
            begin = data.index(b"\n", place) + 1
            texts[blob] = data[begin : begin + size]
            place = begin + size + 1
        return texts

    async def _flagged(self) -> set[str]:
        """The files that Git takes as unchanged."""
        listed = (await self.run("ls-files", "-z", "-v")).stdout.split(b"\0")
        return {os.fsdecode(line[2:]) for line in listed if line[:1].islower()}

    async def _unmark(self, flagged: set[str], kept: set[str]) -> None:
        await self._mark("--no-assume-unchanged", flagged - kept)

    async def _mark(self, how: str, paths: Iterable[str]) -> None:
        stdin = b"".join(os.fsencode(path) + b"\0" for path in paths)
        if stdin:
            await self.run("update-index", how, "-z", "--stdin", extra=Extra(stdin=stdin))

    async def _index(self, files: Iterable[LfsFile]) -> None:
        """Put pointers into the index, as files that Git knows nothing of in the tree."""
        stdin = b"".join(f"{file.mode} {file.blob}\t".encode() + os.fsencode(file.path) + b"\0" for file in files)
        if stdin:
            await self.run("update-index", "-z", "--index-info", extra=Extra(stdin=stdin))

    async def _stage(self, files: list[LfsFile]) -> None:
        await self._index(files)
        await self._mark("--assume-unchanged", [file.path for file in files])

    def _recognized(self, paths: Iterable[str]) -> dict[str, LfsFile | None]:
        """For each path, the known object whose content it has; None for another content."""
        known = self._known()
        sizes = {file.size for file in known.values()}
        found: dict[str, LfsFile | None] = {}
        for path in paths:
            place = self.tree / path
            info = place.stat()
            same = known.get(digest_of(place)) if info.st_size in sizes else None
            mode = "100755" if info.st_mode & stat.S_IXUSR else "100644"
            found[path] = self._aged(replace(same, path=path, mode=mode)) if same else None
        return found

    def _known(self) -> dict[str, LfsFile]:
        """By object, a file that had it, in any checkout of this mirror."""
        records = self.git_dir.parent.glob(f"*/{LFS}")
        return {file.oid: file for record in (*records, self._record) for file in _load(record)}

    def _replace(self, file: LfsFile, copy: Callable[[LfsObject, Path, int], None]) -> LfsFile:
        place = self.tree / file.path
        draft = place.with_name(f".{file.blob}.argosy-draft")
        try:
            copy(file.object, draft, 0o755 if file.mode == "100755" else 0o644)
            draft.replace(place)
            return self._aged(file)
        finally:
            draft.unlink(missing_ok=True)

    def _aged(self, file: LfsFile) -> LfsFile:
        """Make the file older, so that a change is seen however soon it comes."""
        place = self.tree / file.path
        moment = time.time_ns() - _AGE
        os.utime(place, ns=(moment, moment))
        return replace(file, modified=place.stat().st_mtime_ns)

    def _is_untouched(self, file: LfsFile) -> bool:
        if not file.modified or not self._is_file(file.path):
            return False
        info = (self.tree / file.path).stat()
        runs = bool(info.st_mode & stat.S_IXUSR) == (file.mode == "100755")
        return runs and (info.st_size, info.st_mtime_ns) == (file.size, file.modified)

    def _is_file(self, path: str) -> bool:
        """Whether a regular file is there, behind no link."""
        place = self.tree / path
        try:
            real = place.parent.resolve() == self.tree.resolve() / Path(path).parent
            return real and stat.S_ISREG(place.lstat().st_mode)
        except OSError:
            return False

    def _read_pointer(self, path: str) -> LfsObject | None:
        if not self._is_file(path):
            return None
        with (self.tree / path).open("rb") as file:
            return parse_pointer(file.read(LONGEST + 1))

    @property
    def _record(self) -> Path:
        return self.git_dir / LFS

    def _read(self) -> list[LfsFile]:
        return _load(self._record)

    def _save(self, files: Iterable[LfsFile]) -> None:
        self._record.parent.mkdir(exist_ok=True)
        draft = self._record.with_suffix(".new")
        draft.write_text(json.dumps([asdict(file) for file in files]))  # which can write any path, unlike orjson
        draft.replace(self._record)


def _shown(paths: Iterable[str]) -> str:
    return ", ".join(os.fsencode(path).decode(errors="replace") for path in paths)


def _files(listing: bytes) -> dict[str, tuple[str, str]]:
    """Mode and blob of the regular files that are checked out, from `ls-files -z --stage -t`."""
    found = {}
    for line in listing.split(b"\0"):
        head, _, path = line.partition(b"\t")
        tag, *rest = head.split(b" ")
        if tag == b"H" and rest[0] in _FILES and rest[2] == b"0":
            found[os.fsdecode(path)] = (rest[0].decode(), rest[1].decode())
    return found


def _load(record: Path) -> list[LfsFile]:
    try:
        return [LfsFile(**each) for each in json.loads(record.read_bytes())]
    except FileNotFoundError:
        return []
