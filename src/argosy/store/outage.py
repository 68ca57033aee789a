"""Trouble that lasts: told when it begins, then ever more rarely, however many suffer from it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from argosy.clock import Clock

log = logging.getLogger(__name__)

FIRST, MOST = 10.0, 600.0
"""Seconds until a trouble that lasts is told again: at first, and at most."""

OVER = 60.0
"""Seconds without a word of a trouble after which the next one is a new trouble."""


@dataclass(slots=True)
class _Told:
    last: float
    due: float
    pause: float


class Outages:
    """The troubles of one store. Everybody who waits for it shares this, so that each is told once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: dict[str, _Told] = {}

    def tell(self, who: str, error: Exception) -> None:
        """Somebody tried again, and the trouble was there still."""
        now, text = self._clock.monotonic(), str(error)
        self._told = {key: told for key, told in self._told.items() if now - told.last < max(OVER, 2 * told.pause)}
        told = self._told.get(text)
        if told is None:
            told = self._told[text] = _Told(now, now, FIRST / 2)
        told.last = now
        if now < told.due:
            return
        log.warning("%s: %s", who, text)
        told.pause = min(MOST, told.pause * 2)
        told.due = now + told.pause
