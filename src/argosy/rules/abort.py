"""Abort: what the annotation `kargo.akuity.io/abort` asks, and the promotion it leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import orjson

from argosy.resources.names import Annotation
from argosy.resources.promotion import PromotionPhase, PromotionStatus, PromotionStepStatus

TERMINATE = "terminate"


@dataclass(frozen=True, slots=True)
class AbortRequest:
    """`action` is what to do, `actor` who asked, `reason` why, if they said."""

    action: str
    actor: str = ""
    reason: str = ""


def abort_request(annotations: Mapping[str, str]) -> AbortRequest | None:
    """The request to terminate a promotion: JSON with `action`, or the action alone; None for anything else."""
    asked = annotations.get(Annotation.ABORT, "")
    try:
        value = orjson.loads(asked)
    except orjson.JSONDecodeError:
        value = {"action": asked}
    if not isinstance(value, dict) or str(value.get("action", "")).lower() != TERMINATE:
        return None
    return AbortRequest(TERMINATE, str(value.get("actor", "")), str(value.get("reason", "")))


def aborted(status: PromotionStatus, request: AbortRequest, now: datetime) -> PromotionStatus:
    """The status of a promotion that is terminated; a step that was running is Aborted too."""
    steps = list(status.step_execution_metadata)
    if steps and steps[-1].status == PromotionStepStatus.RUNNING:
        update = {"status": PromotionStepStatus.ABORTED.value, "finished_at": now}
        steps[-1] = steps[-1].model_copy(update=update)
    who = f"by {request.actor}" if request.actor else "per user request"
    message = f"Promotion {request.reason}" if request.reason else f"Promotion terminated {who}"
    return status.model_copy(
        update={
            "step_execution_metadata": tuple(steps),
            "phase": PromotionPhase.ABORTED.value,
            "message": message,
            "finished_at": now,
            "journal": None,
        }
    )
