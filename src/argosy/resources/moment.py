"""When a resource came about, as its kind tells it: what lists by age are ordered by.

A moment is text whose order is that of time: most are times as Kubernetes writes them, `2026-11-25T10:00:00Z`.
"""

from __future__ import annotations

from collections.abc import Mapping

from argosy.resources.meta import Json

_ULID = 26
"""Characters of a ULID, which begins with its time."""


def created(data: Mapping[str, Json]) -> str:
    """When it was created."""
    return str((data.get("metadata") or {}).get("creationTimestamp") or "")


def discovered(data: Mapping[str, Json]) -> str:
    """When Freight was found, which is before it was created when it came from another installation."""
    return str(data.get("discoveredAt") or created(data))


def happened(data: Mapping[str, Json]) -> str:
    """When an Event happened last."""
    return str(data.get("lastTimestamp") or data.get("eventTime") or created(data))


def promoted(data: Mapping[str, Json]) -> str:
    """When a Promotion was made: its name, `STAGE.ULID.FREIGHT`, tells, and in which order with others of a moment.

    Argosy and Kargo name all of them so; what somebody wrote past them counts as newer.
    """
    parts = str((data.get("metadata") or {}).get("name") or "").rsplit(".", 2)
    return parts[1] if len(parts) == 3 and len(parts[1]) == _ULID else created(data)
