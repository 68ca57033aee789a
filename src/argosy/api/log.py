"""The log of a promotion as plain text, followed to its end when asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Protocol

from argosy.clock import Clock
from argosy.errors import NotFound
from argosy.resources.meta import Key
from argosy.resources.promotion import PromotionPhase
from argosy.store.base import Store

PAUSE = 0.25
"""Seconds between two looks at a log that is followed."""


class Logs(Protocol):
    """Where logs are kept."""

    def read(self, uid: str, offset: int = 0) -> tuple[str, int]:
        """The log of a promotion from byte `offset`, and the offset to go on from."""
        ...


async def pieces(store: Store, key: Key, uid: str, logs: Logs, clock: Clock, *, follow: bool) -> AsyncGenerator[bytes]:
    """The log piece by piece. Followed, it ends once the Promotion has ended or is gone."""
    offset = 0
    while True:
        is_last = not follow or await _has_ended(store, key, uid)
        text, offset = await asyncio.to_thread(logs.read, uid, offset)
        if text:
            yield text.encode()
        if is_last:
            return
        await clock.sleep(PAUSE)


async def _has_ended(store: Store, key: Key, uid: str) -> bool:
    try:
        promotion = await store.get(key)
    except NotFound:
        return True
    phase = (promotion.data.get("status") or {}).get("phase")
    return promotion.uid != uid or (phase in set(PromotionPhase) and PromotionPhase(phase).is_terminal)
