"""A login: who we are to a server. Shared by every client, printed by none."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from enum import StrEnum

from argosy.errors import Permanent
from argosy.rules import git_url


@dataclass(frozen=True, slots=True, repr=False)
class Login:
    """A user name and password (or token), or a key of SSH. Its `repr` and `str` show nothing of it.

    Args:
        username: may be empty where a server takes a bare token.
        password: the secret.
        identity: names the account where passwords rotate (tokens of an app installation), so that caches outlive
            them; empty means that the user name and password are the identity.
        ssh_key: a private key without a passphrase, for Git over SSH.
        known_hosts: the host keys to trust with it, as lines of a `known_hosts` file; empty leaves that to others.
    """

    username: str = ""
    password: str = ""
    identity: str = ""
    ssh_key: str = ""
    known_hosts: str = ""

    def __repr__(self) -> str:
        return "Login(...)"

    def digest(self, key: bytes) -> str:
        """An HMAC-SHA-256 in hex, for keying caches; without `key` it says nothing about the login."""
        parts = ("identity", self.identity) if self.identity else ("password", self.username, self.password)
        if self.ssh_key:
            parts = ("ssh", self.ssh_key)
        message = b"\0".join(part.encode() for part in parts)
        return hmac.new(key, message, hashlib.sha256).hexdigest()


class PlainHttp(StrEnum):
    """Where a login may be sent over `http://`, readable by everyone on the way."""

    NEVER = "never"
    LOOPBACK = "loopback"
    ALWAYS = "always"

    def check(self, scheme: str, host: str, *, where: str) -> None:
        """Raises Permanent when a login may not be sent. `where` names the server or repository in the message."""
        if scheme != "http" or self is PlainHttp.ALWAYS:
            return
        if self is PlainHttp.LOOPBACK and git_url.is_loopback(host):
            return
        raise Permanent(
            f"{where} is read over plain http://, so its credentials were not sent",
            advice="Use an https:// URL, or ask the operator to allow credentials over plain HTTP",
        )
