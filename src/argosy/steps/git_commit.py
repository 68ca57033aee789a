"""`git-commit`: commit every change in a checkout."""

from __future__ import annotations

from pydantic import Field

from argosy.errors import Permanent
from argosy.sources.worktree import Checkout
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.git_author import AuthorConfig, identity
from argosy.steps.git_checkout import open_checkout


class GitCommitConfig(Config):
    """Stages everything that changed, except what `.gitignore` names, and commits it."""

    path: str = Field(min_length=1)
    """The folder that `git-clone` checked out."""
    message: str = Field(min_length=1)
    """The commit message."""
    author: AuthorConfig | None = None
    """Who commits, and with which key. Better given to `git-clone`, which holds for every commit."""


async def run(config: GitCommitConfig, ctx: Context) -> Done:
    """Raises NotFound (no checkout at the path), Permanent (another checkout inside), and as `Checkout.commit`."""
    checkout = await open_checkout(ctx, config.path)
    if not await checkout.add_all():
        return Done(
            {"commit": await checkout.head()}, skipped=True, message="nothing changed, so nothing was committed"
        )
    await _refuse_inner(ctx, checkout)
    commit = await _commit(config, ctx, checkout)
    ctx.log(f"committed {commit}")
    return Done({"commit": commit})


async def _refuse_inner(ctx: Context, checkout: Checkout) -> None:
    """Raises Permanent when files of another checkout inside of this one are staged: they belong to its repository."""
    for inner in ctx.checkouts.find(checkout.path):
        below = inner.path.relative_to(checkout.path).as_posix()
        if inner.path != checkout.path and await checkout.has_changes(below):
            raise Permanent(
                f"{below} in {ctx.tree.relative(checkout.path)} is a checkout of its own, of {inner.url}",
                advice="Clone it beside this one, and copy what is to be committed here.",
            )


async def _commit(config: GitCommitConfig, ctx: Context, checkout: Checkout) -> str:
    """Commit; what was signed once is restored with the same signature, and so the same ID, when it is made again."""
    who = identity(ctx, checkout, config.author)
    if who.key is None:
        return await checkout.commit(config.message, who, allow_empty=True)  # which it is not

    async def sign() -> str:
        return await checkout.text(await checkout.commit(config.message, who))

    # The first time this has committed already, so that there is nothing left to commit below.
    earlier = str(await ctx.pin("signed", sign))
    return await checkout.commit(config.message, who, earlier=earlier)


STEP = Step("git-commit", Effect.WORKSPACE, GitCommitConfig, run, outputs=("commit",), fresh=("commit",))
