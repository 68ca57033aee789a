"""Pushing a tag, the other half of `git-push`: once, and never over one that somebody else made."""

from __future__ import annotations

from argosy.clients.git_error import PushRejected
from argosy.errors import Failed, NotFound, Temporary
from argosy.failpoints import reach
from argosy.sources.push import NEW, push_tag
from argosy.sources.tag import LocalTag, known_tag, local_tag
from argosy.sources.worktree import Checkout
from argosy.steps.base import Change, Context


async def bring(ctx: Context, checkout: Checkout, name: str) -> None:
    """Push the tag `name` of a checkout. Raises NotFound (no such tag), Failed (another one is there), or as `push`."""
    tag = await _local(checkout, name)
    if tag is None:
        ctx.log(f"{checkout.url} has tag {name} already")
        return
    old = await checkout.mirror.remote_tag(name)
    if old == tag.id:
        ctx.log(f"tag {name} is {tag.id} already")
        return
    _check(checkout, name, old, tag)
    await ctx.intend({"remote": checkout.url, "tag": name, "old": old or "", "new": tag.id})
    reach("push.intended")
    try:
        await push_tag(checkout.mirror, name, tag.id, old or NEW)
    except (PushRejected, Temporary) as error:
        # The connection broke, or somebody was faster; the server may have our tag all the same.
        now = await checkout.mirror.remote_tag(name)
        if now != tag.id:
            _check(checkout, name, now, tag)
            raise Temporary(error.message, advice=error.advice) from error
    reach("push.pushed")
    ctx.log(f"pushed tag {name}")


async def foresee(checkout: Checkout, name: str) -> tuple[Change, ...]:
    """What `bring` would do. Raises as `bring`."""
    tag = await _local(checkout, name)
    old = await checkout.mirror.remote_tag(name)
    if tag is None or old == tag.id:
        return ()
    _check(checkout, name, old, tag)
    details = {"replaces": old} if old else {}
    return (Change("push tag", f"{name} of {checkout.url}", details={"commit": await checkout.head(), **details}),)


async def _local(checkout: Checkout, name: str) -> LocalTag | None:
    """The tag to push; None for one that the repository has and nobody made anew."""
    tag = local_tag(checkout, name)
    if tag is None and await known_tag(checkout, name) is None:
        raise NotFound(f"there is no tag {name} to push", advice="Make it with git-tag, or check the name.")
    return tag


def _check(checkout: Checkout, name: str, old: str | None, tag: LocalTag) -> None:
    if old is not None and not tag.replaces:
        raise Failed(
            f"{checkout.url} has another tag {name} by now",
            advice="Choose another name, or make the tag with force: true to replace it.",
        )
