"""`git-tag`: make an annotated tag on the commit that is checked out. `git-push` brings it to the server."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from argosy.errors import Failed
from argosy.sources import tag as tags
from argosy.sources.refs import check_tag
from argosy.steps.base import Config, Context, Done, Effect, Step
from argosy.steps.git_author import identity


class GitTagConfig(Config):
    """Makes an annotated tag on the commit that is checked out, signed where git-clone was given a key.

    Nobody else sees it until `git-push` pushes it, by its own `tag`.
    """

    model_config = ConfigDict(extra="allow")

    path: str = Field(min_length=1)
    """The folder that `git-clone` checked out."""
    tag: str = Field(min_length=1)
    """The name of the tag."""
    message: str = Field(min_length=1)
    """The message of the tag."""
    force: bool = False
    """Whether the tag may take the place of one of the same name, here and on the server. Others rely on tags."""


async def run(config: GitTagConfig, ctx: Context) -> Done:
    """Raises Failed (there is such a tag), NotFound (no checkout at the path), Permanent (no name, no message)."""
    checkout = ctx.checkouts.open(ctx.tree.resolve(config.path))
    check_tag(config.tag)

    async def make() -> str:
        known = await tags.known_tag(checkout, config.tag) or tags.local_tag(checkout, config.tag)
        if known and not config.force:
            raise Failed(
                f"{checkout.url} has a tag {config.tag} already",
                advice="Choose another name, or set force to replace it.",
            )
        return await tags.draft(checkout, config.tag, config.message, identity(ctx, checkout))

    # Made again after a crash, the same tag has the same ID, and may be on the server by now.
    text = str(await ctx.pin("tag", make))
    await tags.keep(checkout, config.tag, text, replaces=config.force)
    commit = text.partition("\n")[0].removeprefix("object ")
    ctx.log(f"tagged {commit} as {config.tag}")
    # Kargo's schema for this step alone lets unknown fields pass, such as an author.
    unknown = ", ".join(config.model_extra or {})
    return Done({"commit": commit}, warning=f"git-tag does not know {unknown}: it had no effect" if unknown else "")


STEP = Step("git-tag", Effect.WORKSPACE, GitTagConfig, run, outputs=("commit",))
