"""`fail`: end the promotion, for instance when a condition does not hold."""

from __future__ import annotations

from pydantic import Field

from argosy.errors import Failed
from argosy.steps.base import Config, Context, Done, Effect, Step


class FailConfig(Config):
    """Fails. With an `if`, it fails when that is true."""

    message: str | None = Field(default=None, min_length=1)
    """Why, for people."""


async def run(config: FailConfig, ctx: Context) -> Done:
    """Raises Failed, always."""
    raise Failed(f"failed: {config.message}" if config.message else "failed")


STEP = Step("fail", Effect.PURE, FailConfig, run)
