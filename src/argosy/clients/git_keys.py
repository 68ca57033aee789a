"""Private keys on disk, for as long as one command needs them: folders of ours alone, in memory where there is any.

`git`, `ssh` and `gpg` take keys from files only. Each folder is locked while it is in use, so that what a crash left
behind is known as such, and swept away at the next start.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_PREFIX, _LOCK = "argosy-key-", "lock"
_ROOM = 60
_FRESH = 60.0
"""Seconds in which a folder without a lock may be one that is just being made."""


def places() -> list[Path]:
    """Where keys may lie, best first: memory is better than disk."""
    candidates = (os.environ.get("XDG_RUNTIME_DIR", ""), "/dev/shm", tempfile.gettempdir())  # noqa: S108
    return [Path(place) for place in candidates if place and os.access(place, os.W_OK | os.X_OK)]


def place_for_sockets() -> Path:
    """The best of them whose path leaves room for sockets below it, which may have 108 bytes in all."""
    return next((place for place in places() if len(str(place)) <= _ROOM), Path("/tmp"))  # noqa: S108


@contextlib.contextmanager
def key_folder(place: Path | None = None) -> Iterator[Path]:
    """A folder that only this user may enter, deleted at the end of the block. Blocks for a moment only."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place or places()[0]))
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def write_key(path: Path, text: str) -> None:
    """Write a key that nobody else may read, with the line ends that programs insist on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n")


def sweep(where: list[Path] | None = None) -> None:
    """Delete the folders of processes that are no more. Folders in use, of whatever process, stay."""
    folders = [folder for place in (places() if where is None else where) for folder in place.glob(f"{_PREFIX}*")]
    for folder in folders:
        with contextlib.suppress(OSError):
            if _is_left(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_left(folder: Path) -> bool:
    if folder.is_symlink() or folder.lstat().st_uid != os.getuid():
        return False
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError:
        return time.time() - folder.lstat().st_mtime > _FRESH
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
