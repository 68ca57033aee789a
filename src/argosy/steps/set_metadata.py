"""`set-metadata`: keep values in the status of Stages and Freight, for expressions and people to read."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from argosy.resources.meta import Json
from argosy.steps.base import Config, Context, Done, Effect, MetadataUpdate, Step


class MetadataTarget(Config):
    """The values for one resource."""

    kind: Literal["Stage", "Freight"]
    """The kind of the resource."""
    name: str = Field(min_length=1)
    """The name of the resource, which is in the promotion's project."""
    values: dict[str, Json] = Field(min_length=1)
    """Names and values. Values of other names that are there stay."""


class SetMetadataConfig(Config):
    """Merges values into `status.metadata` of Stages and Freight."""

    updates: list[MetadataTarget] = Field(min_length=1)
    """What to set, and where."""


async def run(config: SetMetadataConfig, ctx: Context) -> Done:
    return Done(metadata=tuple(MetadataUpdate(each.kind, each.name, each.values) for each in config.updates))


STEP = Step("set-metadata", Effect.PURE, SetMetadataConfig, run)
