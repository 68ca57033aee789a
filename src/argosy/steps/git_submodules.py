"""Checking out submodules for `git-clone`: each from a mirror of its own, with the login for its own URL."""

from __future__ import annotations

from collections import deque

from argosy.clients.git import Remote
from argosy.errors import NotFound, Permanent
from argosy.rules import git_url
from argosy.sources.checkout import Revision
from argosy.sources.submodule import Submodule, submodules
from argosy.sources.worktree import Checkout
from argosy.steps.base import Context

_MOST, _DEEPEST = 100, 8


async def fill(ctx: Context, checkout: Checkout, *, blobless: bool = False) -> list[Checkout]:
    """Check out the submodules of a checkout, and theirs; returns them. `blobless`: from mirrors that are.

    Raises Permanent (too many, or what must not be), NotFound (a commit that is not there), or as `Checkouts.take`.
    """
    ctx.checkouts.use_once(checkout)
    todo, made = deque([(checkout, 0)]), list[Checkout]()
    while todo:
        parent, depth = todo.popleft()
        for submodule in await submodules(parent):
            if len(made) >= _MOST or depth >= _DEEPEST:
                raise Permanent(
                    f"{checkout.url} has more than {_MOST} submodules, or deeper ones than {_DEEPEST} levels",
                    advice="Check that no repository is a submodule of itself.",
                )
            child = await _take(ctx, parent, submodule, blobless)
            ctx.checkouts.use_once(child)
            ctx.log(f"checked out submodule {submodule.path}: {submodule.commit}")
            made.append(child)
            todo.append((child, depth + 1))
    return made


async def _take(ctx: Context, parent: Checkout, submodule: Submodule, blobless: bool) -> Checkout:
    place = parent.path / submodule.path
    if ctx.tree.resolve(str(place.relative_to(ctx.tree.root))) != place:
        raise Permanent(f"the submodule {submodule.path} of {parent.url} lies behind a link")
    login = await ctx.login("git", submodule.url)
    # What was said of one server's certificate says nothing of another's.
    same = git_url.parse(submodule.url).origin == git_url.parse(parent.url).origin
    remote = Remote.of(submodule.url, login, verify_tls=parent.mirror.remote.verify_tls or not same)
    mirror = await ctx.mirrors.open(remote, blobless=blobless)
    try:
        return await ctx.checkouts.take(mirror, place, Revision(commit=submodule.commit))
    except NotFound as error:
        raise NotFound(
            f"the submodule {submodule.path} of {parent.url} wants a commit that {mirror.remote.url} has not: "
            f"{submodule.commit}",
            advice="Push that commit, or commit another one of the submodule.",
        ) from error
