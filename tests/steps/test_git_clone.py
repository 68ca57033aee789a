from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from argosy.errors import ArgosyError, Failed, NotFound, Permanent
from argosy.steps.base import Author, Done
from argosy.steps.git_clone import STEP
from argosy.steps.git_commit import STEP as COMMIT
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository


def clone(repo: GitRepository, *checkouts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"repoURL": repo.url, "checkout": list(checkouts), **more}


async def test_branches_tags_and_commits_are_checked_out_and_named_in_the_output(
    ctx: FakeContext, repo: GitRepository
) -> None:
    first = repo.head()
    repo.tag("v1", message="One")
    second = repo.commit({"app.yaml": "tag: v2\n"}, branch="env/test")
    config = clone(
        repo,
        {"path": "./src"},
        {"path": "out", "branch": "env/test", "as": "target"},
        {"path": "tagged", "tag": "v1"},
        {"path": "short", "commit": second[:8]},
        {"path": "full", "commit": first},
    )
    outcome = await ctx.run(STEP, config)
    commits = {"./src": first, "target": second, "tagged": first, "short": second, "full": first}
    assert outcome == Done({"commits": commits})
    assert [ctx.read(f"{folder}/app.yaml") for folder in ("src", "out", "short")] == [
        "tag: v1\n",
        "tag: v2\n",
        "tag: v2\n",
    ]
    assert ctx.checkouts.open(ctx.tree.root / "src").branch == "main"
    assert ctx.checkouts.open(ctx.tree.root / "out").branch == "env/test"
    assert ctx.checkouts.open(ctx.tree.root / "tagged").branch == ""


async def test_promotions_at_once_make_one_branch(repo: GitRepository, tmp_path: Path) -> None:
    config = clone(repo, {"path": "src", "branch": "env/new", "create": True})
    contexts = [FakeContext(tmp_path / name, author=Author(name=name)) for name in "abcd"]
    outcomes = await asyncio.gather(*(context.run(STEP, config) for context in contexts))
    assert {str(outcome) for outcome in outcomes} == {str(Done({"commits": {"src": repo.head("env/new")}}))}


async def test_made_again_it_sees_what_it_saw_the_first_time(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path
) -> None:
    config = clone(repo, {"path": "src", "branch": "main"})
    before = await ctx.run(STEP, config)
    repo.commit({"app.yaml": "tag: v2\n"})
    again = FakeContext(tmp_path / "again", pins=ctx.pins)
    assert await again.run(STEP, config) == before
    assert again.read("src/app.yaml") == "tag: v1\n"
    assert again.checkouts.open(again.tree.root / "src").branch == "main"


async def test_a_commit_that_was_taken_away_meanwhile_fails_the_promotion_with_advice(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path
) -> None:
    config = clone(repo, {"path": "src", "branch": "main"})
    await ctx.run(STEP, config)
    repo.git("update-ref", "-d", "refs/heads/main")
    repo.commit({"app.yaml": "tag: rewritten\n"}, "Rewritten")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "--quiet", "--prune=now")
    # The mirror still has it.
    kept = FakeContext(tmp_path / "kept", pins=ctx.pins)
    kept.mirrors, kept.checkouts = ctx.mirrors, ctx.checkouts
    await kept.run(STEP, config)
    assert kept.read("src/app.yaml") == "tag: v1\n"
    lost = FakeContext(tmp_path / "lost", pins=ctx.pins)
    with pytest.raises(Failed, match="no longer in the repository") as error:
        await lost.run(STEP, config)
    assert "Promote again" in error.value.advice


async def test_a_commit_that_was_never_there_is_not_found(ctx: FakeContext, repo: GitRepository) -> None:
    with pytest.raises(NotFound):
        await ctx.run(STEP, clone(repo, {"path": "src", "commit": "1" * 40}))


async def test_an_id_in_capitals_is_the_same_commit(ctx: FakeContext, repo: GitRepository) -> None:
    checkouts = [{"path": path, "commit": repo.head().upper()} for path in ("one", "two")]
    outcome = await ctx.run(STEP, clone(repo, *checkouts))
    assert isinstance(outcome, Done)
    assert outcome.outputs == {"commits": {"one": repo.head(), "two": repo.head()}}


async def test_files_of_lfs_stay_pointers_and_no_filter_runs(ctx: FakeContext, repo: GitRepository) -> None:
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 12345\n"
    attributes = "*.bin filter=lfs diff=lfs merge=lfs -text\n*.txt filter=evil\n"
    hostile = '[lfs]\n\turl = http://127.0.0.1:1/\n[filter "evil"]\n\tsmudge = touch pwned\n'
    repo.commit({".gitattributes": attributes, "model.bin": pointer, ".lfsconfig": hostile, "x.txt": "1\n"})
    await ctx.run(STEP, clone(repo, {"path": "src"}))
    assert ctx.read("src/model.bin") == pointer
    ctx.write({"src/app.yaml": "tag: v2\n"})
    outcome = await ctx.run(COMMIT, {"path": "src", "message": "Promote"})
    assert isinstance(outcome, Done)
    mirror = ctx.checkouts.open(ctx.tree.root / "src").mirror
    changed = await mirror.run("show", "--format=", "--name-only", str(outcome.outputs["commit"]))
    assert changed.text == "app.yaml"
    assert not list(ctx.root.rglob("pwned"))


