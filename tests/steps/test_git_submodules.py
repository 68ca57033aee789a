"""git-clone with submodules: their own repositories and logins, and strangers' ideas in .gitmodules."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from argosy.clients.git_error import AuthenticationRefused
from argosy.clients.login import Login
from argosy.errors import ArgosyError, NotFound, Permanent
from argosy.steps.base import Done
from argosy.steps.git_clear import STEP as CLEAR
from argosy.steps.git_clone import STEP
from argosy.steps.git_commit import STEP as COMMIT
from argosy.steps.git_push import STEP as PUSH
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository, Submodule
from argosy.testing.git_server import GitServer


@pytest.fixture
def lib(tmp_path: Path) -> GitRepository:
    repository = GitRepository.create(tmp_path / "lib.git")
    repository.commit({"lib.txt": "1\n"}, "Lib")
    return repository


def modules(**urls: str) -> str:
    return "".join(f'[submodule "{path}"]\n\tpath = {path}\n\turl = {url}\n' for path, url in urls.items())


def include(repo: GitRepository, lib: GitRepository, url: str = "../lib.git", path: str = "lib", more: str = "") -> str:
    """Make `lib` a submodule of `repo`; returns the commit."""
    return repo.commit({".gitmodules": modules(**{path: url}) + more, path: Submodule(lib.head())}, "Include")


async def clone(ctx: FakeContext, url: str, **item: Any) -> Done:
    outcome = await ctx.run(STEP, {"repoURL": url, "recurseSubmodules": True, "checkout": [{"path": "src", **item}]})
    assert isinstance(outcome, Done)
    return outcome


async def test_submodules_are_checked_out_at_the_commits_wanted(
    ctx: FakeContext, repo: GitRepository, lib: GitRepository
) -> None:
    commit = include(repo, lib)
    lib.commit({"lib.txt": "2\n"})
    assert await clone(ctx, repo.url) == Done({"commits": {"src": commit}})
    assert ctx.read("src/lib/lib.txt") == "1\n"
    assert ctx.read("src/app.yaml") == "tag: v1\n"


async def test_without_the_option_their_folders_are_empty(
    ctx: FakeContext, repo: GitRepository, lib: GitRepository
) -> None:
    include(repo, lib)
    await ctx.run(STEP, {"repoURL": repo.url, "checkout": [{"path": "src"}]})
    assert os.listdir(ctx.tree.root / "src" / "lib") == []


async def test_submodules_have_submodules(
    ctx: FakeContext, repo: GitRepository, lib: GitRepository, tmp_path: Path
) -> None:
    deep = GitRepository.create(tmp_path / "deep.git")
    deep.commit({"deep.txt": "1\n"})
    include(lib, deep, "../deep.git", "third/deep")
    include(repo, lib)
    await clone(ctx, repo.url)
    assert ctx.read("src/lib/third/deep/deep.txt") == "1\n"


async def test_commits_keep_them_and_take_nothing_of_theirs(
    ctx: FakeContext, repo: GitRepository, lib: GitRepository
) -> None:
    include(repo, lib)
    await clone(ctx, repo.url)
    ctx.write({"src/app.yaml": "tag: v2\n", "src/lib/lib.txt": "changed\n", "src/lib/new.txt": "new\n"})
    await ctx.run(COMMIT, {"path": "src", "message": "Promote"})
    repo.commit({"other.txt": "2\n"}, "Theirs")
    await ctx.run(PUSH, {"path": "src"})
    assert repo.log() == ["Promote", "Theirs", "Include", "First"]
    assert repo.git("show", "--format=", "--name-only", "main").split() == ["app.yaml"]
    assert repo.git("rev-parse", "main:lib") == lib.head()


async def test_a_step_that_clears_the_checkout_removes_them_as_well(
    ctx: FakeContext, repo: GitRepository, lib: GitRepository
) -> None:
    include(repo, lib)
    await clone(ctx, repo.url)
    await ctx.run(CLEAR, {"path": "src"})
    ctx.write({"src/only.txt": "1\n"})
    await ctx.run(COMMIT, {"path": "src", "message": "Render"})
    await ctx.run(PUSH, {"path": "src"})
    assert repo.files() == ["only.txt"]


async def test_the_next_promotion_starts_from_a_clean_tree(
    ctx: FakeContext, repo: GitRepository, lib: GitRepository
) -> None:
    include(repo, lib)
    await clone(ctx, repo.url)
    for checkout in ctx.checkouts.find(ctx.tree.root):
        await ctx.checkouts.put_back(checkout)
    assert not ctx.checkouts.root.exists()
    await ctx.run(STEP, {"repoURL": repo.url, "checkout": [{"path": "src"}]})
    assert os.listdir(ctx.tree.root / "src" / "lib") == []


async def test_sparse_checkouts_have_the_submodules_of_their_folders(
    ctx: FakeContext, repo: GitRepository, lib: GitRepository
) -> None:
    repo.commit({".gitmodules": modules(**{"a/lib": "../lib.git", "b/lib": "../lib.git"})})
    repo.commit({"a/lib": Submodule(lib.head()), "b/lib": Submodule(lib.head()), "a/x": "1"})
    await clone(ctx, repo.url, sparse=["a"])
    assert ctx.read("src/a/lib/lib.txt") == "1\n"
    assert not (ctx.tree.root / "src" / "b").exists()


async def test_one_that_wants_no_update_is_left_alone(
    ctx: FakeContext, repo: GitRepository, lib: GitRepository
) -> None:
    include(repo, lib, more="\tupdate = none\n")
    await clone(ctx, repo.url)
    assert os.listdir(ctx.tree.root / "src" / "lib") == []


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[GitServer]:
    async with GitServer(
        tmp_path / "served", users={"ada": "s3cret-of-ada", "tom": "s3cret-of-tom"}
    ).serve() as running:
        yield running


async def test_each_is_read_with_the_login_for_its_own_url(ctx: FakeContext, server: GitServer) -> None:
    repo, lib = server.create("app"), server.create("lib")
    lib.commit({"lib.txt": "1\n"})
    include(repo, lib)
    app_login = {("git", server.url_of("app")): Login("ada", "s3cret-of-ada")}
    ctx.logins = app_login
    with pytest.raises(AuthenticationRefused, match=r"lib\.git"):
        await clone(ctx, server.url_of("app"))
    for checkout in ctx.checkouts.find(ctx.tree.root):
        await ctx.checkouts.discard(checkout)
    ctx.logins = app_login | {("git", server.url_of("lib")): Login("tom", "s3cret-of-tom")}
    await clone(ctx, server.url_of("app"))
    assert ctx.read("src/lib/lib.txt") == "1\n"


HOSTILE: dict[str, tuple[str, str]] = {
    "a command instead of a checkout": (
        '[submodule "lib"]\npath = lib\nurl = ../lib.git\nupdate = !touch pwned\n',
        "disallowed submodule update",
    ),
    "a helper program as its URL": (modules(lib="ext::sh -c 'touch pwned'"), "may not be read"),
    "an option as its URL": (modules(lib="--upload-pack=touch pwned"), "disallowed submodule url"),
    "an option of ssh as its URL": (modules(lib="ssh://-oProxyCommand=touch/pwned"), "may not be read"),
    "no URL": ('[submodule "lib"]\npath = lib\n', "has no URL"),
    "no entry": ("", "has no URL"),
    "not a configuration": ("[submodule\n", "has no URL"),
    "a relative URL that leads out": (modules(lib="../../../../../../../../../../../../../.."), "leads out of"),
    "a password in the message": (modules(lib="ftp://ada:hunter2@example.com/x"), "may not be read"),
}


@pytest.mark.parametrize("idea", HOSTILE)
async def test_a_stranger_s_idea_is_refused_with_its_reason(
    ctx: FakeContext, repo: GitRepository, lib: GitRepository, idea: str
) -> None:
    text, reason = HOSTILE[idea]
    repo.commit({".gitmodules": text, "lib": Submodule(lib.head())})
    with pytest.raises(Permanent, match=reason):
        await clone(ctx, repo.url)
    assert not list(ctx.root.rglob("pwned"))


@pytest.mark.parametrize("form", ["file URL", "path"])
async def test_a_repository_on_a_server_may_not_read_those_of_this_machine(
    ctx: FakeContext, server: GitServer, lib: GitRepository, form: str
) -> None:
    """Though the operator allows `file://` to those who write manifests."""
    server.users.clear()
    repo = server.create("app")
    include(repo, lib, lib.url if form == "file URL" else str(lib.path))
    with pytest.raises(Permanent, match="may not be read"):
        await clone(ctx, server.url_of("app"))


async def test_a_repository_that_is_its_own_submodule_is_given_up(ctx: FakeContext, repo: GitRepository) -> None:
    first = repo.head()
    for _ in range(12):
        first = repo.commit({".gitmodules": modules(me="../repo.git"), "me": Submodule(first)})
    with pytest.raises(Permanent, match="8 levels"):
        await clone(ctx, repo.url)


async def test_too_many_are_given_up(ctx: FakeContext, repo: GitRepository, lib: GitRepository) -> None:
    names = [f"lib{number}" for number in range(101)]
    files: dict[str, Any] = {name: Submodule(lib.head()) for name in names}
    repo.commit({".gitmodules": modules(**dict.fromkeys(names, "../lib.git")), **files})
    with pytest.raises(Permanent, match="100 submodules"):
        await clone(ctx, repo.url)


async def test_a_commit_that_its_repository_has_not_is_told(
    ctx: FakeContext, repo: GitRepository, lib: GitRepository
) -> None:
    repo.commit({".gitmodules": modules(lib="../lib.git"), "lib": Submodule("1" * 40)})
    with pytest.raises(NotFound, match=r"submodule lib .*1111"):
        await clone(ctx, repo.url)


async def test_a_path_through_a_link_is_no_way_out(ctx: FakeContext, repo: GitRepository, lib: GitRepository) -> None:
    """A tree cannot hold both, but a later checkout finds what an earlier step made."""
    include(repo, lib, path="dir/lib")
    outside = ctx.root / "outside"
    (outside / "lib").mkdir(parents=True)
    original = ctx.checkouts.take

    async def take(*args: Any, **kwargs: Any) -> Any:
        checkout = await original(*args, **kwargs)
        (checkout.path / "dir" / "lib").rmdir()
        (checkout.path / "dir").rmdir()
        (checkout.path / "dir").symlink_to(outside)
        return checkout

    ctx.checkouts.take = take  # type: ignore[method-assign]
    with pytest.raises(ArgosyError, match="behind a link"):
        await clone(ctx, repo.url)
    assert os.listdir(outside / "lib") == []


async def test_made_again_after_a_crash_it_sees_what_it_saw(
    ctx: FakeContext, repo: GitRepository, lib: GitRepository, tmp_path: Path
) -> None:
    include(repo, lib)
    before = await clone(ctx, repo.url)
    lib.commit({"lib.txt": "2\n"})
    include(repo, lib)
    again = FakeContext(tmp_path / "again", pins=ctx.pins)
    assert await clone(again, repo.url) == before
    assert again.read("src/lib/lib.txt") == "1\n"
