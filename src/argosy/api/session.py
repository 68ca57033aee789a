"""Sessions of browsers: a cookie that says nothing, and a Secret that says nothing without the cookie.

A session is a bearer token that the server keeps for a browser, so that no script of a page can read it, with what
renews it. The token is examined at every request as if the browser had sent it. What is kept is encrypted with a key
that only the cookie has.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final
from weakref import WeakValueDictionary

import jwt
import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from argosy.clock import Clock, parse_rfc3339, rfc3339
from argosy.errors import Conflict, Denied, NotFound, Permanent, Temporary
from argosy.resources.meta import Document, Json, Key
from argosy.resources.names import TRUE, Annotation, Label
from argosy.resources.secret import Secret
from argosy.store.base import Operator, Query, Requirement, Store
from argosy.store.typed import find

log = logging.getLogger(__name__)

SCOPE: Final = "argosy.session"
"""The key in the scope of a request under which its Session is, where a cookie said who asks."""

TYPE = "argosy/session"
RENEW_BEFORE = 30.0
"""Seconds before the end of a token at which it is renewed."""

_SEALED = "sealed"
_BYTES = 32
_REMEMBERED = 4096
_REMEMBERED_SECONDS = 5.0
_SWEEP_EVERY = 3600.0
_CLAIM = timedelta(seconds=30)
_PAUSE = 0.2
_TRIES = 50

Renew = Callable[[str], Awaitable[tuple[str, str]]]
"""Gives a new token and a new refresh token for a refresh token. Raises Denied, Temporary and Permanent."""

_WHOSE = ("iss", "sub")
"""The claims by which the provider says who somebody is."""


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in.

    Attributes:
        id: what its cookie says.
        token: the bearer token that its requests are examined by.
        refresh_token: renews the token; empty where nothing does.
    """

    id: str = field(repr=False)
    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)

    @property
    def name(self) -> str:
        """Of the Secret that keeps it; the cookie cannot be told from it."""
        return f"session-{hashlib.sha256(self.id.encode()).hexdigest()[:40]}"

    @property
    def csrf(self) -> str:
        """What pages must send along with changes, which other sites cannot know; the cookie cannot be told from it."""
        return hmac.new(self.id.encode(), b"argosy csrf", hashlib.sha256).hexdigest()


