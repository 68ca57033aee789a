"""One server of perhaps several: its data folder is its own, and by that it has a name that it keeps."""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

from argosy.errors import Unavailable


def make_folder(path: Path) -> None:
    """Make the data folder when it is missing. Raises Unavailable."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Unavailable(
            f"the data folder {path} cannot be made: {error.strerror}",
            advice="Name a folder that you may write to with --data.",
        ) from error


@contextlib.contextmanager
def replica(data: Path) -> Iterator[str]:
    """Hold a data folder until the block ends; yields the name of the replica.

    It is the same after a restart on the same folder, so that a server that was killed need not wait for itself; the
    name of the machine is part of it, so that copies of a folder elsewhere are others.

    Raises Unavailable when another process holds the folder, or it cannot be written.
    """
    make_folder(data)
    path = data / "replica"
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(f"{path} cannot be written: {error.strerror}", advice="Look at its permissions.") from error
    try:
        yield f"{socket.gethostname()}_{_name(handle, data)}"
    finally:
        os.close(handle)


def _name(handle: int, data: Path) -> str:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Unavailable(
            f"the data folder {data} is in use by another process",
            advice="Stop it first, or name another folder with --data.",
        ) from None
    name = os.read(handle, 64).decode("ascii", "replace").strip()
    if not name:
        name = str(uuid.uuid4())
        os.write(handle, f"{name}\n".encode())
    return name
