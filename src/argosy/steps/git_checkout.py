"""Opening a checkout that `git-clone` made, for the other steps of Git."""

from __future__ import annotations

from argosy.sources.worktree import Checkout
from argosy.steps.base import Context


async def open_checkout(ctx: Context, path: str, *, server: bool = False) -> Checkout:
    """The checkout at `path`, with the login that counts now where the step is to talk to the `server`, or the checkout
    may have to fetch contents of files from there. Raises NotFound."""
    place = ctx.tree.resolve(path)
    checkout = ctx.checkouts.open(place)
    if not server and not checkout.mirror.blobless:
        return checkout
    return ctx.checkouts.open(place, await ctx.login("git", checkout.url))
