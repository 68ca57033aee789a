"""What steps do while something that they look at is away for a moment: a server that restarts fails no promotion."""

from __future__ import annotations

from argosy.errors import Temporary
from argosy.steps.base import Wait

SOON = 10.0
"""Seconds between two looks where nobody would tell of a change."""


def waits_out(error: Temporary, wakes: tuple[str, ...]) -> Wait:
    """To ask again until the step's time is over."""
    return Wait(str(error), error.after or SOON, wakes=wakes)
