"""`compose-output`: give outputs of earlier steps new names, or make new ones of them."""

from __future__ import annotations

from pydantic import ConfigDict, model_validator

from argosy.steps.base import Config, Context, Done, Effect, Step


class ComposeOutputConfig(Config):
    """Any names and values; each becomes an output. In a PromotionTask they become outputs of the task as well."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"minProperties": 1})

    @model_validator(mode="after")
    def _not_empty(self) -> ComposeOutputConfig:
        if not self.model_extra:
            raise ValueError("give at least one output")
        return self


async def run(config: ComposeOutputConfig, ctx: Context) -> Done:
    return Done(dict(config.model_extra or {}))


STEP = Step("compose-output", Effect.PURE, ComposeOutputConfig, run, propagates=True)
