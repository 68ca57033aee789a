"""Basic: the user name and password (or token) that a Secret holds."""

from __future__ import annotations

from argosy.clients.login import Login
from argosy.credentials.request import Request


async def login(request: Request) -> Login | None:
    """The Secret's `username` and `password`; None unless both are there and neither is empty."""
    values = request.secret.values if request.secret else {}
    username, password = values.get("username", ""), values.get("password", "")
    return Login(username, password) if username and password else None
