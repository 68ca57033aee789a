"""Which old Promotions, Freight and Events may be deleted.

The rule for Promotions and Freight is that of Kargo (`pkg/garbage`): nothing that is in use, nothing newer than the
oldest that is in use, a number of the next older ones neither, and of what is left only what has a certain age.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from argosy.clock import parse_rfc3339
from argosy.resources.meta import Document, Json, Key
from argosy.rules.promotion import is_ended


@dataclass(frozen=True, slots=True)
class Limit:
    """How much is kept.

    Attributes:
        number: how many are kept besides those in use and those newer than these.
        age: seconds; younger ones are always kept.
    """

    number: int
    age: float


@dataclass(frozen=True, slots=True)
class Item:
    """What is known of something that may be old: when it began, and whether it is in use."""

    key: Key
    uid: str
    since: datetime
    used: bool = False


def due(items: Iterable[Item], limit: Limit, *, now: datetime) -> list[Item]:
    """What may be deleted of the Promotions to one Stage, or of the Freight of one Warehouse."""
    newest_first = sorted(items, key=lambda item: (item.since, item.key.name), reverse=True)
    in_use = [place for place, item in enumerate(newest_first) if item.used]
    spared = (in_use[-1] + 1 if in_use else 0) + limit.number
    return [item for item in newest_first[spared:] if (now - item.since).total_seconds() >= limit.age]


def promotion_item(promotion: Document) -> Item:
    """A Promotion is in use until it has ended."""
    return Item(promotion.key, promotion.uid, _created(promotion), not is_ended(promotion.data))


def freight_item(freight: Document, used: frozenset[str]) -> Item:
    """Freight counts from its discovery; it is in use when its name is among `used`."""
    discovered = freight.data.get("discoveredAt")
    since = parse_rfc3339(discovered) if discovered else _created(freight)
    return Item(freight.key, freight.uid, since, freight.key.name in used)


def current_freight(stage: Document) -> frozenset[str]:
    """The names of the Freight that is in a Stage now."""
    history = (stage.data.get("status") or {}).get("freightHistory") or [{}]
    return frozenset(str(item.get("name")) for item in (history[0].get("items") or {}).values())


def last_promotion(stage: Document) -> str:
    """The name of the Promotion to a Stage that ended last; empty for none.

    It is kept whatever the limits are: when it was unsuccessful, it is what keeps the Stage from trying again.
    """
    return _text((stage.data.get("status") or {}).get("lastPromotion"), "name")


def stage_of(promotion: Document) -> str:
    """The Stage that a Promotion is to."""
    return _text(promotion.data.get("spec"), "stage")


def promoted_freight(promotion: Document) -> str:
    """The name of the Freight that a Promotion brings."""
    return _text(promotion.data.get("spec"), "freight")


def warehouse_of(freight: Document) -> str:
    """The Warehouse that Freight is of."""
    return _text(freight.data.get("origin"), "name")


def is_expired(event: Document, ttl: float, *, now: datetime) -> bool:
    """Whether what an Event tells of happened, for the last time, that many seconds ago."""
    told = [event.data.get(name) for name in ("lastTimestamp", "eventTime", "firstTimestamp")]
    last = next((parse_rfc3339(time) for time in told if time), None) or _created(event)
    return (now - last).total_seconds() >= ttl


def _created(document: Document) -> datetime:
    return parse_rfc3339(str(document.meta["creationTimestamp"]))


def _text(part: Mapping[str, Json] | None, name: str) -> str:
    return str((part or {}).get(name) or "")
