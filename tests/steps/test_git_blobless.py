"""Promotions with blobless: what they bring about is what they would without, from a fraction of the bytes."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from argosy.clients.git_error import AuthenticationRefused
from argosy.clients.login import Login
from argosy.errors import Temporary
from argosy.sources.checkout import Checkouts
from argosy.sources.mirrors import Mirrors
from argosy.steps.base import Done, Step
from argosy.steps.git_clear import STEP as CLEAR
from argosy.steps.git_clone import STEP as CLONE
from argosy.steps.git_commit import STEP as COMMIT
from argosy.steps.git_push import STEP as PUSH
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository, Submodule
from argosy.testing.lfs_server import LfsServer
from argosy.testing.signing_key import ssh_key

BIG = os.urandom(300_000)
ADA = Login("ada", "s3cret-word")
FILES: dict[str, str | bytes | None] = {"apps/web/v": "tag: 1\n", "apps/db/big": BIG, "apps/db/.gitignore": "*.tmp\n"}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[LfsServer]:
    async with LfsServer(tmp_path / "served", users={"ada": ADA.password}).serve() as running:
        yield running


@pytest.fixture
def app(server: LfsServer, ctx: FakeContext) -> GitRepository:
    repository = server.create("app")
    repository.commit(FILES, "First")
    ctx.logins = {("git", server.url_of("app")): ADA}
    return repository


async def clone(ctx: FakeContext, url: str, *, blobless: bool = True, **more: Any) -> Done:
    item = {"path": "src", "branch": "main", "sparse": ["apps/web"], **more.pop("item", {})}
    outcome = await ctx.run(CLONE, {"repoURL": url, "blobless": blobless, "checkout": [item], **more})
    assert isinstance(outcome, Done)
    return outcome


async def commit(ctx: FakeContext, files: dict[str, str]) -> str:
    ctx.write(files)
    outcome = await ctx.run(COMMIT, {"path": "src", "message": "Promote"})
    assert isinstance(outcome, Done)
    return str(outcome.outputs["commit"])


async def push(ctx: FakeContext, **config: Any) -> str:
    outcome = await ctx.run(PUSH, {"path": "src", **config})
    assert isinstance(outcome, Done)
    return str(outcome.outputs["commit"])


def size(ctx: FakeContext) -> int:
    """Bytes of all mirrors."""
    return sum(path.stat().st_size for path in ctx.mirrors.root.rglob("*") if path.is_file())


def restart(ctx: FakeContext) -> None:
    """A new process, which has what is on disk."""
    ctx.mirrors = Mirrors(ctx.mirrors.root, ctx.mirrors.git, ctx.clock, ctx.mirrors.hmac_key)
    ctx.checkouts = Checkouts(ctx.checkouts.root, ctx.mirrors, ctx.clock)


async def test_the_outcome_is_the_same_and_the_big_file_stays_where_it_is(
    ctx: FakeContext, server: LfsServer, app: GitRepository, tmp_path: Path
) -> None:
    await clone(ctx, server.url_of("app"))
    made = await commit(ctx, {"src/apps/web/v": "tag: 2\n"})
    assert await push(ctx, targetBranch="env/test") == made
    assert size(ctx) < 60_000
    other = FakeContext(tmp_path / "other", logins=ctx.logins)
    await clone(other, server.url_of("app"), blobless=False)
    assert await commit(other, {"src/apps/web/v": "tag: 2\n"}) == made
    assert size(other) > len(BIG)
    await other.close()
    assert app.git("diff", "--name-only", "main", "env/test") == "apps/web/v"


async def test_commits_of_others_are_integrated_with_the_signature_of_ours(
    ctx: FakeContext, server: LfsServer, app: GitRepository, tmp_path: Path
) -> None:
    pair = ssh_key(tmp_path)
    author = {"name": "Kargo", "email": "no-reply@kargo.io", "signingKey": pair.private}
    await clone(ctx, server.url_of("app"), author=author)
    await commit(ctx, {"src/apps/web/v": "tag: 2\n"})
    app.commit({"apps/web/other": "theirs\n", "apps/db/big": None}, "Theirs")
    assert await push(ctx) == app.head()
    assert set(app.log()) >= {"First", "Theirs", "Promote"}
    assert pair.trusts(app, "main")
    assert app.read("apps/web/v") == "tag: 2"
    assert ctx.read("src/apps/web/other") == "theirs\n"
    assert size(ctx) < 80_000


@pytest.mark.parametrize("step", [COMMIT, CLEAR], ids=["git-commit", "git-clear"])
async def test_steps_that_come_upon_what_is_lacking_fetch_it_with_the_login_of_the_moment(
    ctx: FakeContext, server: LfsServer, app: GitRepository, step: Step[Any]
) -> None:
    await clone(ctx, server.url_of("app"))
    # What to ignore is said by a file that is not checked out.
    ctx.write({"src/apps/db/x.tmp": "x\n"})
    config = {"path": "src", **({"message": "Promote"} if step is COMMIT else {})}
    server.answers = [500] * 9
    with pytest.raises(Temporary, match="needs contents of"):
        await ctx.run(step, config)
    server.answers = []
    server.users["ada"] = "rotated"
    with pytest.raises(AuthenticationRefused):
        await ctx.run(step, config)
    ctx.logins = {("git", server.url_of("app")): Login("ada", "rotated")}
    outcome = await ctx.run(step, config)
    assert isinstance(outcome, Done)
    assert ctx.read("src/apps/db/x.tmp") == "x\n"


async def test_a_lost_workspace_is_made_again_from_the_pins(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    first = await clone(ctx, server.url_of("app"))
    made = await commit(ctx, {"src/apps/web/v": "tag: 2\n"})
    app.commit({"apps/web/v": "tag: 3\n"})
    restart(ctx)
    await ctx.checkouts.start()
    await ctx.checkouts.discard(ctx.checkouts.open(ctx.tree.root / "src"))
    assert await clone(ctx, server.url_of("app")) == first
    assert ctx.read("src/apps/web/v") == "tag: 1\n"
    assert await commit(ctx, {"src/apps/web/v": "tag: 2\n"}) == made
    assert size(ctx) < 60_000


async def test_a_plan_shows_the_difference(ctx: FakeContext, server: LfsServer, app: GitRepository) -> None:
    ctx.previewing = True
    await clone(ctx, server.url_of("app"))
    await commit(ctx, {"src/apps/web/v": "tag: 2\n"})
    app.commit({"apps/web/other": "theirs\n"}, branch="env/test")
    requests = len(server.requests)
    preview = await ctx.preview(PUSH, {"path": "src"})
    assert "-tag: 1\n+tag: 2" in preview.changes[0].diff
    # To fetch the branch, with a question for the login; nothing else was lacking.
    assert server.requests[requests:] == [
        *["GET /app.git/info/refs?service=git-upload-pack"] * 2,
        "POST /app.git/git-upload-pack",
    ]


async def test_submodules_are_blobless_too(ctx: FakeContext, server: LfsServer, app: GitRepository) -> None:
    lib = server.create("lib")
    lib.commit({"big": BIG, "lib": "1\n"})
    lib.commit({"big": None})
    ctx.logins = {**ctx.logins, ("git", server.url_of("lib")): ADA}
    modules = '[submodule "x"]\n\tpath = apps/web/x\n\turl = ../lib.git\n'
    app.commit({".gitmodules": modules, "apps/web/x": Submodule(lib.head())})
    await clone(ctx, server.url_of("app"), recurseSubmodules=True)
    assert ctx.read("src/apps/web/x/lib") == "1\n"
    assert size(ctx) < 100_000


async def test_contents_of_lfs_take_the_place_of_pointers(
    ctx: FakeContext, server: LfsServer, app: GitRepository
) -> None:
    model = b"\0model" * 500
    app.commit({".gitattributes": "*.bin filter=lfs -text\n", "apps/web/m.bin": server.keep("app", model)})
    await clone(ctx, server.url_of("app"), lfs=True)
    assert ctx.tree.read("src/apps/web/m.bin") == model
    await commit(ctx, {"src/apps/web/v": "tag: 2\n"})
    app.commit({"apps/web/other": "theirs\n"}, "Theirs")
    await push(ctx)
    assert ctx.tree.read("src/apps/web/m.bin") == model
    assert app.read("apps/web/m.bin").startswith("version https://git-lfs")
