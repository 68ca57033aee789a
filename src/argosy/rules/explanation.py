"""Explanations: what is told of a Stage or of Freight when somebody asks why, as typed documents."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from argosy.resources.artifact import ArtifactReference, Chart, FreightOrigin, GitCommit, Image
from argosy.resources.meta import Model, Time
from argosy.rules.reason import Reason
from argosy.rules.told import Told


class Piece(Told):
    """A piece of Freight, as far as it says what it is."""

    freight: str = Field(description="Its name.")
    alias: str = Field("", description="Its name for people; empty when the Freight is gone.")
    origin: FreightOrigin | None = Field(None, description="Where it comes from.")
    discovered_at: Time | None = Field(None, description="When its artifacts were found.")
    commits: tuple[GitCommit, ...] = Field((), description="Git commits.")
    images: tuple[Image, ...] = Field((), description="Container images.")
    charts: tuple[Chart, ...] = Field((), description="Helm charts.")
    artifacts: tuple[ArtifactReference, ...] = Field((), description="Artifacts of other kinds.")


class Present(Piece):
    """Freight that a Stage uses now."""

    since: Time | None = Field(None, description="Since when the Stage uses it.")
    verified_at: Time | None = Field(None, description="When the Stage verified it; absent until then.")


class Candidate(Piece):
    """Freight that a Stage could use next."""

    available: bool = Field(description="Whether it may be promoted now.")
    reasons: tuple[Reason, ...] = Field((), description="Why it may not; empty when it may.")
    automatic: bool = Field(False, description="Whether auto-promotion takes it now.")
    automatic_reasons: tuple[Reason, ...] = Field(
        (), description="Why auto-promotion does not take what may be promoted."
    )


class Movement(Model):
    """A Promotion that has not ended."""

    promotion: str = Field(description="Its name.")
    freight: str = Field(description="Name of the Freight it brings.")
    alias: str = Field("", description="Alias of that Freight.")
    phase: str = Field("Pending", description="Pending or Running.")
    actor: str = Field("", description="Who wanted it; empty for auto-promotion.")
    reasons: tuple[Reason, ...] = Field((), description="Why it does not run yet.")


class Hold(Model):
    """Why auto-promotion of one origin pauses."""

    origin: FreightOrigin = Field(description="The origin.")
    freight: str = Field(description="Name of the Freight that was chosen.")
    alias: str = Field("", description="Its alias.")
    promotion: str = Field("", description="The Promotion that established the hold.")
    actor: str = Field("", description="Who made it.")
    since: Time | None = Field(None, description="When.")


class StageExplanation(Told):
    """What is in a Stage, what could come, and what that waits for."""

    project: str = Field(description="The Project.")
    stage: str = Field(description="The Stage.")
    ready: bool = Field(False, description="Whether the Stage is ready.")
    message: str = Field("", description="Why it is not, or that its Freight is verified.")
    health: str = Field("", description="How well it is.")
    health_issues: tuple[str, ...] = Field((), description="Why it is not healthy.")
    auto_promotion: bool = Field(False, description="Whether the Project's policies enable auto-promotion.")
    holds: tuple[Hold, ...] = Field((), description="What auto-promotion is held at.")
    reasons: tuple[Reason, ...] = Field((), description="Why nothing at all may be promoted to it.")
    current: tuple[Present, ...] = Field((), description="What it uses now, by origin.")
    promotion: Movement | None = Field(None, description="The Promotion that runs.")
    waiting: tuple[Movement, ...] = Field((), description="Promotions that wait, the next first.")
    candidates: tuple[Candidate, ...] = Field((), description="Newer Freight than what is there, the newest first.")
    more: int = Field(0, description="How many newer pieces of Freight are not told.")
    notes: tuple[str, ...] = Field((), description="What else is worth knowing.")


class Whereabouts(Model):
    """What one Stage has to do with a piece of Freight."""

    stage: str = Field(description="The Stage.")
    state: Literal["here", "was", "available", "not"] = Field(
        description="It is there, was there, may go there, or may not."
    )
    since: Time | None = Field(None, description="Since when it is there, or when it was verified there.")
    verified_at: Time | None = Field(None, description="When the Stage verified it.")
    available: bool = Field(description="Whether it may be promoted there now, be it again.")
    reasons: tuple[Reason, ...] = Field((), description="Why it may not; empty when it may.")
    automatic: bool = Field(False, description="Whether auto-promotion takes it there now.")
    automatic_reasons: tuple[Reason, ...] = Field(
        (), description="Why auto-promotion does not take what may be promoted."
    )


class FreightExplanation(Piece):
    """Where a piece of Freight is, where it could go, and why not elsewhere."""

    project: str = Field(description="The Project.")
    stages: tuple[Whereabouts, ...] = Field((), description="Every Stage that asks for Freight of its origin.")
    uninterested: tuple[str, ...] = Field((), description="Stages that ask for no Freight of its origin.")
