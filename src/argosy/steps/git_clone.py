"""`git-clone`: check out one or more revisions of a repository."""

from __future__ import annotations

from functools import partial

from pydantic import Field, model_validator

from argosy.clients.git import Remote
from argosy.clients.git_error import PushRejected
from argosy.credentials.git_user import GitUser
from argosy.errors import ArgosyError, Failed, NotFound, Temporary
from argosy.failpoints import reach
from argosy.resources.meta import Json
from argosy.sources.checkout import Revision
from argosy.sources.checkout_record import sparse_file
from argosy.sources.commit_object import commit_text
from argosy.sources.mirror import Mirror
from argosy.sources.push import NEW, Push, push
from argosy.sources.refs import is_whole_commit
from argosy.steps import git_lfs
from argosy.steps.base import Change, Config, Context, Done, Effect, Step
from argosy.steps.git_author import AuthorConfig, identity_of, remember
from argosy.steps.git_submodules import fill

_FIRST_MESSAGE = "Initial commit"


class CheckoutConfig(Config):
    """One revision and where to put it. Give at most one of branch, commit and tag; none is the default branch."""

    path: str = Field(min_length=1)
    """The folder to check out into, which must be missing or empty."""
    as_: str = Field(default="", alias="as")
    """The name of this checkout in the output `commits`, by default its path."""
    branch: str = ""
    """The branch to check out."""
    commit: str = ""
    """The ID of the commit to check out."""
    tag: str = ""
    """The tag to check out."""
    create: bool = False
    """Whether to make the branch when it is missing: with one empty commit and no history, pushed at once."""
    sparse: list[str] | None = Field(default=None, min_length=1)
    """Folders to check out instead of everything, such as `apps/web`; files above them come along."""

    @model_validator(mode="after")
    def _one_revision(self) -> CheckoutConfig:
        if len([name for name in (self.branch, self.commit, self.tag) if name]) > 1:
            raise ValueError("give at most one of branch, commit and tag")
        return self


class GitCloneConfig(Config):
    """Checks out a repository, from a mirror that all promotions share, so it costs little after the first time."""

    repo_url: str = Field(alias="repoURL", min_length=1)
    """The URL of the repository."""
    checkout: list[CheckoutConfig] = Field(min_length=1)
    """What to check out, and where."""
    author: AuthorConfig | None = None
    """Who commits in these checkouts, instead of the system's author, and with which key."""
    insecure_skip_tls_verify: bool = Field(default=False, alias="insecureSkipTLSVerify")
    """Whether to accept any TLS certificate."""
    recurse_submodules: bool = False
    """Whether to check out submodules, and theirs, each with the credentials for its own URL."""
    lfs: bool = False
    """Whether to put the contents of files that Git LFS keeps in the place of their pointers. Not known to Kargo."""
    blobless: bool = False
    """Whether to fetch the contents of files only when they are needed, such as those of the folders in `sparse`."""

    @model_validator(mode="after")
    def _names_differ(self) -> GitCloneConfig:
        names = [item.as_ for item in self.checkout if item.as_]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two checkouts are named {twice!r}")
        return self


async def run(config: GitCloneConfig, ctx: Context) -> Done:
    """Raises NotFound (no such revision), Permanent (a path that is not empty), or what `Mirror.refresh` raises."""
    login = await ctx.login("git", config.repo_url)
    remote = Remote.of(config.repo_url, login, verify_tls=not config.insecure_skip_tls_verify)
    mirror = await ctx.mirrors.open(remote, blobless=config.blobless)
    user = config.author.user if config.author else await ctx.committer()
    for item in config.checkout:
        sparse_file(item.sparse or ())  # before a branch is made on the server
        ctx.tree.resolve(item.path)
    commits: dict[str, Json] = {}
    for index, item in enumerate(config.checkout):
        pinned = await ctx.pin(f"checkout-{index}", partial(_choose, ctx, user, item, mirror))
        place = ctx.tree.resolve(item.path)
        if "root" in pinned:
            await mirror.restore_root(pinned["root"])
        what = Revision(branch=pinned["branch"], commit=pinned["commit"])
        try:
            checkout = await ctx.checkouts.take(mirror, place, what, sparse=item.sparse or ())
        except NotFound as error:
            raise _vanished(error, item, pinned["commit"]) from error
        remember(ctx, checkout, user)
        submodules = await fill(ctx, checkout, blobless=config.blobless) if config.recurse_submodules else []
        if config.lfs:
            for each in (checkout, *submodules):
                await git_lfs.fill(ctx, each)
        commits[item.as_ or item.path] = pinned["commit"]
        ctx.log(f"checked out {pinned['commit']} at {item.path}")
    return Done({"commits": commits})


def _vanished(error: NotFound, item: CheckoutConfig, commit: str) -> ArgosyError:
    """Why a commit cannot be had: it was chosen by its ID, or it was on a branch and was taken away since."""
    if item.commit:
        return error
    return Failed(
        f"{commit}, which this promotion checked out at first, is no longer in the repository",
        advice="It was replaced by force and cannot be restored after an interruption. Promote again.",
    )


async def _choose(ctx: Context, user: GitUser, item: CheckoutConfig, mirror: Mirror) -> Json:
    """The commit to check out, and the branch that it stands for."""
    if await mirror.has(item.commit):
        return {"commit": item.commit.lower(), "branch": ""}
    refs = await mirror.refresh()
    if item.branch and item.branch not in refs.branches:
        if not item.create:
            raise NotFound(
                f"branch {item.branch} does not exist in {mirror.remote.url}",
                advice="Check the name, or set create: true to have it made.",
            )
        made = await _create_branch(ctx, item.branch, mirror, user)
        if made is not None:
            # Kept whole: the branch may be deleted again before a restoration.
            return {"commit": made, "branch": item.branch, "root": await commit_text(mirror.run, made)}
    branch = "" if item.tag or item.commit else item.branch or refs.default_branch
    try:
        commit = await mirror.resolve(branch=branch, tag=item.tag, commit=item.commit)
    except NotFound:
        # A commit that no branch reaches may still be had by its whole ID.
        if not is_whole_commit(item.commit):
            raise
        commit = item.commit.lower()
    return {"commit": commit, "branch": branch}


async def _create_branch(ctx: Context, branch: str, mirror: Mirror, user: GitUser) -> str | None:
    """Make an orphan branch of one empty commit; returns its ID, None when somebody else made the branch first.

    In a plan, only the commit is made.
    """
    made = await mirror.root_commit(_FIRST_MESSAGE, identity_of(ctx, user))
    if ctx.previewing:
        ctx.foresee(Change("make branch", f"{branch} of {mirror.remote.url}"))
        return made
    reach("clone.making")
    try:
        await push(mirror, Push(made, branch, lease=NEW))
    except PushRejected:
        await mirror.refresh()
        return None
    except Temporary:
        # The connection broke; the server may have done it all the same.
        if await mirror.remote_commit(branch) != made:
            raise
    reach("clone.made")
    ctx.log(f"made branch {branch}")
    return made


STEP = Step("git-clone", Effect.WORKSPACE, GitCloneConfig, run, outputs=("commits",))
