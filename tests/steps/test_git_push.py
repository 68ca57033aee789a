from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from argosy.clients.git_error import MergeConflict, PushRefused
from argosy.errors import Permanent, Temporary
from argosy.rules.push_integration import Signature
from argosy.steps.base import Done
from argosy.steps.git_author import identity
from argosy.steps.git_clone import STEP as CLONE
from argosy.steps.git_commit import STEP as COMMIT
from argosy.steps.git_push import STEP
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import Change, GitRepository


class Crash(BaseException):
    """The process dies here."""


def crash(intent: Mapping[str, Any]) -> None:
    raise Crash


async def committed(
    ctx: FakeContext, repo: GitRepository, *, file: str = "app.yaml", content: str = "tag: v2\n"
) -> str:
    """Clone main, change a file, commit: returns the commit's ID."""
    await ctx.run(CLONE, {"repoURL": repo.url, "checkout": [{"path": "src", "branch": "main"}]})
    ctx.write({f"src/{file}": content})
    outcome = await ctx.run(COMMIT, {"path": "src", "message": "Promote"})
    assert isinstance(outcome, Done)
    return str(outcome.outputs["commit"])


async def push(ctx: FakeContext, **config: Any) -> Mapping[str, Any]:
    outcome = await ctx.run(STEP, {"path": "src", **config})
    assert isinstance(outcome, Done)
    return outcome.outputs


async def test_the_commit_goes_to_the_branch_it_was_made_on(ctx: FakeContext, repo: GitRepository) -> None:
    before = repo.head()
    commit = await committed(ctx, repo)
    assert await push(ctx) == {"branch": "main", "commit": commit}
    assert repo.head() == commit
    assert ctx.intents == [{"remote": repo.url, "branch": "main", "old": before, "new": commit}]


async def test_the_commit_goes_to_a_target_branch_which_is_made(ctx: FakeContext, repo: GitRepository) -> None:
    commit = await committed(ctx, repo)
    assert await push(ctx, targetBranch="env/test") == {"branch": "env/test", "commit": commit}
    assert repo.head("env/test") == commit
    assert repo.log() == ["First"]


async def test_a_generated_branch_is_the_promotion_s_own_and_replaced(ctx: FakeContext, repo: GitRepository) -> None:
    commit = await committed(ctx, repo)
    branch = "kargo/promotion/test.01jx.abc1234"
    repo.add([Change({"x": "1"}, parents=[])], branch=branch)
    assert await push(ctx, generateTargetBranch=True) == {"branch": branch, "commit": commit}
    assert repo.head(branch) == commit


async def test_nothing_to_push_pushes_nothing(ctx: FakeContext, repo: GitRepository) -> None:
    await ctx.run(CLONE, {"repoURL": repo.url, "checkout": [{"path": "src"}]})
    assert await push(ctx) == {"branch": "main", "commit": repo.head()}
    assert ctx.intents == []


async def test_commits_of_others_are_integrated_by_a_rebase(ctx: FakeContext, repo: GitRepository) -> None:
    commit = await committed(ctx, repo)
    theirs = repo.commit({"other.txt": "2\n"}, "Theirs")
    outputs = await push(ctx)
    assert outputs["commit"] == repo.head() != commit
    assert repo.log() == ["Promote", "Theirs", "First"]
    assert repo.git("rev-parse", "main^") == theirs


async def test_signed_commits_are_merged_so_that_the_signature_lasts(ctx: FakeContext, repo: GitRepository) -> None:
    unsigned = repo.commit({"signed.txt": ""}, "Signed", branch="main")
    head, body = repo.git("cat-file", "commit", unsigned).split("\n\n", 1)
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n aaaa\n -----END PGP SIGNATURE-----"
    signed = f"{head}\n{signature}\n\n{body}\n"
    commit = repo.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=signed.encode())
    repo.git("update-ref", "refs/heads/side", commit)
    repo.git("update-ref", "refs/heads/main", f"{unsigned}^")
    await ctx.run(CLONE, {"repoURL": repo.url, "checkout": [{"path": "src", "branch": "side"}]})
    theirs = repo.commit({"other.txt": "2\n"}, "Theirs")
    await push(ctx, targetBranch="main")
    assert repo.git("log", "-1", "--format=%P") == f"{commit} {theirs}"
    assert repo.git("log", "-1", "--format=%s") == f"Merge branch 'main' of {repo.url}"


