"""Tokens that the cluster knows: those of its ServiceAccounts, API tokens among them, and of its own users."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from argosy.clients.token_review import User
from argosy.clock import Clock
from argosy.resources.names import EventActor
from argosy.store.principal import Principal

Review = Callable[[str], Awaitable[User | None]]

REMEMBERED_SECONDS = 5.0
"""How long an answer is believed: every request of a busy client would else be two."""

REMEMBERED = 1024
AT_ONCE = 16
"""Questions at once, so that nobody can keep the cluster busy with tokens of nonsense."""


class KubernetesTokens:
    """Asks the cluster about every token that nobody else knew; so it comes last."""

    def __init__(self, review: Review, clock: Clock) -> None:
        self._review = review
        self._clock = clock
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._known: OrderedDict[bytes, tuple[float, Principal | None]] = OrderedDict()

    async def principal(self, token: str) -> Principal | None:
        digest, now = hashlib.sha256(token.encode("utf-8", "replace")).digest(), self._clock.monotonic()
        until, found = self._known.get(digest, (0.0, None))
        if until <= now:
            async with self._turns:
                user = await self._review(token)
            found = _principal(user) if user else None
            self._known[digest] = (now + REMEMBERED_SECONDS, found)
            self._known.move_to_end(digest)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return found


def _principal(user: User) -> Principal:
    actor = f"{EventActor.KUBERNETES_USER}{user.name}"
    return Principal(actor, user=user.name, groups=user.groups, uid=user.uid, extra=user.extra)
