"""Target: one of several destinations of a Stage. Kept and served, not acted on."""

from __future__ import annotations

from pydantic import Field

from argosy.resources.meta import Json, Model, Resource


class TargetSpec(Model):
    """What makes this destination different from others."""

    params: dict[str, Json] = Field(
        default_factory=dict, description="Values that expressions can use as `target.params.<key>`."
    )


class TargetStatus(Model):
    """Nothing yet."""


class Target(Resource):
    """One destination, such as a cluster, that Stages select by its labels."""

    spec: TargetSpec = Field(default_factory=TargetSpec, description="Values of this destination.")
    status: TargetStatus = Field(default_factory=TargetStatus, description="Nothing yet.")
