"""PromotionRequest: one promotion fanned out to many Targets. Kept and served, not acted on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import Field, StrictInt

from argosy.resources.constraint import Constraint, Fault, mappings, repeated
from argosy.resources.meta import Condition, Json, Model, Resource, Time
from argosy.resources.names import KUBERNETES_NAME

IMMUTABLE: dict[str, Json] = {"x-kubernetes-validations": [{"rule": "self == oldSelf", "message": "it is immutable"}]}


class PromotionRequestTarget(Model):
    """Names a Target."""

    name: str = Field(min_length=1, max_length=253, pattern=KUBERNETES_NAME, description="Name of the Target.")


def _targets_once(spec: Mapping[str, Any]) -> Iterable[Fault]:
    names = ((index, target.get("name")) for index, target in mappings(spec.get("targets")))
    for index, first, name in repeated(names):
        yield Fault(
            f"Target {name!r} is already named by targets[{first}]",
            ("targets", index, "name"),
            "Name every Target once",
        )


class PromotionRequestSpec(Model):
    """What to promote to which Targets."""

    stage: str = Field(
        min_length=1,
        max_length=253,
        pattern=KUBERNETES_NAME,
        description="The Stage, in the same namespace; it stays.",
        json_schema_extra=IMMUTABLE,
    )
    freight: str = Field(
        min_length=1,
        max_length=253,
        pattern=KUBERNETES_NAME,
        description="Name of the Freight, in the same namespace; it stays.",
        json_schema_extra=IMMUTABLE,
    )
    targets: tuple[PromotionRequestTarget, ...] = Field(
        description="The Targets, in the same namespace; empty when the Stage governed none."
    )

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (Constraint(_targets_once),)


class PromotionRequestTargetStatus(Model):
    """How the Promotion to one Target fares."""

    name: str = Field(min_length=1, max_length=253, pattern=KUBERNETES_NAME, description="Name of the Target.")
    promotion: str = Field("", description="Name of the Promotion to it.")
    phase: str = Field("", description="Phase of that Promotion.")


class PromotionRequestSummary(Model):
    """How many Promotions are in each phase."""

    pending: StrictInt = Field(0, description="How many are Pending.")
    running: StrictInt = Field(0, description="How many are Running.")
    succeeded: StrictInt = Field(0, description="How many have Succeeded.")
    failed: StrictInt = Field(0, description="How many have Failed.")
    errored: StrictInt = Field(0, description="How many have Errored.")
    aborted: StrictInt = Field(0, description="How many were Aborted.")


class PromotionRequestStatus(Model):
    """How the Promotions fare."""

    conditions: tuple[Condition, ...] = Field((), description="Conditions.")
    phase: str = Field("", description="Pending, Running, Succeeded, Failed or Errored.")
    targets: tuple[PromotionRequestTargetStatus, ...] = Field((), description="How each Target's Promotion fares.")
    summary: PromotionRequestSummary | None = Field(None, description="How many Promotions are in each phase.")
    observed_generation: StrictInt = Field(0, description="Generation of the spec that this status speaks of.")
    started_at: Time | None = Field(None, description="When it began.")
    finished_at: Time | None = Field(None, description="When it ended.")


class PromotionRequest(Resource):
    """Promotes one piece of Freight to a list of Targets of one Stage."""

    spec: PromotionRequestSpec = Field(description="What to promote to which Targets.")
    status: PromotionRequestStatus = Field(
        default_factory=PromotionRequestStatus, description="How the Promotions fare."
    )

    STATUS_OWNERS: ClassVar[Mapping[str, str]] = {
        "conditions": "promotion_request",
        "phase": "promotion_request",
        "targets": "promotion_request",
        "summary": "promotion_request",
        "observedGeneration": "promotion_request",
        "startedAt": "promotion_request",
        "finishedAt": "promotion_request",
    }
