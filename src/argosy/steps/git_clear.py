"""`git-clear`: delete every file of a checkout, to write it anew."""

from __future__ import annotations

from pydantic import Field

from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.git_checkout import open_checkout


class GitClearConfig(Config):
    """Deletes all files of a checkout, except those that its `.gitignore` names."""

    path: str = Field(min_length=1)
    """The folder that `git-clone` checked out."""


async def run(config: GitClearConfig, ctx: Context) -> Done:
    """Raises NotFound when there is no checkout at the path."""
    await (await open_checkout(ctx, config.path)).clear()
    return Done()


STEP = Step("git-clear", Effect.WORKSPACE, GitClearConfig, run)
