from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from argosy.errors import ArgosyError, NotFound, Permanent
from argosy.steps.base import Done
from argosy.steps.git_clear import STEP as CLEAR
from argosy.steps.git_clone import STEP as CLONE
from argosy.steps.git_commit import STEP
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository


async def cloned(ctx: FakeContext, repo: GitRepository) -> FakeContext:
    await ctx.run(CLONE, {"repoURL": repo.url, "checkout": [{"path": "src"}]})
    return ctx


async def test_new_changed_and_deleted_files_are_committed_at_the_time_the_step_began(
    ctx: FakeContext, repo: GitRepository
) -> None:
    await cloned(ctx, repo)
    ctx.write({"src/new": "1", "src/app.yaml": "tag: v2\n"})
    ctx.tree.delete("src/other.txt")
    outcome = await ctx.run(STEP, {"path": "src", "message": "Change\n\n- a\n"})
    checkout = ctx.checkouts.open(ctx.tree.root / "src")
    head = await checkout.head()
    assert outcome == Done({"commit": head})
    shown = await checkout.mirror.run("show", "--format=%ct|%B", "--name-status", head)
    date = int(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp())
    assert shown.text == f"{date}|Change\n\n- a\n\n\nM\tapp.yaml\nA\tnew\nD\tother.txt"


async def test_the_same_commit_made_again_has_the_same_id(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path
) -> None:
    commits = []
    for where in (ctx, FakeContext(tmp_path / "again", pins=ctx.pins)):
        await cloned(where, repo)
        where.write({"src/app.yaml": "tag: v2\n"})
        outcome = await where.run(STEP, {"path": "src", "message": "Change"})
        assert isinstance(outcome, Done)
        commits.append(outcome.outputs["commit"])
    assert commits[0] == commits[1]


async def test_without_a_difference_it_is_skipped_and_outputs_the_commit_that_is_there(
    ctx: FakeContext, repo: GitRepository
) -> None:
    await cloned(ctx, repo)
    ctx.write({"src/app.yaml": "tag: v1\n"})
    outcome = await ctx.run(STEP, {"path": "src", "message": "Change"})
    assert isinstance(outcome, Done)
    assert outcome.skipped
    assert outcome.outputs == {"commit": repo.head()}


async def test_its_own_author_comes_first(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    ctx.write({"src/new": "1"})
    author = {"name": "Ada", "email": "ada@example.com"}
    await ctx.run(STEP, {"path": "src", "message": "Change", "author": author})
    checkout = ctx.checkouts.open(ctx.tree.root / "src")
    answer = await checkout.mirror.run("log", "-1", "--format=%ae %ce", await checkout.head())
    assert answer.text == "ada@example.com ada@example.com"


async def test_clear_deletes_every_file(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    ctx.write({"src/untracked/x": "1"})
    await ctx.run(CLEAR, {"path": "src"})
    assert os.listdir(ctx.tree.root / "src") == []
    ctx.write({"src/only": "1"})
    await ctx.run(STEP, {"path": "src", "message": "Anew"})
    checkout = ctx.checkouts.open(ctx.tree.root / "src")
    assert (await checkout.mirror.run("ls-tree", "--name-only", await checkout.head())).text == "only"


@pytest.mark.parametrize("path", ["other", "src/sub", ".", ".git", "src/.git"])
async def test_a_path_that_is_no_checkout_is_refused(ctx: FakeContext, repo: GitRepository, path: str) -> None:
    await cloned(ctx, repo)
    ctx.write({"src/sub/x": ""})
    for step, config in ((STEP, {"path": path, "message": "M"}), (CLEAR, {"path": path})):
        with pytest.raises(ArgosyError) as error:
            await ctx.run(step, config)
        assert isinstance(error.value, NotFound) or ".git" in error.value.message


async def holding_another(ctx: FakeContext, repo: GitRepository, tmp_path: Path) -> None:
    """A checkout with a change, and one of another repository inside."""
    other = GitRepository.create(tmp_path / "other.git")
    other.commit({"secret.txt": "1\n"})
    await cloned(ctx, repo)
    ctx.pins.clear()  # those of another step
    await ctx.run(CLONE, {"repoURL": other.url, "checkout": [{"path": "src/inner"}]})
    ctx.write({"src/app.yaml": "tag: v2\n"})


async def test_a_checkout_inside_of_another_is_not_committed_there(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path
) -> None:
    await holding_another(ctx, repo, tmp_path)
    for _ in range(2):
        with pytest.raises(Permanent, match="inner in src is a checkout of its own"):
            await ctx.run(STEP, {"path": "src", "message": "Promote"})
    ctx.write({"src/inner/secret.txt": "2\n"})
    outcome = await ctx.run(STEP, {"path": "src/inner", "message": "Inside"})
    assert isinstance(outcome, Done)
    assert not outcome.skipped


async def test_a_checkout_in_an_ignored_folder_of_another_is_no_hindrance(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path
) -> None:
    await holding_another(ctx, repo, tmp_path)
    ctx.write({"src/.gitignore": "/inner/\n"})
    await ctx.run(STEP, {"path": "src", "message": "Promote"})
    checkout = ctx.checkouts.open(ctx.tree.root / "src")
    files = (await checkout.mirror.run("ls-tree", "-r", "--name-only", await checkout.head())).text.split()
    assert files == [".gitignore", "app.yaml", "other.txt"]


async def test_what_pretends_to_be_a_repository_is_not_one(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    hooks = ctx.tree.root / "src" / ".git" / "hooks"
    hooks.mkdir(parents=True)
    (hooks.parent / "config").write_text("[core]\n\tfsmonitor = touch pwned\n")
    ctx.write({"src/app.yaml": "tag: v2\n"})
    outcome = await ctx.run(STEP, {"path": "src", "message": "Change"})
    assert isinstance(outcome, Done)
    checkout = ctx.checkouts.open(ctx.tree.root / "src")
    assert (await checkout.mirror.run("show", "--format=", "--name-only", outcome.outputs["commit"])).text == "app.yaml"
