"""Mirrors over real Git servers: shared, incremental, mended."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from argosy.clients.git import Git, Identity, Policy, Remote
from argosy.clients.git_error import AuthenticationRefused, PushRefused, PushRejected, RepositoryNotFound
from argosy.clients.login import Login, PlainHttp
from argosy.errors import NotFound, Permanent, Temporary
from argosy.sources.mirror import Mirror
from argosy.sources.mirrors import Mirrors
from argosy.sources.push import NEW, Push, push
from argosy.testing.clock import FakeClock
from argosy.testing.git_repository import Change, GitRepository
from argosy.testing.git_server import GitServer

ADA = Login("ada", "s3cret-word")
IDENTITY = Identity("Kargo", "no-reply@kargo.io", 1_700_000_000)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[GitServer]:
    async with GitServer(tmp_path / "served", users={"ada": ADA.password}).serve() as running:
        yield running


@pytest.fixture
def app(server: GitServer) -> GitRepository:
    repository = server.create("app")
    repository.commit({"a": "1"}, "first")
    return repository


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def mirrors(tmp_path: Path, clock: FakeClock) -> Mirrors:
    return make(tmp_path, clock)


def make(tmp_path: Path, clock: FakeClock) -> Mirrors:
    policy = Policy(allow_file=True, plain_http=PlainHttp.LOOPBACK, remote_seconds=20)
    return Mirrors(tmp_path / "mirrors", Git(policy), clock, b"key")


@pytest.fixture
async def mirror(server: GitServer, app: GitRepository, mirrors: Mirrors) -> Mirror:
    return await mirrors.open(Remote.of(server.url_of("app"), ADA))


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("text", ["120", "Thu, 01 Jan 2026 00:02:00 GMT"])
async def test_a_git_server_that_throttles_is_left_alone_by_everyone_for_as_long_as_it_says(
    server: GitServer, app: GitRepository, tmp_path: Path, clock: FakeClock, status: int, text: str
) -> None:
    policy = Policy(plain_http=PlainHttp.LOOPBACK, remote_seconds=20)
    mirrors = Mirrors(tmp_path / "mirrors", Git(policy, clock), clock, b"key")
    mirror = await mirrors.open(Remote.of(server.url_of("app"), ADA))
    server.answers, server.retry_after = [status], text
    with pytest.raises(Temporary, match=f"returned error: {status}$") as caught:
        await mirror.refresh()
    assert caught.value.after == 120
    other = await mirrors.open(Remote.of(server.url_of("other"), ADA))
    with pytest.raises(Temporary, match="asked to be left alone") as caught:
        await other.refresh()
    assert caught.value.after == 120
    assert len(server.requests) == 1
    await clock.advance(121)
    assert (await mirror.refresh()).branches


async def test_a_git_server_that_throttles_without_saying_for_how_long(server: GitServer, mirror: Mirror) -> None:
    server.answers = [429]
    with pytest.raises(Temporary) as caught:
        await mirror.refresh()
    assert caught.value.after is None
    assert (await mirror.refresh()).branches


FETCH = "POST /app.git/git-upload-pack"
LIST = "GET /app.git/info/refs"


async def test_57_refreshes_at_once_ask_and_fetch_once(server: GitServer, mirror: Mirror) -> None:
    await asyncio.gather(*(mirror.refresh() for _ in range(57)))
    # One ls-remote and one fetch, each of which is asked to log in first, lists the refs by POST; the fetch adds one.
    assert server.count(LIST) == 4
    assert server.count(FETCH) == 3


async def test_nothing_is_fetched_when_nothing_changed(server: GitServer, mirror: Mirror) -> None:
    await mirror.refresh()
    server.requests.clear()
    await mirror.refresh()
    assert server.count(FETCH) == 1


async def test_an_answer_young_enough_is_shared(server: GitServer, mirror: Mirror, clock: FakeClock) -> None:
    await mirror.refresh()
    server.requests.clear()
    await clock.advance(10)
    await mirror.refresh(max_age=10)
    assert server.requests == []
    await mirror.refresh(max_age=9)
    assert server.requests != []


async def test_a_question_after_a_push_never_gets_an_older_answer(
    server: GitServer, app: GitRepository, mirror: Mirror, clock: FakeClock
) -> None:
    first = asyncio.create_task(mirror.refresh())
    while not server.requests:  # noqa: ASYNC110 - the server counts, it does not tell
        await asyncio.sleep(0.001)
    await clock.advance(1)
    pushed = app.commit({"a": "2"})
    assert (await mirror.refresh()).branches["main"] == pushed
    await first


async def test_a_failure_is_shared_like_an_answer(server: GitServer, mirror: Mirror) -> None:
    server.answers = [500] * 8
    results = await asyncio.gather(*(mirror.refresh() for _ in range(5)), return_exceptions=True)
    assert {type(result) for result in results} == {Temporary}
    asked = len(server.requests)
    with pytest.raises(Temporary):
        await mirror.refresh(max_age=60)
    assert len(server.requests) == asked
    server.answers = []
    assert "main" in (await mirror.refresh()).branches


async def test_a_cancelled_caller_does_not_take_the_others_along(mirror: Mirror) -> None:
    one, other = asyncio.create_task(mirror.refresh()), asyncio.create_task(mirror.refresh())
    await asyncio.sleep(0)
    one.cancel()
    assert "main" in (await other).branches


async def test_closing_ends_a_refresh_that_hangs(server: GitServer, mirror: Mirror, mirrors: Mirrors) -> None:
    server.hang = True
    waiting = asyncio.create_task(mirror.refresh())
    while not server.requests:  # noqa: ASYNC110 - the server counts, it does not tell
        await asyncio.sleep(0.001)
    await mirrors.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_branches_move_appear_and_go(app: GitRepository, mirror: Mirror) -> None:
    old = app.commit({"a": "2"}, "second")
    app.commit({"b": "1"}, branch="topic")
    await mirror.refresh()
    forced = app.add([Change({"a": "rewritten"}, parents=[])])
    app.git("update-ref", "-d", "refs/heads/topic")
    app.commit({"b": "2"}, branch="topic/deeper")
    refs = await mirror.refresh()
    assert refs.branches == {"main": forced, "topic/deeper": app.head("topic/deeper")}
    assert await mirror.resolve(branch="main") == forced
    assert not await mirror.is_ancestor(old, forced)
    with pytest.raises(NotFound, match="no branch topic"):
        await mirror.resolve(branch="topic")


async def test_tags_may_move(app: GitRepository, mirror: Mirror) -> None:
    app.tag("v1", message="one")
    await mirror.refresh()
    moved = app.commit({"a": "2"})
    app.tag("v1", message="again")
    await mirror.refresh()
    assert await mirror.resolve(tag="v1") == moved


async def test_the_default_branch_is_the_servers(app: GitRepository, mirror: Mirror) -> None:
    app.commit({"a": "2"}, branch="trunk")
    app.git("symbolic-ref", "HEAD", "refs/heads/trunk")
    await mirror.refresh()
    assert await mirror.resolve() == app.head("trunk")


async def test_an_empty_repository_has_nothing(server: GitServer, mirrors: Mirrors) -> None:
    server.create("empty")
    mirror = await mirrors.open(Remote.of(server.url_of("empty"), ADA))
    assert (await mirror.refresh()).branches == {}
    with pytest.raises(NotFound, match="no default branch"):
        await mirror.resolve()


async def test_logins_do_not_share_a_mirror_but_spellings_of_a_url_do(server: GitServer, mirrors: Mirrors) -> None:
    url = server.url_of("app")
    one = await mirrors.open(Remote.of(url, ADA))
    assert await mirrors.open(Remote.of(f"{url}/", ADA)) is one
    assert await mirrors.open(Remote.of(url.replace("http://", f"http://ada:{ADA.password}@"))) is one
    assert await mirrors.open(Remote.of(url, Login("ada", "other"))) is not one
    assert await mirrors.open(Remote.of(url)) is not one
    assert await mirrors.open(Remote.of(url, ADA, verify_tls=False)) is not one
    assert await mirrors.open(Remote.of(url.replace("app", "APP"), ADA)) is not one


async def test_a_rotating_token_keeps_its_mirror_and_is_used(
    server: GitServer, app: GitRepository, mirrors: Mirrors
) -> None:
    url = server.url_of("app")
    old = await mirrors.open(Remote.of(url, Login("ada", "expired", identity="installation-7")))
    with pytest.raises(AuthenticationRefused):
        await old.refresh()
    new = await mirrors.open(Remote.of(url, Login("ada", ADA.password, identity="installation-7")))
    assert new is old
    assert "main" in (await new.refresh()).branches


async def test_a_login_stands_nowhere_on_disk(mirror: Mirror, mirrors: Mirrors) -> None:
    await mirror.refresh()
    assert ADA.password not in mirror.key
    for path in mirrors.root.rglob("*"):
        assert not path.is_file() or ADA.password.encode() not in path.read_bytes()


async def test_a_restart_fetches_nothing_that_is_there(
    server: GitServer, mirror: Mirror, tmp_path: Path, clock: FakeClock
) -> None:
    await mirror.refresh()
    server.requests.clear()
    again = await make(tmp_path, clock).open(mirror.remote)
    assert "main" in (await again.refresh()).branches
    assert server.count(FETCH) == 1


@pytest.mark.parametrize("damage", ["objects", "config", "refs", "everything"])
async def test_a_damaged_mirror_is_fetched_anew(
    app: GitRepository, mirror: Mirror, tmp_path: Path, clock: FakeClock, damage: str
) -> None:
    await mirror.refresh()
    git_dir = mirror.place.git_dir
    if damage == "objects":
        ruin(mirror)
    elif damage == "config":
        (git_dir / "config").write_text("[core\n")
    elif damage == "refs":
        (git_dir / "refs/remotes/origin/main").write_text("nonsense\n")
    else:
        (git_dir / "HEAD").unlink()
    tip = app.commit({"a": "2"})
    mirror = await make(tmp_path, clock).open(mirror.remote)
    assert (await mirror.refresh()).branches["main"] == tip
    assert (await mirror.run("log", "--format=%s", tip)).text == "Change\nfirst"


def ruin(mirror: Mirror) -> None:
    packs = list(mirror.place.git_dir.glob("objects/pack/*.pack"))
    assert packs
    for path in packs:
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:40])


async def test_damage_that_a_reader_meets_is_mended_at_the_next_refresh(app: GitRepository, mirror: Mirror) -> None:
    tip = (await mirror.refresh()).branches["main"]
    ruin(mirror)
    with pytest.raises(Temporary, match="fetched anew"):
        await mirror.run("log", tip)
    await mirror.refresh()
    assert (await mirror.run("log", "--format=%s", tip)).text == "first"


async def test_a_vanished_repository_is_permanent(server: GitServer, mirror: Mirror) -> None:
    await mirror.refresh()
    (server.root / "app.git").rename(server.root / "gone.git")
    with pytest.raises(RepositoryNotFound):
        await mirror.refresh()


async def test_local_repositories_work_where_allowed(tmp_path: Path, mirrors: Mirrors) -> None:
    local = GitRepository.create(tmp_path / "local.git")
    tip = local.commit({"a": "1"})
    mirror = await mirrors.open(Remote.of(local.url))
    assert (await mirror.refresh()).branches == {"main": tip}


async def test_many_packs_become_few(tmp_path: Path, mirrors: Mirrors) -> None:
    app = GitRepository.create(tmp_path / "local.git")
    app.commit({"a": "1"})
    mirror = await mirrors.open(Remote.of(app.url))
    await mirror.refresh()
    assert not await mirror.maintain()
    for number in range(14):
        app.commit({f"f{number}": "1"})
        await mirror.refresh()
    packs = mirror.place.git_dir / "objects" / "pack"
    before = len(list(packs.glob("*.pack")))
    assert await mirror.maintain()
    assert len(list(packs.glob("*.pack"))) < before
    assert await mirror.resolve(branch="main") == app.head()


class TestPush:
    async def test_a_push_moves_the_branch_and_the_mirror_knows(
        self, server: GitServer, app: GitRepository, mirror: Mirror
    ) -> None:
        old = (await mirror.refresh()).branches["main"]
        new = await commit_on(mirror, old)
        await push(mirror, Push(new, "main", lease=old))
        assert app.head() == new
        server.requests.clear()
        assert (await mirror.refresh()).branches["main"] == new
        assert server.count(FETCH) == 1

    async def test_a_stale_lease_is_rejected(self, app: GitRepository, mirror: Mirror) -> None:
        old = (await mirror.refresh()).branches["main"]
        new = await commit_on(mirror, old)
        theirs = app.commit({"theirs": "1"})
        for force in (False, True):
            with pytest.raises(PushRejected):
                await push(mirror, Push(new, "main", lease=old, force=force))
        with pytest.raises(PushRejected):
            await push(mirror, Push(new, "main"))
        assert app.head() == theirs

    async def test_a_lease_does_not_allow_to_drop_commits(self, app: GitRepository, mirror: Mirror) -> None:
        old = app.commit({"a": "2"})
        await mirror.refresh()
        root = await mirror.root_commit("Initial commit", IDENTITY)
        with pytest.raises(PushRejected, match="would drop commits"):
            await push(mirror, Push(root, "main", lease=old))
        await push(mirror, Push(root, "main", lease=old, force=True))
        assert app.head() == root

    async def test_an_orphan_branch_is_made_once(self, app: GitRepository, mirror: Mirror) -> None:
        await mirror.refresh()
        root = await mirror.root_commit("Initial commit", IDENTITY)
        assert await mirror.root_commit("Initial commit", IDENTITY) == root
        await push(mirror, Push(root, "env/dev", lease=NEW))
        assert app.files("env/dev") == []
        assert app.log("env/dev") == ["Initial commit"]
        assert await mirror.remote_commit("env/dev") == root
        with pytest.raises(PushRejected):
            await push(mirror, Push(await commit_on(mirror, root), "env/dev", lease=NEW))

    async def test_a_hook_that_says_no_is_final(self, server: GitServer, app: GitRepository, mirror: Mirror) -> None:
        old = (await mirror.refresh()).branches["main"]
        hook = app.path / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\necho main is protected >&2\nexit 1\n")
        hook.chmod(0o755)
        with pytest.raises(PushRefused, match="main is protected"):
            await push(mirror, Push(await commit_on(mirror, old), "main", lease=old))

    @pytest.mark.parametrize(
        "name",
        ["", "a b", "a..b", "-x", "*", "main:other", "a/", "/a", "x.lock", "a@{1}", "a/.b", "HEAD", "refs/heads/main"],
    )
    async def test_names_that_mean_other_refs_are_refused(self, mirror: Mirror, name: str) -> None:
        with pytest.raises(Permanent, match="no name of a branch"):
            await push(mirror, Push("0" * 40, name))
        with pytest.raises(Permanent, match="no name of a branch"):
            await mirror.fetch_branch(name)


async def test_one_branch_is_fetched_alone(app: GitRepository, mirror: Mirror) -> None:
    await mirror.refresh()
    tip = app.commit({"a": "2"})
    assert await mirror.fetch_branch("main") == tip
    assert await mirror.has(tip)
    app.git("update-ref", "-d", "refs/heads/main")
    assert await mirror.fetch_branch("main") is None
    assert "main" not in mirror.refs.branches


@pytest.mark.parametrize("space", ["\u2028", "\x85"])
async def test_a_branch_whose_name_looks_like_two_lines_is_not_taken_for_another(
    app: GitRepository, mirror: Mirror, space: str
) -> None:
    tip = app.head()
    app.git("branch", f"main{space}evil", app.add([Change({"a": "evil"})], branch="evil"))
    for _ in range(2):
        assert (await mirror.refresh()).branches["main"] == tip
    assert f"main{space}evil" in mirror.refs.branches
    assert await mirror.resolve(branch="main") == tip


async def test_branches_and_tags_that_cannot_be_named_do_not_hide_the_others(
    server: GitServer, app: GitRepository, mirror: Mirror
) -> None:
    for ref in (b"refs/heads/caf\xe9", b"refs/tags/caf\xe9"):
        app.git("update-ref", "--stdin", stdin=b"create %b %b\n" % (ref, app.head().encode()))
    tip = app.commit({"a": "2"})
    assert (await mirror.refresh()).branches == {"main": tip}
    assert await mirror.history.tags(mirror.refs.tags) == []
    server.requests.clear()
    await mirror.refresh()
    assert server.count("POST") == 1, "something was fetched again"


@pytest.mark.parametrize(
    "commit", ["+refs/heads/main:refs/remotes/origin/zzz", "main", "origin/main", "main^0", ":/first", "a\0", "-" * 40]
)
async def test_only_an_id_names_a_commit(app: GitRepository, mirror: Mirror, commit: str) -> None:
    await mirror.refresh()
    assert not await mirror.has(commit)
    with pytest.raises(NotFound):
        await mirror.resolve(commit=commit)
    with pytest.raises(NotFound):
        await mirror.fetch_commit(commit)
    refs = await mirror.run("for-each-ref", "--format=%(refname)")
    assert refs.text == "refs/remotes/origin/main"


@pytest.mark.parametrize("name", ["v1~0", "v1^{}", "../origin/main", "v1\0", "-x"])
async def test_only_a_name_names_a_tag(app: GitRepository, mirror: Mirror, name: str) -> None:
    app.tag("v1")
    await mirror.refresh()
    assert await mirror.resolve(tag="v1") == app.head()
    with pytest.raises(NotFound):
        await mirror.resolve(tag=name)


async def test_a_server_that_knows_no_transactions_is_pushed_to(app: GitRepository, mirror: Mirror) -> None:
    app.git("config", "receive.advertiseAtomic", "false")
    await mirror.refresh()
    made = await commit_on(mirror, app.head())
    await push(mirror, Push(made, "main", app.head()))
    assert app.head() == made


async def test_a_branch_that_would_lie_below_another_is_refused_at_once(app: GitRepository, mirror: Mirror) -> None:
    await mirror.refresh()
    with pytest.raises(PushRefused, match="delete refs/heads/main: one cannot lie below the other"):
        await push(mirror, Push(app.head(), "main/below", NEW))


async def test_old_faults_in_a_history_are_accepted(app: GitRepository, mirror: Mirror) -> None:
    tree = app.git("rev-parse", "main^{tree}")
    faulty = f"tree {tree}\nauthor A <a@b> 1 +051800\ncommitter A <a@b> 1 +051800\n\nold\n".encode()
    made = app.git("hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=faulty)
    app.git("update-ref", "refs/heads/old", made)
    assert (await mirror.refresh()).branches["old"] == made


async def test_a_tree_that_would_write_into_git_is_not_accepted(app: GitRepository, mirror: Mirror) -> None:
    blob = app.git("hash-object", "-w", "--stdin", stdin=b"[core]\n")
    entry = b"100644 .git\0" + bytes.fromhex(blob)
    tree = app.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", stdin=entry)
    commit = f"tree {tree}\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\n\nevil\n".encode()
    app.git("update-ref", "refs/heads/evil", app.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=commit))
    with pytest.raises(Permanent, match="hasDotgit"):
        await mirror.refresh()


async def commit_on(mirror: Mirror, parent: str) -> str:
    """A commit on top of `parent`, in the mirror alone."""
    environment = {**IDENTITY.environment(), "GIT_DIR": str(mirror.place.git_dir), "PATH": "/usr/bin:/bin"}
    done = await asyncio.to_thread(
        subprocess.run,
        ["git", "commit-tree", f"{parent}^{{tree}}", "-p", parent, "-m", "ours"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
