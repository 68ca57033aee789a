"""The bearer token that lets its owner in."""

from __future__ import annotations

import secrets
import stat
from pathlib import Path

from argosy.api.private_file import write_private
from argosy.errors import Unavailable


def read_token(path: Path) -> str:
    """The token that somebody else keeps at `path`. Raises Unavailable when it cannot be read, or anybody could."""
    try:
        token, mode = path.read_text(encoding="ascii").strip(), path.stat().st_mode
    except (OSError, UnicodeDecodeError) as error:
        told = getattr(error, "strerror", None) or "it is no token"
        raise Unavailable(f"the token in {path} cannot be read: {told}", advice="Correct token_file.") from error
    if stat.S_IMODE(mode) & 0o007:
        raise Unavailable(f"everybody on this machine can read the token in {path}", advice=f"Run chmod o= {path}.")
    if not token:
        raise Unavailable(f"the token in {path} is empty", advice="Write a long random word into it.")
    return token


def ensure_token(path: Path) -> str:
    """The token kept at `path`; made when there is none. Raises Unavailable when others could read it."""
    try:
        token = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        token = secrets.token_urlsafe(32)
        write_private(path, f"{token}\n".encode())
        return token
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"the token in {path} cannot be read", advice="Remove the file to make a new one.") from error
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Unavailable(
            f"other users of this machine can read the token in {path}",
            advice="Remove the file to make a new one, as somebody may know it.",
        )
    if not token:
        raise Unavailable(f"the token in {path} is empty", advice="Remove the file to make a new one.")
    return token
