"""Keys of values in YAML, JSON, TOML and HCL files, as users write them: `image.tag`, `images.0.tag`, `labels.a\\.b/c`.

Follows Kargo's `pkg/sjson`: dots separate unless escaped; a colon may begin a part (as a hint that a number is a key).
"""

from __future__ import annotations

from dataclasses import dataclass

from argosy.errors import Permanent

_LONGEST_INDEX = 9  # digits
_ADVICE = r"Separate the parts by single dots; write \. for a dot and \: for a colon within a part."


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a key; `is_index` when it is a number that may count the items of a list."""

    text: str
    is_index: bool


def split_key(key: str) -> list[str]:
    """The parts of a key. Raises Permanent when it is malformed."""
    return [part.text for part in key_parts(key)]


def key_parts(key: str) -> list[Part]:
    """The parts of a key, and what they may mean. Raises Permanent when it is malformed."""
    key = key.strip()
    parts, part, named = [], "", False
    chars = iter(key)
    for char in chars:
        if char == "\\":
            escaped = next(chars, "")
            if escaped not in (".", ":"):
                raise Permanent(f"key {key!r} has a backslash before {escaped or 'its end'!r}", advice=_ADVICE)
            part += escaped
        elif char == ".":
            parts.append(_part(part, named))
            part, named = "", False
        elif char == ":":
            if part:
                raise Permanent(f"key {key!r} has a colon within a part", advice=_ADVICE)
            named = True
        else:
            part += char
    parts.append(_part(part, named))
    if not all(part.text for part in parts):
        raise Permanent(f"key {key!r} has an empty part" if key else "a key is empty", advice=_ADVICE)
    return parts


def _part(text: str, named: bool) -> Part:
    return Part(text, len(text) <= _LONGEST_INDEX and text.isascii() and text.isdigit() and not named)
