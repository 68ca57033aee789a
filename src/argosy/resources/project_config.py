"""ProjectConfig: policies, webhook receivers and links of one Project."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, StrictBool, StrictInt

from argosy.resources.constraint import Constraint, Fault, mapping, mappings, repeated
from argosy.resources.meta import Condition, Model, Resource
from argosy.resources.names import KUBERNETES_NAME
from argosy.resources.promotion_window import PromotionWindow
from argosy.resources.selector import NameSelector
from argosy.resources.webhook_receiver import RECEIVERS, WebhookReceiverConfig, WebhookReceiverDetails


class DeepLink(Model):
    """A link that the user interface shows with a resource."""

    title: str = Field(min_length=1, description="What the link is called.")
    url: str = Field(min_length=1, description="Where it leads: a Go template over the resource.")
    description: str = Field("", description="More about the link.")
    if_: str = Field("", alias="if", description="Expression that must be true for the link to be shown.")


class AutoRollbackConfig(Model):
    """When a Stage goes back to the last verified Freight by itself. Kept, not acted on."""

    on_promotion: tuple[Literal["Failed", "Errored"], ...] = Field(
        (), max_length=2, description="Ends of a Promotion that lead back."
    )
    on_verification: tuple[Literal["Failed", "Error"], ...] = Field(
        (), max_length=2, description="Ends of a verification that lead back; Failed when empty."
    )


def _stage_or_selector(policy: Mapping[str, Any]) -> Iterable[Fault]:
    if (policy.get("stage") is None) == (policy.get("stageSelector") is None):
        yield Fault(
            "a promotion policy has exactly one of stage and stageSelector",
            (),
            "Use `stageSelector: {name: <stage>}`; `stage` is the deprecated form",
        )


class PromotionPolicy(Model):
    """What holds for promotions into the Stages it selects; the first policy that matches a Stage counts."""

    stage: str = Field("", pattern=KUBERNETES_NAME, description="Name of the Stage. Deprecated: use `stageSelector`.")
    stage_selector: NameSelector | None = Field(None, description="The Stages this policy is about.")
    auto_promotion_enabled: StrictBool = Field(
        False, description="Whether new Freight is promoted without anybody asking for it."
    )
    auto_rollback: AutoRollbackConfig | None = Field(
        None, description="When to go back to the last verified Freight; kept, not acted on."
    )

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (
        Constraint(
            _stage_or_selector,
            cel="has(self.stage) ? !has(self.stageSelector) : has(self.stageSelector)",
            message="exactly one of stage and stageSelector must be set",
        ),
    )


def _policies(spec: Mapping[str, Any]) -> Iterable[Fault]:
    names = []
    for index, policy in mappings(spec.get("promotionPolicies")):
        name = mapping(policy.get("stageSelector")).get("name") or policy.get("stage")
        prefix = name.partition(":")[0] if isinstance(name, str) and ":" in name else None
        if prefix is None:
            names.append((index, name))
        elif prefix not in ("glob", "regex", "regexp"):
            yield Fault(
                f"unknown kind of pattern `{prefix}:`",
                ("promotionPolicies", index, "stageSelector", "name"),
                "Start a pattern with `glob:` or `regex:`",
            )
    for index, first, name in repeated(names):
        yield Fault(
            f"promotionPolicies[{first}] is already about Stage {name!r}",
            ("promotionPolicies", index),
            "Only the first policy for a Stage would count; make one of them",
        )


class ProjectConfigSpec(Model):
    """Policies, webhook receivers and links."""

    promotion_policies: tuple[PromotionPolicy, ...] = Field((), description="Policies for promotions, in order.")
    webhook_receivers: tuple[WebhookReceiverConfig, ...] = Field((), description="Webhooks this Project listens to.")
    freight_links: tuple[DeepLink, ...] = Field((), description="Links to show with Freight.")
    stage_links: tuple[DeepLink, ...] = Field((), description="Links to show with Stages.")
    promotion_windows: tuple[PromotionWindow, ...] = Field(
        (), description="When promotions are allowed; kept, not acted on."
    )

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (Constraint(_policies), *RECEIVERS)


class ProjectConfigStatus(Model):
    """Where the webhook receivers listen."""

    conditions: tuple[Condition, ...] = Field((), description="Ready and Reconciling conditions.")
    observed_generation: StrictInt = Field(0, description="Generation of the spec that this status speaks of.")
    last_handled_refresh: str = Field("", description="The newest refresh token that was acted on.")
    webhook_receivers: tuple[WebhookReceiverDetails, ...] = Field((), description="Where each receiver listens.")


class ProjectConfig(Resource):
    """Configuration of a Project; named as the Project is, and in its namespace."""

    spec: ProjectConfigSpec = Field(default_factory=ProjectConfigSpec, description="Policies, receivers and links.")
    status: ProjectConfigStatus = Field(default_factory=ProjectConfigStatus, description="Where receivers listen.")

    STATUS_OWNERS: ClassVar[Mapping[str, str]] = {
        "conditions": "project_config",
        "observedGeneration": "project_config",
        "lastHandledRefresh": "project_config",
        "webhookReceivers": "project_config",
    }