class Sessions:
    """Keeps sessions.

    Args:
        store: where; rights are not asked.
        namespace: of the Secrets.
        ttl: seconds after which a session ends whatever happens.
        renew: gets new tokens; None where there is no provider.
    """

    def __init__(self, store: Store, namespace: str, clock: Clock, *, ttl: float, renew: Renew | None = None) -> None:
        self._store = store
        self._namespace = namespace
        self._clock = clock
        self._ttl = timedelta(seconds=ttl)
        self._renew = renew
        self._known: OrderedDict[str, tuple[float, Session]] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._swept_at = clock.monotonic()

    @property
    def ttl(self) -> int:
        """Seconds that a cookie is to be kept."""
        return int(self._ttl.total_seconds())

    async def begin(self, token: str, refresh_token: str = "") -> Session:
        """A new session; its identity was never seen before, so that nobody can have planted it."""
        session = Session(secrets.token_urlsafe(_BYTES), token, refresh_token)
        until = rfc3339(self._clock.now() + self._ttl)
        await self._store.create(self._document(session, {Annotation.EXPIRES.value: until}))
        if self._clock.monotonic() - self._swept_at > _SWEEP_EVERY:
            self._swept_at = self._clock.monotonic()
            await self._sweep()
        return session

    async def find(self, id: str) -> Session | None:
        """The session of a cookie, its token renewed if need be; None when there is none or it is over.

        Raises Temporary or Permanent when its token has ended and its provider cannot renew it now.
        """
        name = Session(id, "").name
        until, session = self._known.get(name, (0.0, None))
        if session is None or until <= self._clock.monotonic():
            session = await self._read(id)
        if session is not None and self._is_old(session):
            session = await self._renewed(session)
        return session

    async def end(self, id: str) -> Session | None:
        """End a session, and tell what it was."""
        session = await self._read(id)
        if session is not None:
            await self._forget(session.name)
        return session

    async def _read(self, id: str) -> Session | None:
        kept = await find(self._store, self._key(Session(id, "").name))
        session = self._opened(kept, id) if kept else None
        if session is not None:
            self._remember(session)
        return session

    def _remember(self, session: Session) -> None:
        self._known[session.name] = (self._clock.monotonic() + _REMEMBERED_SECONDS, session)
        self._known.move_to_end(session.name)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _is_old(self, session: Session) -> bool:
        """Whether the token ends soon and can be renewed."""
        end = _end_of(session.token)
        return bool(
            session.refresh_token
            and self._renew
            and end is not None
            and self._clock.now().timestamp() >= end - RENEW_BEFORE
        )

    async def _renewed(self, session: Session) -> Session | None:
        """The session with new tokens: they are asked for once, whatever number of requests come meanwhile."""
        turn = self._turns.setdefault(session.name, asyncio.Lock())
        async with turn:
            for _ in range(_TRIES):
                newest = await self._read(session.id)
                if newest is None or not self._is_old(newest):
                    return newest
                if await self._claim(newest):
                    return await self._exchange(newest)
                await self._clock.sleep(_PAUSE)
            raise Temporary("the session is being renewed elsewhere", after=1)

    async def _claim(self, session: Session) -> bool:
        """Whether it is for this replica to renew a session: a refresh token that is shown twice looks stolen."""
        kept = await find(self._store, self._key(session.name))
        if kept is None:
            return False
        begun = (kept.meta.get("annotations") or {}).get(Annotation.RENEWING, "")
        if begun and self._clock.now() < parse_rfc3339(begun) + _CLAIM:
            return False
        marks = {"annotations": {Annotation.RENEWING.value: rfc3339(self._clock.now())}}
        try:
            await self._store.patch(kept.key, {"metadata": {"resourceVersion": str(kept.version), **marks}})
        except (Conflict, NotFound):
            return False
        return True

    async def _exchange(self, session: Session) -> Session | None:
        """The session with what the provider gives for its refresh token; None when it gives nothing."""
        try:
            if self._renew is None:
                return session
            token, refresh_token = await self._renew(session.refresh_token)
            if not token:
                raise Denied("the provider gave no new ID token")
            if _told(token, *_WHOSE) != _told(session.token, *_WHOSE):  # OpenID Connect Core 1.0, 12.2
                raise Denied("the provider gave an ID token of somebody else")
        except Denied as error:
            log.info("a session ends: %s", error.message)
            await self._forget(session.name)
            return None
        except (Temporary, Permanent):
            await self._put(session)
            end = _end_of(session.token)
            if end is not None and self._clock.now().timestamp() < end:
                return session
            raise
        changed = replace(session, token=token, refresh_token=refresh_token)
        await self._put(changed)
        return changed

    async def _put(self, session: Session) -> None:
        """Keep what a session is now, and that nobody renews it any more."""
        marks = {"annotations": {Annotation.RENEWING.value: None}}
        with contextlib.suppress(NotFound):  # ended meanwhile
            data = self._document(session, {})["data"]
            await self._store.patch(self._key(session.name), {"metadata": marks, "data": data})
            self._remember(session)

    async def _forget(self, name: str) -> None:
        self._known.pop(name, None)
        with contextlib.suppress(NotFound):
            await self._store.delete(self._key(name))

    async def _sweep(self) -> None:
        """Delete the sessions that are over."""
        query = Query("Secret", self._namespace, (Requirement(Label.SESSION, Operator.IN, (TRUE,)),))
        for kept in (await self._store.list(query)).documents:
            if not self._lasts(kept):
                await self._forget(kept.key.name)

    def _lasts(self, kept: Document) -> bool:
        try:
            return self._clock.now() < parse_rfc3339(str(kept.meta["annotations"][Annotation.EXPIRES]))
        except (KeyError, TypeError, ValueError):
            return False

    def _key(self, name: str) -> Key:
        return Key("Secret", self._namespace, name)

    def _document(self, session: Session, annotations: dict[str, str]) -> dict[str, Json]:
        content = orjson.dumps([session.token, session.refresh_token])
        nonce = secrets.token_bytes(12)
        sealed = nonce + _cipher(session.id).encrypt(nonce, content, session.name.encode())
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": session.name,
                "namespace": self._namespace,
                "labels": {Label.SESSION.value: TRUE},
                "annotations": annotations,
            },
            "type": TYPE,
            "data": {_SEALED: base64.b64encode(sealed).decode()},
        }

    def _opened(self, kept: Document, id: str) -> Session | None:
        secret = kept.understood(Secret)
        if secret is None or secret.type != TYPE or not self._lasts(kept):
            return None
        try:
            sealed = secret.values.get(_SEALED, b"")
            content = _cipher(id).decrypt(sealed[:12], sealed[12:], kept.key.name.encode())
            token, refresh_token = orjson.loads(content)
        except (InvalidTag, ValueError):
            return None
        return Session(id, token, refresh_token)


def _cipher(id: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"argosy session\0" + id.encode()).digest())


def _told(token: str, *claims: str) -> tuple[Json, ...]:
    """What a JWT says, which is examined elsewhere; None for what it does not."""
    try:
        told = jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, RecursionError):
        told = {}
    return tuple(told.get(claim) for claim in claims)


def _end_of(token: str) -> float | None:
    """When a JWT says that it ends; on it rests nothing but when it is renewed."""
    (end,) = _told(token, "exp")
    return float(end) if isinstance(end, int | float) else None
