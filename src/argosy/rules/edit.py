"""What the editors of files have in common: a change, and bytes as text."""

from __future__ import annotations

from dataclasses import dataclass

from argosy.errors import Permanent
from argosy.resources.meta import Json

LARGEST = 16 << 20
"""Bytes of the largest file that is edited."""

_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class Update:
    """One change: `key` as users write it, such as `image.tag` or `images.0.tag`; `value` of any JSON type."""

    key: str
    value: Json


def decoded(content: bytes, language: str) -> tuple[str, bytes]:
    """The text of a file, and the byte order mark before it. Raises Permanent: too large, or no UTF-8."""
    if len(content) > LARGEST:
        raise Permanent(f"the file has {len(content)} bytes, the limit for {language} files is {LARGEST}")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        raise Permanent(
            "the file is not UTF-8", advice=f"Save it as UTF-8, which {language} files should be."
        ) from error
    mark = _MARK if text.startswith(_MARK) else ""
    return text[len(mark) :], mark.encode()