async def test_sparse_brings_only_some_folders(ctx: FakeContext, repo: GitRepository) -> None:
    repo.commit({"apps/a/x": "", "apps/b/x": "", "docs/x": ""})
    await ctx.run(STEP, clone(repo, {"path": "src", "sparse": ["apps/a"]}))
    assert sorted(os.listdir(ctx.tree.root / "src")) == ["app.yaml", "apps", "other.txt"]
    assert os.listdir(ctx.tree.root / "src" / "apps") == ["a"]


async def test_a_missing_branch_is_an_error_unless_it_may_be_made(ctx: FakeContext, repo: GitRepository) -> None:
    with pytest.raises(NotFound, match="create: true"):
        await ctx.run(STEP, clone(repo, {"path": "src", "branch": "env/new"}))
    await ctx.run(STEP, clone(repo, {"path": "src", "branch": "env/new", "create": True}))
    assert repo.files("env/new") == []
    assert repo.git("log", "--format=%an <%ae> %s", "env/new") == "Kargo <no-reply@kargo.io> Initial commit"
    assert os.listdir(ctx.tree.root / "src") == []


@pytest.mark.parametrize("wrong", [{"sparse": ["../.."]}, {"path": "x/.git/y"}], ids=["folder", "place"])
async def test_no_branch_is_made_for_a_checkout_that_cannot_be(
    ctx: FakeContext, repo: GitRepository, wrong: dict[str, object]
) -> None:
    with pytest.raises(Permanent):
        await ctx.run(STEP, clone(repo, {"path": "src", "branch": "env/new", "create": True, **wrong}))
    assert repo.git("branch", "--list", "env/new") == ""


async def test_making_a_branch_is_not_done_twice(ctx: FakeContext, repo: GitRepository, tmp_path: Path) -> None:
    config = clone(repo, {"path": "src", "branch": "env/new", "create": True})
    await ctx.run(STEP, config)
    made = repo.head("env/new")
    await FakeContext(tmp_path / "again").run(STEP, config)
    assert repo.head("env/new") == made


async def test_the_author_holds_for_commits_in_the_checkout_alone(ctx: FakeContext, repo: GitRepository) -> None:
    author = {"name": "Grace", "email": "grace@example.com"}
    await ctx.run(STEP, clone(repo, {"path": "hers"}, author=author))
    await ctx.run(STEP, clone(repo, {"path": "plain"}))
    for folder, expected in (("hers", "Grace <grace@example.com>"), ("plain", "Kargo <no-reply@kargo.io>")):
        ctx.write({f"{folder}/new": "1"})
        await ctx.run(COMMIT, {"path": folder, "message": "New"})
        checkout = ctx.checkouts.open(ctx.tree.root / folder)
        answer = await checkout.mirror.run("log", "-1", "--format=%an <%ae>|%cn <%ce>", await checkout.head())
        assert answer.text == f"{expected}|{expected}"


async def test_a_warm_checkout_forgets_the_author_of_the_promotion_before(
    ctx: FakeContext, repo: GitRepository
) -> None:
    await ctx.run(STEP, clone(repo, {"path": "a"}, author={"name": "Grace", "email": "grace@example.com"}))
    await ctx.checkouts.put_back(ctx.checkouts.open(ctx.tree.root / "a"))
    await ctx.run(STEP, clone(repo, {"path": "b"}))
    ctx.write({"b/new": "1"})
    await ctx.run(COMMIT, {"path": "b", "message": "New"})
    checkout = ctx.checkouts.open(ctx.tree.root / "b")
    assert (await checkout.mirror.run("log", "-1", "--format=%an", await checkout.head())).text == "Kargo"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        pytest.param("full", Permanent, id="a folder that holds files"),
        pytest.param(".git", Permanent, id="a Git folder"),
        pytest.param("x/.git/y", Permanent, id="below a Git folder"),
    ],
)
async def test_some_places_are_refused(
    ctx: FakeContext, repo: GitRepository, path: str, kind: type[ArgosyError]
) -> None:
    ctx.write({"full/a": ""})
    with pytest.raises(kind):
        await ctx.run(STEP, clone(repo, {"path": path}))


@pytest.mark.parametrize("path", ["../src", "/src", "a/../../src"])
async def test_paths_that_lead_out_mean_places_inside(ctx: FakeContext, repo: GitRepository, path: str) -> None:
    await ctx.run(STEP, clone(repo, {"path": path}))
    assert ctx.read("src/app.yaml") == "tag: v1\n"


async def test_a_link_out_leads_to_a_place_inside(ctx: FakeContext, repo: GitRepository) -> None:
    outside = ctx.root / "outside"
    outside.mkdir()
    (ctx.tree.root / "link").symlink_to(outside)
    await ctx.run(STEP, clone(repo, {"path": "link"}))
    assert os.listdir(outside) == []


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"checkout": []}, id="nothing to check out"),
        pytest.param({"checkout": [{"path": "a", "branch": "b", "tag": "t"}]}, id="two revisions"),
        pytest.param({"checkout": [{"path": "a", "as": "x"}, {"path": "b", "as": "x"}]}, id="one name twice"),
        pytest.param({"checkout": [{"path": "a"}], "author": {"name": "G", "email": "x"}}, id="no address"),
    ],
)
async def test_wrong_configurations_are_refused(ctx: FakeContext, config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(STEP, {"repoURL": "https://example.com/r.git", **config})
