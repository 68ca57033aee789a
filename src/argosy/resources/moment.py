"""When a resource came about, as its kind tells it: what lists by age are ordered by.

A moment is text in the form of Kubernetes' times, `2026-11-25T10:00:00Z`, whose order as text is their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from ulid import ULID

from argosy.clock import rfc3339
from argosy.resources.meta import Json


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
    """When a Promotion was made: its name, `STAGE.ULID.FREIGHT`, tells, and in which order with others of a second."""
    return _told_by(str((data.get("metadata") or {}).get("name") or "")) or created(data)


@lru_cache(maxsize=4096)
def _told_by(name: str) -> str:
    parts = name.upper().rsplit(".", 2)
    try:
        return f"{rfc3339(ULID.from_str(parts[1]).datetime)} {parts[1]}" if len(parts) == 3 else ""
    except ValueError:
        return ""
