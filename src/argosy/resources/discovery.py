"""What a Warehouse found when it last looked; kept in its status."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.artifact import ArtifactReference
from argosy.resources.meta import Model, Time


class DiscoveredRef(Model):
    """A tag and the object it points to, as the remote lists them."""

    name: str = Field(min_length=1, description="Short name of the tag.")
    id: str = Field(min_length=1, description="ID of the object: of the tag itself for an annotated one.")


class GitDiscoveryRefs(Model):
    """The remote's state at the last look; as long as it is the same, nothing new can be found."""

    branch_head: str = Field("", description="Commit at the tip of the watched branch.")
    tags: tuple[DiscoveredRef, ...] = Field((), description="Tags that passed the filters on names, sorted by name.")


class DiscoveredCommit(Model):
    """A commit that may become part of Freight."""

    id: str = Field("", min_length=1, description="ID of the commit.")
    branch: str = Field("", description="Branch it was found on.")
    tag: str = Field("", description="Tag that points to it.")
    subject: str = Field("", description="First line of the commit message.")
    author: str = Field("", description="Author of the commit.")
    committer: str = Field("", description="Committer of the commit.")
    creator_date: Time | None = Field(None, description="When the commit, or its annotated tag, was made.")


class GitDiscoveryResult(Model):
    """What one Git subscription found."""

    repo_url: str = Field(alias="repoURL", min_length=1, description="URL of the repository.")
    commits: tuple[DiscoveredCommit, ...] = Field((), description="Commits, newest first; empty when none matched.")
    subscription_name: str = Field("", description="Name of the subscription, if it has one.")
    observed_refs: GitDiscoveryRefs | None = Field(None, description="The remote's state at the last look.")


class DiscoveredImageReference(Model):
    """An image that may become part of Freight."""

    tag: str = Field(min_length=1, max_length=128, pattern=r"^[a-zA-Z0-9_.\-]+$", description="Tag of the image.")
    digest: str = Field(min_length=1, pattern=r"^[a-z0-9]+:[a-f0-9]+$", description="Digest of the image.")
    annotations: dict[str, str] = Field(default_factory=dict, description="OCI annotations of the image.")
    created_at: Time | None = Field(None, description="When the image was built, where the strategy asks for it.")


class ImageDiscoveryResult(Model):
    """What one image subscription found."""

    repo_url: str = Field(alias="repoURL", min_length=1, description="Image repository.")
    platform: str = Field("", description="Platform that was asked for, if any.")
    references: tuple[DiscoveredImageReference, ...] = Field(
        (), description="Images, newest first; empty when none matched."
    )
    subscription_name: str = Field("", description="Name of the subscription, if it has one.")


class ChartDiscoveryResult(Model):
    """What one chart subscription found."""

    repo_url: str = Field(alias="repoURL", min_length=1, description="Chart repository.")
    name: str = Field("", description="Name of the chart.")
    semver_constraint: str = Field("", description="Version constraint that was asked for, if any.")
    versions: tuple[str, ...] = Field((), description="Versions, newest first; empty when none matched.")
    subscription_name: str = Field("", description="Name of the subscription, if it has one.")


class DiscoveryResult(Model):
    """What a subscription of an extension's type found."""

    name: str = Field(min_length=1, description="Name of the subscription.")
    artifact_references: tuple[ArtifactReference, ...] = Field((), description="Artifacts, newest first.")


class DiscoveredArtifacts(Model):
    """What all subscriptions of a Warehouse found."""

    discovered_at: Time | None = Field(
        None, description="When the Warehouse found these first: a look that finds the same leaves it."
    )
    git: tuple[GitDiscoveryResult, ...] = Field((), description="Commits, by subscription.")
    images: tuple[ImageDiscoveryResult, ...] = Field((), description="Images, by subscription.")
    charts: tuple[ChartDiscoveryResult, ...] = Field((), description="Charts, by subscription.")
    results: tuple[DiscoveryResult, ...] = Field((), description="Other artifacts, by subscription.")
