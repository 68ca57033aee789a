"""ClusterConfig: configuration for the whole installation; there is one, named `cluster`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, StrictInt

from argosy.resources.constraint import Constraint
from argosy.resources.meta import Condition, Model, Resource
from argosy.resources.project_config import DeepLink
from argosy.resources.promotion_window import PromotionWindow
from argosy.resources.selector import LocalObjectReference
from argosy.resources.webhook_receiver import RECEIVERS, WebhookReceiverConfig, WebhookReceiverDetails

EMAIL = r"^[^@\s]+@[^@\s]+$"


class GitClientConfig(Model):
    """Who makes the commits of promotions."""

    name: str = Field(min_length=1, description="Name of the committer.")
    email: str = Field(min_length=1, pattern=EMAIL, description="Address of the committer.")
    signing_key_secret: LocalObjectReference | None = Field(
        None, description="Secret whose key `signingKey` holds a GPG private key for signing commits."
    )


class ClusterConfigSpec(Model):
    """Webhook receivers, committer and links for all Projects."""

    webhook_receivers: tuple[WebhookReceiverConfig, ...] = Field((), description="Webhooks listened to for everybody.")
    git_client: GitClientConfig | None = Field(None, description="Who makes the commits of promotions.")
    freight_links: tuple[DeepLink, ...] = Field((), description="Links to show with Freight of every Project.")
    stage_links: tuple[DeepLink, ...] = Field((), description="Links to show with Stages of every Project.")
    promotion_windows: tuple[PromotionWindow, ...] = Field(
        (), description="When promotions are allowed; kept, not acted on."
    )

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = RECEIVERS


class ClusterConfigStatus(Model):
    """Where the webhook receivers listen."""

    conditions: tuple[Condition, ...] = Field((), description="Ready and Reconciling conditions.")
    observed_generation: StrictInt = Field(0, description="Generation of the spec that this status speaks of.")
    last_handled_refresh: str = Field("", description="The newest refresh token that was acted on.")
    webhook_receivers: tuple[WebhookReceiverDetails, ...] = Field((), description="Where each receiver listens.")


class ClusterConfig(Resource):
    """Configuration for all Projects. The only one is named `cluster`."""

    spec: ClusterConfigSpec = Field(default_factory=ClusterConfigSpec, description="Receivers, committer and links.")
    status: ClusterConfigStatus = Field(default_factory=ClusterConfigStatus, description="Where receivers listen.")

    STATUS_OWNERS: ClassVar[Mapping[str, str]] = {
        "conditions": "cluster_config",
        "observedGeneration": "cluster_config",
        "lastHandledRefresh": "cluster_config",
        "webhookReceivers": "cluster_config",
    }
