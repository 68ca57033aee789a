"""Pushing: from a mirror's objects to a branch or tag of its server, with a lease on what was there before."""

from __future__ import annotations

from dataclasses import dataclass

from argosy.clients.git import Extra
from argosy.clients.git_error import PushRejected, classify_push
from argosy.sources.mirror import Mirror
from argosy.sources.refs import BRANCH, TAG, check_branch, check_tag

NEW = ""
"""As a lease: the branch must not exist."""


@dataclass(frozen=True, slots=True)
class Push:
    """What to push.

    Attributes:
        commit: ID of the commit that the branch is to hold.
        branch: name of the branch, without `refs/heads/`; made when missing.
        lease: ID of the commit that the branch must still hold, `NEW` if it must not exist, None for no matter what.
        force: whether commits of the branch that `commit` does not contain may be lost.
    """

    commit: str
    branch: str
    lease: str | None = None
    force: bool = False


async def push(mirror: Mirror, what: Push) -> None:
    """Push, all or nothing.

    Raises:
        PushRejected: the branch moved, or holds commits that would be lost.
        PushRefused: the server forbids it.
        AuthenticationRefused, RepositoryNotFound, Permanent: no use trying again.
        Temporary: the network failed; whether the push happened is then unknown: look with `Mirror.remote_commit`.
    """
    check_branch(what.branch)
    deed = f"Pushing to branch {what.branch} of {mirror.remote.url}"
    # A lease alone would allow a push that drops the very commit it names.
    if what.lease and not what.force and not await mirror.is_ancestor(what.lease, what.commit):
        raise PushRejected(
            f"{deed} would drop commits of that branch", advice="Integrate the branch's commits first, or set force"
        )
    ref = f"{BRANCH}{what.branch}"
    options = [f"--force-with-lease={ref}:{what.lease}"] if what.lease is not None else []
    if what.force and what.lease is None:
        options.append("--force")
    await _push(mirror, deed, options, f"{what.commit}:{ref}")
    await mirror.note_push(what.branch, what.commit)


async def push_tag(mirror: Mirror, name: str, tag: str, lease: str) -> None:
    """Push the object `tag` as the tag `name`, in place of the one with the ID `lease`, `NEW` for none.

    Raises as `push`; look with `Mirror.remote_tag`.
    """
    check_tag(name)
    ref = f"{TAG}{name}"
    deed = f"Pushing tag {name} to {mirror.remote.url}"
    await _push(mirror, deed, [f"--force-with-lease={ref}:{lease}"], f"{tag}:{ref}")
    await mirror.note_tag(name, tag)


async def _push(mirror: Mirror, deed: str, options: list[str], refspec: str) -> None:
    done = await mirror.git.attempt(
        mirror.place,
        mirror.remote,
        *("push", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed", *options),
        "--end-of-options",
        mirror.remote.url,
        refspec,
        extra=Extra(),
    )
    if done.code != 0:
        raise classify_push(deed, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))
