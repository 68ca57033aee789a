"""The key that keeps logins unreadable in the names of caches."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def cache_key(path: Path) -> bytes:
    """The key that keeps logins unreadable in the names of caches; losing it only makes the caches new."""
    with contextlib.suppress(OSError):
        key = path.read_bytes()
        if len(key) == 32:
            return key
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = secrets.token_bytes(32)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(key)
    draft.replace(path)
    return key
