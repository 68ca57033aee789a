"""Commits that are signed: by git-clone's key, by git-commit's, by the system's; rebased, merged, and made again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from argosy.clients.git import Git, Policy
from argosy.clients.login import PlainHttp
from argosy.credentials.git_user import GitUser
from argosy.errors import Failed, Permanent
from argosy.rules.push_integration import Integration
from argosy.sources.checkout import Checkouts
from argosy.sources.mirrors import Mirrors
from argosy.steps.base import Done
from argosy.steps.git_clone import STEP as CLONE
from argosy.steps.git_commit import STEP as COMMIT
from argosy.steps.git_push import STEP as PUSH
from argosy.testing.context import FakeContext
from argosy.testing.git_repository import GitRepository
from argosy.testing.signing_key import KeyPair, gpg_key, ssh_key


class Crash(BaseException):
    """The process dies here."""


@pytest.fixture(params=["gpg", "ssh"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeyPair]:
    if request.param == "ssh":
        yield ssh_key(tmp_path)
        return
    with gpg_key() as made:
        yield made


@pytest.fixture
def ssh(tmp_path: Path) -> KeyPair:
    return ssh_key(tmp_path)


def author(pair: KeyPair | None) -> dict[str, Any]:
    if pair is None:
        return {}
    return {"author": {"name": "Kargo", "email": "no-reply@kargo.io", "signingKey": pair.private}}


async def clone(ctx: FakeContext, repo: GitRepository, pair: KeyPair | None = None, **item: Any) -> None:
    await ctx.run(CLONE, {"repoURL": repo.url, "checkout": [{"path": "src", **item}], **author(pair)})


async def commit(ctx: FakeContext, file: str = "app.yaml", content: str = "tag: v2\n", **config: Any) -> str:
    ctx.write({f"src/{file}": content})
    outcome = await ctx.run(COMMIT, {"path": "src", "message": f"Change {file}", **config})
    assert isinstance(outcome, Done)
    return str(outcome.outputs["commit"])


async def push(ctx: FakeContext, **config: Any) -> str:
    outcome = await ctx.run(PUSH, {"path": "src", **config})
    assert isinstance(outcome, Done)
    return str(outcome.outputs["commit"])


def governed(ctx: FakeContext, integration: Integration) -> None:
    """Let the operator have chosen another integration policy."""
    git = Git(Policy(allow_file=True, plain_http=PlainHttp.LOOPBACK, integration=integration))
    ctx.mirrors = Mirrors(ctx.root / "mirrors", git, ctx.clock, b"test")
    ctx.checkouts = Checkouts(ctx.root / "checkouts", ctx.mirrors, ctx.clock)


async def test_commits_are_signed_with_the_key_of_git_clone(
    ctx: FakeContext, repo: GitRepository, pair: KeyPair
) -> None:
    await clone(ctx, repo, pair)
    made = await commit(ctx)
    assert await push(ctx) == made == repo.head()
    assert pair.trusts(repo, "main")
    assert repo.git("log", "-1", "--format=%an <%ae>|%s") == "Kargo <no-reply@kargo.io>|Change app.yaml"


async def test_the_key_of_git_commit_is_for_that_commit(ctx: FakeContext, repo: GitRepository, ssh: KeyPair) -> None:
    await clone(ctx, repo)
    await commit(ctx, **author(ssh))
    await commit(ctx, "other.txt", "2\n")
    await push(ctx)
    assert ssh.trusts(repo, "main^")
    assert not ssh.trusts(repo, "main")


async def test_the_key_of_the_system_signs_what_no_step_says_otherwise_about(
    ctx: FakeContext, repo: GitRepository, ssh: KeyPair
) -> None:
    ctx.author = GitUser("Fleet", "fleet@example.com", ssh.private)
    await clone(ctx, repo)
    await commit(ctx)
    await push(ctx)
    assert ssh.trusts(repo, "main")
    assert repo.git("log", "-1", "--format=%an <%ae>") == "Fleet <fleet@example.com>"


async def test_the_first_commit_of_a_branch_that_is_made_is_signed(
    ctx: FakeContext, repo: GitRepository, ssh: KeyPair
) -> None:
    await clone(ctx, repo, ssh, branch="env/new", create=True)
    assert ssh.trusts(repo, "env/new")


async def test_commits_that_we_signed_are_rebased_and_signed_again(
    ctx: FakeContext, repo: GitRepository, pair: KeyPair
) -> None:
    await clone(ctx, repo, pair)
    await commit(ctx)
    await commit(ctx, "more.txt")
    repo.commit({"other.txt": "2\n"}, "Theirs")
    await push(ctx)
    assert repo.log() == ["Change more.txt", "Change app.yaml", "Theirs", "First"]
    assert pair.trusts(repo, "main")
    assert pair.trusts(repo, "main^")


async def test_without_the_key_signed_commits_are_merged(ctx: FakeContext, repo: GitRepository, ssh: KeyPair) -> None:
    await clone(ctx, repo)
    made = await commit(ctx, **author(ssh))
    theirs = repo.commit({"other.txt": "2\n"}, "Theirs")
    await push(ctx)
    assert repo.git("log", "-1", "--format=%P") == f"{made} {theirs}"
    assert ssh.trusts(repo, made)


async def test_commits_of_others_get_no_signature_of_ours_and_the_merge_does(
    ctx: FakeContext, repo: GitRepository, pair: KeyPair
) -> None:
    """A branch with an unsigned commit that the target lacks, promoted by somebody who signs."""
    repo.git("update-ref", "refs/heads/side", "main")
    unsigned = repo.commit({"new.txt": "1\n"}, "Unsigned", branch="side")
    await clone(ctx, repo, pair, branch="side")
    theirs = repo.commit({"other.txt": "2\n"}, "Theirs")
    await push(ctx, targetBranch="main")
    assert repo.git("log", "-1", "--format=%P") == f"{unsigned} {theirs}"
    assert pair.trusts(repo, "main")
    assert not pair.trusts(repo, unsigned)


async def test_a_signature_of_another_key_is_not_replaced(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path, pair: KeyPair
) -> None:
    (tmp_path / "stranger").mkdir()
    stranger = ssh_key(tmp_path / "stranger")
    await clone(ctx, repo, pair)
    made = await commit(ctx, **author(stranger))
    repo.commit({"other.txt": "2\n"}, "Theirs")
    await push(ctx)
    assert repo.git("rev-parse", "main^1") == made
    assert stranger.trusts(repo, made)


@pytest.mark.parametrize("policy", [Integration.REBASE_OR_FAIL, Integration.ALWAYS_MERGE, Integration.ALWAYS_REBASE])
async def test_the_operator_may_choose_another_policy(
    ctx: FakeContext, repo: GitRepository, ssh: KeyPair, policy: Integration
) -> None:
    governed(ctx, policy)
    await clone(ctx, repo)
    await commit(ctx, **author(ssh))
    theirs = repo.commit({"other.txt": "2\n"}, "Theirs")
    if policy is Integration.REBASE_OR_FAIL:
        with pytest.raises(Failed, match="who signed what"):
            await push(ctx)
        assert repo.head() == theirs
        return
    await push(ctx)
    merged = policy is Integration.ALWAYS_MERGE
    assert len(repo.git("log", "-1", "--format=%P").split()) == (2 if merged else 1)
    assert repo.log()[-1] == "First"


async def test_unsigned_commits_are_merged_where_the_operator_wants_no_rebase(
    ctx: FakeContext, repo: GitRepository
) -> None:
    governed(ctx, Integration.ALWAYS_MERGE)
    await clone(ctx, repo)
    made = await commit(ctx)
    theirs = repo.commit({"other.txt": "2\n"}, "Theirs")
    await push(ctx)
    assert repo.git("log", "-1", "--format=%P") == f"{made} {theirs}"


async def test_a_signed_commit_made_again_is_the_same_commit(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path, pair: KeyPair
) -> None:
    """Signatures hold the time: it is the first signature that is kept, not the time."""
    await clone(ctx, repo, pair)
    made = await commit(ctx)
    # What was signed is kept in the journal, the key is not.
    assert pair.private not in str(ctx.pins)
    again = FakeContext(tmp_path / "again", pins=ctx.pins)
    await clone(again, repo, pair)
    assert await commit(again) == made


async def test_a_commit_with_other_content_is_signed_anew(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path, pair: KeyPair
) -> None:
    await clone(ctx, repo, pair)
    made = await commit(ctx)
    again = FakeContext(tmp_path / "again", pins=ctx.pins)
    await clone(again, repo, pair)
    assert await commit(again, content="tag: v3\n") != made
    await push(again)
    assert pair.trusts(repo, "main")


async def test_intended_and_pushed_with_another_id_it_is_adopted(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path, pair: KeyPair
) -> None:
    """The process dies after the push and before git-commit was journalled with its signature."""
    await clone(ctx, repo, pair)
    await commit(ctx)
    pushed = await push(ctx)
    clone_only = {name: value for name, value in ctx.pins.items() if name != "signed"}
    again = FakeContext(tmp_path / "again", pins=clone_only, intent=ctx.intent)
    await clone(again, repo, pair)
    await commit(again)
    assert await push(again) == pushed
    assert repo.log() == ["Change app.yaml", "First"]
    assert await again.checkouts.open(again.tree.root / "src").head() == pushed


async def test_the_key_is_readable_nowhere_on_disk_while_and_after_it_is_used(
    ctx: FakeContext, repo: GitRepository, pair: KeyPair
) -> None:
    await clone(ctx, repo, pair)
    await commit(ctx)
    await push(ctx)
    lines = [line.encode() for line in pair.private.splitlines() if len(line) > 20]
    for path in (each for each in ctx.root.rglob("*") if each.is_file()):
        content = path.read_bytes()
        assert not [line for line in lines if line in content], path
    assert not [line for line in lines if line.decode() in "\n".join(ctx.lines)]
    await ctx.checkouts.put_back(ctx.checkouts.open(ctx.tree.root / "src"))
    assert list(ctx.root.rglob("author.json")) == []


async def test_the_key_stands_in_no_argument_and_no_environment(
    ctx: FakeContext, repo: GitRepository, pair: KeyPair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stand-ins on PATH write down what they are called with."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "gpg", "ssh-keygen"):
        path = subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()
        script = f'#!/bin/sh\n{{ printf "%s\\n" "$@"; env; }} >> {folder}/calls\nexec {path} "$@"\n'
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    governed(ctx, Integration.REBASE_OR_MERGE)
    await clone(ctx, repo, pair)
    await commit(ctx)
    repo.commit({"other.txt": "2\n"}, "Theirs")
    await push(ctx)
    calls = (folder / "calls").read_text()
    assert "commit-tree" in calls
    assert not [line for line in pair.private.splitlines() if len(line) > 20 and line in calls]


async def test_a_key_of_no_use_makes_no_commit(ctx: FakeContext, repo: GitRepository) -> None:
    ctx.author = GitUser("Kargo", "no-reply@kargo.io", "hunter2-hunter2")
    await clone(ctx, repo)
    with pytest.raises(Permanent, match="no private key") as error:
        await commit(ctx)
    assert "hunter2" not in str(error.value)
    assert await ctx.checkouts.open(ctx.tree.root / "src").head() == repo.head()


async def test_without_the_key_of_the_caches_nobody_commits_unsigned(
    ctx: FakeContext, repo: GitRepository, ssh: KeyPair
) -> None:
    await clone(ctx, repo, ssh)
    ctx.mirrors.hmac_key = b"lost and made anew"
    with pytest.raises(Permanent, match="not known any more"):
        await commit(ctx)


async def test_the_authors_of_rebased_commits_stay(ctx: FakeContext, repo: GitRepository, pair: KeyPair) -> None:
    await clone(ctx, repo, pair)
    grace: Mapping[str, str] = {"name": "Grace", "email": "grace@example.com", "signingKey": pair.private}
    await commit(ctx, author=grace)
    repo.commit({"other.txt": "2\n"}, "Theirs")
    await push(ctx)
    assert repo.git("log", "-1", "--format=%an|%cn") == "Grace|Kargo"


async def test_a_signed_merge_of_a_dead_process_that_arrives_late_is_adopted(
    ctx: FakeContext, repo: GitRepository, tmp_path: Path
) -> None:
    """Two merges of the same commits, signed twice, are two commits; one is enough."""
    ecdsa = ssh_key(tmp_path, kind="ecdsa")  # signatures of which differ each time
    governed(ctx, Integration.ALWAYS_MERGE)
    await clone(ctx, repo, ecdsa)
    await commit(ctx)
    repo.commit({"other.txt": "2\n"}, "Theirs")

    def die(intent: Mapping[str, Any]) -> None:
        if len(ctx.intents) == 2:  # the first did not know of their commit
            raise Crash

    ctx.on_intend = die
    with pytest.raises(Crash):
        await push(ctx)
    late = str(ctx.intents[1]["new"])
    again = FakeContext(tmp_path / "again", pins=ctx.pins, intent=ctx.intent)
    governed(again, Integration.ALWAYS_MERGE)
    await clone(again, repo, ecdsa)
    await commit(again)
    mirror = ctx.checkouts.open(ctx.tree.root / "src").mirror.place.git_dir

    def arrive(intent: Mapping[str, Any]) -> None:
        if len(again.intents) == 1:
            assert intent["new"] != late
            repo.git("fetch", "--quiet", str(mirror), f"{late}:refs/heads/main")

    again.on_intend = arrive
    assert await push(again) == repo.head() == late
    assert repo.git("rev-list", "--merges", "--count", "main") == "1"
