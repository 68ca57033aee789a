"""The words of the Kargo API that are no fields: labels, annotations, finalizer, condition types, event reasons."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

PREFIX: Final = "kargo.akuity.io/"

FINALIZER: Final = "kargo.akuity.io/finalizer"
CLUSTER_CONFIG_NAME: Final = "cluster"
TRUE: Final = "true"

KUBERNETES_NAME: Final = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
VARIABLE_NAME: Final = r"^[a-zA-Z_][a-zA-Z0-9_]*$"
SUBSCRIPTION_NAME: Final = r"^([a-z0-9]([-a-z0-9]*[a-z0-9])?)?$"


class Label(StrEnum):
    """Label keys."""

    ALIAS = PREFIX + "alias"
    CREDENTIAL_TYPE = PREFIX + "cred-type"
    STAGE = PREFIX + "stage"
    FREIGHT_COLLECTION = PREFIX + "freight-collection"
    PROJECT = PREFIX + "project"
    SHARD = PREFIX + "shard"
    CONTROLLER = PREFIX + "controller"
    REPLICATED_FROM = PREFIX + "replicated-from"
    REPLICATED_SHA = PREFIX + "replicated-sha"
    SYSTEM_ROLE = "rbac.kargo.akuity.io/system-role"
    API_TOKEN = "rbac.kargo.akuity.io/api-token"  # noqa: S105 - the name of a label
    SESSION = "argosy/session"


class Annotation(StrEnum):
    """Annotation keys."""

    CREATE_ACTOR = PREFIX + "create-actor"
    AUTO_PROMOTION_HOLD = PREFIX + "auto-promotion-hold"
    AUTO_PROMOTION_RESUME = PREFIX + "auto-promotion-resume"
    REFRESH = PREFIX + "refresh"
    REVERIFY = PREFIX + "reverify"
    ABORT = PREFIX + "abort"
    DESCRIPTION = PREFIX + "description"
    AUTHORIZED_STAGE = PREFIX + "authorized-stage"
    STAGE = PREFIX + "stage"
    PROMOTION = PREFIX + "promotion"
    ARGOCD_CONTEXT = PREFIX + "argocd-context"
    MIGRATED = PREFIX + "migrated"
    KEEP_NAMESPACE = PREFIX + "keep-namespace"
    ROLLBACK = PREFIX + "rollback"
    GITHUB_TOKEN_SCOPES = PREFIX + "github-token-scopes"
    REPLICATE_TO = PREFIX + "replicate-to"
    REPLICATED_AT = PREFIX + "replicated-at"
    MANAGED = "rbac.kargo.akuity.io/managed"
    CLAIMS = "rbac.kargo.akuity.io/claims"
    CLAIM = "rbac.kargo.akuity.io/claim"
    PROMOTION_FLOW = "argosy/promotion-flow"
    EXPIRES = "argosy/expires"
    RENEWING = "argosy/renewing"
    ACCOUNT_NAME = "kubernetes.io/service-account.name"
    ACCOUNT_UID = "kubernetes.io/service-account.uid"


class EventAnnotation(StrEnum):
    """Annotation keys on Events."""

    ACTOR = "event.kargo.akuity.io/actor"
    PROJECT = "event.kargo.akuity.io/project"
    PROMOTION_NAME = "event.kargo.akuity.io/promotion-name"
    PROMOTION_CREATE_TIME = "event.kargo.akuity.io/promotion-create-time"
    FREIGHT_ALIAS = "event.kargo.akuity.io/freight-alias"
    FREIGHT_NAME = "event.kargo.akuity.io/freight-name"
    FREIGHT_CREATE_TIME = "event.kargo.akuity.io/freight-create-time"
    FREIGHT_WAREHOUSE_NAME = "event.kargo.akuity.io/freight-warehouse-name"
    FREIGHT_COMMITS = "event.kargo.akuity.io/freight-commits"
    FREIGHT_IMAGES = "event.kargo.akuity.io/freight-images"
    FREIGHT_CHARTS = "event.kargo.akuity.io/freight-charts"
    FREIGHT_ARTIFACTS = "event.kargo.akuity.io/freight-artifacts"
    STAGE_NAME = "event.kargo.akuity.io/stage-name"
    ANALYSIS_RUN_NAME = "event.kargo.akuity.io/analysis-run-name"
    VERIFICATION_PENDING = "event.kargo.akuity.io/verification-pending"
    VERIFICATION_START_TIME = "event.kargo.akuity.io/verification-start-time"
    VERIFICATION_FINISH_TIME = "event.kargo.akuity.io/verification-finish-time"
    APPLICATIONS = "event.kargo.akuity.io/applications"
    ROLLBACK = "event.kargo.akuity.io/rollback"


class EventReason(StrEnum):
    """What an Event reports."""

    PROMOTION_CREATED = "PromotionCreated"
    PROMOTION_SUCCEEDED = "PromotionSucceeded"
    PROMOTION_FAILED = "PromotionFailed"
    PROMOTION_ERRORED = "PromotionErrored"
    PROMOTION_ABORTED = "PromotionAborted"
    PROMOTION_DISCARDED = "PromotionDiscarded"
    FREIGHT_CREATED = "FreightCreated"
    FREIGHT_APPROVED = "FreightApproved"
    FREIGHT_VERIFICATION_SUCCEEDED = "FreightVerificationSucceeded"
    FREIGHT_VERIFICATION_FAILED = "FreightVerificationFailed"
    FREIGHT_VERIFICATION_ERRORED = "FreightVerificationErrored"
    FREIGHT_VERIFICATION_ABORTED = "FreightVerificationAborted"
    FREIGHT_VERIFICATION_INCONCLUSIVE = "FreightVerificationInconclusive"
    FREIGHT_VERIFICATION_UNKNOWN = "FreightVerificationUnknown"


class EventActor(StrEnum):
    """Who did it: whole values, and prefixes that end in a colon."""

    ADMIN = "admin"
    CONTROLLER = "controller:"
    EMAIL = "email:"
    SUBJECT = "subject:"
    KUBERNETES_USER = "kubernetes:"
    UNKNOWN = "unknown actor"


class ConditionType(StrEnum):
    """Types of conditions in a status."""

    READY = "Ready"
    RECONCILING = "Reconciling"
    STALLED = "Stalled"
    HEALTHY = "Healthy"
    PROMOTING = "Promoting"
    VERIFIED = "Verified"
    FREIGHT_CREATION_CRITERIA_SATISFIED = "FreightCreationCriteriaSatisfied"
    FREIGHT_CREATED = "FreightCreated"
