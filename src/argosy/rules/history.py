"""The history of a Stage: which Freight it used when, told by its Promotions and by what it remembers itself.

A Stage remembers ten collections of Freight, and Promotions are kept for a while: each knows what the other does not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

from pydantic import Field, StrictBool

from argosy.resources.freight import FreightCollection, FreightReference
from argosy.resources.meta import Model, Time
from argosy.resources.names import TRUE, Annotation
from argosy.resources.promotion import Promotion, PromotionPhase
from argosy.resources.verification import VerificationInfo


class HistoryEntry(Model):
    """Freight that came into a Stage."""

    id: str = Field(description="The collection of Freight; the same whenever the same came.")
    items: dict[str, FreightReference] = Field(description="The Freight, by origin written as `Warehouse/<name>`.")
    promoted: str = Field("", description="Which of it was promoted; the other was there before.")
    promotion: str = Field("", description="The Promotion that brought it; empty when that is gone.")
    actor: str = Field("", description="Who wanted it.")
    rollback: StrictBool = Field(False, description="Whether it was a way back.")
    started_at: Time | None = Field(None, description="When the Promotion began to run.")
    finished_at: Time | None = Field(None, description="When the Promotion ended.")
    verification: VerificationInfo | None = Field(None, description="The last verification of it.")


def history(remembered: Iterable[FreightCollection], promotions: Iterable[Promotion]) -> Iterator[HistoryEntry]:
    """What came into a Stage, the newest first.

    Args:
        remembered: the Stage's `status.freightHistory`.
        promotions: Promotions to the Stage, in any order; only those that succeeded count.
    """
    left = deque(remembered)
    last: FreightCollection | None = None
    for promotion in sorted(promotions, key=_made, reverse=True):
        collection = promotion.status.freight_collection
        if promotion.status.phase != PromotionPhase.SUCCEEDED or collection is None:
            continue
        if any(each.id == collection.id for each in left):
            while (last := left.popleft()).id != collection.id:
                yield _entry(last)
        verified = last if last is not None and last.id == collection.id else None
        yield _entry(verified or collection, promotion)
    yield from map(_entry, left)


def _made(promotion: Promotion) -> list[str]:
    """Names of Promotions end in the time they were made at and the Freight: `STAGE.ULID.FREIGHT`."""
    return promotion.name.rsplit(".", 2)[1:]


def _entry(collection: FreightCollection, promotion: Promotion | None = None) -> HistoryEntry:
    verification = collection.verification_history[0] if collection.verification_history else None
    entry = HistoryEntry(id=collection.id, items=collection.items, verification=verification)
    if promotion is None:
        return entry
    marks = promotion.metadata.annotations
    return entry.model_copy(
        update={
            "promoted": promotion.spec.freight,
            "promotion": promotion.name,
            "actor": marks.get(Annotation.CREATE_ACTOR, ""),
            "rollback": marks.get(Annotation.ROLLBACK) == TRUE,
            "started_at": promotion.status.started_at,
            "finished_at": promotion.status.finished_at,
        }
    )
