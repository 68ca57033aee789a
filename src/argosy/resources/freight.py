"""Freight: a set of artifacts that travels through the Stages together, and the short forms of it that others keep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from pydantic import Field

from argosy.resources.artifact import ArtifactReference, Chart, FreightOrigin, GitCommit, Image
from argosy.resources.duration import Duration
from argosy.resources.meta import Json, Model, Resource, Time
from argosy.resources.verification import VerificationInfo


class CurrentStage(Model):
    """That a Stage uses the Freight now."""

    since: Time | None = Field(None, description="When the Stage began to use the Freight; soak time counts from here.")


class VerifiedStage(Model):
    """That a Stage has verified the Freight."""

    verified_at: Time | None = Field(None, description="When the Freight was verified.")
    longest_soak: Duration | None = Field(
        None, description="The longest unbroken stay in the Stage that has ended; a present stay may be longer."
    )


class ApprovedStage(Model):
    """That somebody approved the Freight for a Stage."""

    approved_at: Time | None = Field(None, description="When the Freight was approved.")


class FreightStatus(Model):
    """Where the Freight is, and where it may go."""

    currently_in: dict[str, CurrentStage] = Field(
        default_factory=dict, description="Stages that use the Freight now, by name."
    )
    verified_in: dict[str, VerifiedStage] = Field(
        default_factory=dict, description="Stages that have verified the Freight, by name."
    )
    approved_for: dict[str, ApprovedStage] = Field(
        default_factory=dict,
        description="Stages the Freight was approved for by hand, by name; approval takes the place of verification "
        "in earlier Stages.",
    )
    metadata: dict[str, Json] = Field(
        default_factory=dict, description="Values that promotion steps keep with the Freight, by key."
    )


class Freight(Resource):
    """An immutable set of artifact versions found by one Warehouse; the unit that is promoted from Stage to Stage."""

    alias: str = Field(
        "",
        description="A name for people. One is made up when it is empty on creation; the alias label follows it.",
    )
    discovered_at: Time | None = Field(
        None, description="When the artifacts were found; decides which Freight is newer."
    )
    origin: FreightOrigin = Field(description="The Warehouse that produced the Freight.")
    commits: tuple[GitCommit, ...] = Field((), description="Git commits.")
    images: tuple[Image, ...] = Field((), description="Container images.")
    charts: tuple[Chart, ...] = Field((), description="Helm charts.")
    artifacts: tuple[ArtifactReference, ...] = Field((), description="Artifacts of other kinds.")
    status: FreightStatus = Field(default_factory=FreightStatus, description="Where the Freight is and may go.")

    STATUS_OWNERS: ClassVar[Mapping[str, str]] = {
        "currentlyIn": "stage",
        "verifiedIn": "stage",
        "approvedFor": "approve",
        "metadata": "promotion",
    }

    @property
    def discovered(self) -> datetime | None:
        """`discoveredAt`, or the time of creation for Freight that lacks it."""
        return self.discovered_at or self.metadata.creation_timestamp

    @property
    def reference(self) -> FreightReference:
        """The short form that Stages and Promotions keep."""
        return FreightReference(
            name=self.name,
            origin=self.origin,
            commits=self.commits,
            images=self.images,
            charts=self.charts,
            artifacts=self.artifacts,
        )


class FreightReference(Model):
    """What is worth remembering of a piece of Freight, even after it is gone."""

    name: str = Field("", description="Name of the Freight, computed from its content.")
    origin: FreightOrigin | None = Field(None, description="The Warehouse that produced the Freight.")
    commits: tuple[GitCommit, ...] = Field((), description="Git commits.")
    images: tuple[Image, ...] = Field((), description="Container images.")
    charts: tuple[Chart, ...] = Field((), description="Helm charts.")
    artifacts: tuple[ArtifactReference, ...] = Field((), description="Artifacts of other kinds.")


class FreightCollection(Model):
    """The Freight that a Stage uses together: one piece for each origin it requests."""

    id: str = Field(description="SHA-1 of the sorted names of the Freight.")
    items: dict[str, FreightReference] = Field(
        default_factory=dict, description="The Freight, by origin written as `Warehouse/<name>`."
    )
    verification_history: tuple[VerificationInfo, ...] = Field(
        (), description="Verifications of this collection, newest first, at most ten."
    )

    @property
    def references(self) -> tuple[FreightReference, ...]:
        """The Freight in the order of their origins."""
        return tuple(self.items[origin] for origin in sorted(self.items))

    def includes(self, name: str) -> bool:
        """Whether Freight of this name is in the collection."""
        return any(reference.name == name for reference in self.items.values())
