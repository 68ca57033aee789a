"""git-tag, and git-push of tags: made once, pushed once, never over another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from argosy.clients.git_error import PushRefused
from argosy.errors import ArgosyError, Failed, NotFound, Permanent
from argosy.steps.base import Change, Done
from argosy.steps.git_clone import STEP as CLONE
from argosy.steps.git_commit import STEP as COMMIT
from argosy.steps.git_push import STEP as PUSH
from argosy.steps.git_tag import STEP
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository
from argosy.testing.signing_key import gpg_key, ssh_key


class Crash(BaseException):
    """The process dies here."""


def crash(intent: Mapping[str, Any]) -> None:
    raise Crash


async def cloned(ctx: FakeContext, repo: GitRepository, **more: Any) -> FakeContext:
    await ctx.run(CLONE, {"repoURL": repo.url, "checkout": [{"path": "src"}], **more})
    return ctx


async def tag(ctx: FakeContext, name: str = "v1", **config: Any) -> Mapping[str, Any]:
    outcome = await ctx.run(STEP, {"path": "src", "tag": name, "message": f"Release {name}", **config})
    assert isinstance(outcome, Done)
    return outcome.outputs


async def push(ctx: FakeContext, name: str = "v1", **config: Any) -> Mapping[str, Any]:
    outcome = await ctx.run(PUSH, {"path": "src", "tag": name, **config})
    assert isinstance(outcome, Done)
    return outcome.outputs


def on_server(repo: GitRepository, name: str = "v1") -> str:
    """The ID of the tag, empty for none."""
    return repo.git("for-each-ref", "--format=%(objectname)", f"refs/tags/{name}")


async def test_an_annotated_tag_is_made_and_pushed(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    assert await tag(ctx) == {"commit": repo.head()}
    assert on_server(repo) == ""
    assert await push(ctx) == {"branch": "main", "commit": repo.head()}
    shown = repo.git("cat-file", "tag", "v1")
    assert shown == (
        f"object {repo.head()}\ntype commit\ntag v1\ntagger Kargo <no-reply@kargo.io> 1767323045 +0000\n\nRelease v1"
    )
    assert ctx.intents == [{"remote": repo.url, "tag": "v1", "old": "", "new": on_server(repo)}]


async def test_a_tag_on_a_commit_that_no_branch_holds_brings_the_commit(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    ctx.write({"src/app.yaml": "tag: v2\n"})
    outcome = await ctx.run(COMMIT, {"path": "src", "message": "Release"})
    assert isinstance(outcome, Done)
    assert await tag(ctx) == outcome.outputs
    await push(ctx)
    assert repo.read("app.yaml", "v1") == "tag: v2"
    assert repo.log() == ["First"]


async def test_pushed_twice_it_is_pushed_once(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    await tag(ctx)
    await push(ctx)
    await push(ctx)
    assert len(ctx.intents) == 1


async def test_a_tag_that_the_repository_has_needs_no_push(ctx: FakeContext, repo: GitRepository) -> None:
    repo.tag("v0")
    await cloned(ctx, repo)
    await push(ctx, "v0")
    assert ctx.intents == []


async def test_a_tag_that_nobody_made_cannot_be_pushed(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    with pytest.raises(NotFound, match="git-tag"):
        await push(ctx)


async def test_a_tag_that_is_there_is_not_made_again(ctx: FakeContext, repo: GitRepository) -> None:
    repo.tag("v1", message="Theirs")
    await cloned(ctx, repo)
    with pytest.raises(Failed, match="already"):
        await tag(ctx)
    with pytest.raises(Failed, match="already"):
        await tag(await cloned(ctx, repo, checkout=[{"path": "b"}]), path="b")


async def test_a_tag_that_somebody_made_meanwhile_stays(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    await tag(ctx)
    repo.tag("v1", message="Theirs")
    theirs = on_server(repo)
    with pytest.raises(Failed, match="another tag"):
        await push(ctx)
    assert on_server(repo) == theirs
    assert ctx.intents == []


async def test_a_tag_made_between_the_look_and_the_push_stays(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    await tag(ctx)
    ctx.on_intend = lambda intent: repo.tag("v1", message="Theirs")
    with pytest.raises(Failed, match="another tag"):
        await push(ctx)
    assert "Theirs" in repo.git("cat-file", "tag", "v1")


async def test_by_force_it_takes_the_place_of_another_on_the_server_too(ctx: FakeContext, repo: GitRepository) -> None:
    repo.tag("v1", message="Theirs")
    repo.commit({"app.yaml": "tag: v2\n"})
    await cloned(ctx, repo)
    await tag(ctx, force=True)
    await push(ctx)
    assert repo.git("rev-parse", "v1^{commit}") == repo.head()


async def test_two_tags_of_one_checkout(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    await tag(ctx, "v1")
    ctx.pins.pop("tag")
    await tag(ctx, "releases/v1")
    await push(ctx, "v1")
    await push(ctx, "releases/v1")
    assert on_server(repo)
    assert on_server(repo, "releases/v1")


async def test_promotions_make_tags_of_one_name_without_seeing_each_other(
    ctx: FakeContext, repo: GitRepository
) -> None:
    await cloned(ctx, repo)
    await cloned(ctx, repo, checkout=[{"path": "other"}])
    await tag(ctx)
    ctx.pins.pop("tag")
    await tag(ctx, path="other", message="Other")
    await push(ctx)
    with pytest.raises(Failed):
        await push(ctx, path="other")


async def test_a_checkout_that_is_used_again_has_no_tags(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    await tag(ctx)
    await ctx.checkouts.put_back(ctx.checkouts.open(ctx.tree.root / "src"))
    ctx.pins.clear()
    await cloned(ctx, repo)
    with pytest.raises(NotFound):
        await push(ctx)


async def test_a_server_that_forbids_it_says_why(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    await tag(ctx)
    hook = repo.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'tags are protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(PushRefused, match="tags are protected"):
        await push(ctx)


async def test_a_connection_that_breaks_after_the_server_took_it_is_no_failure(
    ctx: FakeContext, repo: GitRepository
) -> None:
    await cloned(ctx, repo)
    await tag(ctx)
    hook = repo.path / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nkill -9 $PPID\n")
    hook.chmod(0o755)
    await push(ctx)
    assert on_server(repo)


@pytest.mark.parametrize("kind", ["gpg", "ssh"])
async def test_tags_are_signed_with_the_key_of_the_checkout(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path, kind: str
) -> None:
    with gpg_key() as gpg:
        pair = gpg if kind == "gpg" else ssh_key(tmp_path)
        author = {"name": "Kargo", "email": "no-reply@kargo.io", "signingKey": pair.private}
        await cloned(ctx, repo, author=author)
        await tag(ctx)
        await push(ctx)
        assert pair.trusts(repo, "v1", kind="tag")


async def test_comments_are_no_part_of_the_message(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    await tag(ctx, message="# nothing\nRelease\n\n\n\nof today  \n")
    await push(ctx)
    assert repo.git("for-each-ref", "--format=%(contents)", "refs/tags/v1") == "Release\n\nof today"


@pytest.mark.parametrize(
    "config",
    [{"tag": "a..b"}, {"tag": "-f"}, {"tag": "a b"}, {"tag": "refs/../x"}, {"message": "# only a comment"}],
)
async def test_names_and_messages_that_git_refuses(
    ctx: FakeContext, repo: GitRepository, config: dict[str, str]
) -> None:
    await cloned(ctx, repo)
    with pytest.raises(Permanent):
        await ctx.run(STEP, {"path": "src", "tag": "v1", "message": "Release", **config})


@pytest.mark.parametrize("config", [{}, {"tag": "v1"}, {"tag": "", "message": "m"}, {"tag": "v1", "message": ""}])
async def test_wrong_configurations_are_refused(ctx: FakeContext, config: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(STEP, {"path": "src", **config})


async def test_fields_that_kargo_lets_pass_have_no_effect_and_are_told(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    config = {"path": "src", "tag": "v1", "message": "Release", "author": {"name": "Grace"}}
    outcome = await ctx.run(STEP, config)
    assert isinstance(outcome, Done)
    assert outcome.warning == "git-tag does not know author: it had no effect"


async def test_a_path_that_is_no_checkout_is_refused(ctx: FakeContext) -> None:
    with pytest.raises(ArgosyError):
        await tag(ctx)


# After a crash, and in a plan.


async def test_pushed_before_the_crash_it_is_the_same_tag(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path
) -> None:
    await cloned(ctx, repo)
    await tag(ctx)
    outputs = await push(ctx)
    made = on_server(repo)
    again = FakeContext(tmp_path / "again", pins=ctx.pins, intent=ctx.intent)
    await cloned(again, repo)
    await tag(again)
    assert await push(again) == outputs
    assert again.intents == []
    assert on_server(repo) == made


async def test_intended_and_not_pushed_it_is_pushed(ctx: FakeContext, repo: GitRepository, tmp_path: Path) -> None:
    await cloned(ctx, repo)
    await tag(ctx)
    ctx.on_intend = crash
    with pytest.raises(Crash):
        await push(ctx)
    again = FakeContext(tmp_path / "again", pins=ctx.pins, intent=ctx.intent)
    await cloned(again, repo)
    await tag(again)
    await push(again)
    assert on_server(repo) == ctx.intents[0]["new"]


async def test_a_plan_tells_of_the_tag_and_makes_none(ctx: FakeContext, repo: GitRepository) -> None:
    await cloned(ctx, repo)
    await tag(ctx)
    preview = await ctx.preview(PUSH, {"path": "src", "tag": "v1"})
    assert preview.changes == (Change("push tag", f"v1 of {repo.url}", details={"commit": repo.head()}),)
    assert preview.outputs == {"branch": "main", "commit": repo.head()}
    assert on_server(repo) == ""
    repo.tag("v1", message="Theirs")
    with pytest.raises(Failed):
        await ctx.preview(PUSH, {"path": "src", "tag": "v1"})


async def test_a_plan_tells_what_a_forced_tag_replaces_and_when_nothing_is_to_be_done(
    ctx: FakeContext, repo: GitRepository
) -> None:
    repo.tag("v1", message="Theirs")
    await cloned(ctx, repo)
    assert (await ctx.preview(PUSH, {"path": "src", "tag": "v1"})).changes == ()
    await tag(ctx, force=True)
    [change] = (await ctx.preview(PUSH, {"path": "src", "tag": "v1"})).changes
    assert change.details == {"commit": repo.head(), "replaces": on_server(repo)}
