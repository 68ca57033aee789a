"""Durations in documents: kept as the text the user wrote; loops need seconds."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from argosy.duration import nanoseconds, written

INTERVAL_PATTERN = r"^([0-9]+(\.[0-9]+)?(s|m|h))+$"


def parse_duration(text: str) -> float:
    """Seconds of a duration in Go's notation. Raises ValueError as `argosy.duration.nanoseconds` does."""
    return nanoseconds(text) / 10**9


def format_duration(seconds: float) -> str:
    """Seconds in Go's notation: `1h30m0s`, `1.5s`, `250ms`, `0s`."""
    return written(round(seconds * 10**9))


def _checked(text: str) -> str:
    nanoseconds(text)
    return text


Duration = Annotated[str, AfterValidator(_checked)]
"""Any duration in Go's notation, kept as written."""

Interval = Annotated[str, Field(pattern=INTERVAL_PATTERN), AfterValidator(_checked)]
"""A duration in hours, minutes and seconds only, as the schemas of Warehouse and Stage ask; kept as written."""
