"""`git-commit`: commit every change in a checkout."""

from __future__ import annotations

from pydantic import Field

from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.git_author import AuthorConfig, identity


class GitCommitConfig(Config):
    """Stages everything that changed, except what `.gitignore` names, and commits it."""

    path: str = Field(min_length=1)
    """The folder that `git-clone` checked out."""
    message: str = Field(min_length=1)
    """The commit message."""
    author: AuthorConfig | None = None
    """Who commits. Better given to `git-clone`, which holds for every commit."""


async def run(config: GitCommitConfig, ctx: Context) -> Done:
    """Raises NotFound (no checkout at the path) and what `Checkout.commit` raises."""
    checkout = ctx.checkouts.open(ctx.tree.resolve(config.path))
    await checkout.add_all()
    if not await checkout.has_changes():
        return Done(
            {"commit": await checkout.head()}, skipped=True, message="nothing changed, so nothing was committed"
        )
    commit = await checkout.commit(config.message, identity(ctx, checkout, config.author))
    ctx.log(f"committed {commit}")
    return Done({"commit": commit})


STEP = Step("git-commit", Effect.WORKSPACE, GitCommitConfig, run, outputs=("commit",), fresh=("commit",))
