"""The built-in admin: a password that is known by its bcrypt hash, and tokens that this server signs.

As Kargo's (`pkg/server/admin_login.go`): HS256, subject `admin`. The key depends on the hash as well, so that a new
password ends the logins that were made with the old one.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import re
import secrets
from datetime import timedelta
from typing import Any

import bcrypt
import jwt

from argosy.api.answer import Refused
from argosy.api.authentication.base import unauthorized
from argosy.api.authentication.server_token import ADMIN
from argosy.clock import Clock
from argosy.errors import Invalid
from argosy.store.principal import Principal

log = logging.getLogger(__name__)

ISSUER = "argosy"
ALGORITHM = "HS256"

_HASH = re.compile(r"\$2[aby]\$(0[4-9]|1[0-6])\$[./A-Za-z0-9]{53}")
_MOST_BYTES = 72  # of a password, of which bcrypt sees no more
_AT_ONCE = 2


class Admin:
    """The built-in admin.

    Args:
        password_hash: as `htpasswd -nBC 10 ""` or Kargo's settings have it; what comes before a colon is ignored.
        key: signs tokens; the same for all replicas.
        ttl: seconds that a token is good for.

    Raises Invalid when the hash is none, or one that takes minutes to compare with.
    """

    def __init__(self, password_hash: str, key: bytes, clock: Clock, *, ttl: float) -> None:
        found = password_hash.strip().rpartition(":")[2]
        if not _HASH.fullmatch(found):
            advice = 'Make one: htpasswd -nBC 10 "" (from apache2-utils).'
            raise Invalid("the hash of the admin's password is no bcrypt hash of a cost from 4 to 16", advice=advice)
        self._hash = found.encode()
        self._key = hmac.digest(key, self._hash, hashlib.sha256)
        self._clock = clock
        self._ttl = timedelta(seconds=ttl)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def login(self, password: bytes) -> str:
        """A token for who knows the password. Raises Refused (403), as Kargo answers."""
        async with self._turns:
            right = await asyncio.to_thread(self._is_right, password)
        if not right:
            raise Refused(403, "invalid password", advice="Ask whoever set the server up for the admin's password.")
        now = self._clock.now()
        claims = {
            "iss": ISSUER,
            "aud": ISSUER,
            "sub": "admin",
            "jti": secrets.token_hex(16),
            "iat": now,
            "nbf": now,
            "exp": now + self._ttl,
        }
        return jwt.encode(claims, self._key, ALGORITHM)

    def _is_right(self, password: bytes) -> bool:
        is_readable = len(password) <= _MOST_BYTES and b"\0" not in password
        return bcrypt.checkpw(password if is_readable else b"", self._hash) and is_readable

    async def principal(self, token: str) -> Principal | None:
        if issuer_of(token) != ISSUER:
            return None
        # The clock of ours says what time it is, not that of the library.
        options: Any = {"require": ["exp", "nbf", "sub"], "verify_exp": False, "verify_nbf": False, "verify_iat": False}
        try:
            claims = jwt.decode(token, self._key, [ALGORITHM], options, issuer=ISSUER, audience=ISSUER)
            good = claims["nbf"] <= self._clock.now().timestamp() < claims["exp"]
        except (jwt.PyJWTError, TypeError) as error:
            log.info("a token of the admin was refused: %s", type(error).__name__)
            raise unauthorized("invalid token") from None
        if not good:
            raise unauthorized("invalid token", "It has expired: log in again.")
        return ADMIN


def issuer_of(token: str) -> str:
    """Who a JWT claims to be from, on which nothing may rest but the choice of who examines it; empty for no JWT."""
    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        return ""
    issuer = claims.get("iss")
    return issuer if isinstance(issuer, str) else ""
