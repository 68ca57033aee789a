"""Stage: what its status becomes, worked out in named steps from what was read.

The steps run in this order: promotions, freight, health, verification, holds, summary. Each takes the status the one
before gave. Behaviour follows Kargo's `pkg/controller/stages/regular_stages.go` and `control_flow_stages.go`.
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
from argosy.resources.stage import Health, HealthState, PromotionReference, Stage, StageStatus
from argosy.resources.verification import VerificationInfo, VerificationPhase
from argosy.rules import auto_promotion
from argosy.rules.condition import Conditions
from argosy.rules.promotion import in_order

HISTORY_MOST = 10
CONTROL_FLOW_SUMMARY = "N/A"


@dataclass(frozen=True, slots=True)
class View:
    """What was read to decide about one Stage.

    Attributes:
        stage: the Stage.
        promotions: its Promotions, in any order.
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
    if first.status.is_terminal or _must_verify_first(status):
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
    return waiting and status.current_promotion is None and not _must_verify_first(status)


def _must_verify_first(status: StageStatus) -> bool:
    """No promotion starts while the present Freight is being verified, or healthy (or unassessed) and unverified."""
    current = status.current_freight
    if current is None:
        return False
    if any(not info.is_terminal for info in current.verification_history):
        return True
    if status.health is None or status.health.status == HealthState.HEALTHY:
        return not current.verification_history
    return False


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


def assess_health(view: View, status: StageStatus, checked: Health | None) -> StageStatus:
    """What the Stage's health is. `checked` is the verdict of the checks the last promotion registered."""
    conditions = view.conditions(status.conditions)
    last = status.last_promotion
    if status.current_promotion is not None:
        conditions.set(ConditionType.HEALTHY, None, "ActivePromotion", "Stage has a Promotion in progress")
        health = Health(
            status=HealthState.UNKNOWN, issues=("Cannot assess health because a Promotion is currently in progress",)
        )
    elif last is None or last.status is None:
        conditions.set(ConditionType.HEALTHY, None, "NoFreight", "Stage has no current Freight")
        health = None
    elif last.status.phase != PromotionPhase.SUCCEEDED:
        message = "Cannot assess health because last Promotion did not succeed"
        conditions.set(ConditionType.HEALTHY, None, f"LastPromotion{last.status.phase}", message)
        health = Health(status=HealthState.UNKNOWN, issues=(message,))
    else:
        health = checked or Health(status=HealthState.HEALTHY)
        _health_condition(conditions, health, len(last.status.health_checks))
    return status.model_copy(update={"conditions": conditions.result, "health": health})


def _health_condition(conditions: Conditions, health: Health, checks: int) -> None:
    if health.status == HealthState.HEALTHY:
        message = f"Stage is healthy (performed {checks} health checks)"
        conditions.set(ConditionType.HEALTHY, True, health.status, message)
    elif health.status == HealthState.UNHEALTHY:
        message = f"Stage is unhealthy ({len(health.issues)} issues in {checks} health checks)"
        conditions.set(ConditionType.HEALTHY, False, health.status, message)
    else:
        conditions.set(ConditionType.HEALTHY, None, health.status)


NOT_SUPPORTED = (
    "This version of Argosy does not run verification yet. Remove spec.verification to let the Stage verify its "
    "Freight once healthy, or approve the Freight for the next Stage by hand"
)


def verify(view: View, status: StageStatus, new_id: str) -> StageStatus:
    """Verify the present Freight: without `spec.verification` it is verified once the Stage is healthy."""
    conditions = view.conditions(status.conditions)
    current = status.current_freight
    if current is None:
        conditions.set(ConditionType.VERIFIED, None, "NoFreight", "Stage has no current Freight to verify")
        return status.model_copy(update={"conditions": conditions.result})
    if status.current_promotion is not None:
        return status
    if _may_verify(view, status, current):
        current = _verified(view, current, new_id)
    _verified_condition(conditions, current)
    if view.stage.spec.verification is not None and not current.verification_history:
        conditions.set(ConditionType.VERIFIED, None, "VerificationNotSupported", NOT_SUPPORTED)
    history = (current, *status.freight_history[1:])
    return status.model_copy(update={"conditions": conditions.result, "freight_history": history})


