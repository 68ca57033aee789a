"""The cookies of browsers: only for this host, only over TLS, never for scripts, nor for what other sites send."""

from __future__ import annotations

from typing import Any

from starlette.requests import HTTPConnection
from starlette.responses import Response

PREFIX = "__Host-argosy"
"""Browsers take a cookie of such a name only from this very host over TLS: no neighbour can plant one."""

SESSION = PREFIX
LOGIN = f"{PREFIX}-login-"
"""With the beginning of a login's state: several tabs may sign in at once."""

_KEPT: dict[str, Any] = {"path": "/", "secure": True, "httponly": True, "samesite": "lax"}


def read_cookie(connection: HTTPConnection, name: str = SESSION) -> str:
    """What a cookie says; empty when there is none."""
    return connection.cookies.get(name, "")


def set_cookie(response: Response, value: str, seconds: int, name: str = SESSION) -> None:
    response.set_cookie(name, value, max_age=seconds, **_KEPT)


def drop_cookie(response: Response, name: str = SESSION) -> None:
    response.delete_cookie(name, **_KEPT)
