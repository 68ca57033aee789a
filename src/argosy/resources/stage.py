"""Stage: a place that Freight passes through on its way, and how it gets there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, Literal

from pydantic import Field, StrictBool, StrictInt

from argosy.resources.artifact import FreightOrigin
from argosy.resources.constraint import Constraint, Fault, mapping, mappings, repeated
from argosy.resources.duration import Interval
from argosy.resources.freight import FreightCollection, FreightReference
from argosy.resources.meta import Condition, Json, Model, Resource, Time
from argosy.resources.promotion import PromotionStatus
from argosy.resources.promotion_window import PromotionWindowStatus
from argosy.resources.selector import LabelSelector
from argosy.resources.step import TEMPLATE_STEPS, ExpressionVariable, PromotionStep
from argosy.resources.verification import Verification


class HealthState(StrEnum):
    """How well a Stage is, in order of severity."""

    HEALTHY = "Healthy"
    NOT_APPLICABLE = "NotApplicable"
    PROGRESSING = "Progressing"
    UNKNOWN = "Unknown"
    UNHEALTHY = "Unhealthy"

    def merge(self, other: HealthState) -> HealthState:
        """The more severe of two states."""
        order = list(HealthState)
        return self if order.index(self) > order.index(other) else other


class AutoPromotionOptions(Model):
    """How auto-promotion chooses."""

    selection_policy: Literal["NewestFreight", "MatchUpstream"] | None = Field(
        None,
        description="NewestFreight, also when absent: the newest Freight available. MatchUpstream: only what the one "
        "upstream Stage uses now.",
    )


class FreightSources(Model):
    """From where a Stage accepts Freight."""

    direct: StrictBool = Field(False, description="Whether Freight may come straight from its Warehouse.")
    stages: tuple[str, ...] = Field((), description="Stages that must have verified the Freight before.")
    required_soak_time: Interval | None = Field(
        None, description="How long the Freight must have stayed in an upstream Stage, in hours, minutes and seconds."
    )
    availability_strategy: Literal["All", "OneOf", ""] = Field(
        "OneOf", description="Whether all upstream Stages must have verified the Freight, or one is enough."
    )
    auto_promotion_options: AutoPromotionOptions | None = Field(
        None, description="How auto-promotion chooses, where the ProjectConfig enables it."
    )

    @property
    def requires_all(self) -> bool:
        """Whether every upstream Stage must have verified the Freight."""
        return self.availability_strategy == "All"

    @property
    def matches_upstream(self) -> bool:
        """Whether auto-promotion takes only what the upstream Stage uses now."""
        options = self.auto_promotion_options
        return options is not None and options.selection_policy == "MatchUpstream"


class FreightRequest(Model):
    """One origin that the Stage wants Freight of."""

    origin: FreightOrigin = Field(description="The Warehouse the Freight must come from.")
    sources: FreightSources = Field(description="From where the Freight may be taken.")


class PromotionTemplateSpec(Model):
    """Variables and steps of the Promotions into a Stage."""

    vars: tuple[ExpressionVariable, ...] = Field((), description="Variables for the steps.")
    steps: tuple[PromotionStep, ...] = Field((), min_length=1, description="The steps, run in this order.")

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = TEMPLATE_STEPS


class PromotionTemplate(Model):
    """The mould from which Promotions into a Stage are made."""

    spec: PromotionTemplateSpec = Field(description="Variables and steps.")


class StageTargets(Model):
    """Which Targets a Stage governs."""

    selectors: tuple[LabelSelector, ...] = Field(
        description="A Target is governed when one of these matches its labels; an empty selector matches all, an "
        "empty list none."
    )


def _origins_once(spec: Mapping[str, Any]) -> Iterable[Fault]:
    origins = (
        (index, f"{mapping(item.get('origin')).get('kind')}/{mapping(item.get('origin')).get('name')}")
        for index, item in mappings(spec.get("requestedFreight"))
        if mapping(item.get("origin")).get("name")
    )
    for index, first, origin in repeated(origins):
        yield Fault(
            f"requestedFreight[{first}] already asks for Freight of {origin}",
            ("requestedFreight", index, "origin"),
            "Put all sources of one origin into one item",
        )


def _match_upstream(spec: Mapping[str, Any]) -> Iterable[Fault]:
    for index, item in mappings(spec.get("requestedFreight")):
        sources = mapping(item.get("sources"))
        options = mapping(sources.get("autoPromotionOptions"))
        path = ("requestedFreight", index, "sources", "autoPromotionOptions", "selectionPolicy")
        if options.get("selectionPolicy") != "MatchUpstream":
            continue
        if sources.get("direct"):
            yield Fault(
                "MatchUpstream cannot be used with `direct: true`", path, "Remove `direct`, or use NewestFreight"
            )
        stages = sources.get("stages")
        if not isinstance(stages, list) or len(stages) != 1:
            yield Fault(
                "MatchUpstream needs exactly one upstream Stage",
                path,
                "List one Stage in `stages`, or use NewestFreight",
            )


class StageSpec(Model):
    """What Freight the Stage wants, and how it is brought in and verified."""

    shard: str = Field("", description="Which controller looks after this Stage; the default one when empty.")
    vars: tuple[ExpressionVariable, ...] = Field(
        (), description="Variables for the promotion template and the verification."
    )
    requested_freight: tuple[FreightRequest, ...] = Field(
        min_length=1, description="What Freight the Stage wants: one item for each origin."
    )
    promotion_template: PromotionTemplate | None = Field(
        None, description="How Freight is brought in. A Stage without steps only controls the flow of Freight."
    )
    verification: Verification | None = Field(
        None, description="How to find out whether the current Freight may go on."
    )
    targets: StageTargets | None = Field(None, description="Targets that the Stage promotes to, instead of to itself.")

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (Constraint(_origins_once), Constraint(_match_upstream))


class Health(Model):
    """How well a Stage is."""

    status: str = Field("", description="Healthy, NotApplicable, Progressing, Unknown or Unhealthy.")
    issues: tuple[str, ...] = Field((), description="Why the Stage is not healthy.")
    config: Json = Field(None, description="Configuration of the checks that were made.")
    output: Json = Field(None, description="What the checks found.")


class PromotionReference(Model):
    """What a Stage remembers of a Promotion."""

    name: str = Field(description="Name of the Promotion.")
    freight: FreightReference | None = Field(None, description="The Freight it promotes.")
    status: PromotionStatus | None = Field(None, description="Its status when last seen.")
    finished_at: Time | None = Field(None, description="When it ended.")


class PromotionRequestFreightReference(Model):
    """Names the Freight of a PromotionRequest."""

    name: str = Field(description="Name of the Freight.")


class PromotionRequestReference(Model):
    """What a Stage remembers of a PromotionRequest."""

    name: str = Field(description="Name of the PromotionRequest.")
    freight: PromotionRequestFreightReference | None = Field(None, description="The Freight it promotes.")
    phase: str = Field("", description="How far it has come.")
    finished_at: Time | None = Field(None, description="When it ended.")


class AutoPromotionHold(Model):
    """Why auto-promotion of one origin pauses: somebody promoted other Freight than it would have chosen."""

    freight_name: str = Field(description="The Freight that was chosen.")
    origin: FreightOrigin = Field(description="The origin that is held; the same as the key of the map.")
    promotion_name: str = Field("", description="The Promotion that established the hold.")
    actor: str = Field("", description="Who made that Promotion.")
    created_at: Time | None = Field(None, description="When that Promotion was made.")


class StageStatus(Model):
    """What the Stage uses, how well it is, and what goes on."""

    conditions: tuple[Condition, ...] = Field(
        (), description="Ready, Healthy, Verified, Promoting and Reconciling conditions."
    )
    last_handled_refresh: str = Field("", description="The newest refresh token that was acted on.")
    freight_history: tuple[FreightCollection, ...] = Field(
        (), description="Freight the Stage has used, the current first, at most ten."
    )
    freight_summary: str = Field(
        "", description="Name of the current Freight, or how many of the requested origins are fulfilled."
    )
    health: Health | None = Field(None, description="How well the Stage is.")
    observed_generation: StrictInt = Field(0, description="Generation of the spec that this status speaks of.")
    current_promotion: PromotionReference | None = Field(None, description="The Promotion that runs.")
    last_promotion: PromotionReference | None = Field(None, description="The Promotion that ended last.")
    current_promotion_request: PromotionRequestReference | None = Field(
        None, description="The PromotionRequest that runs; kept, not acted on."
    )
    last_promotion_request: PromotionRequestReference | None = Field(
        None, description="The PromotionRequest that ended last; kept, not acted on."
    )
    auto_promotion_enabled: StrictBool = Field(
        False, description="Whether the ProjectConfig enables auto-promotion here."
    )
    promotion_window_status: PromotionWindowStatus | None = Field(
        None, description="Whether promotion windows allow promotions now; kept, not acted on."
    )
    metadata: dict[str, Json] = Field(
        default_factory=dict, description="Values that promotion steps keep with the Stage, by key."
    )
    auto_promotion_holds: dict[str, AutoPromotionHold] = Field(
        default_factory=dict, description="Holds on auto-promotion, by origin written as `Warehouse/<name>`."
    )
    effective_auto_promotion_holds: dict[str, AutoPromotionHold] = Field(
        default_factory=dict, description="The holds together with what Promotions on their way will change."
    )

    @property
    def current_freight(self) -> FreightCollection | None:
        """What the Stage uses now."""
        return self.freight_history[0] if self.freight_history else None


class Stage(Resource):
    """A place that Freight passes through: an environment, or only a gate for other Stages."""

    spec: StageSpec = Field(description="What Freight the Stage wants, and how it is brought in and verified.")
    status: StageStatus = Field(default_factory=StageStatus, description="What the Stage uses and how well it is.")

    STATUS_OWNERS: ClassVar[Mapping[str, str]] = {
        "conditions": "stage",
        "lastHandledRefresh": "stage",
        "freightHistory": "stage",
        "freightSummary": "stage",
        "health": "stage",
        "observedGeneration": "stage",
        "currentPromotion": "stage",
        "lastPromotion": "stage",
        "currentPromotionRequest": "stage",
        "lastPromotionRequest": "stage",
        "autoPromotionEnabled": "stage",
        "promotionWindowStatus": "stage",
        "metadata": "promotion",
        "autoPromotionHolds": "stage",
        "effectiveAutoPromotionHolds": "stage",
    }

    @property
    def is_control_flow(self) -> bool:
        """Whether the Stage has no steps: it passes Freight on without using it."""
        template = self.spec.promotion_template
        return template is None or not template.spec.steps
