"""Stage: what its status becomes, worked out in named steps from what was read.

The steps run in this order: promotions, health (`rules.health`), verification (`rules.verification`), holds, summary.
Each takes the status the one before gave. Behaviour follows Kargo's `pkg/controller/stages/regular_stages.go` and
`control_flow_stages.go`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from argosy.resources.freight import FreightCollection
from argosy.resources.meta import Condition
from argosy.resources.names import Annotation, ConditionType
from argosy.resources.project_config import ProjectConfig
from argosy.resources.promotion import Promotion, PromotionPhase
from argosy.resources.stage import HealthState, PromotionReference, Stage, StageStatus
from argosy.rules import auto_promotion
from argosy.rules.condition import Conditions
from argosy.rules.obstacle import Code, Obstacle
from argosy.rules.promotion import in_order

HISTORY_MOST = 10
CONTROL_FLOW_SUMMARY = "N/A"


@dataclass(frozen=True, slots=True)
class View:
    """What was read to decide about one Stage.

    Attributes:
        stage: the Stage.
        promotions: its Promotions that have not ended, or ended after the last one recorded, in any order.
        config: the project's configuration, None when there is none.
        missing: what the Stage names that does not exist, as phrases for people.
        now: the time.
    """

    stage: Stage
    promotions: tuple[Promotion, ...]
    config: ProjectConfig | None
    missing: tuple[str, ...]
    now: datetime

    def conditions(self, present: Sequence[Condition]) -> Conditions:
        return Conditions(present, generation=self.stage.metadata.generation, now=self.now)

    @property
    def auto_promotion_enabled(self) -> bool:
        return auto_promotion.is_enabled(self.stage, self.config)


def begin(view: View) -> StageStatus:
    """The present status with the refresh token taken note of and dangling references told."""
    status = view.stage.status
    conditions = view.conditions(status.conditions)
    if view.missing:
        conditions.set(ConditionType.STALLED, True, "ReferenceNotFound", "; ".join(view.missing))
    else:
        conditions.remove(ConditionType.STALLED)
    token = view.stage.metadata.annotations.get(Annotation.REFRESH, "")
    return status.model_copy(
        update={"conditions": conditions.result, "last_handled_refresh": token or status.last_handled_refresh}
    )


def sync_promotions(view: View, status: StageStatus) -> StageStatus:
    """Record promotions that ended, and let the next one run when nothing forbids it."""
    status = _prune_holds(view, status)
    conditions = view.conditions(status.conditions)
    conditions.remove(ConditionType.PROMOTING)
    ordered = in_order(view.promotions)
    current = status.current_promotion
    if not ordered:
        return status.model_copy(update={"conditions": conditions.result, "current_promotion": None})
    first = ordered[0]
    if current is not None and (current.name != first.name or first.status.is_terminal):
        # One is done: record it first, and look at what comes next in the light of that.
        status = _record_finished(view, status, conditions)
        return status.model_copy(update={"conditions": conditions.result, "current_promotion": None})
    if first.status.is_terminal or before_next(view, status):
        return status.model_copy(update={"conditions": conditions.result})
    conditions.set(
        ConditionType.PROMOTING,
        True,
        "ActivePromotion",
        f"Promotion {first.name!r} is currently {first.status.phase or PromotionPhase.PENDING}",
    )
    reference = PromotionReference(name=first.name)
    if first.status.freight is not None:
        reference = PromotionReference(name=first.name, freight=first.status.freight)
    return status.model_copy(update={"conditions": conditions.result, "current_promotion": reference})


def waits_for_next(view: View, status: StageStatus) -> bool:
    """Whether a promotion could be chosen as soon as this status is written: look again at once."""
    waiting = any(not promotion.status.is_terminal for promotion in view.promotions)
    return waiting and status.current_promotion is None and not before_next(view, status)


def before_next(view: View, status: StageStatus) -> tuple[Obstacle, ...]:
    """Why no promotion starts: the present Freight is being verified, or healthy (or unassessed) and unverified.

    Nothing waits for a verification that nobody will make.
    """
    current = status.current_freight
    if current is None:
        return ()
    if any(not info.is_terminal for info in current.verification_history):
        return (Obstacle(Code.BEING_VERIFIED),)
    if view.stage.spec.verification is not None or current.verification_history:
        return ()
    unassessed = status.health is None or status.health.status == HealthState.HEALTHY
    return (Obstacle(Code.TO_BE_VERIFIED),) if unassessed else ()


def before_promotion(view: View, status: StageStatus, promotion: Promotion) -> tuple[Obstacle, ...]:
    """Why a Promotion that has not ended does not run; nothing when it does, or is next."""
    current = status.current_promotion
    if current is not None and current.name == promotion.name:
        return ()
    if current is not None:
        return (Obstacle(Code.PROMOTION_RUNS, current.name),)
    first = next(iter(in_order(view.promotions)), promotion)
    ahead = (Obstacle(Code.OTHERS_BEFORE, first.name),) if first.name != promotion.name else ()
    return (*ahead, *before_next(view, status))


def _prune_holds(view: View, status: StageStatus) -> StageStatus:
    origins = {str(request.origin) for request in view.stage.spec.requested_freight}
    enabled = view.auto_promotion_enabled
    holds = {origin: hold for origin, hold in status.auto_promotion_holds.items() if enabled and origin in origins}
    return status if holds == status.auto_promotion_holds else status.model_copy(update={"auto_promotion_holds": holds})


def _record_finished(view: View, status: StageStatus, conditions: Conditions) -> StageStatus:
    """Take note of every promotion that ended since the last one recorded, oldest first."""
    last = status.last_promotion.name if status.last_promotion is not None else ""
    ended = [item for item in view.promotions if item.status.is_terminal and item.name > last]
    for promotion in sorted(ended, key=lambda item: item.name):
        if view.auto_promotion_enabled:
            holds = auto_promotion.apply_holds(status.auto_promotion_holds, promotion, view.stage)
            status = status.model_copy(update={"auto_promotion_holds": holds})
        status = status.model_copy(update={"last_promotion": _reference(promotion, status)})
        if promotion.status.phase == PromotionPhase.SUCCEEDED:
            status = _record_success(status, conditions)
    return status


def _reference(promotion: Promotion, status: StageStatus) -> PromotionReference:
    """What the Stage remembers of a promotion; one that never started hands on the Freight of the one before."""
    record = promotion.status.model_copy(update={"journal": None})
    before = status.last_promotion
    if record.started_at is None and record.freight_collection is None and before is not None and before.status:
        record = record.model_copy(update={"freight_collection": before.status.freight_collection})
    fields = {"name": promotion.name, "status": record}
    if promotion.status.finished_at is not None:
        fields["finished_at"] = promotion.status.finished_at
    if promotion.status.freight is not None:
        fields["freight"] = promotion.status.freight
    return PromotionReference.model_validate(fields)


def _record_success(status: StageStatus, conditions: Conditions) -> StageStatus:
    promoted = status.last_promotion.status if status.last_promotion is not None else None
    conditions.set(
        ConditionType.HEALTHY, None, "WaitingForHealthCheck", "Waiting for the first health check after the promotion"
    )
    conditions.set(
        ConditionType.VERIFIED, None, "WaitingForVerification", "Waiting for verification after the promotion"
    )
    collection = promoted.freight_collection if promoted is not None else None
    history = (collection, *status.freight_history) if collection is not None else status.freight_history
    return status.model_copy(update={"freight_history": history[:HISTORY_MOST], "health": None})


def hold(view: View, status: StageStatus) -> StageStatus:
    """Whether auto-promotion is on, and which holds are in force."""
    enabled = view.auto_promotion_enabled
    holds = auto_promotion.effective_holds(view.stage, status, view.promotions) if enabled else {}
    return status.model_copy(update={"auto_promotion_enabled": enabled, "effective_auto_promotion_holds": holds})


def summarize(view: View, status: StageStatus, trouble: str = "") -> StageStatus:
    """Ready, or the first reason why not; and the Freight in a word. `trouble` is what could not be done."""
    conditions = view.conditions(status.conditions)
    if trouble:
        _tell_trouble(conditions, trouble)
    else:
        conditions.remove(ConditionType.RECONCILING)
        conditions.set(ConditionType.READY, *_readiness(conditions, status))
    return status.model_copy(
        update={
            "conditions": conditions.result,
            "freight_summary": summary(len(view.stage.spec.requested_freight), status.current_freight),
            "observed_generation": view.stage.metadata.generation,
        }
    )


def troubled(stage: Stage, trouble: str, now: datetime) -> StageStatus:
    """The present status, but not ready: nothing else could be worked out."""
    conditions = Conditions(stage.status.conditions, generation=stage.metadata.generation, now=now)
    _tell_trouble(conditions, trouble)
    return stage.status.model_copy(update={"conditions": conditions.result})


def _tell_trouble(conditions: Conditions, trouble: str) -> None:
    conditions.set(ConditionType.READY, False, "ReconcileError", trouble)
    conditions.set(ConditionType.RECONCILING, True, "RetryAfterError")


def _readiness(conditions: Conditions, status: StageStatus) -> tuple[bool, str, str]:
    """Whether the Stage is ready, with reason and message."""
    last = status.last_promotion.status if status.last_promotion is not None else None
    promoting, healthy = conditions.get(ConditionType.PROMOTING), conditions.get(ConditionType.HEALTHY)
    verified = conditions.get(ConditionType.VERIFIED)
    if promoting is not None:
        return False, promoting.reason, promoting.message
    if last is not None and last.is_terminal and last.phase != PromotionPhase.SUCCEEDED:
        return False, f"LastPromotion{last.phase}", last.message
    if healthy is None:
        return False, "Unhealthy", "Stage is not healthy"
    if healthy.status != "True":
        return False, healthy.reason, healthy.message
    if verified is None:
        return False, "PendingVerification", "Stage is not verified"
    return verified.status == "True", verified.reason, verified.message


def summary(requested: int, current: FreightCollection | None) -> str:
    """The Freight's name for a Stage of one origin, else how many of its requests are met."""
    held = list(current.items.values()) if current is not None else []
    if requested == 1 and len(held) == 1:
        return held[0].name
    return f"{len(held)}/{requested} Fulfilled"


def control_flow(view: View) -> StageStatus:
    """The status of a Stage without promotion steps: it only passes Freight on."""
    kept = [item for item in view.stage.status.conditions if item.type in (ConditionType.READY, ConditionType.STALLED)]
    status = begin(view)
    conditions = view.conditions(kept)
    conditions.set(ConditionType.READY, True, "Ready")
    stalled = view.conditions(status.conditions).get(ConditionType.STALLED)
    kept_conditions = [item for item in conditions.result if item.type != ConditionType.STALLED]
    return StageStatus(
        conditions=(*kept_conditions, *((stalled,) if stalled else ())),
        last_handled_refresh=status.last_handled_refresh,
        freight_summary=CONTROL_FLOW_SUMMARY,
        observed_generation=view.stage.metadata.generation,
        metadata=status.metadata,
    )