async def test_a_conflict_fails_with_advice_and_pushes_nothing(ctx: FakeContext, repo: GitRepository) -> None:
    commit = await committed(ctx, repo)
    theirs = repo.commit({"app.yaml": "tag: theirs\n"}, "Theirs")
    with pytest.raises(MergeConflict, match=r"app\.yaml") as error:
        await push(ctx)
    assert "promote again" in error.value.advice
    assert repo.head() == theirs
    assert await ctx.checkouts.open(ctx.tree.root / "src").head() == commit


async def test_force_replaces_what_the_branch_holds(ctx: FakeContext, repo: GitRepository) -> None:
    commit = await committed(ctx, repo)
    repo.commit({"app.yaml": "tag: theirs\n"}, "Theirs")
    assert (await push(ctx, force=True))["commit"] == commit
    assert repo.log() == ["Promote", "First"]


async def test_a_branch_that_moves_between_fetch_and_push_is_integrated_again(
    ctx: FakeContext, repo: GitRepository
) -> None:
    await committed(ctx, repo)
    moves = iter(range(4))

    def move(intent: Mapping[str, Any]) -> None:
        number = next(moves, None)
        if number is not None:
            repo.commit({f"theirs-{number}": ""}, f"Theirs {number}")

    ctx.on_intend = move
    await push(ctx)
    assert repo.log() == ["Promote", "Theirs 3", "Theirs 2", "Theirs 1", "Theirs 0", "First"]
    # The first went by what was seen when cloning; after each of the next three there is a pause.
    assert len(ctx.intents) == 5
    least = 1 + 1.5 + 2.25
    assert least <= ctx.clock.monotonic() <= 1.5 * least


async def test_a_branch_that_never_holds_still_ends_the_attempts(ctx: FakeContext, repo: GitRepository) -> None:
    await committed(ctx, repo)
    ctx.on_intend = lambda intent: repo.commit({"theirs": str(len(ctx.intents))}, "Theirs") and None
    with pytest.raises(Temporary, match="moved at each of 3 attempts"):
        await push(ctx, maxAttempts=3)
    assert len(ctx.intents) == 1 + 3
    assert "Promote" not in repo.log()


async def test_what_was_seen_last_is_tried_before_the_server_is_asked_again(
    ctx: FakeContext, repo: GitRepository
) -> None:
    await committed(ctx, repo)
    seen = repo.head()
    moved = repo.commit({"x": ""}, "Theirs")
    await push(ctx, maxAttempts=1)
    assert [intent["old"] for intent in ctx.intents] == [seen, moved]
    assert ctx.clock.monotonic() == 0


async def test_a_branch_that_was_deleted_meanwhile_is_made_again(ctx: FakeContext, repo: GitRepository) -> None:
    commit = await committed(ctx, repo)
    repo.commit({"x": ""}, branch="elsewhere")
    repo.git("update-ref", "-d", "refs/heads/main")
    assert (await push(ctx))["commit"] == commit
    assert repo.log() == ["Promote", "First"]


async def test_a_branch_that_was_replaced_meanwhile_keeps_its_new_history(
    ctx: FakeContext, repo: GitRepository
) -> None:
    await committed(ctx, repo)
    repo.git("update-ref", "-d", "refs/heads/main")
    repo.commit({"app.yaml": "tag: v1\n", "other.txt": "rewritten\n"}, "Rewritten")
    with pytest.raises(MergeConflict):
        await push(ctx)
    assert repo.log() == ["Rewritten"]


async def test_a_plan_of_a_huge_difference_shows_its_beginning(ctx: FakeContext, repo: GitRepository) -> None:
    await committed(ctx, repo, file="huge.txt", content="a line\n" * 500_000)
    diff = (await ctx.preview(STEP, {"path": "src"})).changes[0].diff
    assert diff.startswith("diff --git a/huge.txt")
    assert diff.endswith("\n... the rest is not shown\n")
    assert 1_000_000 < len(diff) < 1_100_000


async def test_signatures_of_very_many_commits_are_looked_at(ctx: FakeContext, repo: GitRepository) -> None:
    """More than fit into the arguments of a program."""
    repo.add([Change({"n": str(number)}) for number in range(60_000)], branch="long")
    await ctx.run(CLONE, {"repoURL": repo.url, "checkout": [{"path": "src", "branch": "long"}]})
    checkout = ctx.checkouts.open(ctx.tree.root / "src")
    commits = await checkout.commits_since(repo.head())
    assert await checkout.signatures(commits, identity(ctx, checkout)) == [Signature.NONE] * 60_000


