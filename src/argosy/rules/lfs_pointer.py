"""Pointers of Git LFS: the small text that a repository holds in place of a file's content."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 1024
"""Bytes of the longest text that is looked at as a pointer."""
_POINTER = re.compile(
    rb"version https://(?:git-lfs|hawser)\.github\.com/spec/v1\r?\n"
    rb"oid sha256:(?P<oid>[0-9a-f]{64})\r?\n"
    rb"size (?P<size>0|[1-9][0-9]{0,18})\s*"
)


@dataclass(frozen=True, slots=True)
class LfsObject:
    """A content: the SHA-256 of it in hex, and its size in bytes."""

    oid: str
    size: int


def parse_pointer(text: bytes) -> LfsObject | None:
    """What a pointer points to; None for any other text, and for pointers of LFS extensions."""
    found = _POINTER.fullmatch(text) if len(text) <= LONGEST else None
    return LfsObject(found["oid"].decode(), int(found["size"])) if found else None
