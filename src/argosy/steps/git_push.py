"""`git-push`: bring the commits of a checkout to a branch of its repository, once, whatever happens in between.

Before every attempt the commits that are new on the branch are integrated, and the intent is journalled: which commit
is about to take the place of which. After a crash the branch is asked: when it contains the intended commit the push
happened and is not done again.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import Field, model_validator

from argosy.clients.git_error import PushRejected
from argosy.errors import Failed, NotFound, Permanent, Temporary
from argosy.failpoints import reach
from argosy.resources.meta import Json
from argosy.rules import git_url
from argosy.rules.commit_url import commit_url
from argosy.rules.push_integration import Integration, Signature, Way, needs_signatures, way
from argosy.sources.push import NEW
from argosy.sources.worktree import Checkout
from argosy.steps import git_lfs, git_push_tag
from argosy.steps.base import Change, Config, Context, Done, Effect, Preview, Step
from argosy.steps.git_author import identity
from argosy.steps.git_checkout import open_checkout

_ATTEMPTS = 10
_FIRST_PAUSE, _FACTOR, _JITTER, _LONGEST_PAUSE = 1.0, 1.5, 0.5, 30.0
_REMEMBERED = 10
_GENERATED = "kargo/promotion/"


class GitPushConfig(Config):
    """Pushes the checked-out commit.

    Commits that others pushed to the branch meanwhile are integrated first: ours are rebased on them, or merged with
    them where a rebase would destroy somebody's signature.
    """

    path: str = Field(min_length=1)
    """The folder that `git-clone` checked out."""
    target_branch: str = ""
    """The branch to push to, made when missing. By default the branch that is checked out."""
    generate_target_branch: bool = False
    """Whether to push to a branch of its own, `kargo/promotion/<name of the promotion>`, whatever it holds."""
    force: bool = False
    """Whether to replace what the branch holds instead of integrating it. Commits of others are lost."""
    max_attempts: int = Field(default=_ATTEMPTS, ge=1, le=2**31 - 1)
    """How often to integrate and push when the branch moves in between."""
    provider: Literal["azure", "bitbucket", "gitea", "github", "gitlab"] | None = None
    """The kind of forge, for the output `commitURL`. By default it is guessed from the host."""
    tag: str = ""
    """A tag to push, made by `git-tag`, instead of a branch."""

    @model_validator(mode="after")
    def _one_target(self) -> GitPushConfig:
        if len([given for given in (self.target_branch, self.generate_target_branch, self.tag) if given]) > 1:
            raise ValueError("give at most one of targetBranch, generateTargetBranch and tag")
        if self.tag and self.force:
            raise ValueError("force is for branches; a tag is replaced when git-tag made it with force")
        return self


@dataclass(frozen=True, slots=True)
class _Job:
    """One push: from where, to where, and how."""

    ctx: Context
    checkout: Checkout
    branch: str
    force: bool


async def run(config: GitPushConfig, ctx: Context) -> Done:
    """Raises MergeConflict, PushRefused, Failed, NotFound (no checkout or tag), Permanent (no branch), Temporary."""
    checkout = await open_checkout(ctx, config.path, server=True)
    if config.tag:
        await git_push_tag.bring(ctx, checkout, config.tag)
        return Done(_outputs(config, checkout.url, checkout.branch, await checkout.head()))
    job = _job(config, ctx, checkout)
    commit = await _push(job, config.max_attempts)
    return Done(_outputs(config, checkout.url, job.branch, commit))


async def preview(config: GitPushConfig, ctx: Context) -> Preview:
    """Integrate what is new on the branch, and tell how pushing would change it. Raises as `run`."""
    checkout = await open_checkout(ctx, config.path, server=True)
    if config.tag:
        changes = await git_push_tag.foresee(checkout, config.tag)
        message = "" if changes else f"{checkout.url} has tag {config.tag} already"
        known = _outputs(config, checkout.url, checkout.branch, await checkout.head())
        return Preview(changes, outputs=known, message=message)
    job = _job(config, ctx, checkout)
    old = await checkout.fetch(job.branch)
    if old is not None and not job.force:
        await _integrate(job, old)
    new = await checkout.head()
    if new == old:
        return Preview(
            outputs=_outputs(config, checkout.url, job.branch, new), message=f"{job.branch} holds {new} already"
        )
    details: dict[str, Json] = {"commits": await checkout.subjects_since(old)}
    if old is None:
        details["newBranch"] = True
    if job.force and old is not None:
        details["force"] = True
    change = Change("push", f"{job.branch} of {checkout.url}", await checkout.diff(old), details)
    page = ("commitURL",) if commit_url(checkout.url, new, config.provider or "") else ()
    return Preview((change,), outputs={"branch": job.branch}, unknown=("commit", *page))


def _outputs(config: GitPushConfig, url: str, branch: str, commit: str) -> dict[str, Json]:
    outputs: dict[str, Json] = {"commit": commit}
    if branch:
        outputs["branch"] = branch
    if page := commit_url(url, commit, config.provider or ""):
        outputs["commitURL"] = page
    return outputs


def _job(config: GitPushConfig, ctx: Context, checkout: Checkout) -> _Job:
    branch = (
        f"{_GENERATED}{ctx.promotion}" if config.generate_target_branch else config.target_branch or checkout.branch
    )
    if not branch:
        raise Permanent(
            f"{config.path} is a checkout of a tag or commit, so there is no branch to push to",
            advice="Set targetBranch or generateTargetBranch.",
        )
    return _Job(ctx, checkout, branch, config.force or config.generate_target_branch)


async def restore(config: GitPushConfig, ctx: Context, outputs: Mapping[str, Json]) -> None:
    """Make the pushed commit, which may be a rebased one, the checkout's again. Raises Temporary."""
    if config.tag:
        return
    checkout = await open_checkout(ctx, config.path, server=True)
    commit = str(outputs["commit"])
    if not await checkout.mirror.has(commit):
        await checkout.fetch(str(outputs["branch"]))
    # Gone from there, it leaves the one that was made again, which holds the same.
    if await checkout.mirror.has(commit):
        await checkout.follow(commit, identity(ctx, checkout))
        await git_lfs.refill(ctx, checkout)


