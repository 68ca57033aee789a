"""Git steps, killed before, in and after everything they do to the world: one commit, one tag, the same history."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from tests.engine.git_bench import DISKS, Crash, GitBench, Logins

from argosy.clients.login import Login
from argosy.testing.git_repository import GitRepository
from argosy.testing.git_server import GitServer
from argosy.testing.signing_key import KeyPair, gpg_key, ssh_key

PLACES = [
    f"{side} {place}"
    for place in (
        "clone:ended",
        "push:started",
        "push:intended",
        "push:ended",
        "tag:ended",
        "release:intended",
        "release:ended",
    )
    for side in ("before", "after")
]


def pipeline(url: str, **author: Any) -> list[dict[str, Any]]:
    """Clone a branch that is made, change a file, commit, push, tag what was pushed, push the tag."""
    clone = {"repoURL": url, "checkout": [{"path": "out", "branch": "env/dev", "create": True}], **author}
    return [
        {"uses": "git-clone", "as": "clone", "config": clone},
        {"uses": "file-write", "as": "write", "config": {"path": "out/VERSION", "contents": "v2\n"}},
        {"uses": "git-commit", "as": "commit", "config": {"path": "out", "message": "Promote"}},
        {"uses": "git-push", "as": "push", "config": {"path": "out"}},
        {"uses": "git-tag", "as": "tag", "config": {"path": "out", "tag": "v2", "message": "Release"}},
        {"uses": "git-push", "as": "release", "config": {"path": "out", "tag": "v2"}},
        {"uses": "compose-output", "as": "told", "config": {"pushed": "${{ outputs.push.commit }}"}},
    ]


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    return ssh_key(tmp_path_factory.mktemp("key"))


@pytest.fixture(scope="module")
def gpg() -> Iterator[KeyPair]:
    with gpg_key() as pair:
        yield pair


def signed_by(pair: KeyPair) -> dict[str, Any]:
    return {"author": {"name": "Kargo", "email": "no-reply@kargo.io", "signingKey": pair.private}}


def check(bench: GitBench, repo: GitRepository, *, moved: bool = False, pair: KeyPair | None = None) -> None:
    """As after an undisturbed run, apart from IDs."""
    assert bench.status.phase == "Succeeded", (bench.status.message, bench.log())
    log = repo.log("env/dev")
    assert sorted(log) == sorted(["Promote", "Initial commit", *(["Theirs"] if moved else [])])
    assert repo.git("rev-list", "--merges", "--count", "env/dev") == "0"
    assert repo.read("VERSION", "env/dev") == "v2"
    pushed = bench.outputs("push")["commit"]
    assert bench.outputs("told") == {"pushed": pushed}
    assert bench.outputs("push")["branch"] == "env/dev"
    # What is tagged is what was pushed, though steps in between may have been made again.
    assert bench.outputs("tag")["commit"] == repo.git("rev-parse", "v2^{commit}") == pushed
    assert repo.git("merge-base", pushed, "env/dev") == pushed
    assert repo.git("for-each-ref", "--format=%(refname)", "refs/").split() == [
        "refs/heads/env/dev",
        "refs/heads/main",
        "refs/tags/v2",
    ]
    if pair is not None:
        assert pair.trusts(repo, pushed)
        assert pair.trusts(repo, "v2", kind="tag")


def disturb(repo: GitRepository, how: str) -> None:
    """What others do to the branch while nobody of ours is alive."""
    if how == "moved" and repo.git("for-each-ref", "refs/heads/env/dev"):
        repo.commit({"theirs.txt": "1\n"}, "Theirs", branch="env/dev")
    if how == "deleted":
        repo.git("update-ref", "-d", "refs/heads/env/dev")


async def test_undisturbed(tmp_path: Path, repo: GitRepository, ssh: KeyPair) -> None:
    bench = GitBench(tmp_path / "system", pipeline(repo.url))
    await bench.run()
    check(bench, repo)
    effects = [place for place in bench.places if place.split(":")[0] in ("clone", "push", "tag", "release")]
    assert {place.split(" ", 1)[1] for place in PLACES} <= set(effects)


@pytest.fixture
def repo(tmp_path: Path) -> GitRepository:
    repository = GitRepository.create(tmp_path / "repo.git")
    repository.commit({"README": ""}, "First")
    return repository


OTHERS = ("quiet", "moved", "deleted")


def deaths() -> Iterator[tuple[str, str, str]]:
    """Around a push everything with everything; elsewhere each place with each disk, and with everything others do."""
    for (number, place), (turn, disk) in product(enumerate(PLACES), enumerate(DISKS)):
        near = place.endswith(("push:intended", "push:ended"))
        for others in OTHERS if near else (OTHERS[(number + turn) % len(OTHERS)],):
            yield place, disk, others


@pytest.mark.parametrize(("place", "disk", "others"), [*deaths()])
async def test_killed(tmp_path: Path, repo: GitRepository, ssh: KeyPair, place: str, disk: str, others: str) -> None:
    """Every second combination signs."""
    signs = (PLACES.index(place) + DISKS.index(disk)) % 2 == 0
    bench = GitBench(tmp_path / "system", pipeline(repo.url, **(signed_by(ssh) if signs else {})))
    bench.crash_at = place
    bench.on_crash = lambda: disturb(repo, others)
    await bench.run(disk=disk)
    assert bench.crash_at == "", "the place was never reached"
    gone_after_push = others == "deleted" and PLACES.index(place) > PLACES.index("before push:ended")
    if gone_after_push:
        # It was pushed, that is journalled, and somebody took it away: that is theirs to decide.
        assert bench.status.phase == "Succeeded"
        assert repo.git("for-each-ref", "refs/heads/env/dev") == ""
        return
    check(bench, repo, moved=others == "moved", pair=ssh if signs else None)


@pytest.mark.parametrize("place", ["after push:intended", "before push:ended", "before release:ended"])
async def test_killed_while_signing_with_gpg(tmp_path: Path, repo: GitRepository, gpg: KeyPair, place: str) -> None:
    bench = GitBench(tmp_path / "system", pipeline(repo.url, **signed_by(gpg)), crash_at=place)
    bench.on_crash = lambda: disturb(repo, "moved")
    await bench.run(disk="everything lost")
    check(bench, repo, moved=True, pair=gpg)


def on_first(bench: GitBench, place: str, repo: GitRepository) -> None:
    """Let others push when this place is reached for the first time, with everybody alive."""
    left = [place]

    def move(reached: str) -> None:
        if reached in left:
            left.remove(reached)
            disturb(repo, "moved")

    bench.on_save = move


def both(one: Callable[[str], None], other: Callable[[str], None]) -> Callable[[str], None]:
    def call(place: str) -> None:
        one(place)
        other(place)

    return call


REBASED = ("after push:intended", "before push:ended", "after push:ended", "before tag:ended")


@pytest.mark.parametrize("disk", DISKS)
@pytest.mark.parametrize("place", REBASED)
async def test_killed_after_a_rebase(tmp_path: Path, repo: GitRepository, ssh: KeyPair, place: str, disk: str) -> None:
    """What is made again is the commit before the rebase; later steps must see the one that was pushed.

    Every second combination signs.
    """
    signs = (REBASED.index(place) + DISKS.index(disk)) % 2 == 0
    bench = GitBench(tmp_path / "system", pipeline(repo.url, **(signed_by(ssh) if signs else {})), crash_at=place)
    bench.passes = 1 if place == "after push:intended" else 0  # it intends to push without, is refused, and rebases
    on_first(bench, "push:started", repo)
    await bench.run(disk=disk)
    assert bench.crash_at == "", "the place was never reached"
    check(bench, repo, moved=True, pair=ssh if signs else None)


@pytest.mark.parametrize("disk", DISKS)
@pytest.mark.parametrize("before", ["quiet", "moved"])
async def test_a_push_of_the_dead_process_that_arrives_later_is_adopted(
    tmp_path: Path, repo: GitRepository, ssh: KeyPair, disk: str, before: str
) -> None:
    """`git push` outlives its process, and reaches the server after the new one has looked and before it pushes.

    Every second combination signs.
    """
    signs = (DISKS.index(disk) + (before == "moved")) % 2 == 0
    steps = pipeline(repo.url, **(signed_by(ssh) if signs else {}))
    bench = GitBench(tmp_path / "system", steps, crash_at="after push:intended")
    # Where others pushed before, the first intent did not know of it, and its push was refused.
    bench.passes = 1 if before == "moved" else 0
    mirror = tmp_path / "of-the-dead"

    def at_intent(place: str) -> None:
        intents = [each for each in bench.places if each == "push:intended"]
        if place == "push:intended" and len(intents) == (2 if before == "moved" else 1) and mirror.exists():
            new = (bench.status.journal or {})["intents"]["push"]["new"]
            repo.git("fetch", "--quiet", str(next(mirror.glob("*/repository.git"))), f"{new}:refs/heads/env/dev")

    def die() -> None:
        shutil.copytree(tmp_path / "system" / "tools" / "mirrors", mirror)

    if before == "moved":
        on_first(bench, "push:started", repo)
    bench.on_save = both(bench.on_save, at_intent)
    bench.on_crash = die
    await bench.run(disk=disk)
    check(bench, repo, moved=before == "moved", pair=ssh if signs else None)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[GitServer]:
    async with GitServer(tmp_path / "served", users={"ada": "old-password"}).serve() as running:
        yield running


@pytest.mark.parametrize("disk", DISKS)
@pytest.mark.parametrize("place", ["before clone:ended", "after push:intended", "before push:ended", "after tag:ended"])
async def test_killed_and_the_password_is_another_one_since(
    tmp_path: Path, server: GitServer, place: str, disk: str
) -> None:
    repo, url = server.create("app"), server.url_of("app")
    repo.commit({"README": ""}, "First")
    logins = Logins({url: Login("ada", "old-password")})
    bench = GitBench(tmp_path / "system", pipeline(url), logins, crash_at=place)

    def rotate() -> None:
        server.users["ada"] = "new-password"
        logins.by_url[url] = Login("ada", "new-password")

    bench.on_crash = rotate
    await bench.run(disk=disk)
    check(bench, repo)


@pytest.mark.parametrize("hook", ["post-receive", "pre-receive"])
async def test_the_server_dies_with_its_answer(tmp_path: Path, repo: GitRepository, hook: str) -> None:
    """With `post-receive` it had taken what was pushed, with `pre-receive` it had not; only once each."""
    path = repo.path / "hooks" / hook
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\ncat >/dev/null\nmkdir {tmp_path}/once 2>/dev/null || exit 0\nkill -9 $PPID\n")
    path.chmod(0o755)
    steps = pipeline(repo.url)
    for step in steps:
        step["retry"] = {"errorThreshold": 3}
    bench = GitBench(tmp_path / "system", steps)
    await bench.run()
    check(bench, repo)


async def test_a_crash_is_a_crash() -> None:
    """What a test means by it is not caught by the engine."""
    assert not issubclass(Crash, Exception)
