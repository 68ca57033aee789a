"""What rooms tell of their work to whoever measures it. Nothing here knows what becomes of it."""

from __future__ import annotations

from typing import Protocol


class Meter(Protocol):
    """Hears of things that happened. One is passed to whoever has something to tell; it must not raise or wait.

    What is told, and with which labels, is listed in `app/metrics.py`.
    """

    def took(self, what: str, seconds: float, **labels: str) -> None:
        """Something happened once, and took so many seconds."""
        ...


class Unmetered:
    """Hears nothing."""

    def took(self, what: str, seconds: float, **labels: str) -> None:
        """Nothing becomes of it."""


UNMETERED = Unmetered()