def _may_verify(view: View, status: StageStatus, current: FreightCollection) -> bool:
    if view.stage.spec.verification is not None:
        return False
    if status.health is None or status.health.status != HealthState.HEALTHY:
        return False
    if not current.verification_history:
        return True
    latest = current.verification_history[0]
    return latest.is_terminal and _reverify_asked(view.stage, latest.id)


def _reverify_asked(stage: Stage, verification: str) -> bool:
    """Whether the annotation asks to repeat this verification: its ID, or a request that holds it."""
    asked = stage.metadata.annotations.get(Annotation.REVERIFY, "")
    return bool(asked) and verification in asked


def _verified(view: View, current: FreightCollection, new_id: str) -> FreightCollection:
    info = VerificationInfo(
        id=new_id, start_time=view.now, finish_time=view.now, phase=VerificationPhase.SUCCESSFUL.value
    )
    history = (info, *current.verification_history)[:HISTORY_MOST]
    return current.model_copy(update={"verification_history": history})


def _verified_condition(conditions: Conditions, current: FreightCollection) -> None:
    if not current.verification_history:
        return
    if any(info.phase == VerificationPhase.SUCCESSFUL for info in current.verification_history):
        conditions.set(ConditionType.VERIFIED, True, "Verified", "Freight has been verified")
        return
    latest = current.verification_history[0]
    failed = latest.phase in (VerificationPhase.FAILED, VerificationPhase.ERROR, VerificationPhase.ABORTED)
    conditions.set(ConditionType.VERIFIED, False if failed else None, f"Verification{latest.phase}", latest.message)


def marks_verified(status: StageStatus) -> bool:
    """Whether the present Freight may now be marked as verified in the Stage."""
    current = status.current_freight
    if current is None or status.health is None or status.health.status != HealthState.HEALTHY:
        return False
    history = current.verification_history
    return bool(history) and all(info.is_terminal for info in history) and history[0].phase == "Successful"


def hold(view: View, status: StageStatus) -> StageStatus:
    """Whether auto-promotion is on, and which holds are in force."""
    enabled = view.auto_promotion_enabled
    holds = auto_promotion.effective_holds(view.stage, status, view.promotions) if enabled else {}
    return status.model_copy(update={"auto_promotion_enabled": enabled, "effective_auto_promotion_holds": holds})


def summarize(view: View, status: StageStatus) -> StageStatus:
    """Ready, or the first reason why not; and the Freight in a word."""
    conditions = view.conditions(status.conditions)
    conditions.remove(ConditionType.RECONCILING)
    last = status.last_promotion.status if status.last_promotion is not None else None
    promoting, healthy = conditions.get(ConditionType.PROMOTING), conditions.get(ConditionType.HEALTHY)
    verified = conditions.get(ConditionType.VERIFIED)
    if promoting is not None:
        conditions.set(ConditionType.READY, False, promoting.reason, promoting.message)
    elif last is not None and last.is_terminal and last.phase != PromotionPhase.SUCCEEDED:
        conditions.set(ConditionType.READY, False, f"LastPromotion{last.phase}", last.message)
    elif healthy is None or healthy.status != "True":
        reason, message = (healthy.reason, healthy.message) if healthy else ("Unhealthy", "Stage is not healthy")
        conditions.set(ConditionType.READY, False, reason, message)
    elif verified is None or verified.status != "True":
        reason, message = (
            (verified.reason, verified.message) if verified else ("PendingVerification", "Stage is not verified")
        )
        conditions.set(ConditionType.READY, False, reason, message)
    else:
        conditions.set(ConditionType.READY, True, verified.reason, verified.message)
    return status.model_copy(
        update={
            "conditions": conditions.result,
            "freight_summary": summary(len(view.stage.spec.requested_freight), status.current_freight),
            "observed_generation": view.stage.metadata.generation,
        }
    )


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
