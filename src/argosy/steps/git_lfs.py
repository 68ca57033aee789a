"""Contents in the place of LFS pointers, for `git-clone`, and again for `git-push` where it changes the checkout."""

from __future__ import annotations

from argosy.clients.lfs import Lfs
from argosy.errors import Permanent, Temporary
from argosy.sources.lfs import Contents
from argosy.sources.lfs_files import LfsFile
from argosy.sources.worktree import Checkout
from argosy.steps.base import Context

_MOST = 10_000


async def fill(ctx: Context, checkout: Checkout) -> None:
    """Put the contents of LFS files in the place of the pointers that are checked out.

    The checkout must have the login that counts now. Raises what `Contents.fetch` raises.
    """
    files = await checkout.lfs.pointers()
    if len(files) > _MOST:
        raise Permanent(
            f"{checkout.url} has {len(files)} files in Git LFS, the limit is {_MOST}",
            advice="Check out less, with sparse, or leave out lfs: true.",
        )
    try:
        await _put(ctx, checkout, files)
    except OSError as error:
        raise Temporary(
            f"contents of LFS files of {checkout.url} cannot be written: {error.strerror}",
            advice="Free some disk space in the data directory.",
        ) from error


async def _put(ctx: Context, checkout: Checkout, files: list[LfsFile]) -> None:
    contents = _contents(ctx, checkout)
    if files:
        await contents.fetch(
            [file.object for file in files], f"refs/heads/{checkout.branch}" if checkout.branch else ""
        )
        total = sum(file.size for file in files)
        ctx.log(f"put the contents of {len(files)} LFS files in their place: {total} bytes")
    await checkout.lfs.fill(files, contents.copy)


async def refill(ctx: Context, checkout: Checkout) -> None:
    """As `fill`, for a checkout that was filled and may hold pointers again; does nothing to others."""
    if checkout.lfs.wanted:
        await fill(ctx, checkout)


def _contents(ctx: Context, checkout: Checkout) -> Contents:
    policy = checkout.mirror.git.policy
    lfs = Lfs(ctx.web, ctx.checkouts.clock, policy.plain_http, policy.remote_seconds, policy.host_keys)
    return Contents(
        ctx.mirrors.lfs_root, checkout.mirror.remote, lfs, ctx.mirrors.hmac_key, allow_file=policy.allow_file
    )
