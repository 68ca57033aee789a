"""Promotion: bringing one piece of Freight into one Stage, step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar

from pydantic import Field, StrictBool, StrictInt

from argosy.resources.artifact import FreightOrigin
from argosy.resources.constraint import Constraint, Fault
from argosy.resources.freight import FreightCollection, FreightReference
from argosy.resources.meta import Json, Model, Resource, Time
from argosy.resources.names import KUBERNETES_NAME
from argosy.resources.step import ExpressionVariable, PromotionStep, only_uses


class PromotionPhase(StrEnum):
    """How far a Promotion has come."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    ERRORED = "Errored"
    ABORTED = "Aborted"

    @property
    def is_terminal(self) -> bool:
        return self not in (PromotionPhase.PENDING, PromotionPhase.RUNNING)


class PromotionStepStatus(StrEnum):
    """How a step ended, or that it runs; in order of severity."""

    SUCCEEDED = "Succeeded"
    SKIPPED = "Skipped"
    RUNNING = "Running"
    ABORTED = "Aborted"
    FAILED = "Failed"
    ERRORED = "Errored"

    @property
    def severity(self) -> int:
        """0 for Succeeded, growing up to Errored."""
        return list(PromotionStepStatus).index(self)


def _freight_or_origin(spec: Mapping[str, Any]) -> Iterable[Fault]:
    if (spec.get("freight") is None) == (spec.get("origin") is None):
        yield Fault(
            "exactly one of freight and origin must be set",
            (),
            "Name the Freight to promote, or the origin whose newest Freight it should be",
        )


class PromotionSpec(Model):
    """What to promote where, and by which steps."""

    stage: str = Field(
        min_length=1, max_length=253, pattern=KUBERNETES_NAME, description="The Stage, in the same namespace."
    )
    freight: str = Field(
        "",
        min_length=1,
        max_length=253,
        pattern=KUBERNETES_NAME,
        description="Name of the Freight; filled in on creation when `origin` is given instead.",
    )
    origin: FreightOrigin | None = Field(
        None, description="Instead of `freight`: promote what auto-promotion would choose from this origin."
    )
    target: str = Field(
        "",
        max_length=253,
        pattern=KUBERNETES_NAME,
        description="The Target to promote to, for a Stage that governs Targets.",
    )
    vars: tuple[ExpressionVariable, ...] = Field((), description="Variables for the steps.")
    steps: tuple[PromotionStep, ...] = Field(
        min_length=1, description="The steps, run in this order. Taken from the Stage's template on creation."
    )

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (
        Constraint(
            _freight_or_origin,
            cel="has(self.freight) != has(self.origin)",
            message="exactly one of freight and origin must be set",
        ),
        only_uses("Promotion"),
    )


class HealthCheckStep(Model):
    """A check of the Stage's health that a step asked for; it runs as long as its Freight is current."""

    uses: str = Field(min_length=1, description="Kind of check.")
    config: Json = Field(None, description="Configuration that the kind of check defines.")


class StepExecutionMetadata(Model):
    """How one step fared."""

    alias: str = Field("", description="Name of the step.")
    started_at: Time | None = Field(None, description="When its first try began.")
    finished_at: Time | None = Field(None, description="When its last try ended.")
    error_count: StrictInt = Field(0, description="How many tries ended in an error.")
    status: str = Field("", description="Succeeded, Skipped, Running, Aborted, Failed or Errored.")
    message: str = Field("", description="What the step has to say, above all when it did not succeed.")
    continue_on_error: StrictBool = Field(False, description="Whether its failure leaves the Promotion untouched.")


class PromotionStatus(Model):
    """How far the Promotion has come; enough to go on after a crash."""

    last_handled_refresh: str = Field("", description="The newest refresh token that was acted on.")
    phase: str = Field("", description="Pending, Running, Succeeded, Failed, Errored or Aborted.")
    message: str = Field("", description="Why it is in this phase.")
    freight: FreightReference | None = Field(None, description="The Freight that is promoted.")
    freight_collection: FreightCollection | None = Field(
        None, description="That Freight together with what the Stage keeps from other origins."
    )
    health_checks: tuple[HealthCheckStep, ...] = Field(
        (), description="Checks of the Stage's health that the steps asked for."
    )
    started_at: Time | None = Field(None, description="When it began to run.")
    finished_at: Time | None = Field(None, description="When it ended.")
    current_step: StrictInt = Field(0, description="Index of the step that runs or is next, from 0.")
    step_execution_metadata: tuple[StepExecutionMetadata, ...] = Field(
        (), description="How each step fared, as far as they were reached."
    )
    state: Json = Field(None, description="Outputs of the steps, by alias.")
    journal: dict[str, Json] | None = Field(
        None,
        description="Argosy's own record, by step: what the step read from outside, and what it was about to do. It "
        "lets a Promotion go on after a crash without doing anything twice.",
    )

    @property
    def is_terminal(self) -> bool:
        """Whether the Promotion has ended."""
        return self.phase in set(PromotionPhase) and PromotionPhase(self.phase).is_terminal


class Promotion(Resource):
    """Brings one piece of Freight into one Stage. Its spec never changes."""

    spec: PromotionSpec = Field(description="What to promote where, and by which steps.")
    status: PromotionStatus = Field(default_factory=PromotionStatus, description="How far it has come.")

    STATUS_OWNERS: ClassVar[Mapping[str, str]] = {
        "lastHandledRefresh": "promotion",
        "phase": "promotion",
        "message": "promotion",
        "freight": "promotion",
        "freightCollection": "promotion",
        "healthChecks": "promotion",
        "startedAt": "promotion",
        "finishedAt": "promotion",
        "currentStep": "promotion",
        "stepExecutionMetadata": "promotion",
        "state": "promotion",
        "journal": "promotion",
    }