async def test_a_protected_branch_refuses_with_the_server_s_words(ctx: FakeContext, repo: GitRepository) -> None:
    await committed(ctx, repo)
    hook = repo.path / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'main is protected' >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(PushRefused, match="main is protected") as error:
        await push(ctx)
    assert "protection rules" in error.value.advice
    assert len(ctx.intents) == 1


async def test_a_connection_that_breaks_after_the_server_took_the_push_is_no_failure(
    ctx: FakeContext, repo: GitRepository
) -> None:
    commit = await committed(ctx, repo)
    hook = repo.path / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nkill -9 $PPID\n")
    hook.chmod(0o755)
    assert (await push(ctx))["commit"] == commit == repo.head()
    assert any("before the interruption" in line for line in ctx.lines)


# After a crash: `later` is the same promotion in a new process, its working directory made again from the pins.


async def later(ctx: FakeContext, repo: GitRepository, where: Path, **commit: str) -> FakeContext:
    again = FakeContext(where, pins=ctx.pins, intent=ctx.intent)
    await committed(again, repo, **commit)
    return again


async def test_intended_and_not_pushed_it_pushes(ctx: FakeContext, repo: GitRepository, tmp_path: Path) -> None:
    await committed(ctx, repo)
    ctx.on_intend = crash
    with pytest.raises(Crash):
        await push(ctx)
    again = await later(ctx, repo, tmp_path / "again")
    assert (await push(again))["commit"] == repo.head()
    assert repo.log() == ["Promote", "First"]


async def test_intended_and_pushed_it_adopts(ctx: FakeContext, repo: GitRepository, tmp_path: Path) -> None:
    await committed(ctx, repo)
    outputs = await push(ctx)
    again = await later(ctx, repo, tmp_path / "again")
    assert await push(again) == outputs
    assert again.intents == []
    assert repo.log() == ["Promote", "First"]


async def test_pushed_after_a_rebase_and_moved_on_it_adopts(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path
) -> None:
    await committed(ctx, repo)
    repo.commit({"other.txt": "2\n"}, "Theirs")
    outputs = await push(ctx)
    repo.commit({"other.txt": "3\n"}, "More of theirs")
    again = await later(ctx, repo, tmp_path / "again")
    assert await push(again) == outputs
    assert repo.log() == ["More of theirs", "Promote", "Theirs", "First"]
    assert await again.checkouts.open(again.tree.root / "src").head() == outputs["commit"]


async def test_not_pushed_and_moved_on_it_integrates_and_pushes(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path
) -> None:
    await committed(ctx, repo)
    ctx.on_intend = crash
    with pytest.raises(Crash):
        await push(ctx)
    repo.commit({"other.txt": "2\n"}, "Theirs")
    again = await later(ctx, repo, tmp_path / "again")
    await push(again)
    assert repo.log() == ["Promote", "Theirs", "First"]


async def test_pushed_and_then_removed_by_force_it_pushes_again(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path
) -> None:
    first = repo.head()
    await committed(ctx, repo)
    await push(ctx)
    repo.git("update-ref", "refs/heads/main", first)
    again = await later(ctx, repo, tmp_path / "again")
    await push(again)
    assert repo.log() == ["Promote", "First"]


async def test_an_intent_for_another_branch_is_not_adopted(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path
) -> None:
    await committed(ctx, repo)
    await push(ctx, targetBranch="env/a")
    again = await later(ctx, repo, tmp_path / "again")
    await push(again, targetBranch="env/b")
    assert repo.head("env/b") == repo.head("env/a")


async def test_a_checkout_of_a_tag_needs_a_target(ctx: FakeContext, repo: GitRepository) -> None:
    repo.tag("v1")
    await ctx.run(CLONE, {"repoURL": repo.url, "checkout": [{"path": "src", "tag": "v1"}]})
    with pytest.raises(Permanent, match="no branch to push to"):
        await push(ctx)
    assert (await push(ctx, targetBranch="new"))["branch"] == "new"


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"targetBranch": "a", "generateTargetBranch": True}, id="two targets"),
        pytest.param({"targetBranch": "a", "tag": "v1"}, id="a branch and a tag"),
        pytest.param({"generateTargetBranch": True, "tag": "v1"}, id="a generated branch and a tag"),
        pytest.param({"force": True, "tag": "v1"}, id="a tag by force"),
        pytest.param({"maxAttempts": 0}, id="no attempt"),
        pytest.param({"provider": "sourceforge"}, id="an unknown forge"),
        pytest.param({"branch": "main"}, id="a field of another name"),
    ],
)
async def test_wrong_configurations_are_refused(ctx: FakeContext, config: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        await ctx.run(STEP, {"path": "src", **config})
