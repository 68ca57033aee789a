"""Health of a Stage: when it can be known, and what its condition says.

Behaviour follows `assessHealth` in Kargo's `pkg/controller/stages/regular_stages.go`.
"""

from __future__ import annotations

from argosy.resources.names import ConditionType
from argosy.resources.promotion import HealthCheckStep, PromotionPhase
from argosy.resources.stage import Health, HealthState, StageStatus
from argosy.rules.condition import Conditions
from argosy.rules.stage import View


def checks_to_run(status: StageStatus) -> tuple[HealthCheckStep, ...]:
    """The checks that the last promotion registered; none while they could not tell anything."""
    last = status.last_promotion.status if status.last_promotion is not None else None
    if status.current_promotion is not None or last is None or last.phase != PromotionPhase.SUCCEEDED:
        return ()
    return last.health_checks


def assess(view: View, status: StageStatus, checked: Health | None) -> StageStatus:
    """What the Stage's health is. `checked` is the verdict of `checks_to_run`, None when there were none."""
    conditions = view.conditions(status.conditions)
    last = status.last_promotion
    if status.current_promotion is not None:
        conditions.set(ConditionType.HEALTHY, None, "ActivePromotion", "Stage has a Promotion in progress")
        health = _unknown("Cannot assess health because a Promotion is currently in progress")
    elif last is None or last.status is None:
        conditions.set(ConditionType.HEALTHY, None, "NoFreight", "Stage has no current Freight")
        health = None
    elif last.status.phase != PromotionPhase.SUCCEEDED:
        message = "Cannot assess health because last Promotion did not succeed"
        conditions.set(ConditionType.HEALTHY, None, f"LastPromotion{last.status.phase}", message)
        health = _unknown(message)
    else:
        health = checked or Health(status=HealthState.HEALTHY)
        _tell(conditions, health, len(last.status.health_checks))
    return status.model_copy(update={"conditions": conditions.result, "health": health})


def _unknown(why: str) -> Health:
    return Health(status=HealthState.UNKNOWN, issues=(why,))


def _tell(conditions: Conditions, health: Health, checks: int) -> None:
    if health.status == HealthState.HEALTHY:
        message = f"Stage is healthy (performed {checks} health checks)"
        conditions.set(ConditionType.HEALTHY, True, health.status, message)
    elif health.status == HealthState.UNHEALTHY:
        message = f"Stage is unhealthy ({len(health.issues)} issues in {checks} health checks)"
        conditions.set(ConditionType.HEALTHY, False, health.status, message)
    else:
        conditions.set(ConditionType.HEALTHY, None, health.status, "; ".join(health.issues))
