"""What lies on disk of checkouts: their records, their files, and what belongs to nobody. Plain file work."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import orjson

from argosy.clients.files import delete_folder
from argosy.errors import Permanent

_RECORD = "checkout.json"
AUTHOR = "info/author.json"
"""Who commits in a checkout, below its Git directory. It goes when the checkout is put back."""
LOCAL_TAGS = "info/tags.json"
"""Tags that were made in a checkout, below its Git directory. They go with it."""
LFS = "info/lfs.json"
"""Files of a checkout whose contents Git LFS keeps, below its Git directory. A reset of the checkout deletes it."""


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one work tree.

    Attributes:
        id: name of its Git directory.
        mirror: key of its mirror.
        path: where its files are.
        ready: whether the checkout was finished; an unfinished one is worth nothing.
        single: whether it serves one promotion only, as one with submodules does.
        pooled: whether it waits to be taken.
        size: bytes of its files, known once it was put back.
        used: when it was put back, in seconds since 1970.
        pristine: the commit whose files the pooled tree holds exactly; empty when it must be reset first.
    """

    id: str
    mirror: str
    url: str
    path: str
    branch: str
    verify_tls: bool = True
    sparse: bool = False
    ready: bool = False
    single: bool = False
    pooled: bool = False
    size: int = 0
    used: float = 0.0
    pristine: str = ""

    def save(self, git_dir: Path) -> None:
        """Write the record into the work tree's Git directory, whole or not at all."""
        draft = git_dir / f"{_RECORD}.new"
        draft.write_bytes(orjson.dumps(asdict(self)))
        draft.replace(git_dir / _RECORD)


def survey(pool: Path, repositories: list[Path]) -> tuple[list[Record], list[Path]]:
    """What is on disk: records of whole checkouts, and files that belong to none."""
    records: list[Record] = []
    rubbish: list[Path] = []
    for git_dir in (path for repository in repositories for path in repository.glob("worktrees/*")):
        record = _read(git_dir / _RECORD)
        waiting = pool / git_dir.name
        if record is not None and waiting.is_dir():
            # A machine that went down may not have written all of its files.
            records.append(replace(record, path=str(waiting), pooled=True, ready=True, pristine=""))
        elif record is not None and record.ready and Path(record.path).is_dir():
            _unlock(git_dir)
            records.append(record)
        else:
            rubbish += [git_dir, *([Path(record.path)] if record is not None else [])]
    kept = {record.id for record in records}
    rubbish += [path for path in pool.iterdir() if path.name not in kept]
    return records, rubbish


def _read(path: Path) -> Record | None:
    try:
        return Record(**orjson.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return None


def _unlock(git_dir: Path) -> None:
    """Nobody holds a lock of an earlier run any more."""
    for lock in git_dir.glob("*.lock"):
        lock.unlink()


def remove(paths: Iterable[Path]) -> None:
    for path in paths:
        delete_folder(path, ignore_errors=True)


def measure(tree: Path) -> int:
    """Bytes of the tree's files; -1 for one that is not worth keeping.

    That is one in which something calls itself `.git`, which `git clean` would leave there, or deeper than the stack.
    """
    try:
        return _measure(tree)
    except RecursionError:
        return -1


def _measure(tree: Path) -> int:
    total = 0
    for folder, names, files in os.walk(tree):
        if any(name.lower() in (".git", "git~1") for name in (*names, *files)):
            return -1
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(folder, name)).st_size
    return total


def sparse_file(folders: Iterable[str]) -> str:
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