async def _adopt(job: _Job, current: str | None) -> str | None:
    """The commit that an interrupted run, or an earlier attempt, pushed; None when none is reachable from `current`."""
    intent = job.ctx.intent
    if current is None or intent is None or not _is_for(job, intent):
        return None
    for commit in (str(intent["new"]), *map(str, intent.get("tried") or ())):
        with contextlib.suppress(NotFound):
            if await job.checkout.is_ancestor(commit, current):
                job.ctx.log(f"{commit} was pushed to {job.branch} before the interruption")
                # Commits made again may have other IDs, but hold the same changes.
                await job.checkout.follow(commit, identity(job.ctx, job.checkout))
                await git_lfs.refill(job.ctx, job.checkout)
                return commit
    return None


def _is_for(job: _Job, intent: Mapping[str, Json]) -> bool:
    same = git_url.normalize(str(intent.get("remote"))) == git_url.normalize(job.checkout.url)
    return same and intent.get("branch") == job.branch


def _intent(job: _Job, old: str | None, new: str) -> Mapping[str, Json]:
    """What is about to be done. A push of a killed process may still be on its way, so earlier intents are kept."""
    intent: dict[str, Json] = {"remote": job.checkout.url, "branch": job.branch, "old": old or "", "new": new}
    before = job.ctx.intent
    if before is not None and _is_for(job, before):
        tried = [one for one in (before["new"], *(before.get("tried") or ())) if one != new]
        if tried:
            intent["tried"] = tried[:_REMEMBERED]
    return intent


