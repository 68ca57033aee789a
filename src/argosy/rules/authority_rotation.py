"""How replicas change the certificate authority that they share, without a moment in which one is not trusted.

A new authority is trusted for a while before anything is signed with it, and the old one until it ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

AUTHORITY_DAYS = 1095
CERTIFICATE_DAYS = 60
"""Within which the certificate of a server ends; it is made anew when a third of this is left."""

RENEW_AUTHORITY = timedelta(days=180)
"""How long before its end an authority gets a successor."""

RENEW_CERTIFICATE = timedelta(days=CERTIFICATE_DAYS) / 3
OVERLAP = timedelta(days=1)
"""How long a successor is trusted before it signs."""


class Move(StrEnum):
    """What to do about the authorities."""

    KEEP = "keep"
    MAKE = "make"
    ANNOUNCE = "announce"
    SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Authorities:
    """What there is: when the signing authority ends, and since when its successor is trusted; None when missing."""

    ends: datetime | None
    announced: datetime | None = None


def move(found: Authorities, now: datetime) -> Move:
    """The next move: MAKE the first authority, ANNOUNCE a successor, SWITCH to it, or KEEP all as it is."""
    if found.ends is None:
        return Move.MAKE
    if found.announced is not None:
        over = now - found.announced >= OVERLAP or found.ends <= now
        return Move.SWITCH if over else Move.KEEP
    if found.ends <= now:
        return Move.MAKE
    return Move.ANNOUNCE if found.ends - now < RENEW_AUTHORITY else Move.KEEP


def is_due(ends: datetime, now: datetime) -> bool:
    """Whether the certificate of a server is to be made anew."""
    return ends - now < RENEW_CERTIFICATE
