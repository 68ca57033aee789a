"""Warehouse: which repositories to watch, and how what is found becomes Freight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, StrictBool, StrictInt, model_serializer, model_validator

from argosy.resources.constraint import Constraint
from argosy.resources.discovery import DiscoveredArtifacts
from argosy.resources.duration import Interval
from argosy.resources.meta import PERSISTED, Condition, Json, Model, Resource, Time
from argosy.resources.names import SUBSCRIPTION_NAME
from argosy.resources.subscription import CHART, IMAGE, SUBSCRIPTIONS, TYPES

GIT_URL = (
    r"(?:^(ssh|https?)://(?:([\w-]+)(:(.+))?@)?([\w-]+(?:\.[\w-]+)*)(?::(\d{1,5}))?(/.*)$)|(?:^file:///.+$)"
    r"|(?:^([\w-]+)@([\w+]+(?:\.[\w-]+)*):(/?.*))"
)
IMAGE_REPOSITORY = r"^(\w+([\.-]\w+)*(:[\d]+)?/)?(\w+([\.-]\w+)*)(/\w+([\.-]\w+)*)*$"
CHART_REPOSITORY = r"^(((https?)|(oci))://)([\w\d\.\-]+)(:[\d]+)?(/.*)*$"
BRANCH = r"^([a-zA-Z0-9]([a-zA-Z0-9._\/-]*[a-zA-Z0-9_-])?)?$"
PLATFORM = r"^(\w+/\w+)?$"

DiscoveryLimit = Annotated[StrictInt, Field(ge=1, le=100), PERSISTED]


class GitSubscription(Model):
    """Watches a Git repository for commits."""

    repo_url: str = Field(
        alias="repoURL",
        min_length=1,
        pattern=GIT_URL,
        description="URL of the repository, best with https. A file URL works where the operator allows local "
        "repositories.",
    )
    commit_selection_strategy: Annotated[Literal["NewestFromBranch", "SemVer", "Lexical", "NewestTag"], PERSISTED] = (
        Field(
            "NewestFromBranch",
            description="Which commits count: the newest of a branch, or those tagged, ordered by semantic version, by "
            "name or by age.",
        )
    )
    branch: str = Field(
        "",
        max_length=255,
        pattern=BRANCH,
        description="Branch to watch with NewestFromBranch; the repository's default branch when empty.",
    )
    strict_semvers: Annotated[StrictBool, PERSISTED] = Field(
        True, description="Whether a tag must have major, minor and patch to count as a semantic version."
    )
    semver_constraint: str = Field("", description="Which versions count with SemVer, such as `^1.2.0`.")
    allow_tags: str = Field("", description="Deprecated, and refused by discovery: use `allowTagsRegexes`.")
    allow_tags_regexes: tuple[str, ...] = Field(
        (), description="Regular expressions (RE2); a tag counts when one of them matches."
    )
    ignore_tags: tuple[str, ...] = Field(
        (), description="Deprecated, and refused by discovery: use `ignoreTagsRegexes`."
    )
    ignore_tags_regexes: tuple[str, ...] = Field(
        (), description="Regular expressions (RE2); a tag does not count when one of them matches."
    )
    expression_filter: str = Field(
        "", description="Expression over a commit's or tag's metadata that must be true for it to count."
    )
    insecure_skip_tls_verify: StrictBool = Field(
        False, alias="insecureSkipTLSVerify", description="Whether to accept any certificate. Dangerous."
    )
    blobless: StrictBool = Field(
        False, description="Whether to fetch contents of files only when needed, if the server supports partial clones."
    )
    include_paths: tuple[str, ...] = Field(
        (), description="Only commits that change one of these paths count. Plain path, `glob:` or `regex:`."
    )
    exclude_paths: tuple[str, ...] = Field(
        (), description="Commits that change only these paths do not count. Plain path, `glob:` or `regex:`."
    )
    discovery_limit: DiscoveryLimit = Field(20, description="How many commits to offer at most, 1 to 100.")
    since: Time | None = Field(None, description="Commits older than this do not count.")


class ImageSubscription(Model):
    """Watches a container image repository for tags."""

    repo_url: str = Field(
        alias="repoURL",
        min_length=1,
        pattern=IMAGE_REPOSITORY,
        description="Image repository, such as `ghcr.io/example/app`: no scheme, no tag.",
    )
    image_selection_strategy: Annotated[Literal["Digest", "Lexical", "NewestBuild", "SemVer"], PERSISTED] = Field(
        "SemVer",
        description="Which image is newest: by semantic version, by name of the tag, by time of build, or whatever one "
        "moving tag points to (Digest).",
    )
    strict_semvers: Annotated[StrictBool, PERSISTED] = Field(
        True, description="Whether a tag must have major, minor and patch to count as a semantic version."
    )
    constraint: str = Field(
        "", description="With SemVer a version constraint such as `^1.2.0`; with Digest the tag to follow."
    )
    allow_tags: str = Field("", description="Deprecated, and refused by discovery: use `allowTagsRegexes`.")
    allow_tags_regexes: tuple[str, ...] = Field(
        (), description="Regular expressions (RE2); a tag counts when one of them matches."
    )
    ignore_tags: tuple[str, ...] = Field(
        (), description="Deprecated, and refused by discovery: use `ignoreTagsRegexes`."
    )
    ignore_tags_regexes: tuple[str, ...] = Field(
        (), description="Regular expressions (RE2); a tag does not count when one of them matches."
    )
    platform: str = Field(
        "", pattern=PLATFORM, description="Only images that exist for this platform count, such as `linux/amd64`."
    )
    insecure_skip_tls_verify: StrictBool = Field(
        False, alias="insecureSkipTLSVerify", description="Whether to accept any certificate. Dangerous."
    )
    discovery_limit: DiscoveryLimit = Field(20, description="How many images to offer at most, 1 to 100.")
    cache_by_tag: StrictBool = Field(
        False, description="Whether what a tag points to may be remembered; only right when tags never move."
    )

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (IMAGE,)


class ChartSubscription(Model):
    """Watches a Helm chart repository for versions."""

    repo_url: str = Field(
        alias="repoURL",
        min_length=1,
        pattern=CHART_REPOSITORY,
        description="Classic repository (`https://...`), or the chart itself in an OCI registry (`oci://...`).",
    )
    name: str = Field("", description="Name of the chart: needed for a classic repository, not allowed for an OCI one.")
    semver_constraint: str = Field("", description="Which versions count, such as `^1.2.0`.")
    discovery_limit: DiscoveryLimit = Field(20, description="How many versions to offer at most, 1 to 100.")
    insecure_skip_tls_verify: StrictBool = Field(
        False, alias="insecureSkipTLSVerify", description="Whether to accept any certificate. Dangerous."
    )

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = (CHART,)


class RepoSubscription(Model):
    """One thing to watch: exactly one of `git`, `image` and `chart`, or a type that an extension provides."""

    name: str = Field(
        "",
        max_length=63,
        pattern=SUBSCRIPTION_NAME,
        description="Name of the subscription, unique in the Warehouse; noted on what it finds. Types from extensions "
        "need one.",
    )
    git: GitSubscription | None = Field(None, description="Watches a Git repository.")
    image: ImageSubscription | None = Field(None, description="Watches a container image repository.")
    chart: ChartSubscription | None = Field(None, description="Watches a Helm chart repository.")
    SCHEMA: ClassVar[Mapping[str, Json]] = {"x-kubernetes-preserve-unknown-fields": True}

    other: dict[str, Json] = Field(
        default_factory=dict,
        exclude=True,
        description="Subscription types from extensions: the type's name, and its configuration as it was written.",
    )

    @property
    def type(self) -> str:
        """The subscription's type: `git`, `image`, `chart` or the name an extension chose."""
        return next((t for t in TYPES if getattr(self, t) is not None), next(iter(self.other), ""))

    @model_validator(mode="before")
    @classmethod
    def _keep_other_types(cls, data: Any) -> Any:
        """Keys that name no field are subscription types of extensions."""
        if not isinstance(data, Mapping) or "other" in data:
            return data
        known = {"name", *TYPES}
        other = {key: value for key, value in data.items() if key not in known}
        return {**{key: value for key, value in data.items() if key in known}, "other": other} if other else data

    @model_serializer(mode="wrap")
    def _write_other_types(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {**handler(self), **self.other}


class FreightCreationCriteria(Model):
    """What must hold for Freight to be made."""

    expression: str = Field("", description="Expression over the found artifacts that must be true.")


class WarehouseSpec(Model):
    """What to watch and when to make Freight."""

    shard: str = Field("", description="Which controller looks after this Warehouse; the default one when empty.")
    interval: Annotated[Interval, PERSISTED] = Field(
        "5m0s", description="How often to look for artifacts, in hours, minutes and seconds."
    )
    freight_creation_policy: Annotated[Literal["Automatic", "Manual"], PERSISTED] = Field(
        "Automatic", description="Whether Freight is made as soon as something new is found, or only by hand."
    )
    subscriptions: tuple[RepoSubscription, ...] = Field(min_length=1, description="The repositories to watch.")
    freight_creation_criteria: FreightCreationCriteria | None = Field(
        None, description="What must hold for Freight to be made automatically."
    )

    CONSTRAINTS: ClassVar[tuple[Constraint, ...]] = SUBSCRIPTIONS


class WarehouseStatus(Model):
    """What was found, and how the last look went."""

    conditions: tuple[Condition, ...] = Field(
        (), description="Ready, Healthy, Reconciling and FreightCreated conditions."
    )
    last_handled_refresh: str = Field("", description="The newest refresh token that was acted on.")
    observed_generation: StrictInt = Field(0, description="Generation of the spec that this status speaks of.")
    last_freight_id: str = Field("", alias="lastFreightID", description="Name of the Freight made last.")
    discovered_artifacts: DiscoveredArtifacts | None = Field(None, description="What was found, newest first.")


class Warehouse(Resource):
    """Watches repositories and packs what it finds into Freight."""

    spec: WarehouseSpec = Field(description="What to watch and when to make Freight.")
    status: WarehouseStatus = Field(default_factory=WarehouseStatus, description="What was found.")

    STATUS_OWNERS: ClassVar[Mapping[str, str]] = {
        "conditions": "warehouse",
        "lastHandledRefresh": "warehouse",
        "observedGeneration": "warehouse",
        "lastFreightID": "warehouse",
        "discoveredArtifacts": "warehouse",
    }
