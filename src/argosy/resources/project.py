"""Project: one pipeline's home; it owns the namespace of its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, StrictInt

from argosy.resources.meta import Condition, Model, Resource


class HealthStats(Model):
    """How many of a kind are well."""

    healthy: StrictInt = Field(0, description="How many are Healthy.")


class KindStats(Model):
    """How many of a kind there are."""

    count: StrictInt = Field(0, description="How many there are.")
    health: HealthStats = Field(default_factory=HealthStats, description="How many of them are well.")


class ProjectStats(Model):
    """Figures about what is in a Project."""

    warehouses: KindStats = Field(default_factory=KindStats, description="Its Warehouses.")
    stages: KindStats = Field(default_factory=KindStats, description="Its Stages.")


class ProjectStatus(Model):
    """Whether the Project can be used."""

    conditions: tuple[Condition, ...] = Field((), description="Ready, Healthy and Reconciling conditions.")
    stats: ProjectStats | None = Field(None, description="Figures about what is in the Project.")


class Project(Resource):
    """The home of one pipeline. Creating it creates the namespace of its name, which everything else lives in."""

    status: ProjectStatus = Field(default_factory=ProjectStatus, description="Whether the Project can be used.")

    STATUS_OWNERS: ClassVar[Mapping[str, str]] = {"conditions": "project", "stats": "project"}
