"""Keys of values in YAML and JSON files, as users write them: `image.tag`, `images.0.tag`, `annotations.a\\.b/c`.

Follows Kargo's `pkg/sjson`: dots separate unless escaped; a colon may begin a part (as a hint that a number is a key).
"""

from __future__ import annotations

from argosy.errors import Permanent

_ADVICE = r"Separate the parts by single dots; write \. for a dot and \: for a colon within a part."


def split_key(key: str) -> list[str]:
    """The parts of a key. Raises Permanent when it is malformed."""
    key = key.strip()
    parts, part = [], ""
    chars = iter(key)
    for char in chars:
        if char == "\\":
            escaped = next(chars, "")
            if escaped not in (".", ":"):
                raise Permanent(f"key {key!r} has a backslash before {escaped or 'its end'!r}", advice=_ADVICE)
            part += escaped
        elif char == ".":
            parts.append(part)
            part = ""
        elif char == ":":
            if part:
                raise Permanent(f"key {key!r} has a colon within a part", advice=_ADVICE)
        else:
            part += char
    parts.append(part)
    if not all(parts):
        raise Permanent(f"key {key!r} has an empty part" if key else "a key is empty", advice=_ADVICE)
    return parts