async def _push(job: _Job, attempts: int) -> str:
    """Integrate and push until the branch holds still long enough; returns the commit pushed."""
    pause = _FIRST_PAUSE
    for attempt in range(1, attempts + 1):
        try:
            async with job.checkout.mirror.branch_lock(job.branch):
                return await _attempt(job)
        except PushRejected as error:
            job.ctx.log(f"attempt {attempt} of {attempts}: {error.message}")
            if attempt == attempts:
                raise Temporary(
                    f"branch {job.branch} of {job.checkout.url} moved at each of {attempts} attempts to push to it",
                    advice="Raise maxAttempts, or find out what pushes to this branch so often.",
                ) from error
        await job.ctx.checkouts.clock.sleep(pause * (1 + _JITTER * _share(f"{job.ctx.promotion} {attempt}")))
        pause = min(pause * _FACTOR, _LONGEST_PAUSE)
    raise AssertionError("the last attempt returns or raises")


def _share(of: str) -> float:
    """A number from 0 to 1 that differs from promotion to promotion, so that they do not come back all at once."""
    return zlib.crc32(of.encode()) / 2**32


async def _attempt(job: _Job) -> str:
    checkout = job.checkout
    known = checkout.mirror.refs.branches.get(job.branch)
    if known and job.ctx.intent is None and await _continues(checkout, known):
        # What was seen last is good enough to begin with: the lease tells when the branch has moved since.
        with contextlib.suppress(PushRejected):
            return await _bring(job, known)
    old = await checkout.fetch(job.branch)
    if (pushed := await _adopt(job, old)) is not None:
        return pushed
    return await _bring(job, old)


async def _continues(checkout: Checkout, known: str) -> bool:
    """Whether our commits are right on top of `known`."""
    head = await checkout.head()
    return head != known and await checkout.is_ancestor(known, head)


async def _bring(job: _Job, old: str | None) -> str:
    """Integrate `old`, which the branch holds, and push. Raises PushRejected when it holds something else by now."""
    checkout, ctx = job.checkout, job.ctx
    if old is not None and not job.force:
        await _integrate(job, old)
    new = await checkout.head()
    if new == old:
        ctx.log(f"{job.branch} holds {new} already")
        return new
    await ctx.intend(_intent(job, old, new))
    reach("push.intended")
    try:
        await checkout.push(job.branch, lease=old or NEW, force=job.force)
    except Temporary:
        # The connection broke; the server may have done it all the same.
        if await _adopt(job, await checkout.fetch(job.branch)) is None:
            raise
    reach("push.pushed")
    ctx.log(f"pushed {new} to {job.branch}")
    return new


async def _integrate(job: _Job, remote: str) -> None:
    """Bring the commits of the remote branch under or beside ours. Raises MergeConflict; Failed: policy forbids it."""
    checkout = job.checkout
    if await checkout.is_ancestor(remote, await checkout.head()):
        return
    who = identity(job.ctx, checkout)
    policy = checkout.mirror.git.policy.integration
    signatures: list[Signature] = []
    if needs_signatures(policy):
        signatures = await checkout.signatures(await checkout.commits_since(remote), who)
    match way(policy, signatures, signing=who.key is not None):
        case Way.REBASE:
            await checkout.rebase(remote, who)
            job.ctx.log(f"rebased on {remote} of {job.branch}")
        case Way.MERGE:
            await checkout.merge(remote, f"Merge branch '{job.branch}' of {checkout.url}", who)
            why = "" if policy is Integration.ALWAYS_MERGE else ", because a rebase would change who signed what"
            job.ctx.log(f"merged {remote} of {job.branch}{why}")
        case Way.REFUSE:
            raise Failed(
                f"{job.branch} of {checkout.url} moved, and rebasing our commits would change who signed what",
                advice="Promote again; or let the operator set another integration policy than RebaseOrFail.",
            )
    await git_lfs.refill(job.ctx, checkout)


STEP = Step(
    "git-push",
    Effect.EXTERNAL,
    GitPushConfig,
    run,
    outputs=("branch", "commit", "commitURL"),
    preview=preview,
    restore=restore,
)
