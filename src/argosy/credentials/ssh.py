"""SSH: the private key that a Secret holds for repositories read over SSH."""

from __future__ import annotations

from argosy.clients.login import Login
from argosy.credentials.request import Request


async def login(request: Request) -> Login | None:
    """The Secret's `sshPrivateKey`, and its `knownHosts` if any; None for repositories not read over SSH.

    Before the password: a Secret may hold both, and over SSH only the key is of use.
    """
    if request.kind != "git" or not request.url.startswith("ssh://") or request.secret is None:
        return None
    values = request.secret.values
    key = values.get("sshPrivateKey", "")
    return Login(ssh_key=key, known_hosts=values.get("knownHosts", "")) if key.strip() else None
