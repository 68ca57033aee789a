"""Verification of what a Stage uses now: whether it may be made, what its condition says, and when Freight counts.

Behaviour follows `verifyStageFreight` and `markFreightVerifiedForStage` in Kargo's
`pkg/controller/stages/regular_stages.go`.
"""

from __future__ import annotations

from collections.abc import Mapping

from argosy.resources.freight import FreightCollection
from argosy.resources.names import Annotation, ConditionType
from argosy.resources.stage import HealthState, Stage, StageStatus
from argosy.resources.verification import VerificationInfo, VerificationPhase
from argosy.rules.condition import Conditions
from argosy.rules.stage import HISTORY_MOST, View
from argosy.rules.verification_request import verification_request

NOT_SUPPORTED = (
    "This version of Argosy does not run verification yet. Remove spec.verification to let the Stage verify its "
    "Freight once healthy, or approve the Freight for the next Stage by hand"
)
_REFUSED = (VerificationPhase.FAILED, VerificationPhase.ERROR, VerificationPhase.ABORTED)


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
    _tell(conditions, current)
    if view.stage.spec.verification is not None and not current.verification_history:
        conditions.set(ConditionType.VERIFIED, None, "VerificationNotSupported", NOT_SUPPORTED)
    history = (current, *status.freight_history[1:])
    return status.model_copy(update={"conditions": conditions.result, "freight_history": history})


def verified_by(status: StageStatus, id: str) -> bool:
    """Whether the newest verification of the present Freight is the one of that ID."""
    current = status.current_freight
    return current is not None and bool(current.verification_history) and current.verification_history[0].id == id


def confirmed(status: StageStatus) -> VerificationInfo | None:
    """The verification for which the present Freight may be marked as verified in the Stage; None when it may not."""
    current = status.current_freight
    if current is None or status.health is None or status.health.status != HealthState.HEALTHY:
        return None
    history = current.verification_history
    if not history or not all(info.is_terminal for info in history):
        return None
    return history[0] if history[0].phase == VerificationPhase.SUCCESSFUL else None


def reverify_asked(annotations: Mapping[str, str]) -> str:
    """The ID of the verification that is to be repeated; empty for none."""
    asked = verification_request(annotations, Annotation.REVERIFY)
    return asked.id if asked is not None else ""


def _may_verify(view: View, status: StageStatus, current: FreightCollection) -> bool:
    if view.stage.spec.verification is not None:
        return False
    if status.health is None or status.health.status != HealthState.HEALTHY:
        return False
    if not current.verification_history:
        return True
    return _repeats(view.stage, current.verification_history[0])


def _repeats(stage: Stage, latest: VerificationInfo) -> bool:
    return latest.is_terminal and bool(latest.id) and reverify_asked(stage.metadata.annotations) == latest.id


def _verified(view: View, current: FreightCollection, new_id: str) -> FreightCollection:
    info = VerificationInfo(
        id=new_id, start_time=view.now, finish_time=view.now, phase=VerificationPhase.SUCCESSFUL.value
    )
    history = (info, *current.verification_history)[:HISTORY_MOST]
    return current.model_copy(update={"verification_history": history})


def _tell(conditions: Conditions, current: FreightCollection) -> None:
    if not current.verification_history:
        return
    if any(info.phase == VerificationPhase.SUCCESSFUL for info in current.verification_history):
        conditions.set(ConditionType.VERIFIED, True, "Verified", "Freight has been verified")
        return
    latest = current.verification_history[0]
    state = False if latest.phase in _REFUSED else None
    conditions.set(ConditionType.VERIFIED, state, f"Verification{latest.phase}", latest.message)
