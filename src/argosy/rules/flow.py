"""What becomes of the Promotions that wait while another one runs into the same Stage.

Kargo runs all of them, one after the other. A Stage can ask for less with the annotation `argosy/promotion-flow`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import orjson

from argosy.errors import Problem, suggestion
from argosy.resources.freight import Freight
from argosy.resources.meta import Json
from argosy.resources.names import Annotation
from argosy.resources.promotion import Promotion, PromotionPhase
from argosy.resources.stage import Stage
from argosy.rules.abort import TERMINATE, abort_request

_NEVER = datetime.min.replace(tzinfo=UTC)


class Flow(StrEnum):
    """What to do with Promotions that wait."""

    QUEUE = "queue"
    """Run every one, in the order they were made."""
    SUPERSEDE = "supersede"
    """Run only the one that was made last; it takes the place of the others."""
    NEWEST_ONLY = "newest-only"
    """Run only the one of the newest Freight, and none that is not newer than what the Stage has."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A Promotion that waits, and the Freight that it brings."""

    promotion: Promotion
    freight: Freight

    @property
    def name(self) -> str:
        return self.promotion.name

    @property
    def age(self) -> tuple[datetime, str]:
        """Freight that was discovered later is greater."""
        return (self.freight.discovered or _NEVER, self.freight.name)

    @property
    def goes_back(self) -> bool:
        """Whether somebody chose other Freight than the newest on purpose."""
        notes = self.promotion.metadata.annotations
        return bool(notes.get(Annotation.AUTO_PROMOTION_HOLD) or notes.get(Annotation.ROLLBACK))


def flow_of(stage: Stage) -> Flow:
    """What the Stage asks for; `queue` when it asks for nothing that is known."""
    wanted = stage.metadata.annotations.get(Annotation.PROMOTION_FLOW, "")
    return Flow(wanted) if wanted in set(Flow) else Flow.QUEUE


def flow_problems(annotations: Json) -> list[Problem]:
    """What is wrong with the annotation of a Stage, as far as it is text; that it must be is told elsewhere."""
    wanted = annotations.get(Annotation.PROMOTION_FLOW) if isinstance(annotations, Mapping) else None
    if not wanted or not isinstance(wanted, str) or wanted in set(Flow):
        return []
    advice = suggestion(wanted, Flow) or f"Write one of {', '.join(Flow)}."
    field = f"metadata.annotations[{Annotation.PROMOTION_FLOW}]"
    return [Problem(f"{wanted!r} is no way for Promotions to wait", field, advice=advice)]


def is_waiting(promotion: Promotion, stage: Stage) -> bool:
    """Whether a Promotion has not begun, and was not let begin."""
    current = stage.status.current_promotion
    return promotion.status.phase in ("", PromotionPhase.PENDING) and (
        current is None or current.name != promotion.name
    )


def superseded(stage: Stage, waiting: Iterable[Waiting]) -> dict[str, str]:
    """The Promotions that shall not run, by name, and why: each origin for itself."""
    flow = flow_of(stage)
    if flow is Flow.QUEUE:
        return {}
    by_origin: dict[str, list[Waiting]] = defaultdict(list)
    for each in sorted(waiting, key=lambda each: each.name):
        by_origin[str(each.freight.origin)].append(each)
    ended: dict[str, str] = {}
    for group in by_origin.values():
        kept = group[-1] if flow is Flow.SUPERSEDE else _newest(group)
        others = [each for each in group if each is not kept]
        ended.update({each.name: f"superseded by Promotion {kept.name}" for each in others})
    return ended


def outdated(stage: Stage, waiting: Iterable[Waiting], present: Mapping[str, Freight]) -> dict[str, str]:
    """Those that would bring nothing newer than the Stage has: `present` is what it has, by origin."""
    if flow_of(stage) is not Flow.NEWEST_ONLY:
        return {}
    ended: dict[str, str] = {}
    for each in waiting:
        has = present.get(str(each.freight.origin))
        if has is not None and not each.goes_back and each.age < (has.discovered or _NEVER, has.name):
            ended[each.name] = f"superseded: the Stage has newer Freight, {has.alias or has.name}"
    return ended


def _newest(group: Sequence[Waiting]) -> Waiting:
    """The newest Freight among what was asked for since somebody last went back; else that."""
    last = max((index for index, each in enumerate(group) if each.goes_back), default=-1)
    since = group[last + 1 :]
    return max(since, key=lambda each: each.age) if since else group[last]


def request(why: str) -> str:
    """The value of the annotation that ends a Promotion for this reason."""
    return orjson.dumps({"action": TERMINATE, "reason": why}).decode()


def was_superseded(promotion: Promotion) -> bool:
    """Whether a Promotion ended, or is about to, without ever having run, for another one took its place."""
    asked = abort_request(promotion.metadata.annotations)
    return asked is not None and asked.reason.startswith("superseded") and promotion.status.started_at is None
